"""Import of existing cloud resources into Terraform's state, as after a lost state or a destroy.

Only what has a name of its own collides. Permissions, policies and enabled services are set again without harm.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from prequal.config.cloud import CloudSettings
from prequal.deployment.terraform import Terraform, terraform_variables
from prequal.deployment.tools import read_tool

_FUNCTIONS = ("submit", "deliver", "sweep", "desk")
_ABSENT = re.compile(r"non-existent\s+remote\s+object|\b404\b|not\s?found", re.IGNORECASE)
_FIREBASE_HOST = re.compile(r"\.(web\.app|firebaseapp\.com)$")


def import_existing(
    settings: CloudSettings, terraform: Terraform, environ: Mapping[str, str], report: Callable[[str], None]
) -> str | None:
    """Import everything that exists and isn't in the state; return an error message, or None on success."""
    _, known = terraform.capture("state", "list")
    candidates = {**named_resources(settings, environ), **dict(_find_generated(settings, environ))}
    missing = {address: name for address, name in candidates.items() if address not in known.splitlines()}
    for number, (address, name) in enumerate(missing.items(), 1):
        succeeded, said = terraform.capture("import", "-input=false", "-no-color", address, name)
        if not succeeded and not _ABSENT.search(said):
            return f"{said}\n{address} could not be imported: correct what is said above, and run the command again."
        report(f"{number}/{len(missing)} {address}: {'imported' if succeeded else 'not there'}.")
    return None


def named_resources(settings: CloudSettings, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the ids for an import by address, of the resources of infra/ whose names are known beforehand."""
    project, database, region = settings.store.project, settings.store.database, settings.region
    place = f"projects/{project}/locations/{region}"
    secrets = json.loads(terraform_variables(settings, environ, Path())["TF_VAR_secret_fingerprints"])
    host = urlsplit(settings.public_url).netloc
    release = "cloud.firestore" if database == "(default)" else f"cloud.firestore/{database}"
    return {
        "google_firestore_database.leads": f"projects/{project}/databases/{database}",
        "google_storage_bucket.exports": f"{project}-prequal-exports",
        "google_storage_bucket.source": f"{project}-prequal-source",
        "google_artifact_registry_repository.images": f"{place}/repositories/prequal",
        "google_firebaserules_release.firestore": f"projects/{project}/releases/{release}",
        "google_logging_metric.submissions": f"{project} prequal/submissions",
        **{
            f'google_service_account.this["{name}"]': f"projects/{project}/serviceAccounts/prequal-{name}@{project}"
            ".iam.gserviceaccount.com"
            for name in (*_FUNCTIONS, "event", "clock", "export", "build")
        },
        **{
            f'google_secret_manager_secret.this["{name}"]': f"projects/{project}/secrets/"
            + name.lower().replace("_", "-")
            for name in secrets
        },
        **{
            f'google_cloudfunctions2_function.this["{name}"]': f"{place}/functions/prequal-{name}"
            for name in _FUNCTIONS
        },
        **{f"google_cloud_scheduler_job.{name}": f"{place}/jobs/prequal-{name}" for name in ("export", "sweep")},
        **(
            {}
            if _FIREBASE_HOST.search(host)
            else {
                f'google_firebase_hosting_custom_domain.this["{host}"]': f"projects/{project}/sites/{project}/"
                f"customDomains/{host}"
            }
        ),
    }


def _find_generated(settings: CloudSettings, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the addresses and ids of the resources that Firestore has named."""
    place = (f"--database={settings.store.database}", f"--project={settings.store.project}", "--format=json")
    for index in json.loads(read_tool(environ, "gcloud", "firestore", "indexes", "composite", "list", *place) or "[]"):
        collection = index["name"].split("/")[-3]
        by, at, *_ = index["fields"]
        descending = ".descending" if at["order"] == "DESCENDING" else ""
        yield f'google_firestore_index.this["{collection}.{by["fieldPath"]}{descending}"]', index["name"]
    schedules = read_tool(environ, "gcloud", "firestore", "backups", "schedules", "list", *place)
    for schedule in json.loads(schedules or "[]"):
        if "dailyRecurrence" in schedule:
            yield "google_firestore_backup_schedule.daily", schedule["name"]
