// Package parity holds tests only: what the provider and the sandbox's app-proxies say of a Git token is held against
// what Codefresh's own validator says of it, the npm package that real app-proxies use.
//
// The validator needs Node.js. Its answers are therefore written down, in testdata/validator.golden, and the ordinary
// tests read them there. With the build tag parity, as make parity gives it, it is asked anew.
//
// A token that the provider takes and the validator refuses is a plan that passes and an apply that fails: it is an
// error unless testdata/known.md says why it has to be so. A token that the validator takes and the provider refuses
// is not: the validator does not look for everything that Codefresh needs.
package parity
