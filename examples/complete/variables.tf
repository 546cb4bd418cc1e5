variable "runtime" {
  description = "Name of the GitOps Runtime that is installed."
  type        = string
  default     = "prod-eu"
}

variable "codefresh_account_id" {
  description = "Id of the Codefresh account, from its settings."
  type        = string
}

variable "codefresh_api_key" {
  description = "Codefresh API key of an administrator of the account."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "ci_bot_token" {
  description = "Git runtime token, of a service account at the Git host."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "team" {
  description = "Names of the users who commit through the runtime. A map of secrets cannot say for what resources there are."
  type        = set(string)
  default     = ["deploy-bot", "release-bot"]
}

variable "team_api_keys" {
  description = "Codefresh API key of each user, by name."
  type        = map(string)
  sensitive   = true
}

variable "team_git_tokens" {
  description = "Git user token of each user, by name."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}
