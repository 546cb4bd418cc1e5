variable "runtimes" {
  description = "GitOps Runtimes by name, each with the name of its Git token in git_tokens."
  type = map(object({
    git_token    = string
    git_provider = optional(string) # by default the one that Codefresh uses for the runtime
    api_url      = optional(string) # of a self-managed host
  }))
  default = {
    prod    = { git_token = "github-bot" }
    staging = { git_token = "github-bot" }
    emea = {
      git_token    = "gitlab-bot"
      git_provider = "gitlab"
      api_url      = "https://gitlab.example.com"
    }
  }
}

variable "git_tokens" {
  description = "Git tokens of the service accounts, by name. From a secret store, for example as TF_VAR_git_tokens."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}

variable "my_git_token" {
  description = "Git user token of the user whose API key CODEFRESH_API_KEY holds."
  type        = string
  sensitive   = true
  ephemeral   = true
}
