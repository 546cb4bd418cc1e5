package rest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const accept = "application/json"

// client returns a client for the server at address, which it asks once.
func client(t *testing.T, address string, o transport.ClientOptions) *http.Client {
	t.Helper()

	c, err := hosttest.Transport(t, transport.Config{}).Client(address, nil, o)
	if err != nil {
		t.Fatal(err)
	}

	return c
}

func TestGet(t *testing.T) {
	t.Parallel()

	replies := map[string]hosttest.Reply{
		"GET /a%2Fb?c=d": hosttest.Reply{Status: http.StatusOK, Body: `{"e":1}`}.With("X-Of-The-Host", "f"),
		"GET /missing":   {Status: http.StatusNotFound, Body: `{}`},
		"GET /empty":     {Status: http.StatusNoContent},
	}
	server := hosttest.Serve(t, replies, nil, func(t testing.TB, r *http.Request) {
		if got := r.Header.Values("Accept"); len(got) != 1 || got[0] != accept {
			t.Errorf("accepts %q", got)
		}
	})

	for address, want := range map[string]struct {
		status       int
		header, body string
	}{
		"/a%2Fb?c=d": {200, "f", `{"e":1}`},
		"/missing":   {404, "", `{}`},
		"/empty":     {204, "", ""},
	} {
		got := rest.Get(t.Context(), client(t, server.URL, transport.ClientOptions{}), server.URL+address, accept)
		if got.Status != want.status || got.Header.Get("X-Of-The-Host") != want.header || string(got.Body) != want.body {
			t.Errorf("%s: %d %v %q", address, got.Status, got.Header, got.Body)
		}

		if got.Cause != "" || got.Detail != "" {
			t.Errorf("%s: failed with %q, %q", address, got.Cause, got.Detail)
		}
	}

	if asked := server.Requests(); len(asked) != len(replies) {
		t.Errorf("asked %q", asked)
	}
}

func TestGetWithoutAnAnswer(t *testing.T) {
	t.Parallel()

	server := func(answer http.HandlerFunc) string {
		s := httptest.NewServer(answer)
		t.Cleanup(s.Close)

		return s.URL
	}

	hanging := server(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	elsewhere := server(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://sso.example.com/login", http.StatusFound)
	})
	long := server(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 100)) })
	half := server(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write(make([]byte, 50))
	})

	tests := map[string]struct {
		client  *http.Client
		address string
		want    gittoken.Cause
	}{
		"nobody listens": {
			client(t, hosttest.Nowhere, transport.ClientOptions{}), hosttest.Nowhere, gittoken.CauseNetwork,
		},
		"no answer": {
			client(t, hanging, transport.ClientOptions{Timeout: 50 * time.Millisecond}), hanging, gittoken.CauseTimeout,
		},
		"sent elsewhere": {
			client(t, elsewhere, transport.ClientOptions{}), elsewhere, gittoken.CauseRedirect,
		},
		"longer than the client reads": {
			client(t, long, transport.ClientOptions{MaxBody: 99}), long, gittoken.CauseTooLarge,
		},
		"half an answer": {
			client(t, half, transport.ClientOptions{}), half, gittoken.CauseNetwork,
		},
		"half an answer, that the client hands over as it comes": {http.DefaultClient, half, gittoken.CauseNetwork},
		"no address": {http.DefaultClient, "http://[", gittoken.CauseNetwork},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := rest.Get(t.Context(), tt.client, tt.address, accept)
			if got.Cause != tt.want || got.Detail == "" {
				t.Errorf("failed with %q, %q; want %q", got.Cause, got.Detail, tt.want)
			}

			if diff := cmp.Diff(rest.Answer{Cause: got.Cause, Detail: got.Detail}, got); diff != "" {
				t.Errorf("more than a failure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGetCancelled(t *testing.T) {
	t.Parallel()

	server := hosttest.Serve(t, nil, nil, func(testing.TB, *http.Request) {}) // no request is expected

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	got := rest.Get(ctx, client(t, server.URL, transport.ClientOptions{}), server.URL, accept)
	if got.Cause != gittoken.CauseTimeout || got.Detail == "" {
		t.Errorf("failed with %q, %q", got.Cause, got.Detail)
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()

	for header, want := range map[string]struct {
		kind       string
		json, html bool
	}{
		"application/json":               {"application/json", true, false},
		"Application/JSON;charset=UTF-8": {"application/json", true, false},
		"application/problem+json":       {"application/problem+json", true, false},
		"text/html; charset=utf-8":       {"text/html", false, true},
		"application/xhtml+xml":          {"application/xhtml+xml", false, true},
		"text/plain":                     {"text/plain", false, false},
		"application/json-seq":           {"application/json-seq", false, false},
		`text/plain; of="text/html"`:     {"text/plain", false, false},
		"application/json; charset":      {}, // not well formed
		"/":                              {},
		"":                               {},
	} {
		a := rest.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {header}}}
		if got := a.MediaType(); got != want.kind {
			t.Errorf("%q: media type %q, want %q", header, got, want.kind)
		}

		if got := a.IsJSON(); got != want.json {
			t.Errorf("%q: is JSON: %t", header, got)
		}

		if got := a.IsHTML(); got != want.html {
			t.Errorf("%q: is HTML: %t", header, got)
		}
	}

	if a := (rest.Answer{}); a.MediaType() != "" || a.IsJSON() || a.IsHTML() {
		t.Error("no answer has a type")
	}
}

func TestSaid(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		status      int
		words, want string
	}{
		{200, "", "HTTP 200 OK"},
		{404, "no such page", "HTTP 404 Not Found: no such page"},
		{499, "", "HTTP 499"}, // a status without a name
		{499, "client closed", "HTTP 499: client closed"},
		{401, "bad\x1b[31m\r\ntoken", "HTTP 401 Unauthorized: bad [31m token"},
	} {
		if got := (rest.Answer{Status: tt.status}).Said(tt.words); got != tt.want {
			t.Errorf("%d with %q: %q, want %q", tt.status, tt.words, got, tt.want)
		}
	}
}

func TestRetryAt(t *testing.T) {
	t.Parallel()

	minute := hosttest.Now().Add(time.Minute)

	for name, tt := range map[string]struct {
		status int
		after  string
		want   time.Time
	}{
		"too many":             {429, "60", minute},
		"unavailable":          {503, "60", minute},
		"a date":               {429, minute.Format(http.TimeFormat), minute},
		"too many, untold":     {429, "", time.Time{}},
		"another server error": {500, "60", time.Time{}},
		"a refusal":            {403, "60", time.Time{}},
		"a redirect":           {301, "60", time.Time{}},
		"success":              {200, "60", time.Time{}},
	} {
		a := rest.Answer{Status: tt.status, Header: http.Header{}}
		if tt.after != "" {
			a.Header.Set("Retry-After", tt.after)
		}

		if got := a.RetryAt(hosttest.Now()); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()

	const (
		page = "text/html; charset=utf-8"
		json = "application/json"
	)

	answer := func(status int, kind string) rest.Answer {
		return rest.Answer{Status: status, Header: http.Header{"Content-Type": {kind}}}
	}

	for name, tt := range map[string]struct {
		answer rest.Answer
		words  string
		cause  gittoken.Cause
		detail string
	}{
		"none": {
			rest.Answer{Cause: gittoken.CauseTLS, Detail: "bad certificate"},
			"",
			gittoken.CauseTLS, "bad certificate",
		},
		"too many": {
			answer(429, json), "slow down",
			gittoken.CauseRateLimited, "HTTP 429 Too Many Requests: slow down",
		},
		"too many, page": {answer(429, page), "", gittoken.CauseRateLimited, "HTTP 429 Too Many Requests"},
		"server error":   {answer(500, json), "", gittoken.CauseServerError, "HTTP 500 Internal Server Error"},
		"gateway's page": {answer(502, page), "", gittoken.CauseServerError, "HTTP 502 Bad Gateway"},
		"beyond names":   {answer(599, json), "odd", gittoken.CauseServerError, "HTTP 599: odd"},
		"redirect":       {answer(300, json), "", gittoken.CauseRedirect, "HTTP 300 Multiple Choices"},
		"redirect, page": {answer(302, page), "", gittoken.CauseRedirect, "HTTP 302 Found"},
		"last redirect":  {answer(399, json), "", gittoken.CauseRedirect, "HTTP 399"},
		"sign-in page": {
			answer(200, page), "unread",
			gittoken.CauseNotUnderstood, "HTTP 200 with a web page instead of JSON",
		},
		"page not found": {
			answer(404, page), "",
			gittoken.CauseNotUnderstood, "HTTP 404 with a web page instead of JSON",
		},
		"unexpected success": {answer(299, json), "", gittoken.CauseNotUnderstood, "HTTP 299"},
		"unexpected refusal": {answer(400, json), "no", gittoken.CauseNotUnderstood, "HTTP 400 Bad Request: no"},
		"last refusal":       {answer(499, json), "", gittoken.CauseNotUnderstood, "HTTP 499"},
	} {
		if cause, detail := tt.answer.Failure(tt.words); cause != tt.cause || detail != tt.detail {
			t.Errorf("%s: %q, %q; want %q, %q", name, cause, detail, tt.cause, tt.detail)
		}
	}
}
