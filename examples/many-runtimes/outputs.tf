output "tokens" {
  description = "What was found out about each runtime's token."
  value = {
    for name, token in codefresh_git_runtime_token.this : name => {
      owner      = token.token_owner
      status     = token.status
      expires_at = token.expires_at
    }
  }
}

output "create_a_token" {
  description = "For each Git provider, the page that makes a runtime token with the right scopes."
  value       = { for name, scopes in data.codefresh_required_scopes.runtime : name => scopes.token_url }
}
