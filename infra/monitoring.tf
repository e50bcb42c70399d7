# The filters name messages and fields of functions/prequal/log.py; a test compares them.

locals {
  our_log = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name=~"^prequal-(submit|deliver|sweep|desk)$"
  EOT

  # Google bills alerts by condition or by metric, not by filter: kinds that call for the same look share one. Each
  # combination of the labels' values raises an alert of its own, and the mail names them.
  alerts = {
    broken = {
      title = "prequal: something is broken"
      says  = "$${log.extracted_label.message} $${log.extracted_label.job}: a function logged an error or could not run, or Cloud Scheduler could not call sweep or start the weekly export. Read the log. Every submission is stored, or its sender was asked to try again."
      filters = [
        "${local.our_log}severity>=ERROR\nNOT jsonPayload.message=\"mail tried\"",
        "resource.type=\"cloud_scheduler_job\"\nresource.labels.job_id=~\"^prequal-\"\nseverity>=ERROR",
      ]
      labels = { message = "EXTRACT(jsonPayload.message)", job = "EXTRACT(resource.labels.job_id)" }
    }
    # The fourth attempt comes about seven minutes after the first: this is no transient failure.
    mail = {
      title = "prequal: a mail was not sent"
      says  = "$${log.extracted_label.state}. If failed: the server refused the mail's recipient or content, all attempts of five days failed, or the mail could not be written; `prequal leads list --status invited` lists the leads, and `prequal leads show ID` says why. If retrying: the mail was put off four times and is tried again until it goes out, or is given up; check that the server works, and accepts PREQUAL_MAIL's login, PREQUAL_SENDER and so many mails. A mail with -event- in its id is a message to PREQUAL_WEBHOOKS: check the program at that address."
      filters = [
        "${local.our_log}jsonPayload.message=\"mail tried\"\njsonPayload.state=\"failed\"",
        "${local.our_log}jsonPayload.message=\"mail tried\"\njsonPayload.state=\"retrying\"\njsonPayload.attempts>=4",
      ]
      labels = { state = "EXTRACT(jsonPayload.state)" }
    }
  }
}

# Cloud Run logs every request with its address. Booking links, those for past clients and those that sign in are
# secrets; our own lines, in another log, hold none.
# Terraform takes over the sink that every project has, whose other values are Google's own.
resource "google_logging_project_sink" "default" {
  name        = "_Default"
  destination = "logging.googleapis.com/projects/${var.project}/locations/global/buckets/_Default"
  filter = join(" AND ", [
    for log in setproduct(["cloudaudit", "externalaudit"], ["activity", "system_event", "access_transparency"]) :
    "NOT LOG_ID(\"${log[0]}.googleapis.com/${log[1]}\")"
  ])
  exclusions {
    name        = "prequal-links"
    description = "Requests of booking links, links for past clients, and links that sign in"
    filter      = <<-EOT
      resource.type="cloud_run_revision"
      resource.labels.service_name=~"^prequal-(submit|desk)$"
      LOG_ID("run.googleapis.com/requests")
      httpRequest.requestUrl=~"^https?://[^/]+/(b|desk/in)/"
    EOT
  }
  depends_on = [google_project_service.api]
}

resource "google_monitoring_notification_channel" "email" {
  display_name = "prequal"
  type         = "email"
  labels       = { email_address = var.alert_email }
  depends_on   = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "log" {
  for_each     = local.alerts
  display_name = each.value.title
  combiner     = "OR"
  conditions {
    display_name = each.value.title
    condition_matched_log {
      filter           = join("\nOR\n", [for it in each.value.filters : "(\n${it}\n)"])
      label_extractors = each.value.labels
    }
  }
  alert_strategy {
    notification_rate_limit {
      period = "3600s"
    }
    auto_close = "86400s"
  }
  documentation {
    content = each.value.says
  }
  notification_channels = [google_monitoring_notification_channel.email.id]
}

resource "google_logging_metric" "submissions" {
  name        = "prequal/submissions"
  description = "Submissions that were stored"
  filter      = "${local.our_log}jsonPayload.message=\"submission admitted\""
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "flood" {
  display_name = "prequal: unusually many submissions"
  combiner     = "OR"
  conditions {
    display_name = "More than ${var.submissions_an_hour} in an hour"
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.submissions.name}\" resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.submissions_an_hour
      duration        = "0s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM" # over instances
      }
    }
  }
  documentation {
    content = "A campaign works, or a script submits the form. `prequal leads list` shows the leads. Requests are limited per visitor."
  }
  notification_channels = [google_monitoring_notification_channel.email.id]
}

resource "google_billing_budget" "monthly" {
  count           = var.budget == null ? 0 : 1
  billing_account = var.budget.billing_account
  display_name    = "prequal"
  budget_filter {
    projects = ["projects/${google_firebase_project.this.project_number}"]
  }
  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = var.budget.amount
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.email.id]
  }
}
