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

# Cloud Functions copies the archive into a bucket of its own, gcf-v2-sources-NUMBER-REGION, from which Cloud Build reads it
# with this account. The first function makes that bucket, so that only a condition can name it before.
resource "google_project_iam_member" "build" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.this["build"].member
  condition {
    title      = "prequal: sources of the functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
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

# Permissions take effect with a delay. A build that starts at once often can't read the archive, and a trigger fails.
resource "terraform_data" "propagation" {
  input = var.propagation_seconds
  triggers_replace = [
    google_artifact_registry_repository_iam_member.build.id,
    google_project_iam_member.build.id,
    google_project_iam_member.eventarc.id,
    google_project_iam_member.this["build"].id,
    google_storage_bucket_iam_member.build.id,
  ]
  provisioner "local-exec" {
    command = "sleep ${self.input}"
  }
}
