// Package gittoken holds what a Git token is and what Codefresh needs of it: Git providers and their hosts, kinds of
// token, scopes and what they imply, the requirement table, the verdict of a host and the judgement drawn from it.
//
// The package does no I/O and knows nothing of Terraform. Every other package speaks its words.
package gittoken
