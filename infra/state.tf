# The state is in the bucket PROJECT-prequal-state, which `prequal deploy` makes, and names when it starts Terraform. To keep
# the state elsewhere, add a file backend_override.tf with a `backend` block of your own.
terraform {
  backend "gcs" {}
}
