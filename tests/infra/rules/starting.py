"""The first deployment to a new project."""

from __future__ import annotations

import re

from infra.terraform import Deployed

_SERVICE = "google_project_service"


def services_are_enabled_without_themselves(deployed: Deployed) -> bool:
    """No call that enables a service is counted on the project, which may not have the services for it yet."""
    enabling = re.findall(rf'resource "{_SERVICE}" .*?\n}}', deployed.source("main.tf"), re.DOTALL)
    [provider] = re.findall(r'provider "google" {\n  alias .*?\n}', deployed.source("versions.tf"), re.DOTALL)
    return (
        len(enabling) == 2
        and all(re.search(r"provider += google\.services\n", resource) for resource in enabling)
        and re.search(r"user_project_override = false\n", provider) is not None
        and "billing_project" not in provider
    )


def the_services_that_enable_come_first(deployed: Deployed) -> bool:
    """Resource Manager and Service Usage are enabled before all others, and those include Eventarc's two."""
    first, others = (
        {it["index"]: it for it in deployed.resources if (it["type"], it["name"]) == (_SERVICE, name)}
        for name in ("first", "api")
    )
    return (
        first.keys() == {"cloudresourcemanager", "serviceusage"}
        and {"eventarc", "eventarcpublishing", "firestore", "run"} <= others.keys()
        and all(f"{_SERVICE}.first" in it.get("depends_on", []) for it in others.values())
    )


def the_build_waits_for_its_permissions(deployed: Deployed) -> bool:
    """The functions are built a minute after the build account got the last of its permissions."""
    [waiting] = [it for it in deployed.resources if it["type"] == "terraform_data"]
    granted = {
        f"{it['type']}.{it['name']}"
        for it in deployed.resources
        if deployed.accounts.get(it["values"].get("member")) == "prequal-build" and "_iam_" in it["type"]
    }
    functions = [it for it in deployed.resources if it["type"] == "google_cloudfunctions2_function"]
    default = re.search(r'"propagation_seconds" {\n.*\n  default +=( \d+)\n', deployed.source("variables.tf"))
    return (
        len(granted) == 4
        and granted <= set(waiting.get("depends_on", []))
        and all("terraform_data.propagation" in it.get("depends_on", []) for it in functions)
        and "sleep ${self.input}" in deployed.source("building.tf")
        and default is not None
        and int(default[1]) >= 60
    )
