variable "git_tokens" {
  description = "Git user token of each service account, by its name. From a secret store, for example."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}

variable "service_accounts" {
  description = "Names of the service accounts. A map of secrets cannot say for what resources there are."
  type        = set(string)
  default     = ["deploy-bot", "release-bot"]
}
