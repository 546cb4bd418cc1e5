variable "ci_bot_token" {
  description = "Git runtime token of the service account."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "users" {
  description = "Names of the users. Terraform refuses sensitive maps in for_each, so the names are a list of their own."
  type        = set(string)
}

variable "api_keys" {
  description = "Codefresh API key of each user, by name."
  type        = map(string)
  sensitive   = true
}

variable "git_tokens" {
  description = "Git user token of each user, by name."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}
