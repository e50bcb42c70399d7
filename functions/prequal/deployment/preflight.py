"""Preconditions of a deployment, checked before anything is changed."""

import re
from collections.abc import Iterator, Mapping

from prequal.config import cloud
from prequal.config.cloud import CloudSettings
from prequal.config.settings import read_form
from prequal.core.errors import SettingsError
from prequal.deployment.terraform import find_own_backend
from prequal.deployment.tools import is_installed, read_tool
from prequal.forms.form_check import find_errors

_TOOLS = {
    "terraform": "Terraform was not found: install it, 1.11 or newer.",
    "gcloud": "gcloud was not found: install the Google Cloud CLI.",
    "firebase": "firebase was not found: run npm install --global firebase-tools.",
}
_NEW_ENOUGH = r'"terraform_version": "(1\.(1[1-9]|[2-9]\d)|[2-9])\b'


def run_preflight(environ: Mapping[str, str]) -> CloudSettings:
    """Check tools, settings, form and logins, and return the settings; SettingsError with every fault."""
    faults = [fault for tool, fault in _TOOLS.items() if not is_installed(environ, tool)]
    given = None
    try:
        given = cloud.read(environ)
    except SettingsError as error:
        faults += error.faults
    errors = find_errors(read_form(environ), environ.get(CloudSettings.booking_url.name, ""), for_visitors=True)
    faults += [f"{fault.file}:{fault.line}:{fault.column}: {fault.message}" for fault in errors]
    backend = find_own_backend()
    if backend and not backend.name.endswith("_override.tf"):
        faults.append(f"{backend} has a backend beside prequal's own: rename it {backend.stem}_override.tf.")
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
    elif project and _forbids_public_functions(environ, project):
        yield (
            "Your organisation's policy iam.allowedPolicyMemberDomains forbids functions that anybody may call: have "
            f"an administrator allow all members in the project {project}, as docs/how-to/google-cloud.md describes."
        )
    if _fails(environ, "firebase", "login:list", "--json", unless='"result"'):
        yield "You are not logged in to Firebase: run firebase login."


def _forbids_public_functions(environ: Mapping[str, str], project: str) -> bool:
    """Whether a policy allows only members of some domains. What can't be read forbids nothing."""
    policy = ("resource-manager", "org-policies", "describe", "iam.allowedPolicyMemberDomains", "--effective")
    values = "--format=value(listPolicy.allowedValues,listPolicy.allValues)"
    found = (read_tool(environ, "gcloud", *policy, f"--project={project}", values) or "").strip()
    return found not in ("", "ALLOW", "ALL_VALUES_UNSPECIFIED")


def _fails(environ: Mapping[str, str], tool: str, *arguments: str, unless: str = "") -> bool:
    """Whether an installed tool fails, or its output doesn't match the pattern `unless`."""
    if not is_installed(environ, tool):
        return False
    output = read_tool(environ, tool, *arguments)
    return output is None or re.search(unless, output) is None
