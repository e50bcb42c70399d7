"""Steps of a deployment. Each is idempotent, so that a deployment can be repeated after a failure."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from prequal.config.cloud import CloudSettings
from prequal.deployment.variables import terraform_variables
from prequal.resources import INFRA


def deploy(settings: CloudSettings, build: Path, environ: Mapping[str, str], *, ask: bool) -> str | None:
    """Deploy the build; return an error message, or None on success. With `ask`, Terraform waits for consent."""
    if not run_terraform(settings, build, environ, "init", "-input=false"):
        return "Terraform could not start: its output above says why."
    if not run_terraform(settings, build, environ, "apply", *(() if ask else ("-auto-approve", "-input=false"))):
        return (
            "Terraform failed: its output above says why. In a new project, accounts and permissions take some minutes "
            "to take effect everywhere: deploy again, and it continues from there."
        )
    hosting = ["--only", "hosting", "--config", str(build / "firebase.json"), "--project", settings.store.project]
    if not _run(["firebase", "deploy", *hosting, "--non-interactive"], environ):
        return "The functions are deployed, but not the pages: firebase's output above says why. Deploy again."
    return None


def run_terraform(settings: CloudSettings, build: Path, environ: Mapping[str, str], *arguments: str) -> bool:
    """Run Terraform with the variables of a deployment, and return whether it succeeded."""
    variables = terraform_variables(settings, environ, build / "function.zip")
    return _run(["terraform", f"-chdir={_prepare_folder()}", *arguments], {**environ, **variables})


def _prepare_folder() -> Path:
    """Return the folder to run Terraform in: that of the checkout, or the project's with a fresh copy of our files.

    The project keeps the state, the lock file and the files that the owner adds.
    """
    folder = Path("infra").resolve()
    if folder != INFRA:
        folder.mkdir(exist_ok=True)
        for path in folder.glob("prequal-*.tf"):
            path.unlink()
        for path in INFRA.glob("*.tf"):
            shutil.copyfile(path, folder / f"prequal-{path.name}")
        shutil.copyfile(INFRA / "firestore.indexes.json", folder / "firestore.indexes.json")
    return folder


def _run(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    return subprocess.run(command, env=environ, check=False).returncode == 0  # noqa: S603, the tools of a deployment
