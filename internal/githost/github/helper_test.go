package github_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/github"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	classic     = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
	fineGrained = "github_pat_0123456789abcdefghij_ABCDEFGHIJ"
	appUser     = "ghu_0123456789abcdefghijABCDEFGHIJ012345"
	oauth       = "gho_0123456789abcdefghijABCDEFGHIJ012345"
	app         = "ghs_12345_eyJhbGciOiJ.eyJpc3MiOi.c2lnbmF0dXJl-_"
	bare        = "0123456789abcdef0123456789abcdef01234567"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// reply is one answer of the server.
type reply struct {
	status int
	header map[string]string
	body   string
}

// message is GitHub's error document.
func message(status int, text string) reply {
	quoted, _ := json.Marshal(text) // a string always marshals

	return reply{status, nil, fmt.Sprintf(
		`{"message":%s,"documentation_url":"https://docs.github.com/rest","status":"%d"}`, quoted, status)}
}

func (r reply) with(pairs ...string) reply {
	header := map[string]string{}
	for k, v := range r.header {
		header[k] = v
	}

	for i := 0; i < len(pairs); i += 2 {
		header[pairs[i]] = pairs[i+1]
	}

	r.header = header

	return r
}

func ok(body string) reply { return reply{status: http.StatusOK, body: body} }

func page(status int) reply {
	return reply{
		status,
		map[string]string{"Content-Type": "text/html; charset=utf-8"},
		"<!DOCTYPE html><html>Sign in</html>",
	}
}

// server answers by method and path, and remembers what it was asked.
type server struct {
	*httptest.Server

	mu    sync.Mutex
	asked []string
}

// serve starts a server for one token. A request that it has no answer for fails the test, and so does one without the
// token.
func serve(t *testing.T, token string, replies map[string]reply) *server {
	t.Helper()

	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method + " " + r.URL.RequestURI()

		s.mu.Lock()
		s.asked = append(s.asked, line)
		s.mu.Unlock()

		_, password, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer "+token && password != token {
			t.Errorf("%s carries no token", line)
		}

		if body, _ := io.ReadAll(r.Body); r.Method != http.MethodGet && strings.TrimSpace(string(body)) != "{}" {
			t.Errorf("%s carries %q", line, body)
		}

		reply, known := replies[line]
		if !known {
			t.Errorf("unexpected request: %s", line)

			reply = message(http.StatusNotFound, "Not Found")
		}

		w.Header().Set("Content-Type", "application/json; charset=utf-8")

		for k, v := range reply.header {
			w.Header().Set(k, v)
		}

		w.WriteHeader(reply.status)
		_, _ = io.WriteString(w, reply.body)
	}))
	t.Cleanup(s.Close)

	return s
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	return append([]string(nil), s.asked...)
}

func credential(t *testing.T, url, token string) gittoken.Credential {
	t.Helper()

	host, err := gittoken.NewHost(gittoken.GitHub, url)
	if err != nil {
		t.Fatal(err)
	}

	return gittoken.Credential{Host: host, Token: gittoken.NewSecret(token)}
}

func inspector(t *testing.T) *github.Inspector {
	t.Helper()

	tr, err := transport.New(transport.Config{
		Now:  now,
		Wait: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}

	return github.New(tr, now)
}
