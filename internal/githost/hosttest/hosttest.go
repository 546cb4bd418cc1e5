// Package hosttest stands in for a Git host in the tests of the packages that ask one.
package hosttest

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Nowhere is an address where nobody listens. A port that was free a moment ago can be another program's now.
const Nowhere = "http://127.0.0.1:1"

// Now is the time of every test.
func Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// Reply is one answer.
type Reply struct {
	Status int
	Header http.Header // beside the server's own or in their place
	Body   string
}

// With returns r with headers: a name, its value, the next name, and so on.
func (r Reply) With(pairs ...string) Reply {
	header := http.Header{}
	maps.Copy(header, r.Header)

	for pair := range slices.Chunk(pairs, 2) {
		header.Set(pair[0], pair[1])
	}

	r.Header = header

	return r
}

// Without returns r without a header, which is then not the server's own either.
func (r Reply) Without(name string) Reply {
	r = r.With()
	r.Header[http.CanonicalHeaderKey(name)] = nil

	return r
}

// Server answers from a table and remembers what it was asked.
type Server struct {
	URL string // without a path

	mu      sync.Mutex
	asked   []string
	instead map[string]Reply
}

// Answer has the server give another answer to a request line from now on.
func (s *Server) Answer(line string, r Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.instead == nil {
		s.instead = map[string]Reply{}
	}

	s.instead[line] = r
}

// Serve starts a server for the length of a test, and fails the test for a request that is not in replies. Their keys
// are request lines, such as "GET /user?page=1"; one that needs the server's URL may be added before it is asked for.
// header is what all answers carry. check sees every request, and fails the test for what it wrongly carries or lacks.
func Serve(
	t testing.TB, replies map[string]Reply, header map[string]string, check func(testing.TB, *http.Request),
) *Server {
	t.Helper()

	s := &Server{}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == loginPage {
			w.Header().Set("Content-Type", asHTML)
			_, _ = io.WriteString(w, "<html>Sign in</html>")

			return
		}

		line := r.Method + " " + r.URL.RequestURI()

		s.mu.Lock()
		s.asked = append(s.asked, line)
		reply, known := s.instead[line]
		s.mu.Unlock()

		check(t, r)

		if !known {
			reply, known = replies[line]
		}

		if !known {
			t.Errorf("unexpected request: %s", line)

			reply.Status = http.StatusTeapot
		}

		w.Header().Set("Date", Now().Format(http.TimeFormat))

		for name, value := range header {
			w.Header().Set(name, value)
		}

		maps.Copy(w.Header(), reply.Header)
		w.WriteHeader(reply.Status)
		_, _ = io.WriteString(w, reply.Body) // a client that hangs up is its test's concern
	}))
	t.Cleanup(server.Close)

	s.URL = server.URL

	return s
}

// Requests returns the request lines in the order of their arrival; nil if there were none.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(s.asked)
}

// Transport returns a transport for which it is Now and which does not wait between attempts.
func Transport(t testing.TB, cfg transport.Config) *transport.Transport {
	t.Helper()

	cfg.Now = Now
	cfg.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }

	tr, err := transport.New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	return tr
}

// Credential returns a token for the host at url.
func Credential(t testing.TB, provider gittoken.Provider, url, token string) gittoken.Credential {
	t.Helper()

	host, err := gittoken.NewHost(provider, url)
	if err != nil {
		t.Fatal(err)
	}

	return gittoken.Credential{Host: host, Token: gittoken.NewSecret(token)}
}
