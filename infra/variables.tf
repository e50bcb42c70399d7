# `make deploy` sets every variable without a default. Set the others as TF_VAR_NAME in settings.env, or in terraform.tfvars.

variable "project" {
  type        = string
  description = "The ID of an existing Google Cloud project with billing."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is not the id of a project: 6 to 30 lower-case letters, digits and dashes."
  }
}

variable "database" {
  type        = string
  default     = "(default)"
  description = "The Firestore database. Only the first database of a project has the free daily quota."

  validation {
    condition     = var.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "database is neither (default) nor 4 to 63 lower-case letters, digits and dashes."
  }
}

variable "region" {
  type        = string
  description = "The region of everything. Events come from the region of the database, which can never be moved."

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is not a single region, such as europe-west1."
  }
  validation {
    condition     = length(try(local.regions[var.region].without, [])) == 0
    error_message = try("In ${var.region} Google offers no ${join(", no ", [for it in local.regions[var.region].without : local.region_list.services[it].name])}: choose ${local.regions[var.region].near}.", "Choose another region.")
  }
}

locals {
  region_list = jsondecode(file("${path.module}/regions.json"))
  regions     = local.region_list.regions
}

check "region" {
  assert {
    condition     = contains(keys(local.regions), var.region)
    error_message = "It is not known whether Google offers everything that prequal needs in ${var.region}."
  }
}

variable "archive" {
  type        = string
  default     = "../build/function.zip"
  description = "The archive of the functions, built by `make package`."

  validation {
    condition     = fileexists(var.archive)
    error_message = "The archive of the functions is missing: run make package."
  }
}

# The attributes are named as the settings.
variable "settings" {
  type = object({
    PREQUAL_BEAT          = optional(string, "")
    PREQUAL_BOOKING_URL   = string
    PREQUAL_BRIEFS        = optional(string, "")
    PREQUAL_DESK_URL      = optional(string, "")
    PREQUAL_FRAMES        = optional(string, "")
    PREQUAL_FUNCTION_URL  = optional(string, "")
    PREQUAL_HOPS          = optional(string, "")
    PREQUAL_ORIGINS       = optional(string, "")
    PREQUAL_OWNER         = optional(string, "")
    PREQUAL_PUBLIC_URL    = string
    PREQUAL_SENDER        = string
    PREQUAL_TURNSTILE_KEY = optional(string, "")
    PREQUAL_WEBHOOKS      = optional(string, "")
    PREQUAL_ZONE          = optional(string, "")
  })
  description = "Settings of the functions that are no secrets: everybody with access to the project can read them."

  validation {
    condition     = can(regex("^https://[^/{]+", var.settings.PREQUAL_BOOKING_URL))
    error_message = "PREQUAL_BOOKING_URL does not begin with https://."
  }
  validation {
    condition     = can(regex("^https://[^/]+$", var.settings.PREQUAL_PUBLIC_URL))
    error_message = "PREQUAL_PUBLIC_URL is not https:// and a host."
  }
  validation {
    condition     = var.settings.PREQUAL_FUNCTION_URL == "" || can(regex("^https://[^/]+$", var.settings.PREQUAL_FUNCTION_URL))
    error_message = "PREQUAL_FUNCTION_URL is not https:// and a host."
  }
  validation {
    condition     = var.settings.PREQUAL_DESK_URL == "" || can(regex("^https://[^/]+$", var.settings.PREQUAL_DESK_URL))
    error_message = "PREQUAL_DESK_URL is not https:// and a host."
  }
  validation {
    condition     = can(regex("^[0-9]?$", var.settings.PREQUAL_HOPS))
    error_message = "PREQUAL_HOPS is not a number from 0 to 9."
  }
  validation {
    condition     = alltrue([for origin in split(",", replace(var.settings.PREQUAL_FRAMES, " ", ",")) : origin == "" || can(regex("^https?://[^/]+$", origin))])
    error_message = "PREQUAL_FRAMES has an entry that is not https:// and a host."
  }
  validation {
    condition     = alltrue([for origin in split(",", replace(var.settings.PREQUAL_ORIGINS, " ", ",")) : origin == "" || can(regex("^https?://[^/]+$", origin))])
    error_message = "PREQUAL_ORIGINS has an entry that is not https:// and a host."
  }
  validation {
    condition     = alltrue([for address in split(" ", var.settings.PREQUAL_WEBHOOKS) : address == "" || can(regex("^https://[^/]", address))])
    error_message = "PREQUAL_WEBHOOKS has an entry that does not begin with https://."
  }
  validation {
    condition     = can(regex("[^\\s@<]+@[^\\s@>]+\\.[^\\s@>]+", var.settings.PREQUAL_SENDER))
    error_message = "PREQUAL_SENDER has no mail address."
  }
  validation {
    condition     = var.settings.PREQUAL_OWNER == "" || can(regex("[^\\s@<]+@[^\\s@>]+\\.[^\\s@>]+", var.settings.PREQUAL_OWNER))
    error_message = "PREQUAL_OWNER has no mail address."
  }
}

variable "secrets" {
  type = object({
    PREQUAL_CAL_SECRET       = optional(string, "")
    PREQUAL_CALENDLY_SECRET  = optional(string, "")
    PREQUAL_MAIL             = string
    PREQUAL_SAVVYCAL_SECRET  = optional(string, "")
    PREQUAL_SECRET           = string
    PREQUAL_TURNSTILE_SECRET = optional(string, "")
    PREQUAL_WEBHOOK_SECRET   = optional(string, "")
  })
  sensitive   = true
  ephemeral   = true
  description = "The functions' secret settings, which are stored in Secret Manager only."

  validation {
    condition     = can(regex("^smtps?://[^/]", var.secrets.PREQUAL_MAIL))
    error_message = "PREQUAL_MAIL is not smtp:// or smtps:// and a server: a function has no folder to write mails to."
  }
  validation {
    condition     = alltrue([for secret in split(",", var.secrets.PREQUAL_SECRET) : length(trimspace(secret)) >= 16])
    error_message = "PREQUAL_SECRET has a secret that is shorter than 16 characters."
  }
  validation {
    condition     = alltrue([for secret in [var.secrets.PREQUAL_CAL_SECRET, var.secrets.PREQUAL_CALENDLY_SECRET, var.secrets.PREQUAL_SAVVYCAL_SECRET, var.secrets.PREQUAL_TURNSTILE_SECRET, var.secrets.PREQUAL_WEBHOOK_SECRET] : secret == "" || length(secret) >= 16])
    error_message = "The secret of a webhook, or of Turnstile, is shorter than 16 characters."
  }
}

variable "secret_fingerprints" {
  type        = map(number)
  description = "A number per secret, by its name. A secret is stored again when its number changes, as Terraform can't compare values that it doesn't store."

  validation {
    condition     = alltrue([for name in ["PREQUAL_MAIL", "PREQUAL_SECRET"] : contains(keys(var.secret_fingerprints), name)])
    error_message = "secret_fingerprints lacks PREQUAL_MAIL or PREQUAL_SECRET."
  }
  validation {
    condition     = length(setsubtract(keys(var.secret_fingerprints), ["PREQUAL_CAL_SECRET", "PREQUAL_CALENDLY_SECRET", "PREQUAL_MAIL", "PREQUAL_SAVVYCAL_SECRET", "PREQUAL_SECRET", "PREQUAL_TURNSTILE_SECRET", "PREQUAL_WEBHOOK_SECRET"])) == 0
    error_message = "secret_fingerprints has a name that is not one of a secret."
  }
}

variable "alert_email" {
  type        = string
  description = "The address for alerts."

  validation {
    condition     = can(regex("^[^\\s@<>]+@[^\\s@<>]+\\.[^\\s@<>]+$", var.alert_email))
    error_message = "alert_email is not a mail address."
  }
}

variable "max_submit_instances" {
  type        = number
  default     = 5
  description = "The maximum number of instances that answer visitors, which limits the cost of a flood."

  validation {
    condition     = var.max_submit_instances >= 1 && var.max_submit_instances <= 100 && floor(var.max_submit_instances) == var.max_submit_instances
    error_message = "max_submit_instances is not a whole number from 1 to 100."
  }
}

variable "propagation_seconds" {
  type        = number
  default     = 60
  description = "How many seconds to wait, after builds and Eventarc got their permissions, until the functions are built."

  validation {
    condition     = var.propagation_seconds >= 0 && var.propagation_seconds <= 600
    error_message = "propagation_seconds is not from 0 to 600."
  }
}

variable "submissions_an_hour" {
  type        = number
  default     = 60
  description = "The number of submissions in an hour above which an alert is sent."

  validation {
    condition     = var.submissions_an_hour >= 1
    error_message = "submissions_an_hour is below 1."
  }
}

variable "backup_days" {
  type        = number
  default     = 7
  description = "The number of days for which a daily backup is kept."

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 98 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days is not a whole number from 1 to 98, Firestore's limit."
  }
}

variable "export_days" {
  type        = number
  default     = 35
  description = "How long a weekly export is kept. Erased leads are in it until then."

  validation {
    condition     = var.export_days >= 8 && var.export_days <= 3650 && floor(var.export_days) == var.export_days
    error_message = "export_days is not a whole number from 8, more than a week, to 3650."
  }
}

variable "budget" {
  type = object({
    billing_account = string
    amount          = number
    currency        = string
  })
  default     = null
  description = "The monthly cost that mails warn of, in the billing account's own currency. No warning when null."

  validation {
    condition     = var.budget == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "budget.billing_account is not like 012345-6789AB-CDEF01."
  }
  validation {
    condition     = var.budget == null || try(var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount, false)
    error_message = "budget.amount is not a whole number from 1."
  }
  validation {
    condition     = var.budget == null || can(regex("^[A-Z]{3}$", var.budget.currency))
    error_message = "budget.currency is not three capital letters."
  }
}
