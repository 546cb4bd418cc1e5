# GitHub does not tell what a fine-grained token may do. A private repository proves it.
resource "codefresh_git_runtime_token" "staging" {
  runtime      = "staging"
  git_provider = "github"
  token        = var.fine_grained_token

  repositories = [
    { url = "https://github.com/acme/gitops", access = "write" },
  ]
  write_probes = true
}

variable "fine_grained_token" {
  type      = string
  sensitive = true
}
