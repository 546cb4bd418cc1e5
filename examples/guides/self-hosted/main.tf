terraform {
  required_version = ">= 1.10" # for ephemeral variables

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

# The API key comes from CODEFRESH_API_KEY.
provider "codefresh" {
  # The authority that signed your hosts' certificates, beside those that the system trusts.
  ca_certificate = file("corporate-ca.pem")

  git_tokens = {
    github    = var.github_enterprise_token
    gitlab    = var.gitlab_token
    bitbucket = var.bitbucket_server_token
  }
}

# GitHub Enterprise Server.
resource "codefresh_git_runtime_token" "amer" {
  runtime      = "amer"
  git_provider = "github"
  api_url      = "https://github-enterprise.example.com"
  token_name   = "github"
}

# Self-managed GitLab below a relative root.
resource "codefresh_git_runtime_token" "emea" {
  runtime      = "emea"
  git_provider = "gitlab"
  api_url      = "https://gitlab-self-managed.example.com/gitlab"
  token_name   = "gitlab"
}

# Bitbucket Data Center. It does not tell when most tokens expire.
resource "codefresh_git_runtime_token" "apac" {
  runtime         = "apac"
  git_provider    = "bitbucket-server"
  api_url         = "https://bitbucket-server.example.com"
  token_name      = "bitbucket"
  expires_at_hint = "2099-10-31"
}
