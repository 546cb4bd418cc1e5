terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
    gitlab = {
      source = "gitlabhq/gitlab"
    }
  }
}

resource "gitlab_group_access_token" "codefresh" {
  group        = "acme"
  name         = "codefresh"
  access_level = "maintainer"
  scopes       = ["api"]

  rotation_configuration = {
    expiration_days    = 90
    rotate_before_days = 30
  }
}

resource "codefresh_git_runtime_token" "emea" {
  runtime      = "emea"
  git_provider = "gitlab"
  api_url      = "https://gitlab.example.com"
  token        = gitlab_group_access_token.codefresh.token
}
