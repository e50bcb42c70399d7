# A copy outside the database, in a format that `prequal export --from` reads without Google. An export is billed one read
# per document, hence weekly; a backup isn't, hence daily.

resource "google_storage_bucket" "exports" {
  name                        = "${var.project}-prequal-exports"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  deletion_policy             = "ABANDON" # `terraform destroy` keeps the exports
  lifecycle_rule {
    condition {
      age = var.export_days
    }
    action {
      type = "Delete"
    }
  }
  depends_on = [google_project_service.api]
}

# Firestore's own account writes the files.
resource "google_project_service_identity" "firestore" {
  provider   = google-beta
  project    = var.project
  service    = "firestore.googleapis.com"
  depends_on = [google_project_service.api]
}

# The account that requests an export must have access to the bucket too; Google requires this role of both.
resource "google_storage_bucket_iam_member" "exports" {
  for_each = {
    asking  = google_service_account.this["export"].member
    writing = google_project_service_identity.firestore.member
  }
  bucket = google_storage_bucket.exports.name
  role   = "roles/storage.admin"
  member = each.value
}

resource "google_cloud_scheduler_job" "export" {
  name             = "prequal-export"
  description      = "Exports Firestore"
  region           = var.region
  schedule         = "17 3 * * 1"
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s" # the request only starts the export
  retry_config {
    retry_count = 3
  }
  http_target {
    http_method = "POST"
    uri         = "https://firestore.googleapis.com/v1/${google_firestore_database.leads.id}:exportDocuments"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode({ outputUriPrefix = "gs://${google_storage_bucket.exports.name}" }))
    # Google's own services require OAuth; OIDC is for ours.
    oauth_token {
      service_account_email = google_service_account.this["export"].email
      scope                 = "https://www.googleapis.com/auth/cloud-platform"
    }
  }
  depends_on = [google_project_iam_member.this, google_storage_bucket_iam_member.exports]
}
