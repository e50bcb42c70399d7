# Every other service is enabled through these two.
resource "google_project_service" "first" {
  for_each           = toset(["cloudresourcemanager", "serviceusage"])
  provider           = google.services
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false # other software in this project may use the API
}

resource "google_project_service" "api" {
  for_each = toset([
    "artifactregistry", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudscheduler", "eventarc",
    "eventarcpublishing", "firebase", "firebasehosting", "firebaserules", "firestore", "iam", "logging", "monitoring",
    "pubsub", "run", "secretmanager", "storage",
  ])
  provider           = google.services
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
  depends_on         = [google_project_service.first]
}

# One account per job, so that none can do another's; docs/reference/permissions.md explains the permissions of each.
resource "google_service_account" "this" {
  for_each = {
    submit  = "prequal: the function submit"
    deliver = "prequal: the function deliver"
    sweep   = "prequal: the function sweep"
    desk    = "prequal: the function desk"
    event   = "prequal: sends events to deliver"
    clock   = "prequal: calls sweep"
    export  = "prequal: exports Firestore"
    build   = "prequal: builds the functions"
  }
  account_id   = "prequal-${each.key}"
  display_name = each.value
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "this" {
  for_each = {
    submit  = "roles/datastore.user"
    deliver = "roles/datastore.user"
    sweep   = "roles/datastore.user"
    desk    = "roles/datastore.user"
    event   = "roles/eventarc.eventReceiver"
    export  = "roles/datastore.importExportAdmin"
    build   = "roles/logging.logWriter"
  }
  project = var.project
  role    = each.value
  member  = google_service_account.this[each.key].member
}
