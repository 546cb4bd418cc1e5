variable "ci_bot_token" {
  description = "Git runtime token of the service account."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "users" {
  description = "Names of the users. A map of secrets cannot say for what resources there are."
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
