terraform {
  # Write-only arguments, by which secrets stay out of plan and state.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
    # Firebase is in beta only.
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 8.7"
    }
  }
  # The state is a file beside this one. It holds no secret, but whoever deploys next needs it: to share it, add a file
  # backend.tf with a `backend "gcs"` block.
}

# Firebase and budgets count their calls on this project, not on that of the Google Cloud CLI.
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
