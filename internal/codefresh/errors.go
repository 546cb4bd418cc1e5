package codefresh

import (
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// ErrorKind says what kept an operation from being done.
type ErrorKind string

// The kinds of error.
const (
	// KeyMissing: there is no API key. Nothing was sent.
	KeyMissing ErrorKind = "key_missing"
	// KeyRefused: Codefresh says itself that it does not accept the API key, or not for this.
	KeyRefused ErrorKind = "key_refused"
	// Unreachable: no answer, or none of Codefresh's. Cause says more. Nothing is known of what Codefresh holds; a
	// mutation may or may not have been done.
	Unreachable ErrorKind = "unreachable"
	// RateLimited: too many requests, to Codefresh or, by Codefresh, to the Git host. Later the same may succeed.
	RateLimited ErrorKind = "rate_limited"
	// RuntimeNotFound: the platform says that the account has no such runtime.
	RuntimeNotFound ErrorKind = "runtime_not_found"
	// NoAppProxy: the runtime's app-proxy has no address, or one that cannot be used. Nothing was sent.
	NoAppProxy ErrorKind = "no_app_proxy"
	// NoSuchOperation: the server's GraphQL schema lacks something that the operation needs. Nothing was done.
	NoSuchOperation ErrorKind = "no_such_operation"
	// Refused: the operation was understood and refused. Detail has Codefresh's words.
	Refused ErrorKind = "refused"
	// Insecure: the address is http:// and not loopback. Nothing was sent.
	Insecure ErrorKind = "insecure"
	// Incomplete: the caller left out what the operation cannot do without. Nothing was sent.
	Incomplete ErrorKind = "incomplete"
	// NotUnderstood: an answer that is none to this operation.
	NotUnderstood ErrorKind = "not_understood"
)

// The services that an Error can be of.
const (
	Platform = "platform"
	AppProxy = "app-proxy"
)

// Error is an operation that was not done. Everything in it is safe to print: no part of a token or an API key.
type Error struct {
	Kind ErrorKind
	// Op is the GraphQL field that was asked for, such as "registerToGitIntegration".
	Op string
	// Service is Platform or AppProxy.
	Service string
	// Address is the service's base address, such as "https://g.codefresh.io". Empty if there is none.
	Address string
	// Runtime is the runtime's name. Empty if the operation is not about one.
	Runtime string
	// Cause says why no answer came, if Kind is Unreachable, Insecure or NotUnderstood. May be empty.
	Cause gittoken.Cause
	// Detail is Codefresh's explanation, or that of the network: one line of printable text. May be empty.
	Detail string
	// Status is the HTTP status of the answer. 0 if none came.
	Status int
	// RequestID is Codefresh's own name of the request, by which its operators find it. Empty if it gave none.
	RequestID string

	lacks lack
	err   error
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder

	fmt.Fprintf(&b, "codefresh: %s at the %s", e.Op, e.Service)

	if e.Runtime != "" {
		fmt.Fprintf(&b, " of runtime %q", e.Runtime)
	}

	if e.Address != "" {
		fmt.Fprintf(&b, " (%s)", e.Address)
	}

	b.WriteString(": " + strings.ReplaceAll(string(e.Kind), "_", " "))

	if e.Status != 0 {
		fmt.Fprintf(&b, ", HTTP status %d", e.Status)
	}

	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}

	if e.RequestID != "" {
		b.WriteString(" (request id " + e.RequestID + ")")
	}

	return b.String()
}

// Unwrap returns the error of the HTTP stack, if there was one.
func (e *Error) Unwrap() error { return e.err }
