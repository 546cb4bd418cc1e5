// Package faultmatrix holds tests only: what every walk of Terraform does when a service that the provider depends on
// misbehaves in every way there is, when the provider is killed between two requests, when hundreds of resources want
// the same at once, and when every answer repeats secrets.
//
// The tests speak the plugin protocol to the provider in this process and do what Terraform's core would do, so that
// thousands of walks take seconds. What is to come of each is written down in testdata/expected.md.
//
// They need the build tag faults, as the make targets faults, interrupts, concurrency and canary give it: they take a
// minute or two and, but for a part of the last, do not depend on the Terraform that is at hand, as the others do.
package faultmatrix
