// Package core does for tests what Terraform's core does with a provider, in this process: it evaluates
// configurations, refreshes, plans, applies, imports and destroys through the provider's protocol server, keeps state,
// private state and identities, and insists on what Terraform insists on. A walk of it takes milliseconds where one of
// Terraform's own takes half a second of processor time.
//
// It was written from Terraform's documentation ("Resource Instance Change Lifecycle" in its repository, and the
// language's reference), and from what Terraform 1.11 to 1.14 was seen to do. It knows the part of the language that
// the tests of this repository use, and refuses the rest; the same tests run with a real Terraform as well, which holds
// the two together.
package core
