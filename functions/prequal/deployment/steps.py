"""The steps of a deployment. Each can be taken again: what is done already is left as it is."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from prequal.config.cloud import CloudSettings
from prequal.deployment.variables import variables
from prequal.resources import INFRA


def deploy(given: CloudSettings, build: Path, environ: Mapping[str, str], *, ask: bool) -> str | None:
    """Deploy what is packaged in a folder, and return what is wrong, if anything is, and so ended it.

    Terraform shows what it is about to do, and with `ask` waits for a yes.
    """
    if not terraform(given, build, environ, "init", "-input=false"):
        return "Terraform could not begin: see above what it says."
    if not terraform(given, build, environ, "apply", *(() if ask else ("-auto-approve", "-input=false"))):
        return (
            "Terraform ended before it was done: see above what it says. In a new project, accounts and permissions "
            "take some minutes to be known everywhere: run make deploy again, and it goes on from there."
        )
    hosting = ["--only", "hosting", "--config", str(build / "firebase.json"), "--project", given.store.project]
    if not _done(["firebase", "deploy", *hosting, "--non-interactive"], environ):
        return "The functions are deployed, and the pages are not: see above what firebase says, and run it again."
    return None


def terraform(given: CloudSettings, build: Path, environ: Mapping[str, str], *arguments: str) -> bool:
    """Run Terraform with the variables of a deployment, and return whether it succeeded."""
    told = variables(given, environ, build / "function.zip")
    return _done(["terraform", f"-chdir={_prepare_folder()}", *arguments], {**environ, **told})


def _prepare_folder() -> Path:
    """Return the folder to run Terraform in: that of the checkout, or the project's with a fresh copy of our files.

    The state, the lock file and whatever the owner adds stay in the project.
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


def _done(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    return subprocess.run(command, env=environ, check=False).returncode == 0  # noqa: S603, the tools of a deployment
