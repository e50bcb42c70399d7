locals {
  # The secrets of a function that sends mail, which checks all three when it starts.
  mailing_secrets = setintersection(local.secret_names, ["PREQUAL_MAIL", "PREQUAL_SECRET", "PREQUAL_WEBHOOK_SECRET"])

  functions = {
    # Visitors wait for it: each instance has a whole processor, and serves several of them at once.
    submit = {
      max_instances   = var.max_submit_instances
      concurrency     = 16
      cpu             = "1"
      timeout_seconds = 30
      ingress         = "ALLOW_ALL"
      secrets         = setsubtract(local.secret_names, ["PREQUAL_MAIL"])
      invoker         = "allUsers"
    }
    # Nobody waits for these two. Most of the time they wait for the mail server, or the owner's webhooks.
    deliver = {
      max_instances   = 3
      concurrency     = 1
      cpu             = "0.333"
      timeout_seconds = 80 # shorter than a mail's lease, so that no other instance takes the mail over meanwhile
      ingress         = "ALLOW_INTERNAL_ONLY"
      secrets         = local.mailing_secrets
      invoker         = google_service_account.this["event"].member
    }
    sweep = {
      max_instances   = 1
      concurrency     = 1
      cpu             = "0.333"
      timeout_seconds = 120 # one sweep, and the lease of its last mail
      ingress         = "ALLOW_INTERNAL_ONLY"
      secrets         = local.mailing_secrets
      invoker         = google_service_account.this["clock"].member
    }
    # The owner waits for it. One instance, as it keeps in memory what it found by reading every lead.
    desk = {
      max_instances   = 1
      concurrency     = 8
      cpu             = "1"
      timeout_seconds = 60 # Firebase Hosting waits no longer
      ingress         = "ALLOW_ALL"
      secrets         = local.mailing_secrets
      invoker         = "allUsers" # the desk itself asks who comes
    }
  }
}

# Eventarc's own account. Google would make it with the first trigger, too late for that trigger.
resource "google_project_service_identity" "eventarc" {
  provider   = google-beta
  project    = var.project
  service    = "eventarc.googleapis.com"
  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "eventarc" {
  project = var.project
  role    = "roles/eventarc.serviceAgent"
  member  = google_project_service_identity.eventarc.member
}

resource "google_cloudfunctions2_function" "this" {
  for_each = local.functions
  name     = "prequal-${each.key}"
  location = var.region

  build_config {
    runtime           = "python313"
    entry_point       = each.key
    service_account   = google_service_account.this["build"].id
    docker_repository = google_artifact_registry_repository.images.id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.archive.name
      }
    }
    automatic_update_policy {} # applies security updates of the runtime without a deployment

    # The build compiles the source, and then sets the time of every file to 1980. Bytecode that is checked by its source's
    # time is stale after that, so that every cold start would compile again. With this variable, Python checks a hash.
    environment_variables = { SOURCE_DATE_EPOCH = "315532801" }
  }

  service_config {
    service_account_email            = google_service_account.this[each.key].email
    available_memory                 = "512Mi"
    available_cpu                    = each.value.cpu
    min_instance_count               = 0
    max_instance_count               = each.value.max_instances
    max_instance_request_concurrency = each.value.concurrency
    timeout_seconds                  = each.value.timeout_seconds
    ingress_settings                 = each.value.ingress
    all_traffic_on_latest_revision   = true

    environment_variables = merge(var.settings, {
      PREQUAL_STORE = "firestore:${var.project}/${var.database}"
      THREADS       = tostring(each.value.concurrency) # for functions-framework, which serves four requests at once by default

      # Only `submit` has the secret to it, without which it is a fault.
      PREQUAL_TURNSTILE_KEY = each.key == "submit" ? var.settings.PREQUAL_TURNSTILE_KEY : ""
    })
    dynamic "secret_environment_variables" {
      for_each = each.value.secrets
      content {
        key        = secret_environment_variables.value
        project_id = var.project
        secret     = google_secret_manager_secret.this[secret_environment_variables.value].secret_id
        # By number, so that a changed secret is a new revision, and no instance continues with the old one.
        version = google_secret_manager_secret_version.this[secret_environment_variables.value].version
      }
    }
  }

  dynamic "event_trigger" {
    for_each = each.key == "deliver" ? [true] : []
    content {
      event_type            = "google.cloud.firestore.document.v1.created"
      trigger_region        = var.region
      service_account_email = google_service_account.this["event"].email
      retry_policy          = "RETRY_POLICY_RETRY"
      event_filters {
        attribute = "database"
        value     = google_firestore_database.leads.name
      }
      event_filters {
        attribute = "document"
        value     = "mail/{id}"
        operator  = "match-path-pattern"
      }
    }
  }

  depends_on = [
    google_project_iam_member.this,
    google_secret_manager_secret_iam_member.reader,
    terraform_data.propagation,
  ]
}

# The Cloud Run service of a function decides who may call it. `allUsers` needs an organisation that allows it: see
# docs/how-to/google-cloud.md.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.functions
  location = var.region
  name     = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = each.value.invoker
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "prequal-sweep"
  description      = "Sends mails that no event has sent, reminds, expires"
  region           = var.region
  schedule         = "*/5 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "180s"
  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    oidc_token {
      service_account_email = google_service_account.this["clock"].email
      audience              = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    }
  }
}
