# The functions, and the storage of their source and images.

resource "google_storage_bucket" "source" {
  name                        = "${var.project}-prequal-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # If a deployment still needs the object, the next apply uploads it again.
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

# Named by its content: only a changed archive deploys the functions again.
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
  # Images exceed the free half gigabyte after a few deployments. Both of these rules keep the running ones.
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
