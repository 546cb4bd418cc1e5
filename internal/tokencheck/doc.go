// Package tokencheck asks a Git host about a token, judges the answer, and decides how loud a finding is on each of
// Terraform's operations. It knows nothing of Terraform's types.
package tokencheck
