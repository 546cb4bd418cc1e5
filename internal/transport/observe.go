package transport

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// Observer is told what the transport does. Its functions may be nil. They are called under the context of the request,
// by many goroutines at once, and must not wait. Whatever they get is safe to print: no query, no body, no credential.
type Observer struct {
	// Attempt is called once for every request that was sent, after its answer or its failure, and for those that were
	// held back.
	Attempt func(context.Context, Attempt)
	// Pause is called before a wait between two attempts.
	Pause func(context.Context, Pause)
	// Queue is called after a request waited for a place among the concurrent ones to its server, for more than a second.
	Queue func(context.Context, Queue)
}

// Request is what an event is about.
type Request struct {
	// Service is whom the client asks, as ClientOptions has it.
	Service string
	// Method and URL are those of HTTP. The URL is scheme, host and path.
	Method, URL string
	// Operation is that of GraphQL. Empty for other requests.
	Operation string
}

// Attempt is one request on the wire, or one that was held back.
type Attempt struct {
	Request

	// Number counts the attempts of one request from 1. Max is how many it may get.
	Number, Max int
	// Status is 0 if no answer came.
	Status int
	// Duration is the time from sending to the last byte of the answer, and Bytes the length of its body.
	Duration time.Duration
	Bytes    int64
	// Proxy is the host of the proxy that the request went through. Empty if it went through none.
	Proxy string

	// RequestID is the server's own name of the request, RateRemaining and RateReset what it says of its limit, Scopes and
	// SSO what GitHub says of the token. All of them as they came; empty if they did not.
	RequestID, RateRemaining, RateReset, Scopes, SSO string

	// Unsent says that the request was held back, Cause and Detail why, or why no answer came. Both are empty for an
	// answer.
	Unsent bool
	Cause  gittoken.Cause
	Detail string
}

// The reasons for a pause.
const (
	PauseRetryAfter = "Retry-After"      // the server named the time
	PauseRateLimit  = "rate limit reset" // the server's limit begins anew
	PauseBackoff    = "backoff"          // the transport's own time, which doubles
)

// Pause is a wait between two attempts.
type Pause struct {
	Request

	// After is the number of the attempt that failed.
	After int
	For   time.Duration
	// Reason is one of the constants.
	Reason string
}

// Queue is a wait for a place among the concurrent requests to a server.
type Queue struct {
	Request

	For time.Duration
}

// RequestID returns the name that a server gave to a request, by which its operators find it; empty if it gave none. It
// is safe to print: what is no name, such as a text of several words, is none. The headers are those of GitHub; of
// GitLab and of nginx; of Bitbucket Data Center; of Atlassian's cloud; of tracing; and of Cloudflare.
func RequestID(h http.Header) string {
	for _, name := range []string{
		"X-GitHub-Request-Id", "X-Request-Id", "X-Arequestid", "Atl-Traceid", "X-Correlation-Id", "X-B3-Traceid", "Cf-Ray",
	} {
		id := strings.TrimSpace(h.Get(name))
		plain := strings.ReplaceAll(id, redact.Mark, "")

		if plain != "" && len(id) <= 128 && !strings.ContainsFunc(plain, odd) {
			return id
		}
	}

	return ""
}

// odd reports whether a character is in no server's names of requests.
func odd(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'

	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("-_.:@*=+/|~", r)
}

// Trace learns what servers call the requests that are made under one context.
type Trace struct {
	mu     sync.Mutex
	id     string
	failed bool
}

type traceKey struct{}

// Traced returns a context whose requests are traced.
func Traced(ctx context.Context) (context.Context, *Trace) {
	t := &Trace{}

	return context.WithValue(ctx, traceKey{}, t), t
}

// RequestID returns the server's name of the last request that it refused or failed or, if there is none, of the last
// one that it answered. Empty if it does not name its requests, or did not answer the last one.
func (t *Trace) RequestID() string {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.id
}

// unanswered forgets what was answered before.
func (t *Trace) unanswered() {
	t.mu.Lock()
	defer t.mu.Unlock()

	t.id, t.failed = "", false
}

func (t *Trace) note(status int, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()

	if failed := status >= http.StatusMultipleChoices; failed || !t.failed {
		t.id, t.failed = id, failed
	}
}

// watch tells an Observer of the attempts of one client.
type watch struct {
	transport *Transport
	service   string
	operation string
}

func (w *watch) request(req *http.Request) Request {
	address := req.URL.Scheme + "://" + req.URL.Host + req.URL.EscapedPath()

	return Request{
		Service: w.service, Method: req.Method, URL: w.transport.Printable(address), Operation: w.operation,
	}
}

// attempt tells of a request that was sent. Of resp and err one is nil.
func (w *watch) attempt(req *http.Request, number int, start time.Time, resp *http.Response, err error) {
	cfg := w.transport.cfg

	if trace, ok := req.Context().Value(traceKey{}).(*Trace); ok {
		if err != nil {
			trace.unanswered()
		} else {
			trace.note(resp.StatusCode, RequestID(resp.Header))
		}
	}

	if cfg.Observer.Attempt == nil {
		return
	}

	event := w.event(req, number, err)
	event.Duration, event.Proxy = cfg.Now().Sub(start), w.proxy(req)

	if err == nil {
		header := func(name string) string { return w.transport.Printable(resp.Header.Get(name)) }

		event.Status, event.Bytes, event.RequestID = resp.StatusCode, resp.ContentLength, RequestID(resp.Header)
		event.Scopes, event.SSO = header("X-OAuth-Scopes"), header("X-GitHub-SSO")

		for _, prefix := range rateLimits() {
			if remaining := header(prefix + "Remaining"); remaining != "" {
				event.RateRemaining, event.RateReset = remaining, header(prefix+"Reset")

				break
			}
		}
	}

	cfg.Observer.Attempt(req.Context(), event)
}

// unsent tells of a request that was held back.
func (w *watch) unsent(req *http.Request, number int, err error) {
	observe := w.transport.cfg.Observer.Attempt
	if observe == nil {
		return
	}

	event := w.event(req, number, err)
	event.Unsent = true
	observe(req.Context(), event)
}

func (w *watch) event(req *http.Request, number int, err error) Attempt {
	cause, detail := CauseOf(err)

	return Attempt{
		Request: w.request(req), Number: number, Max: w.transport.cfg.MaxRetries + 1,
		Cause: cause, Detail: w.transport.Printable(detail),
	}
}

// proxy returns the host of the proxy for a request; empty if there is none.
func (w *watch) proxy(req *http.Request) string {
	proxy, err := w.transport.cfg.Proxy(req)
	if err != nil || proxy == nil {
		return ""
	}

	return w.transport.Printable(proxy.Host)
}

func (w *watch) pause(req *http.Request, after int, d time.Duration, resp *http.Response) {
	observe := w.transport.cfg.Observer.Pause
	if observe == nil {
		return
	}

	reason := PauseBackoff

	if resp != nil {
		switch now := w.transport.cfg.Now(); {
		case !RetryAt(resp.Header, now).After(now):
		case resp.Header.Get("Retry-After") != "":
			reason = PauseRetryAfter
		default:
			reason = PauseRateLimit
		}
	}

	observe(req.Context(), Pause{Request: w.request(req), After: after, For: d, Reason: reason})
}

func (w *watch) queue(req *http.Request, start time.Time) {
	observe := w.transport.cfg.Observer.Queue
	if observe == nil {
		return
	}

	if d := w.transport.cfg.Now().Sub(start); d > time.Second {
		observe(req.Context(), Queue{Request: w.request(req), For: d})
	}
}
