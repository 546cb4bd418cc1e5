// Package provider is Terraform's side: the provider block, its resources and data sources, what they share, and the
// words of every diagnostic. What a token is and what it needs comes from gittoken, what a Git host says of it from
// githost, and what Codefresh holds from codefresh.
package provider
