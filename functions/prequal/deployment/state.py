"""Terraform's state: a versioned bucket of the project, which also takes over the file of an earlier version."""

import json
from collections.abc import Mapping
from pathlib import Path

from prequal.config.cloud import CloudSettings
from prequal.deployment.terraform import Terraform, find_own_backend
from prequal.deployment.tools import TO_STDERR, read_tool, run_tool

_PREFIX = "prequal"
_NOT_STARTED = "Terraform could not start: correct what its output above names, and deploy again."


def connect_state(settings: CloudSettings, terraform: Terraform, environ: Mapping[str, str]) -> str | None:
    """Start Terraform on the bucket's state; return an error message, or None on success.

    A state file is moved to a bucket without a state, and kept beside under another name.
    """
    if find_own_backend(terraform.folder):
        return None if terraform.run("init", "-input=false", stdout=TO_STDERR) is None else _NOT_STARTED
    bucket = f"gs://{settings.store.project}-prequal-state"
    if not _make_bucket(bucket, settings, environ):
        return (
            f"The bucket {bucket} of Terraform's state could not be made: correct what gcloud's output above names, "
            "and deploy again. If another project has a bucket of this name, keep the state elsewhere, as "
            "docs/how-to/google-cloud.md describes."
        )
    local = terraform.folder / "terraform.tfstate"
    moving = _has_resources(local)
    if moving and read_tool(environ, "gcloud", "storage", "ls", f"{bucket}/{_PREFIX}/default.tfstate"):
        return (
            f"There are two states of Terraform: {local} and that in {bucket}, which later deployments used. Move the "
            "file elsewhere, and deploy again."
        )
    mode = ("-migrate-state", "-force-copy") if moving else ("-reconfigure",)
    options = [f"-backend-config={it}" for it in (f"bucket={bucket.removeprefix('gs://')}", f"prefix={_PREFIX}")]
    before = local.read_bytes() if moving else b""
    if terraform.run("init", "-input=false", *mode, *options, stdout=TO_STDERR) is not None:
        return _NOT_STARTED
    if moving:
        local.unlink(missing_ok=True)
        local.with_suffix(".tfstate.moved").write_bytes(before)
    return None


def _make_bucket(bucket: str, settings: CloudSettings, environ: Mapping[str, str]) -> bool:
    """Make the bucket unless the project has it, keep old versions of its objects, and return whether that succeeded.

    Names are global: a bucket of another project is not the one.
    """
    project = f"--project={settings.store.project}"
    named = (f"--filter=name={bucket.removeprefix('gs://')}", "--format=value(name)")
    if not read_tool(environ, "gcloud", "storage", "buckets", "list", project, *named):
        private = ("--uniform-bucket-level-access", "--public-access-prevention", f"--location={settings.region}")
        create = ("create", bucket, project, *private)
        if run_tool(environ, "gcloud", "storage", "buckets", *create, stdout=TO_STDERR) is not None:
            return False
    update = ("update", bucket, "--versioning")
    return run_tool(environ, "gcloud", "storage", "buckets", *update, stdout=TO_STDERR) is None


def _has_resources(path: Path) -> bool:
    """Whether a state file describes anything."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return bool(text.strip() and json.loads(text).get("resources"))
