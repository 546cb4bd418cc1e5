// Package github asks GitHub (GitHub.com, Enterprise Cloud and Enterprise Server) about tokens.
//
// One request to GET /user tells whether a token works, whose it is, the scopes of classic and OAuth tokens and when it
// expires. What fine-grained tokens and those of GitHub Apps may do, no endpoint tells: only trying does
// (permission.go).
package github
