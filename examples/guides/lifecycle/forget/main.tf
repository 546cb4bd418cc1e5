resource "codefresh_git_user_token" "me" {
  runtime  = "prod"
  token_wo = var.my_git_token
}

removed {
  from = codefresh_git_user_token.duplicate

  lifecycle {
    destroy = false
  }
}

variable "my_git_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
