terraform {
  required_version = ">= 1.11" # for token_wo

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

variable "fine_grained_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "codefresh_git_runtime_token" "prod" {
  runtime  = "prod"
  token_wo = var.fine_grained_token

  repositories = [
    { url = "https://github.com/acme/gitops", access = "write" },
  ]
  write_probes = true
}
