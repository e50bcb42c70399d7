"""Terraform's state in a bucket: Terraform itself, with Cloud Storage and gcloud played by stand-ins."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.bucket import serve_bucket
from infra.rules.starting import ENVIRON
from infra.terraform import INFRA
from prequal.config import cloud
from prequal.deployment.state import connect_state
from prequal.deployment.terraform import Terraform

# A state with one resource, as Terraform 1.11 writes it.
RESOURCE = {
    "mode": "managed",
    "type": "terraform_data",
    "name": "leads",
    "provider": 'provider["terraform.io/builtin/terraform"]',
    "instances": [{"schema_version": 0, "attributes": {"id": "an id"}, "sensitive_attributes": []}],
}
STATE = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a lineage", "resources": [RESOURCE]}


class Bare(Terraform):
    """Terraform in a folder without our files, which need the registry of providers."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._environ = dict(environ)


def make_folder(path: Path) -> Path:
    """Make a folder of Terraform whose state is in the bucket."""
    path.mkdir()
    shutil.copy(INFRA / "state.tf", path)
    return path


@pytest.mark.usefixtures("terraform_installed")
def test_a_state_file_moves_without_loss(tmp_path: Path) -> None:
    """The bucket takes over a state file, which is kept beside, and any other machine goes on from there."""
    gcloud = tmp_path / "bin/gcloud"
    gcloud.parent.mkdir()
    gcloud.write_text("#!/bin/sh\n")
    gcloud.chmod(0o755)
    with serve_bucket() as bucket:
        environ = {
            **os.environ,
            "PATH": f"{gcloud.parent}{os.pathsep}{os.environ['PATH']}",
            "STORAGE_EMULATOR_HOST": bucket.url,
            "GOOGLE_OAUTH_ACCESS_TOKEN": "a token",
        }
        first = Bare(make_folder(tmp_path / "first"), environ)
        (first.folder / "terraform.tfstate").write_text(json.dumps(STATE))
        other = Bare(make_folder(tmp_path / "other"), environ)

        assert connect_state(cloud.read(ENVIRON), first, environ) is None
        assert connect_state(cloud.read(ENVIRON), other, environ) is None
        _, known = other.capture("state", "list")

    assert json.loads(bucket.objects["prequal/default.tfstate"])["resources"] == [RESOURCE]
    assert (first.folder / "terraform.tfstate.moved").read_text() == json.dumps(STATE)
    assert not (first.folder / "terraform.tfstate").exists()
    assert known.splitlines()[-1] == "terraform_data.leads"
