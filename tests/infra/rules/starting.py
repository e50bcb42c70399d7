"""The first deployment to a new project, and the state of the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from infra.terraform import Deployed
from prequal.config import cloud
from prequal.deployment.imports import named_resources

_SERVICE = "google_project_service"
# The settings of the deployment with every option.
ENVIRON = {
    "PREQUAL_STORE": "firestore:studio-north",
    "PREQUAL_SENDER": "hello@studio.example",
    "PREQUAL_OWNER": "owner@studio.example",
    "PREQUAL_BOOKING_URL": "https://cal.example/",
    "PREQUAL_PUBLIC_URL": "https://studio.example",
    "PREQUAL_MAIL": "smtps://smtp.example",
    "PREQUAL_TURNSTILE_KEY": "0x4A",
    "PREQUAL_WEBHOOKS": "https://hooks.example/one",
    "PREQUAL_ZONE": "Europe/Oslo",
    **{
        f"PREQUAL_{name}": "a secret that is long"
        for name in ("SECRET", "CAL_SECRET", "CALENDLY_SECRET", "SAVVYCAL_SECRET", "TURNSTILE_SECRET", "WEBHOOK_SECRET")
    },
}
# Kinds of resources that can be made again beside what exists, or over it, and those that exist on this machine only.
_HARMLESS = re.compile(
    r"""google_( .*_iam_member | billing_budget | firebase_(hosting_site|project) | firebaserules_ruleset
    | firestore_field | logging_project_sink | monitoring_.* | project_service(_identity)?
    | secret_manager_secret_version | storage_bucket_object ) | terraform_data""",
    re.VERBOSE,
)
_NAMES = ("account_id", "secret_id", "repository_id", "custom_domain", "name")


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
    """The functions are built a minute after the build account, and Eventarc's own, got the last permission."""
    [waiting] = [it for it in deployed.resources if it["type"] == "terraform_data"]
    granted = {
        f"{it['type']}.{it['name']}"
        for it in deployed.resources
        if deployed.accounts.get(it["values"].get("member")) == "prequal-build" and "_iam_" in it["type"]
    }
    granted.add("google_project_iam_member.eventarc")
    functions = [it for it in deployed.resources if it["type"] == "google_cloudfunctions2_function"]
    default = re.search(r'"propagation_seconds" {\n.*\n  default +=( \d+)\n', deployed.source("variables.tf"))
    return (
        len(granted) == 5
        and granted <= set(waiting.get("depends_on", []))
        and all("terraform_data.propagation" in it.get("depends_on", []) for it in functions)
        and "sleep ${self.input}" in deployed.source("building.tf")
        and default is not None
        and int(default[1]) >= 60
    )


def the_state_is_in_a_bucket(deployed: Deployed) -> bool:
    """Terraform keeps its state in Cloud Storage, in the bucket that `prequal deploy` names."""
    return 'backend "gcs" {}' in deployed.source("state.tf")


def _index_address(index: Mapping[str, Any]) -> str:
    by, at = index["fields"]
    descending = ".descending" if at["order"] == "DESCENDING" else ""
    return f'google_firestore_index.this["{index["collection"]}.{by["field_path"]}{descending}"]'


def what_collides_can_be_imported(deployed: Deployed) -> bool:
    """Of all that can't be made twice, `prequal deploy --import` knows the address and the name, or looks it up."""
    colliding = {it["address"]: it for it in deployed.resources if not _HARMLESS.fullmatch(it["type"])}
    looked_up = {_index_address(index) for index in deployed.all("google_firestore_index").values()} | {
        "google_firestore_backup_schedule.daily"
    }
    named = named_resources(cloud.read(ENVIRON), ENVIRON)
    return colliding.keys() == named.keys() | looked_up and all(
        next(str(colliding[address]["values"][it]) for it in _NAMES if it in colliding[address]["values"]) in name
        for address, name in named.items()
    )
