resource "google_firebase_project" "this" {
  provider   = google-beta
  project    = var.project
  depends_on = [google_project_service.api]
}

# Only the site. Its files, headers and rewrites are in build/, and `firebase deploy` uploads them.
resource "google_firebase_hosting_site" "this" {
  provider = google-beta
  project  = google_firebase_project.this.project
  site_id  = var.project
}

locals {
  host = trimprefix(var.settings.PREQUAL_PUBLIC_URL, "https://")
}

resource "google_firebase_hosting_custom_domain" "this" {
  for_each              = can(regex("\\.(web\\.app|firebaseapp\\.com)$", local.host)) ? [] : toset([local.host])
  provider              = google-beta
  project               = google_firebase_project.this.project
  site_id               = google_firebase_hosting_site.this.site_id
  custom_domain         = each.key
  wait_dns_verification = false # it takes hours after the records of the output `dns` are set
}
