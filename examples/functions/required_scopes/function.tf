# ["api", "read_repository"]
output "gitlab_runtime_scopes" {
  value = provider::codefresh::required_scopes("gitlab", "runtime")
}
