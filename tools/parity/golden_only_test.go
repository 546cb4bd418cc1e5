//go:build !parity

package parity_test

const live = false
