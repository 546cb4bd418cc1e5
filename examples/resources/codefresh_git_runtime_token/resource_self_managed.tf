# A self-managed host: without api_url the token would go to gitlab.com.
resource "codefresh_git_runtime_token" "emea" {
  runtime      = "emea"
  git_provider = "gitlab"
  api_url      = "https://gitlab.example.com"

  # Write-only: Terraform 1.11 or OpenTofu 1.11.
  token_wo = var.gitlab_token
}

variable "gitlab_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
