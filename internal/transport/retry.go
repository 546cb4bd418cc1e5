package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// RetryMode says which requests may be sent more than once.
type RetryMode int

const (
	// RetryIdempotent sends GET, HEAD and OPTIONS again.
	RetryIdempotent RetryMode = iota
	// RetryAlways sends every request again. For questions that go by POST, such as GraphQL queries.
	RetryAlways
	// RetryNever sends nothing again that may have arrived. For mutations.
	RetryNever
)

// In every mode a request that provably never left, because no connection came about, is sent again.

const (
	firstPause = 500 * time.Millisecond // doubles with every attempt
	maxPause   = 8 * time.Second
	maxObeyed  = 30 * time.Second // the longest wait that a server can ask for; a longer one is handed to the caller
	aboutEpoch = 1_000_000_000    // a reset header above this is a point in time (September 2001), below it a duration
)

// retrier applies the retry policy to one request at a time.
type retrier struct {
	transport *Transport
	mode      RetryMode
	next      *attempt
}

// RoundTrip implements http.RoundTripper.
func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	cfg := r.transport.cfg
	again := &retryablehttp.RoundTripper{Client: &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &tries{attempt: r.next, question: r.repeats(req.Method)},
			// Redirects are the outer client's: it knows where the credential may go.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:   cfg.MaxRetries,
		CheckRetry: r.check(req.Method),
		// The library would wait on a timer of its own, so the pause is made here and none is left to it.
		Backoff: func(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
			d := pause(attempt, resp, cfg.Now())
			r.next.watch.pause(req, attempt+1, d, resp)

			_ = cfg.Wait(req.Context(), d) // a context that ended stops the next attempt

			return 0
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler, // the last answer, and not an error that hides it
	}}

	resp, err := again.RoundTrip(req)
	if err != nil {
		return nil, err
	}

	return resp, nil
}

// repeats reports whether a request may be sent again after it arrived.
func (r *retrier) repeats(method string) bool {
	return r.mode == RetryAlways || r.mode == RetryIdempotent && idempotent(method)
}

// check returns the policy for one request. It never sends 401 and 403 again: repeating them locks accounts.
func (r *retrier) check(method string) retryablehttp.CheckRetry {
	repeatable := r.repeats(method)

	return func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if ctx.Err() != nil {
			return false, err // which is nil if an answer came nevertheless
		}

		if err != nil {
			return !final(err) && (neverSent(err) || repeatable && transient(err)), nil
		}

		if !repeatable {
			return false, nil
		}

		switch resp.StatusCode {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			now := r.transport.cfg.Now()

			return RetryAt(resp.Header, now).Sub(now) <= maxObeyed, nil
		case http.StatusBadGateway, http.StatusGatewayTimeout:
			return true, nil
		}

		return false, nil
	}
}

func idempotent(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}

	return false
}

// final reports whether somebody on the way has said no, and will say so again.
func final(err error) bool {
	var (
		timeout    *TimeoutError
		proxy      *ProxyError
		scheme     *SchemeError
		clientCert *ClientCertError
		stale      *StaleError
	)

	return errors.As(err, &timeout) && timeout.Unsent || errors.As(err, &proxy) && proxy.refused() ||
		errors.As(err, &scheme) || errors.As(err, &clientCert) || errors.As(err, &stale)
}

// neverSent reports whether no connection came about, so that the server cannot have seen the request.
func neverSent(err error) bool {
	var op *net.OpError
	if !ofProxy(err) && (!errors.As(err, &op) || op.Op != "dial") {
		return false
	}

	var dns *net.DNSError

	return !errors.As(err, &dns) || !dns.IsNotFound // a name that does not exist will not exist in a second either
}

// transient reports whether the same request may fare better in a moment.
func transient(err error) bool {
	var (
		tooLarge    *TooLargeError
		insecure    *InsecureError
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		hostname    x509.HostnameError
		authority   x509.UnknownAuthorityError
	)

	switch {
	case errors.As(err, &tooLarge), errors.As(err, &insecure), errors.As(err, &certificate), errors.As(err, &record),
		errors.As(err, &hostname), errors.As(err, &authority), errors.Is(err, http.ErrSchemeMismatch):
		return false
	case errors.As(err, &dns):
		return !dns.IsNotFound
	}

	return true
}

// pause returns how long to wait before attempt+2: what the server asks for, or a time that doubles.
func pause(attempt int, resp *http.Response, now time.Time) time.Duration {
	if resp != nil {
		if at := RetryAt(resp.Header, now); at.After(now) {
			return at.Sub(now)
		}
	}

	return min(firstPause<<min(attempt, 10), maxPause)
}

// rateLimits returns the prefixes of the headers in which GitHub and GitLab tell of their limits.
func rateLimits() []string { return []string{"X-RateLimit-", "RateLimit-"} }

// RetryAt returns when a server that refused a request for its number wants the next one: its Retry-After, in seconds
// or as a date, or else the reset of its rate limit if that is used up. Zero if it does not tell.
//
// X-RateLimit-Reset (GitHub) and RateLimit-Reset (GitLab) are seconds since 1970; the IETF's draft of the latter counts
// from now, so small numbers are read that way.
func RetryAt(h http.Header, now time.Time) time.Time {
	if text := strings.TrimSpace(h.Get("Retry-After")); text != "" {
		if seconds, err := strconv.ParseInt(text, 10, 32); err == nil && seconds >= 0 {
			return now.Add(time.Duration(seconds) * time.Second)
		}

		if date, err := http.ParseTime(text); err == nil {
			return date
		}
	}

	for _, prefix := range rateLimits() {
		// GitHub sends these headers with every answer: only a limit that is used up says anything about waiting.
		if remaining := h.Get(prefix + "Remaining"); remaining != "" && strings.TrimSpace(remaining) != "0" {
			continue
		}

		seconds, err := strconv.ParseInt(strings.TrimSpace(h.Get(prefix+"Reset")), 10, 64)
		switch {
		case err != nil || seconds < 0 || seconds > 1<<40:
			continue
		case seconds < aboutEpoch:
			return now.Add(time.Duration(seconds) * time.Second)
		default:
			return time.Unix(seconds, 0)
		}
	}

	return time.Time{}
}
