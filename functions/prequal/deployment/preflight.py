"""Preconditions of a deployment, checked before anything is changed."""

import re
import shutil
from collections.abc import Iterator, Mapping
from subprocess import DEVNULL, SubprocessError, check_output

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
_TIMEOUT_SECONDS = 60


def run_preflight(environ: Mapping[str, str]) -> CloudSettings:
    """Check tools, settings, form and logins, and return the settings; SettingsError with every fault."""
    faults = [fault for tool, fault in _TOOLS.items() if not shutil.which(tool, path=environ.get("PATH"))]
    given = None
    try:
        given = cloud.read(environ)
    except SettingsError as error:
        faults += error.faults
    form = read_form(environ)
    faults += [f"{form}:{fault.line}:{fault.column}: {fault.message}" for fault in check_form(form).errors]
    faults += _check_tools(environ, given.store.project if given else None)
    if faults or given is None:
        raise SettingsError(faults)
    return given


def _check_tools(environ: Mapping[str, str], project: str | None) -> Iterator[str]:
    """Yield the faults of the tools that are installed."""
    if _fails(environ, "terraform", "version", "-json", unless=_NEW_ENOUGH):
        yield "Terraform is too old: install 1.11 or newer."
    # A key file, as a CI server may have, is a login that the next two tools don't know of.
    if environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return
    billing = ("billing", "projects", "describe", project or "", "--format=value(billingEnabled)")
    if _fails(environ, "gcloud", "auth", "application-default", "print-access-token"):
        yield "You are not logged in to Google Cloud: run gcloud auth login --update-adc."
    elif project and _fails(environ, "gcloud", "projects", "describe", project):
        yield (
            f"The project {project} can't be accessed: check that PREQUAL_STORE names it, and that this login may "
            "access it."
        )
    elif project and _fails(environ, "gcloud", *billing, unless="True"):
        yield f"The project {project} has no billing, which functions need: link a billing account in the console."
    if _fails(environ, "firebase", "login:list", "--json", unless='"result"'):
        yield "You are not logged in to Firebase: run firebase login."


def _fails(environ: Mapping[str, str], tool: str, *arguments: str, unless: str = "") -> bool:
    """Whether an installed tool fails, or its output doesn't match the pattern `unless`."""
    path = shutil.which(tool, path=environ.get("PATH"))
    if path is None:
        return False
    try:
        output = check_output(  # noqa: S603, the tools of a deployment
            [path, *arguments], env=environ, stdin=DEVNULL, stderr=DEVNULL, text=True, timeout=_TIMEOUT_SECONDS
        )
    except (OSError, SubprocessError):
        return True
    return re.search(unless, output) is None
