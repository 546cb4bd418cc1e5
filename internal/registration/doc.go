// Package registration knows where Codefresh holds Git tokens: a runtime's own, and one of each user in each Git
// integration of a runtime. It reads, writes, removes and lists them, and knows nothing of Terraform.
package registration
