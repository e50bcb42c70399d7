resource "google_firestore_database" "leads" {
  name                              = var.database
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = "ABANDON" # `terraform destroy` keeps the leads
  depends_on                        = [google_project_service.api]
}

# Composite indexes, TTL policies, and the indexes of single fields that differ from the default come from Firebase's own
# file, which tests compare with the code.
resource "google_firestore_field" "this" {
  for_each = {
    for field in jsondecode(file("${path.module}/firestore.indexes.json")).fieldOverrides :
    "${field.collectionGroup}.${field.fieldPath}" => field
  }
  database   = google_firestore_database.leads.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath
  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order       = indexes.value.order
        query_scope = indexes.value.queryScope
      }
    }
  }
  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [true] : []
    content {}
  }
}

resource "google_firestore_index" "this" {
  for_each = {
    for index in jsondecode(file("${path.module}/firestore.indexes.json")).indexes :
    join(".", compact([
      index.collectionGroup,
      index.fields[0].fieldPath,
      index.fields[1].order == "DESCENDING" ? "descending" : "",
    ])) => index
  }
  database    = google_firestore_database.leads.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope
  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.leads.name
  retention = "${var.backup_days * 86400}s"
  daily_recurrence {}
}

# Browsers never access Firestore. The functions do, and only the roles of their accounts govern them.
resource "google_firebaserules_ruleset" "nobody" {
  source {
    files {
      name    = "firestore.rules"
      content = <<-EOT
        rules_version = '2';
        service cloud.firestore {
          match /databases/{database}/documents {
            match /{document=**} {
              allow read, write: if false;
            }
          }
        }
      EOT
    }
  }
  lifecycle {
    create_before_destroy = true
  }
  depends_on = [google_firestore_database.leads, google_firebase_project.this]
}

resource "google_firebaserules_release" "firestore" {
  name         = var.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.database}"
  ruleset_name = google_firebaserules_ruleset.nobody.name
}
