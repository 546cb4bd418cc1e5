data "codefresh_runtimes" "github" {
  git_provider = "github"
}

# One token for all of them. Its host is asked about it once.
resource "codefresh_git_user_token" "me" {
  for_each = toset(data.codefresh_runtimes.github.names)

  runtime = each.key
  token   = var.my_git_token
}

variable "my_git_token" {
  type      = string
  sensitive = true
}
