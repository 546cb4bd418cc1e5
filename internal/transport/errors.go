package transport

import (
	"errors"
	"fmt"
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

// InsecureError says that an address is http:// and not loopback.
type InsecureError struct {
	Host string // with its port, if the address has one
}

// Error implements error.
func (e *InsecureError) Error() string {
	return fmt.Sprintf("http://%s is not encrypted: anybody on the way could read the token", Printable(e.Host))
}

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
	err   error
}

// Error implements error.
func (e *TimeoutError) Error() string { return fmt.Sprintf("no answer within %s", e.Limit) }

// Timeout implements net.Error's method of that name.
func (e *TimeoutError) Timeout() bool { return true }

// Unwrap returns what net/http said.
func (e *TimeoutError) Unwrap() error { return e.err }

// errUnsendable stands for a credential with a line break or another control character in it.
var errUnsendable = errors.New("the token holds characters that no HTTP header can carry")
