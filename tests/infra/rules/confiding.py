"""Settings and secrets of the functions, and the accounts that can read them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from infra.terraform import INFRA, Deployed
from prequal.config.settings import Settings

# The secrets that each function uses, and those that every function checks at its start: the first one of `deliver`,
# and the one of the webhooks, to which `submit` only queues events.
_SECRETS = {
    "submit": {
        "PREQUAL_SECRET",
        "PREQUAL_CAL_SECRET",
        "PREQUAL_CALENDLY_SECRET",
        "PREQUAL_SAVVYCAL_SECRET",
        "PREQUAL_TURNSTILE_SECRET",
        "PREQUAL_WEBHOOK_SECRET",
    },
    "deliver": {"PREQUAL_SECRET", "PREQUAL_MAIL", "PREQUAL_WEBHOOK_SECRET"},
    "sweep": {"PREQUAL_SECRET", "PREQUAL_MAIL", "PREQUAL_WEBHOOK_SECRET"},
    "desk": {"PREQUAL_SECRET", "PREQUAL_MAIL", "PREQUAL_WEBHOOK_SECRET"},
}
_ALL_SECRETS = set().union(*_SECRETS.values())
# Settings that a function in the cloud does not need: it has no such files, or they concern the deployment.
_ELSEWHERE = {"PREQUAL_FORM", "PREQUAL_SECRET_FILE", "PREQUAL_REGION", "PREQUAL_ALERTS"}


def no_secret_is_in_the_open(deployed: Deployed) -> bool:
    """No secret is in a function's plain variables or in Terraform's state."""
    plain = {name for service in deployed.services.values() for name in service["environment_variables"]}
    return plain.isdisjoint(_ALL_SECRETS) and "secret:" not in json.dumps(deployed.state)


def each_function_has_only_its_secrets(deployed: Deployed) -> bool:
    """A function gets, and may read, only the secrets that it uses: `submit` cannot send a mail."""
    given = {
        name: {it["key"] for it in service["secret_environment_variables"]}
        for name, service in deployed.services.items()
    }
    names = {secret["id"]: name for name, secret in _by_key(deployed, "google_secret_manager_secret").items()}
    readable: dict[str, set[str]] = {}
    for member in deployed.all("google_secret_manager_secret_iam_member").values():
        function = deployed.accounts[member["member"]].removeprefix("prequal-")
        readable.setdefault(function, set()).add(names[member["secret_id"]])
    return given == readable == _SECRETS


def secrets_are_pinned_to_a_version(deployed: Deployed) -> bool:
    """A function names the version of each secret, so that a new version restarts it."""
    versions = {name: it["version"] for name, it in _by_key(deployed, "google_secret_manager_secret_version").items()}
    return all(
        variable["version"] == versions[variable["key"]]
        for service in deployed.services.values()
        for variable in service["secret_environment_variables"]
    )


def every_setting_is_set(deployed: Deployed) -> bool:
    """Each function has every setting of the code, and its store is the deployed database.

    Turnstile's key is useless without its secret, which `submit` alone has.
    """
    plain = {setting.name for setting in Settings.declared()} - _ALL_SECRETS - _ELSEWHERE
    database = deployed.one("google_firestore_database")["name"]
    return all(
        service["environment_variables"].keys() == {*plain, "THREADS"}
        and service["environment_variables"]["PREQUAL_STORE"] == f"firestore:studio-north/{database}"
        and bool(service["environment_variables"]["PREQUAL_TURNSTILE_KEY"]) == (name == "submit")
        for name, service in deployed.services.items()
    )


def another_archive_is_another_object(deployed: Deployed) -> bool:
    """The archive is named by its content, and every function is built from it."""
    archive = deployed.one("google_storage_bucket_object")
    content = hashlib.sha256((INFRA / "main.tf").read_bytes()).hexdigest()
    built_from = {
        function["build_config"][0]["source"][0]["storage_source"][0]["object"]
        for function in deployed.functions.values()
    }
    return content in archive["name"] and built_from == {archive["name"]}


def each_function_has_its_own_account(deployed: Deployed) -> bool:
    """Each function has its own account instead of the project's default."""
    emails = {it["email"]: it["account_id"] for it in deployed.all("google_service_account").values()}
    return all(
        emails.get(service["service_account_email"]) == f"prequal-{name}" for name, service in deployed.services.items()
    )


def _by_key(deployed: Deployed, kind: str) -> dict[str, Mapping[str, Any]]:
    """Return the values of a kind's `for_each` resources by their keys."""
    return {resource["index"]: resource["values"] for resource in deployed.resources if resource["type"] == kind}
