output "dns" {
  value       = { for domain, it in google_firebase_hosting_custom_domain.this : domain => it.required_dns_updates }
  description = "The records that your own domain needs, where they are not set yet."
}

output "exports" {
  value       = google_storage_bucket.exports.url
  description = "Where the weekly exports are."
}

output "functions" {
  value       = { for name, it in google_cloudfunctions2_function.this : name => it.service_config[0].uri }
  description = "The functions' own addresses, for hosts other than Firebase to lead to."
}

output "site" {
  value       = google_firebase_hosting_site.this.default_url
  description = "The site's address at Firebase."
}
