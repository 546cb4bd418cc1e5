package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// attempt sends a request once and reads the whole answer, so that its time limit and its place among the concurrent
// requests cover the body too, and a body that breaks off is asked for again like any other failure.
type attempt struct {
	wire     http.RoundTripper
	slots    chan struct{}
	timeout  time.Duration
	maxBody  int64
	truncate bool
	redactor redactor
}

// RoundTrip implements http.RoundTripper.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-req.Context().Done():
		closeBody(req)

		return nil, req.Context().Err()
	}

	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()

	resp, err := a.wire.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, a.explain(ctx, req.Context(), err)
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

	body = a.redactor.body(body)
	a.redactor.headers(resp.Header)
	resp.Header.Del("Content-Length")

	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Trailer = nil

	return resp, nil
}

// explain tells an attempt that took too long from a caller who lost interest: net/http words both alike.
func (a *attempt) explain(ctx, caller context.Context, err error) error {
	if caller.Err() == nil && ctx.Err() != nil {
		return &TimeoutError{Limit: a.timeout, err: err}
	}

	return fmt.Errorf("asking the server: %w", err)
}
