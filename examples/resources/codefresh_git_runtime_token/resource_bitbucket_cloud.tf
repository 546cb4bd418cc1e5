# An API token of Bitbucket Cloud goes with its account's e-mail address, and the host does not tell its expiry.
resource "codefresh_git_runtime_token" "apac" {
  runtime         = "apac"
  git_provider    = "bitbucket"
  username        = "ci-bot@example.com"
  token           = var.bitbucket_token
  expires_at_hint = "2027-10-31"
}

variable "bitbucket_token" {
  type      = string
  sensitive = true
}
