locals {
  secret_names = toset(keys(var.secret_fingerprints))
}

resource "google_secret_manager_secret" "this" {
  for_each  = local.secret_names
  secret_id = lower(replace(each.key, "_", "-"))
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_version" "this" {
  for_each               = local.secret_names
  secret                 = google_secret_manager_secret.this[each.key].id
  secret_data_wo         = var.secrets[each.key]
  secret_data_wo_version = var.secret_fingerprints[each.key]
  lifecycle {
    create_before_destroy = true # running instances need the old one
  }
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = merge([
    for function, it in local.functions : {
      for name in it.secrets : "${function}.${name}" => { function = function, name = name }
    }
  ]...)
  secret_id = google_secret_manager_secret.this[each.value.name].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this[each.value.function].member
}
