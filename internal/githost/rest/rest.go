// Package rest asks Git hosts for which there is no good client library, and reads what their answers have in common.
package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Answer is what came back: a response, or the Cause why there is none.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	Cause  gittoken.Cause
	Detail string // as in gittoken.Verdict
}

// Get asks for a document of the media type accept. The client bounds the answer's size.
func Get(ctx context.Context, client *http.Client, address, accept string) Answer {
	return send(ctx, client, http.MethodGet, address, accept)
}

// Delete asks for what is at an address to be no more. The client must be one with that verb.
func Delete(ctx context.Context, client *http.Client, address string) Answer {
	return send(ctx, client, http.MethodDelete, address, "application/json")
}

func send(ctx context.Context, client *http.Client, method, address, accept string) Answer {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return Failed(err)
	}

	req.Header.Set("Accept", accept)

	resp, err := client.Do(req)
	if err != nil {
		return Failed(err)
	}

	defer func() { _ = resp.Body.Close() }() // the body is in memory already

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Failed(err)
	}

	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}
}

// Failed is the answer of a question that got none because of err.
func Failed(err error) Answer {
	if err == nil {
		err = errors.New("no response")
	}

	cause, detail := transport.CauseOf(err)

	return Answer{Cause: cause, Detail: detail}
}

// MediaType returns the type that the answer claims, without parameters and in lower case; empty if there is none.
func (a Answer) MediaType() string {
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}

	return kind
}

// IsJSON reports whether the answer claims to be JSON.
func (a Answer) IsJSON() bool {
	kind := a.MediaType()

	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// IsHTML reports whether the answer claims to be a web page.
func (a Answer) IsHTML() bool {
	kind := a.MediaType()

	return kind == "text/html" || kind == "application/xhtml+xml"
}

// Said returns the status with the host's own words, fit to print. words may be empty.
func (a Answer) Said(words string) string {
	status := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", a.Status, http.StatusText(a.Status)))
	if words == "" {
		return status
	}

	return transport.Printable(status + ": " + words)
}

// Explain says in words what came back: why nothing did, or else the status with the host's own words.
func (a Answer) Explain(words string) string {
	switch {
	case a.Cause != "":
		return a.Detail
	case a.IsHTML():
		return fmt.Sprintf("HTTP %d with a web page instead of JSON", a.Status)
	}

	return a.Said(words)
}

// RetryAt returns when a host that refused for the number of requests wants the next one; zero otherwise.
func (a Answer) RetryAt(now time.Time) time.Time {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
		return time.Time{}
	}

	return transport.RetryAt(a.Header, now)
}

// Time returns what time it is by the server's clock; now if it does not tell.
func (a Answer) Time(now time.Time) time.Time {
	if at, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		return at.UTC()
	}

	return now
}

// Failure says why an answer settles nothing. words are the host's own, and may be empty.
func (a Answer) Failure(words string) (gittoken.Cause, string) {
	switch {
	case a.Cause != "":
		return a.Cause, a.Detail
	case a.Status == http.StatusTooManyRequests:
		return gittoken.CauseRateLimited, a.Said(words)
	case a.Status >= http.StatusInternalServerError:
		return gittoken.CauseServerError, a.Said(words)
	case a.Status >= 300 && a.Status < 400:
		return gittoken.CauseRedirect, a.Said(words)
	}

	return gittoken.CauseNotUnderstood, a.Explain(words)
}
