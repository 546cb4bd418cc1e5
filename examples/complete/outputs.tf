output "runtime_token" {
  description = "What was found out about the runtime's token."
  value = {
    owner      = codefresh_git_runtime_token.runtime.token_owner
    status     = codefresh_git_runtime_token.runtime.status
    expires_at = codefresh_git_runtime_token.runtime.expires_at
  }
}

output "team" {
  description = "The status of each user's token."
  value       = { for name, token in codefresh_git_user_token.team : name => token.status }
}
