"""Retention, backups and protection of the data."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.terraform import INFRA, Deployed
from prequal.core.documents import attempt_document, lead_document, mail_document, past_client_document
from support import builders


def documents_expire(deployed: Deployed) -> bool:
    """Leads, attempts, mails, past clients, the ledger and counts of visits have a TTL on their field `expire_at`."""
    lead, attempt = builders.admitted()
    documents = {
        "leads": lead_document(lead),
        "attempts": attempt_document(attempt),
        "mail": mail_document(builders.invitation()),
        "past_clients": past_client_document(builders.past_client()),
        "ledger": {"expire_at": builders.NOW},
        "visits": {"expire_at": builders.NOW},
    }
    fields = deployed.all("google_firestore_field").values()
    expiring = {(it["collection"], it["field"]) for it in fields if it["ttl_config"]}
    return expiring == {(collection, "expire_at") for collection in documents if "expire_at" in documents[collection]}


def only_queried_fields_are_indexed(deployed: Deployed) -> bool:
    """The fields that `firestore.indexes.json` names have the indexes that it gives them, which may be none."""
    named = json.loads((INFRA / "firestore.indexes.json").read_text(encoding="utf-8"))["fieldOverrides"]
    fields = deployed.all("google_firestore_field").values()
    made = {
        (it["collection"], it["field"]): [
            {"order": index["order"], "queryScope": index["query_scope"]}
            for config in it["index_config"]
            for index in config["indexes"]
        ]
        for it in fields
        if it["index_config"]
    }
    return made == {(it["collectionGroup"], it["fieldPath"]): it["indexes"] for it in named}


def lists_have_their_indexes(deployed: Deployed) -> bool:
    """The composite indexes are those of `firestore.indexes.json`, and no others."""
    named = json.loads((INFRA / "firestore.indexes.json").read_text(encoding="utf-8"))["indexes"]
    database = deployed.one("google_firestore_database")["name"]
    made = [
        {
            "collectionGroup": it["collection"],
            "queryScope": it["query_scope"],
            "fields": [{"fieldPath": field["field_path"], "order": field["order"]} for field in it["fields"]],
        }
        for it in deployed.all("google_firestore_index").values()
        if it["database"] == database
    ]
    return sorted(made, key=str) == sorted(named, key=str)


def the_database_is_protected(deployed: Deployed) -> bool:
    """The database has deletion protection and point-in-time recovery."""
    database = deployed.one("google_firestore_database")
    wanted = {
        "type": "FIRESTORE_NATIVE",
        "point_in_time_recovery_enablement": "POINT_IN_TIME_RECOVERY_ENABLED",
        "delete_protection_state": "DELETE_PROTECTION_ENABLED",
        "deletion_policy": "ABANDON",
    }
    return wanted.items() <= database.items()


def a_backup_is_made_every_day(deployed: Deployed) -> bool:
    """Daily backups are kept for a week or longer."""
    backup = deployed.one("google_firestore_backup_schedule")
    return len(backup["daily_recurrence"]) == 1 and int(backup["retention"].rstrip("s")) >= 7 * 86400


def browsers_have_no_access(deployed: Deployed) -> bool:
    """The database's rules deny all access, and are in force."""
    ruleset = deployed.one("google_firebaserules_ruleset")
    content = ruleset["source"][0]["files"][0]["content"]
    release = deployed.one("google_firebaserules_release")
    return (
        re.findall(r"allow .*", content) == ["allow read, write: if false;"]
        and "match /{document=**}" in content
        and (release["name"], release["ruleset_name"]) == ("cloud.firestore", ruleset["name"])
    )


def an_export_is_made_every_week(deployed: Deployed) -> bool:
    """The scheduler starts a weekly export of the database to the bucket, with the export account."""
    job = deployed.all("google_cloud_scheduler_job")["export"]
    [target] = job["http_target"]
    database = deployed.one("google_firestore_database")["id"]
    bucket = deployed.all("google_storage_bucket")["exports"]["name"]
    account = deployed.all("google_service_account")['this["export"]']["email"]
    return (
        re.fullmatch(r"\d+ \d+ \* \* [0-6]", job["schedule"]) is not None
        and target["uri"] == f"https://firestore.googleapis.com/v1/{database}:exportDocuments"
        and json.loads(base64.b64decode(target["body"])) == {"outputUriPrefix": f"gs://{bucket}"}
        and [token["service_account_email"] for token in target["oauth_token"]] == [account]
        and target["oidc_token"] == []
    )


def buckets_are_private_and_expire(deployed: Deployed) -> bool:
    """No bucket can be made public, and every bucket deletes old objects."""
    return all(
        bucket["uniform_bucket_level_access"] is True
        and bucket["public_access_prevention"] == "enforced"
        and any(
            (rule["action"][0]["type"], bool(rule["condition"][0]["age"])) == ("Delete", True)
            for rule in bucket["lifecycle_rule"]
        )
        for bucket in deployed.all("google_storage_bucket").values()
    )


def old_images_are_deleted(deployed: Deployed) -> bool:
    """Images of earlier deployments are deleted, except for the last three."""
    policies = deployed.one("google_artifact_registry_repository")["cleanup_policies"]
    kept = [last["keep_count"] for it in policies if it["action"] == "KEEP" for last in it["most_recent_versions"]]
    return kept == [3] and any(it["action"] == "DELETE" and it["condition"] for it in policies)


def everything_is_in_one_region(deployed: Deployed) -> bool:
    """Every resource with a region is in the same one, so that prospects' data stay in it."""
    return {
        values[name]
        for values in _values(deployed)
        for name in ("location", "location_id", "region", "trigger_region")
        if values.get(name) and values[name] != "global"
    } == {"europe-west1"}


def _values(deployed: Deployed) -> Iterator[Mapping[str, Any]]:
    for resource in deployed.resources:
        yield resource["values"]
        yield from resource["values"].get("event_trigger", [])
