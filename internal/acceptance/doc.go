// Package acceptance holds tests only: what people see who use the provider, its documentation and its programs. They
// drive a real Terraform or OpenTofu, or speak the plugin protocol where no command of Terraform's leads, against the
// sandbox, and know of the provider only what its package exports.
package acceptance
