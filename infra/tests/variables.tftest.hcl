# Each validation of variables.tf refuses what it is there for.

mock_provider "google" {}
mock_provider "google" {
  alias = "services"
}
mock_provider "google-beta" {}

run "nothing_is_right" {
  command = plan
  variables {
    project              = "Studio North"
    database             = "db"
    region               = "eur3"
    archive              = "nowhere.zip"
    alert_email          = "Owner <owner@studio.example>"
    max_submit_instances = 0
    propagation_seconds  = 601
    submissions_an_hour  = 0
    backup_days          = 99
    export_days          = 7
    budget               = { billing_account = "mine", amount = 5, currency = "EUR" }
    settings = {
      PREQUAL_BOOKING_URL = "cal.example"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
    }
    secrets = {
      PREQUAL_MAIL   = "outbox:mails"
      PREQUAL_SECRET = "secret: of the booking links"
    }
    secret_fingerprints = { PREQUAL_MAIL = 1 }
  }
  expect_failures = [
    var.project, var.database, var.region, var.archive, var.alert_email, var.max_submit_instances,
    var.propagation_seconds, var.submissions_an_hour, var.backup_days, var.export_days, var.budget, var.settings, var.secrets,
    var.secret_fingerprints,
  ]
}

variables {
  project             = "studio-north"
  region              = "europe-west1"
  archive             = "main.tf" # any file will do
  alert_email         = "owner@studio.example"
  secret_fingerprints = { PREQUAL_MAIL = 1, PREQUAL_SECRET = 1 }
  settings = {
    PREQUAL_BOOKING_URL = "https://cal.example/"
    PREQUAL_PUBLIC_URL  = "https://studio.example"
    PREQUAL_SENDER      = "hello@studio.example"
  }
  secrets = {
    PREQUAL_MAIL   = "smtp://smtp.example"
    PREQUAL_SECRET = "secret: of the booking links"
  }
}

run "a_region_without_a_scheduler" {
  command = plan
  variables {
    region = "europe-north1"
  }
  expect_failures = [var.region]
}

run "a_region_that_nobody_knows" {
  command = plan
  variables {
    region = "mars-north1"
  }
  expect_failures = [check.region]
}

run "a_page_for_a_site_a_guess_for_a_key_and_half_a_budget" {
  command = plan
  variables {
    budget              = { billing_account = "012345-6789AB-CDEF01", amount = 0.5, currency = "EUR" }
    secret_fingerprints = { PREQUAL_MAIL = 1, PREQUAL_SECRET = 1, PREQUAL_OWNER = 1 }
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_PUBLIC_URL  = "https://studio.example/page"
      PREQUAL_SENDER      = "hello@studio.example"
    }
    secrets = {
      PREQUAL_MAIL   = "smtp://smtp.example"
      PREQUAL_SECRET = "short"
    }
  }
  expect_failures = [var.budget, var.secret_fingerprints, var.settings, var.secrets]
}

run "a_currency_by_its_sign_and_an_origin_without_https" {
  command = plan
  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 5, currency = "€" }
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_ORIGINS     = "https://studio.example, blog"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
    }
  }
  expect_failures = [var.budget, var.settings]
}

run "a_frame_without_https" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_FRAMES      = "https://studio.example blog"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
    }
  }
  expect_failures = [var.settings]
}

run "refuses_webhooks_without_tls" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
      PREQUAL_WEBHOOKS    = "https://hooks.example/one http://hooks.example/two"
    }
  }
  expect_failures = [var.settings]
}

run "a_function_with_a_path" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL  = "https://cal.example/"
      PREQUAL_FUNCTION_URL = "https://function.example/submit"
      PREQUAL_PUBLIC_URL   = "https://studio.example"
      PREQUAL_SENDER       = "hello@studio.example"
    }
  }
  expect_failures = [var.settings]
}

run "a_desk_with_a_path" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_DESK_URL    = "https://desk.example/desk"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
    }
  }
  expect_failures = [var.settings]
}

run "a_sender_without_an_address" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "Studio North"
    }
  }
  expect_failures = [var.settings]
}

run "an_owner_without_an_address" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_OWNER       = "me"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
    }
  }
  expect_failures = [var.settings]
}

run "a_hop_too_many_and_a_short_secret_of_a_webhook" {
  command = plan
  variables {
    settings = {
      PREQUAL_BOOKING_URL = "https://cal.example/"
      PREQUAL_HOPS        = "10"
      PREQUAL_PUBLIC_URL  = "https://studio.example"
      PREQUAL_SENDER      = "hello@studio.example"
    }
    secrets = {
      PREQUAL_CALENDLY_SECRET = "fifteen letters"
      PREQUAL_MAIL            = "smtp://smtp.example"
      PREQUAL_SECRET          = "a secret that is long"
    }
  }
  expect_failures = [var.settings, var.secrets]
}
