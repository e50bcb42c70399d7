# Everything applied, with the cloud played by mocks. What must hold of the result is in tests/infra/, with the mistakes
# that must not go unnoticed.

mock_provider "google" {}
mock_provider "google" {
  alias = "services"
}
mock_provider "google-beta" {}

variables {
  project             = "studio-north"
  region              = "europe-west1"
  archive             = "main.tf" # any file will do
  alert_email         = "owner@studio.example"
  propagation_seconds = 0 # nothing propagates here
  budget              = { billing_account = "012345-6789AB-CDEF01", amount = 5, currency = "EUR" }
  settings = {
    PREQUAL_BOOKING_URL   = "https://cal.example/intro?email={email}"
    PREQUAL_FRAMES        = "https://blog.studio.example"
    PREQUAL_HOPS          = "2"
    PREQUAL_ORIGINS       = "https://blog.studio.example"
    PREQUAL_OWNER         = "Owner <owner@studio.example>"
    PREQUAL_PUBLIC_URL    = "https://studio.example"
    PREQUAL_SENDER        = "Studio North <hello@studio.example>"
    PREQUAL_TURNSTILE_KEY = "0x4AAAAAAAStudioNorth"
    PREQUAL_WEBHOOKS      = "https://hooks.example/one https://hooks.example/two"
    PREQUAL_ZONE          = "Europe/Oslo"
  }
  secrets = {
    PREQUAL_CAL_SECRET       = "secret: of the hook of cal"
    PREQUAL_CALENDLY_SECRET  = "secret: of the hook of calendly"
    PREQUAL_MAIL             = "smtps://login:secret:of-mail@smtp.example"
    PREQUAL_SAVVYCAL_SECRET  = "secret: of the hook of savvycal"
    PREQUAL_SECRET           = "secret: of the booking links"
    PREQUAL_TURNSTILE_SECRET = "secret: of the widget of turnstile"
    PREQUAL_WEBHOOK_SECRET   = "secret: of the webhooks"
  }
  secret_fingerprints = {
    PREQUAL_CAL_SECRET       = 1
    PREQUAL_CALENDLY_SECRET  = 2
    PREQUAL_MAIL             = 3
    PREQUAL_SAVVYCAL_SECRET  = 4
    PREQUAL_SECRET           = 5
    PREQUAL_TURNSTILE_SECRET = 6
    PREQUAL_WEBHOOK_SECRET   = 7
  }
}

run "with_everything" {
  assert {
    condition     = contains(keys(output.dns), "studio.example")
    error_message = "A domain of one's own must be connected, and what it needs be told."
  }
}

run "with_as_little_as_possible" {
  variables {
    budget = null
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_PUBLIC_URL  = "https://studio-north.web.app"
      PREQUAL_SENDER      = "hello@studio.example"
    }
    secrets = {
      PREQUAL_MAIL   = "smtp://smtp.example"
      PREQUAL_SECRET = "secret: of the booking links"
    }
    secret_fingerprints = { PREQUAL_MAIL = 1, PREQUAL_SECRET = 1 }
  }
  assert {
    condition     = length(google_billing_budget.monthly) == 0
    error_message = "The budget is optional."
  }
  assert {
    condition     = output.dns == {}
    error_message = "Firebase's own address needs no domain."
  }
}

run "in_a_database_of_its_own" {
  variables {
    database = "leads"
  }
  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore/leads"
    error_message = "The rules must be those of the database that is used."
  }
  assert {
    condition     = google_cloudfunctions2_function.this["submit"].service_config[0].environment_variables.PREQUAL_STORE == "firestore:studio-north/leads"
    error_message = "The functions must use the database that is made."
  }
}
