terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
    gitlab = {
      source = "gitlabhq/gitlab"
    }
    time = {
      source = "hashicorp/time"
    }
  }
}

resource "time_rotating" "git_token" {
  rotation_days = 60
}

# Another name means another token. It lives for 90 days and the next one comes after 60, so an apply may be up to 30 days
# late.
resource "gitlab_group_access_token" "codefresh" {
  group        = "acme"
  name         = "codefresh-${formatdate("YYYY-MM-DD", time_rotating.git_token.rfc3339)}"
  access_level = "maintainer"
  scopes       = ["api"]
  expires_at   = formatdate("YYYY-MM-DD", timeadd(time_rotating.git_token.rfc3339, "2160h"))

  lifecycle {
    create_before_destroy = true
  }
}

resource "codefresh_git_runtime_token" "emea" {
  runtime      = "emea"
  git_provider = "gitlab"
  api_url      = "https://gitlab.example.com"
  token        = gitlab_group_access_token.codefresh.token
}
