# The token of another user, registered with that user's own Codefresh API key.
resource "codefresh_git_user_token" "release_bot" {
  runtime = "prod"
  api_key = var.release_bot_api_key
  token   = var.release_bot_git_token
}

variable "release_bot_api_key" {
  type      = string
  sensitive = true
}

variable "release_bot_git_token" {
  type      = string
  sensitive = true
}
