# The token of the user whose API key the provider block has.
resource "codefresh_git_user_token" "me" {
  runtime = "prod"
  token   = var.my_git_token
}

variable "my_git_token" {
  type      = string
  sensitive = true
}
