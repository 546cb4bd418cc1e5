// Package message has every sentence that users are told about their tokens, about Codefresh and about settings. It
// knows nothing of Terraform: package provider decides where a message goes.
package message
