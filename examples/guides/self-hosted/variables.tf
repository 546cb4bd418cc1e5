variable "github_enterprise_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "gitlab_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "bitbucket_server_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
