package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// attempt sends a request once and reads the whole answer, so that its time limit and its place among the concurrent
// requests cover the body too, and a body that breaks off is asked for again like any other failure.
type attempt struct {
	watch    *watch
	wire     http.RoundTripper
	proxy    func(*http.Request) (*url.URL, error)
	lane     lane
	timeout  time.Duration
	maxBody  int64
	truncate bool
	redactor *redact.Redactor
}

// lane is what the requests to one server share.
type lane struct {
	slots   chan struct{}
	circuit *circuit
	aside   *circuit // of requests that were set aside
}

type asideKey struct{}

// Aside returns a context whose requests can do without an answer: that they get none in time keeps none but their like
// from being sent.
func Aside(ctx context.Context) context.Context { return context.WithValue(ctx, asideKey{}, true) }

// circuitOf returns the circuit of a request with that context.
func (l lane) circuitOf(ctx context.Context) *circuit {
	if ctx.Value(asideKey{}) != nil {
		return l.aside
	}

	return l.circuit
}

// tries are the attempts of one request.
type tries struct {
	attempt *attempt
	// question says that the request changes nothing, so that it can be held back as well as it can be repeated.
	question bool
	made     int
}

// RoundTrip implements http.RoundTripper.
func (t *tries) RoundTrip(req *http.Request) (*http.Response, error) {
	a, caller := t.attempt, req.Context()
	start := a.watch.transport.cfg.Now()

	select {
	case a.lane.slots <- struct{}{}:
		defer func() { <-a.lane.slots }()
	case <-caller.Done():
		closeBody(req)

		return nil, caller.Err()
	}

	a.watch.queue(req, start)

	t.made++

	start = a.watch.transport.cfg.Now()
	trial, circuit := false, a.lane.circuitOf(caller)

	if t.question {
		var err error
		if trial, err = circuit.enter(caller, t.made > 1); err != nil {
			closeBody(req)
			a.watch.unsent(req, t.made, err)

			return nil, err
		}
	}

	resp, err := a.send(req)
	if t.question {
		circuit.leave(trial, err, caller.Err() != nil, a.timeout)
	}

	a.watch.attempt(req, t.made, start, resp, err)

	return resp, err
}

func (a *attempt) send(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()

	handshake := &handshake{}

	resp, err := a.wire.RoundTrip(req.WithContext(context.WithValue(ctx, handshakeKey{}, handshake)))
	if err != nil {
		return nil, a.explain(ctx, req.Context(), handshake.explain(a.proxyOf(req, err)))
	}
	defer resp.Body.Close() //nolint:errcheck // an answer that was read cannot be spoilt by closing it

	body, err := io.ReadAll(io.LimitReader(resp.Body, a.maxBody+1))
	if err != nil {
		return nil, a.explain(ctx, req.Context(), err)
	}

	if int64(len(body)) > a.maxBody {
		if !a.truncate {
			return nil, &TooLargeError{Limit: a.maxBody}
		}

		body = body[:a.maxBody]
	}

	if err := a.astray(req, resp, body); err != nil {
		return nil, err
	}

	body = a.redactor.JSON(body)
	a.redactHeaders(resp.Header)
	resp.Header.Del("Content-Length")

	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Trailer = nil

	return resp, nil
}

func (a *attempt) redactHeaders(h http.Header) {
	for _, values := range h {
		for i, value := range values {
			values[i] = a.redactor.Text(value)
		}
	}
}

// explain tells an attempt that took too long from a caller who lost interest: net/http words both alike.
func (a *attempt) explain(ctx, caller context.Context, err error) error {
	if caller.Err() == nil && ctx.Err() != nil {
		return &TimeoutError{Limit: a.timeout, err: err}
	}

	return fmt.Errorf("asking the server: %w", err)
}
