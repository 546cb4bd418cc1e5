package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ConfigError says that a Config cannot be used.
type ConfigError struct {
	// Problem completes "the CA certificate …".
	Problem string
	err     error
}

// Error implements error.
func (e *ConfigError) Error() string { return "the CA certificate " + e.Problem }

// Unwrap returns the cause, if any.
func (e *ConfigError) Unwrap() error { return e.err }

// AddressError says that an address is not one that a client can be for. Its text does not repeat the address, which
// may hold a password.
type AddressError struct {
	// Problem completes "the address …".
	Problem string
}

// Error implements error.
func (e *AddressError) Error() string { return "the address " + e.Problem }

// InsecureError says that an address is http:// and not loopback, or that a name of this machine leads to another one.
type InsecureError struct {
	Host     string // with its port, if the address has one
	Resolved string // the other machine's IP address. Empty in the first case
}

// Error implements error.
func (e *InsecureError) Error() string {
	if e.Resolved != "" {
		return fmt.Sprintf("%s is a name of this machine, and resolves to %s, which is not", Printable(e.Host), e.Resolved)
	}

	return fmt.Sprintf("http://%s is not encrypted: anybody on the way could read the token", Printable(e.Host))
}

// VerbError says that a request has a method that its client was not made for. Nothing was sent.
type VerbError struct{ Method string }

// Error implements error.
func (e *VerbError) Error() string { return "a " + e.Method + " request is not for a client that asks" }

// OriginError says that a request would have left the server that its credential is for. Nothing was sent there.
type OriginError struct {
	From, To string // scheme, host and port
	Loop     bool   // too many redirects within the server
}

// Error implements error.
func (e *OriginError) Error() string {
	if e.Loop {
		return fmt.Sprintf("%s answered with too many redirects", short(e.From))
	}

	return fmt.Sprintf("%s points to %s, where its credential is not sent", short(e.From), Printable(short(e.To)))
}

// short leaves out a port that goes without saying.
func short(origin string) string {
	if rest, ok := strings.CutSuffix(origin, ":443"); ok && strings.HasPrefix(rest, "https://") {
		return rest
	}

	if rest, ok := strings.CutSuffix(origin, ":80"); ok && strings.HasPrefix(rest, "http://") {
		return rest
	}

	return origin
}

// TooLargeError says that a body was longer than its bound.
type TooLargeError struct {
	Limit int64 // bytes
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.Limit)
}

// TimeoutError says that one attempt took too long.
type TimeoutError struct {
	Limit time.Duration
	// Unsent says that the request was held back, because several before it had to no avail.
	Unsent bool
	err    error
}

// Error implements error.
func (e *TimeoutError) Error() string {
	if e.Unsent {
		return fmt.Sprintf("no answer within %s to other requests, so that this one was not sent", e.Limit)
	}

	return fmt.Sprintf("no answer within %s", e.Limit)
}

// Timeout implements net.Error's method of that name.
func (e *TimeoutError) Timeout() bool { return true }

// Unwrap returns what net/http said.
func (e *TimeoutError) Unwrap() error { return e.err }

// ProxyError says that the HTTP proxy on the way to a server did not let a request through.
type ProxyError struct {
	Proxy    string // host and port; empty for one that this machine's environment does not name
	Variable string // the environment variable that names it
	Server   string // host and port of the server
	Status   int    // of the proxy's answer; 0 if there is none
	err      error
}

// Error implements error.
func (e *ProxyError) Error() string {
	proxy := "a proxy on the way"
	if e.Proxy != "" {
		proxy = fmt.Sprintf("the proxy %s, set in %s,", e.Proxy, e.Variable)
	}

	switch {
	case e.Status != 0:
		return fmt.Sprintf("%s answered %d %s in place of %s", proxy, e.Status, http.StatusText(e.Status), e.Server)
	case networkProblem(e.err) != "":
		return proxy + " could not be used: " + networkProblem(e.err)
	}

	return proxy + " could not be used"
}

// Unwrap returns what net/http said, if anything.
func (e *ProxyError) Unwrap() error { return e.err }

// refused reports whether the proxy will say the same again: it answered, and not that the server is in trouble.
func (e *ProxyError) refused() bool {
	return e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError ||
		e.Status == http.StatusNetworkAuthenticationRequired
}

// StaleError says that an answer was kept on the way, although the request forbade it: it is none of the server's to
// this request (RFC 9111, Age).
type StaleError struct{ Seconds int }

// Error implements error.
func (e *StaleError) Error() string {
	return fmt.Sprintf("something on the way answered with what the server said %d seconds ago", e.Seconds)
}

// SchemeError says that an address has http:// where a server speaks TLS.
type SchemeError struct{}

// Error implements error.
func (e *SchemeError) Error() string {
	return "the server speaks TLS at this address: it is one for https://"
}

// ClientCertError says that a server wants a certificate of its client.
type ClientCertError struct{ err error }

// Error implements error.
func (e *ClientCertError) Error() string {
	return "the server wants a client certificate, and this provider has none to show"
}

// Unwrap returns the server's alert, if there was one.
func (e *ClientCertError) Unwrap() error { return e.err }

// errUnsendable stands for a credential with a line break or another control character in it.
var errUnsendable = errors.New("the token holds characters that no HTTP header can carry")
