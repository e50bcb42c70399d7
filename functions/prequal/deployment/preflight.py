"""Everything that is missing for a deployment, before anything is touched."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping

from prequal.config import cloud
from prequal.config.cloud import CloudSettings
from prequal.config.settings import read_form
from prequal.core.errors import SettingsError
from prequal.forms.form_check import check_form

_TOOLS = {
    "terraform": "Terraform was not found: install it, 1.11 or newer.",
    "gcloud": "gcloud was not found: install the Google Cloud CLI.",
    "firebase": "firebase was not found: run npm install --global firebase-tools.",
}
_NEW_ENOUGH = r'"terraform_version": "(1\.(1[1-9]|[2-9]\d)|[2-9])\b'
_SECONDS = 60


def checked(environ: Mapping[str, str]) -> CloudSettings:
    """Return the settings of a deployment, once all is there that it needs; SettingsError with every fault."""
    faults = [sentence for tool, sentence in _TOOLS.items() if not shutil.which(tool, path=environ.get("PATH"))]
    given = None
    try:
        given = cloud.read(environ)
    except SettingsError as error:
        faults += error.faults
    faults += _faults_of_form(environ)
    faults += _faults_of_tools(environ, given.store.project if given else None)
    if faults or given is None:
        raise SettingsError(faults)
    return given


def _faults_of_form(environ: Mapping[str, str]) -> Iterator[str]:
    path = read_form(environ)
    for fault in check_form(path).errors:
        yield f"{path}:{fault.line}:{fault.column}: {fault.message}"


def _faults_of_tools(environ: Mapping[str, str], project: str | None) -> Iterator[str]:
    """Yield what the tools that are there say is missing."""
    if _fails(environ, "terraform", "version", "-json", unless=_NEW_ENOUGH):
        yield "Terraform is too old: install 1.11 or newer."
    # Whoever has a key file, as another machine's CI may, is logged in by it, which the next two don't know.
    if environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return
    billing = ("billing", "projects", "describe", project or "", "--format=value(billingEnabled)")
    if _fails(environ, "gcloud", "auth", "application-default", "print-access-token"):
        yield "Nobody is logged in to Google Cloud: run gcloud auth login --update-adc."
    elif project and _fails(environ, "gcloud", "projects", "describe", project):
        yield f"The project {project} can't be seen: see that PREQUAL_STORE names it, and that this login may use it."
    elif project and _fails(environ, "gcloud", *billing, unless="True"):
        yield f"The project {project} has no billing, which functions need: link a billing account in the console."
    if _fails(environ, "firebase", "login:list", "--json", unless='"result"'):
        yield "Nobody is logged in to Firebase: run firebase login."


def _fails(environ: Mapping[str, str], tool: str, *arguments: str, unless: str = "") -> bool:
    """Whether a tool that is there fails, or says nothing like `unless`, a pattern."""
    path = shutil.which(tool, path=environ.get("PATH"))
    if path is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603, the tools of a deployment
            [path, *arguments],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return True
    return re.search(unless, done.stdout) is None
