output "dns" {
  value       = { for domain, it in google_firebase_hosting_custom_domain.this : domain => it.required_dns_updates }
  description = "The DNS records that your own domain still lacks."
}

output "exports" {
  value       = google_storage_bucket.exports.url
  description = "The bucket of the weekly exports."
}

output "functions" {
  value       = { for name, it in google_cloudfunctions2_function.this : name => it.service_config[0].uri }
  description = "The functions' own addresses, to which hosts other than Firebase forward requests."
}

output "site" {
  value       = google_firebase_hosting_site.this.default_url
  description = "The site's address at Firebase."
}
