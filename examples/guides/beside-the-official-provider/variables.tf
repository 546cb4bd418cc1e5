variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "deploy_bot_git_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
