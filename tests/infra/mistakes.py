"""Mistakes in `infra/` that the rules must detect, each with the rule that it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from infra.terraform import Mistake

_IN_PLAIN = 'environment_variables = merge(var.settings, {\n      PREQUAL_MAIL = "smtps://secret:"'
_NO_CAP = "max_instance_count               = each.value.max_instances\n"
_EPOCH = '{ SOURCE_DATE_EPOCH = "315532801" }'
_NO_TTL = """  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [true] : []
    content {}
  }
"""
_OIDC = """    oidc_token {
      service_account_email = google_service_account.this["clock"].email
      audience              = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    }
"""

# By rule: a file, a text in it, and a mistaken text in its place.
_TABLE: dict[str | None, list[tuple[str, str, str]]] = {
    "anybody_may_call_submit_and_desk_and_nothing_else": [
        ("functions.tf", 'google_service_account.this["clock"].member', '"allUsers"'),
        ("exports.tf", 'google_service_account.this["export"].member', '"allAuthenticatedUsers"'),
        ("functions.tf", '"allUsers"', 'google_service_account.this["event"].member'),
        ("functions.tf", '"allUsers" # the', 'google_service_account.this["event"].member # the'),
    ],
    "the_site_leads_to_submit_and_desk": [
        ("functions.tf", 'name     = "prequal-${each.key}"', 'name     = "leads-${each.key}"'),
    ],
    "only_submit_and_desk_are_reached_from_outside": [
        ("functions.tf", '"ALLOW_INTERNAL_ONLY"', '"ALLOW_ALL"'),
    ],
    "the_desk_finds_what_it_kept": [
        (
            "functions.tf",
            "max_instances   = 1\n      concurrency     = 8",
            "max_instances   = 2\n      concurrency     = 8",
        ),
    ],
    "functions_scale_to_zero_and_are_capped": [
        ("functions.tf", _NO_CAP, ""),
        ("variables.tf", "default     = 5", "default     = 50"),
        ("functions.tf", "min_instance_count               = 0", "min_instance_count = 1"),
    ],
    "events_of_mails_are_retried": [
        ("functions.tf", '"RETRY_POLICY_RETRY"', '"RETRY_POLICY_DO_NOT_RETRY"'),
        ("functions.tf", '"mail/{id}"', '"mails/{id}"'),
        ("functions.tf", "document.v1.created", "document.v1.written"),
    ],
    "the_clock_calls_sweep": [
        ("functions.tf", _OIDC, ""),
        ("functions.tf", '"*/5 * * * *"', '"5 * * * *"'),
    ],
    "functions_have_the_time_they_need": [
        ("functions.tf", "timeout_seconds = 80", "timeout_seconds = 90"),
        ("functions.tf", "timeout_seconds = 120", "timeout_seconds = 60"),
        ("functions.tf", '"180s"', '"60s"'),
        ("functions.tf", "timeout_seconds = 60", "timeout_seconds = 300"),
    ],
    "documents_expire": [
        ("firestore.tf", _NO_TTL, ""),
        (
            "firestore.indexes.json",
            '"attempts", "fieldPath": "expire_at", "ttl": true',
            '"attempts", "fieldPath": "expire_at"',
        ),
    ],
    "lists_have_their_indexes": [
        ("firestore.tf", "order      = fields.value.order", 'order      = "DESCENDING"'),
        ("firestore.tf", "collection  = each.value.collectionGroup", 'collection = "mail"'),
    ],
    "only_queried_fields_are_indexed": [
        (
            "firestore.tf",
            "for_each = each.value.indexes",
            'for_each = [{ order = "ASCENDING", queryScope = "COLLECTION" }]',
        ),
        ("firestore.tf", "for_each = each.value.indexes", "for_each = []"),
    ],
    "the_database_is_protected": [
        ("firestore.tf", "DELETE_PROTECTION_ENABLED", "DELETE_PROTECTION_DISABLED"),
        ("firestore.tf", "POINT_IN_TIME_RECOVERY_ENABLED", "POINT_IN_TIME_RECOVERY_DISABLED"),
        ("firestore.tf", '"ABANDON"', '"DELETE"'),
    ],
    "a_backup_is_made_every_day": [
        ("firestore.tf", "daily_recurrence {}", 'weekly_recurrence {\n    day = "MONDAY"\n  }'),
        ("variables.tf", "default     = 7", "default     = 1"),
    ],
    "browsers_have_no_access": [
        ("firestore.tf", "if false", "if request.auth != null"),
        ("firestore.tf", '"cloud.firestore" :', '"firebase.storage" :'),
    ],
    "no_secret_is_in_the_open": [
        ("functions.tf", "environment_variables = merge(var.settings, {", _IN_PLAIN),
    ],
    "each_function_has_only_its_secrets": [
        ("functions.tf", 'setsubtract(local.secret_names, ["PREQUAL_MAIL"])', "local.secret_names"),
        (
            "functions.tf",
            'local.mailing_secrets\n      invoker         = "all',
            'local.secret_names\n      invoker = "all',
        ),
    ],
    "secrets_are_pinned_to_a_version": [
        (
            "functions.tf",
            "google_secret_manager_secret_version.this[secret_environment_variables.value].version",
            '"latest"',
        ),
    ],
    "every_setting_is_set": [
        ("functions.tf", 'PREQUAL_STORE = "firestore:${var.project}/${var.database}"', ""),
        ("functions.tf", 'each.key == "submit" ? var.settings', 'each.key != "submit" ? var.settings'),
    ],
    "hops_are_the_deployment_s": [
        ("functions.tf", "merge(var.settings, {", 'merge(var.settings, {\n      PREQUAL_HOPS = "1"'),
    ],
    "concurrency_equals_threads": [
        ("functions.tf", "tostring(each.value.concurrency)", '"4"'),
    ],
    "bytecode_stays_valid": [
        ("functions.tf", _EPOCH, "{}"),
        ("functions.tf", _EPOCH, f'each.key == "submit" ? {_EPOCH} : {{}}'),
        ("functions.tf", "SOURCE_DATE_EPOCH", "SOURCE_DATE"),
    ],
    "another_archive_is_another_object": [
        ("building.tf", "function-${filesha256(var.archive)}.zip", "function.zip"),
    ],
    "buckets_are_private_and_expire": [
        ("exports.tf", '"enforced"', '"inherited"'),
        ("building.tf", "uniform_bucket_level_access = true", "uniform_bucket_level_access = false"),
        ("exports.tf", 'type = "Delete"', 'type          = "SetStorageClass"\n      storage_class = "ARCHIVE"'),
    ],
    "an_export_is_made_every_week": [
        ("exports.tf", '"17 3 * * 1"', '"17 3 * * *"'),
        ("exports.tf", "gs://${google_storage_bucket.exports.name}", "gs://${google_storage_bucket.source.name}"),
    ],
    "old_images_are_deleted": [
        ("building.tf", 'action = "DELETE"', 'action = "KEEP"'),
    ],
    "each_function_has_its_own_account": [
        ("functions.tf", "this[each.key].email\n    available_memory", 'this["submit"].email\n    available_memory'),
    ],
    "everything_is_in_one_region": [
        ("functions.tf", "trigger_region        = var.region", 'trigger_region        = "us-central1"'),
    ],
    "alerts_reach_the_owner": [
        ("monitoring.tf", "  notification_channels = [google_monitoring_notification_channel.email.id]\n", ""),
    ],
    "booking_links_are_not_logged": [
        ("monitoring.tf", "(b|desk/in)", "(link|desk/in)"),
        ("monitoring.tf", "(b|desk/in)", "(b|desk)"),
        ("monitoring.tf", '"^https?://[^/]+/(b', '"/(b'),
        ("monitoring.tf", '      LOG_ID("run.googleapis.com/requests")\n', ""),
        ("monitoring.tf", "(submit|desk)", "(submit)"),
    ],
    "the_project_s_own_log_is_filtered": [
        ("monitoring.tf", '"prequal-links"', '"prequal-links"\n    disabled    = true'),
        ("monitoring.tf", '"_Default"', '"prequal"'),
    ],
    "each_alert_is_explained": [
        ("monitoring.tf", '"prequal: a mail was not sent"', '"prequal: a mail waits"'),
    ],
    "alerts_tell_their_kinds_apart": [
        (
            "monitoring.tf",
            'EXTRACT(jsonPayload.state)" }',
            'EXTRACT(jsonPayload.state)", mail = "EXTRACT(jsonPayload.mail)" }',
        ),
        ("monitoring.tf", " $${log.extracted_label.job}", ""),
    ],
    "a_flood_is_an_alert": [
        ("monitoring.tf", '"REDUCE_SUM"', '"REDUCE_MAX"'),
    ],
    "alerts_match_the_log": [
        (
            "monitoring.tf",
            'jsonPayload.message=\\"submission admitted\\"',
            'jsonPayload.message=\\"submission taken\\"',
        ),
        ("monitoring.tf", 'jsonPayload.state=\\"failed\\"', 'jsonPayload.state=\\"FAILED\\"'),
        ("monitoring.tf", '\\"^prequal-\\"\\nseverity>=ERROR', '\\"^prequal-\\"\\nseverity>=CRITICAL'),
        ("monitoring.tf", "sweep|desk", "sweep"),
        ("monitoring.tf", "for it in each.value.filters", "for it in slice(each.value.filters, 0, 1)"),
    ],
    "services_are_enabled_without_themselves": [
        ("versions.tf", "user_project_override = false", "user_project_override = true"),
        ("main.tf", "provider           = google.services", "provider           = google"),
        (
            "versions.tf",
            "user_project_override = false",
            "user_project_override = false\n  billing_project = var.project",
        ),
    ],
    "the_services_that_enable_come_first": [
        ("main.tf", "depends_on         = [google_project_service.first]", ""),
        ("main.tf", '"eventarcpublishing", ', ""),
        ("main.tf", '["cloudresourcemanager", "serviceusage"]', '["serviceusage"]'),
    ],
    "the_build_waits_for_its_permissions": [
        ("functions.tf", "    terraform_data.propagation,\n", "    google_project_iam_member.build,\n"),
        (
            "variables.tf",
            'default     = 60\n  description = "How many seconds',
            'default     = 6\n  description = "How many seconds',
        ),
        ("building.tf", "    google_project_iam_member.eventarc.id,\n", ""),
        ("building.tf", "sleep ${self.input}", "true"),
    ],
    "the_state_is_in_a_bucket": [
        ("state.tf", 'backend "gcs" {}', 'backend "local" {}'),
    ],
    "what_collides_can_be_imported": [
        ("functions.tf", 'name             = "prequal-sweep"', 'name             = "prequal-rounds"'),
        ("firestore.tf", 'join(".", compact([', 'join("/", compact(['),
        ("secrets.tf", 'lower(replace(each.key, "_", "-"))', "lower(each.key)"),
    ],
    "permissions_match_the_docs": [
        ("building.tf", "buckets/gcf-v2-sources-", "buckets/"),
        ("building.tf", '/buckets/gcf-v2-sources-\\")', '/buckets/gcf-v2-sources-\\") || true'),
        ("main.tf", '"roles/datastore.user"', '"roles/datastore.owner"'),
        ("main.tf", 'sweep   = "roles/datastore.user"\n', ""),
    ],
    # Mistakes that Terraform itself refuses.
    None: [
        (
            "regions.json",
            '"europe-west1": {"without": []}',
            '"europe-west1": {"without": ["scheduler"], "near": "europe-west3"}',
        ),
        ("functions.tf", "merge(var.settings, {", "merge(var.settings, var.secrets, {"),
        ("secrets.tf", "secret_data_wo         =", "secret_data ="),
        ("variables.tf", "    PREQUAL_SENDER        = string\n", ""),
    ],
}

MISTAKES = [Mistake(*mistake, rule) for rule, mistakes in _TABLE.items() for mistake in mistakes]


def rounds() -> Sequence[Sequence[Mistake]]:
    """Return the mistakes in rounds of at most one for each rule; those that Terraform refuses are alone."""
    of_rule: dict[str, list[Mistake]] = {}
    refused = []
    for mistake in MISTAKES:
        if mistake.rule:
            of_rule.setdefault(mistake.rule, []).append(mistake)
        else:
            refused.append([mistake])
    return [[mistake for mistake in made if mistake] for made in zip_longest(*of_rule.values())] + refused
