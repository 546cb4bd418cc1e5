package hosttest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// watched is a test that notes how it fails. Its requests come one after the other.
type watched struct {
	testing.TB
	failures []string
}

func (w *watched) Errorf(format string, args ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

// answer is what came of a request.
type answer struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, method, address string) answer {
	t.Helper()

	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = resp.Body.Close() }() // read to its end

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	return answer{resp.StatusCode, resp.Header, string(body)}
}

func TestServe(t *testing.T) {
	t.Parallel()

	plain := hosttest.Reply{Status: http.StatusAccepted, Body: "hello"}
	inner := &watched{TB: t}
	s := hosttest.Serve(
		inner,
		map[string]hosttest.Reply{
			"GET /a?b=%2F": plain,
			"GET /mine":    plain.With("content-type", "text/mine", "X-Empty", ""),
			"GET /bare":    plain.Without("content-type"),
		},
		map[string]string{"Content-Type": "text/ours", "X-Ours": "1"},
		func(t testing.TB, r *http.Request) {
			if r.URL.Path == "/mine" {
				t.Errorf("not mine")
			}
		},
	)

	if got := s.Requests(); got != nil {
		t.Errorf("asked %q by nobody", got)
	}

	tests := []struct {
		line     string
		status   int
		kind     []string
		body     string
		failures []string
	}{
		{"GET /a?b=%2F", 202, []string{"text/ours"}, "hello", nil},
		{"GET /mine", 202, []string{"text/mine"}, "hello", []string{"not mine"}},
		{"GET /bare", 202, nil, "hello", nil},
		{"GET /a?b=/", 418, []string{"text/ours"}, "", []string{"unexpected request: GET /a?b=/"}},
		{"GET /a", 418, []string{"text/ours"}, "", []string{"unexpected request: GET /a"}},
		{"POST /bare", 418, []string{"text/ours"}, "", []string{"unexpected request: POST /bare"}},
	}

	var lines []string

	for _, tt := range tests {
		inner.failures = nil

		var method, path string
		if _, err := fmt.Sscan(tt.line, &method, &path); err != nil {
			t.Fatal(err)
		}

		got := send(t, method, s.URL+path)
		if got.status != tt.status || got.body != tt.body || got.header.Get("X-Ours") != "1" {
			t.Errorf("%s: %+v", tt.line, got)
		}

		if _, sent := got.header["X-Empty"]; sent != (path == "/mine") {
			t.Errorf("%s: an empty header was sent: %t", tt.line, sent)
		}

		if diff := cmp.Diff(tt.kind, got.header["Content-Type"]); diff != "" {
			t.Errorf("%s: content type (-want +got):\n%s", tt.line, diff)
		}

		if diff := cmp.Diff(tt.failures, inner.failures); diff != "" {
			t.Errorf("%s: failures (-want +got):\n%s", tt.line, diff)
		}

		lines = append(lines, tt.line)
	}

	if diff := cmp.Diff(lines, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestTransport is told to wait for half a minute, three times, and then for longer than a transport ever does.
func TestTransport(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	for after, attempts := range map[string]int{
		"30": 4,
		hosttest.Now().Add(time.Hour).Format(http.TimeFormat): 1,
	} {
		limited := hosttest.Reply{Status: http.StatusTooManyRequests}.With("Retry-After", after)
		s := hosttest.Serve(t, map[string]hosttest.Reply{"GET /": limited}, nil, func(testing.TB, *http.Request) {})

		client, err := hosttest.Transport(t, transport.Config{MaxRetries: 3}).Client(s.URL, nil, transport.ClientOptions{})
		if err != nil {
			t.Fatal(err)
		}

		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}

		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}

		_ = resp.Body.Close() // in memory

		if asked := s.Requests(); len(asked) != attempts {
			t.Errorf("asked %q, want %d attempts", asked, attempts)
		}
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()

	got := hosttest.Credential(t, gittoken.GitHub, "https://ghe.example.com", "secret")
	if got.Host.Provider() != gittoken.GitHub || got.Host.APIURL() != "https://ghe.example.com/api/v3" ||
		got.Username != "" || !got.Token.Equal(gittoken.NewSecret("secret")) {
		t.Errorf("%+v", got)
	}
}

func TestReply(t *testing.T) {
	t.Parallel()

	first := hosttest.Reply{Status: http.StatusOK}.With("x-a", "1", "x-b", "")
	second := first.With("X-A", "2", "X-C", "3")
	third := second.Without("x-a")

	for name, tt := range map[string]struct{ got, want http.Header }{
		"first":  {first.Header, http.Header{"X-A": {"1"}, "X-B": {""}}},
		"second": {second.Header, http.Header{"X-A": {"2"}, "X-B": {""}, "X-C": {"3"}}},
		"third":  {third.Header, http.Header{"X-A": nil, "X-B": {""}, "X-C": {"3"}}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
