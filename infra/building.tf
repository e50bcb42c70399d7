# What the functions are built from, and what they become.

resource "google_storage_bucket" "source" {
  name                        = "${var.project}-prequal-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # The object is made anew by the next apply, should a deployment need it after all.
  lifecycle_rule {
    condition {
      age = 30
    }
    action {
      type = "Delete"
    }
  }
  depends_on = [google_project_service.api]
}

# Named by its content: the same archive deploys nothing anew, and another one always does.
resource "google_storage_bucket_object" "archive" {
  name   = "function-${filesha256(var.archive)}.zip"
  bucket = google_storage_bucket.source.name
  source = var.archive
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.this["build"].member
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "prequal"
  location      = var.region
  format        = "DOCKER"
  # Images add up to more than the free half gigabyte within a few deployments. What runs is kept by both of these.
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 3
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "604800s"
    }
  }
  depends_on = [google_project_service.api]
}

resource "google_artifact_registry_repository_iam_member" "build" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["build"].member
}
