variable "git_tokens" {
  description = "Git user token of each service account, by its name. From a secret store, for example."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}

variable "service_accounts" {
  description = "Names of the service accounts. Terraform refuses sensitive maps in for_each, so the names are a list of their own."
  type        = set(string)
  default     = ["deploy-bot", "release-bot"]
}
