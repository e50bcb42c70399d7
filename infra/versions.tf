terraform {
  # Write-only arguments, which keep secrets out of plan and state.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
    # Firebase is only in the beta provider.
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 8.7"
    }
  }
}

# Count the calls of Firebase and budgets on this project, not on that of the Google Cloud CLI.
provider "google" {
  project               = var.project
  region                = var.region
  user_project_override = true
  billing_project       = var.project
}

provider "google-beta" {
  project               = var.project
  region                = var.region
  user_project_override = true
  billing_project       = var.project
}

# Enables services. In a new project, a service can't yet count the calls by which it is itself enabled and read back.
provider "google" {
  alias                 = "services"
  project               = var.project
  user_project_override = false
}
