"""Permissions of each account, as documented in docs/reference/permissions.md and as deployed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from infra.terraform import Deployed
from support.running import CHECKOUT

# Each kind of permission with the attribute that names its resource, and the kind of that resource.
_KINDS = {
    "google_project_iam_member": None,
    "google_cloud_run_v2_service_iam_member": ("name", "google_cloudfunctions2_function", "function"),
    "google_secret_manager_secret_iam_member": ("secret_id", "google_secret_manager_secret", "secret"),
    "google_storage_bucket_iam_member": ("bucket", "google_storage_bucket", "bucket"),
    "google_artifact_registry_repository_iam_member": (
        "repository",
        "google_artifact_registry_repository",
        "repository",
    ),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """A row of the documented table."""

    account: str
    calls: str
    role: str
    on: str


@cache
def documented() -> Sequence[Permission]:
    """Return the rows of the documented table."""
    text = (CHECKOUT / "docs/reference/permissions.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [Permission(account, calls, role.strip("`"), on) for account, calls, role, on in rows[2:]]


def firestore_calls(function: str) -> set[str]:
    """Return the Firestore calls that the table lists for a function."""
    [row] = [it for it in documented() if it.account == f"prequal-{function}" and it.calls.startswith("Firestore: ")]
    return set(re.findall(r"`(\w+)`", row.calls))


def permissions_match_the_docs(deployed: Deployed) -> bool:
    """The documented permissions are those that are deployed."""
    granted = [
        (_account(deployed, resource["values"]["member"]), resource["values"]["role"], _on(deployed, resource))
        for resource in deployed.resources
        if re.search(r"_iam_(member|binding|policy|custom_role)$", resource["type"])
    ]
    return sorted(granted) == sorted((it.account, it.role, it.on) for it in documented())


def _account(deployed: Deployed, member: str) -> str:
    names = {"firestore.googleapis.com": "Firestore itself", "eventarc.googleapis.com": "Eventarc itself"}
    agents = {it["member"]: names[it["service"]] for it in deployed.all("google_project_service_identity").values()}
    return {**deployed.accounts, **agents, "allUsers": "everybody"}.get(member, member)


def _on(deployed: Deployed, permission: Mapping[str, Any]) -> str:
    kind = _KINDS[permission["type"]]
    if kind is None:
        conditions = [condition["expression"] for condition in permission["values"]["condition"]]
        buckets = re.fullmatch(r'resource\.name\.startsWith\("projects/_/buckets/([\w-]+)"\)', "".join(conditions))
        return f"buckets {buckets[1]}*" if buckets else "project" + "".join(conditions)
    attribute, what, word = kind
    [resource] = [
        it
        for it in deployed.resources
        if it["type"] == what and permission["values"][attribute] in (it["values"].get("id"), it["values"].get("name"))
    ]
    return f"{word} {resource.get('index', resource['name'])}"
