# Another kind of token: permissions of a fine-grained token in place of scopes.
data "codefresh_required_scopes" "fine_grained" {
  git_provider = "github"
  token_type   = "user"
  token_kind   = "fine_grained"
}

# { contents = "write", metadata = "read" }
output "permissions" {
  value = data.codefresh_required_scopes.fine_grained.permissions
}
