# ["admin:repo_hook"]
output "missing" {
  value = provider::codefresh::missing_scopes("github", "runtime", ["repo"])
}
