package gitlab_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/gitlab"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	token = "glpat-0123456789abcdefghij"

	root     = "/gitlab"
	selfLine = "GET /gitlab/api/v4/personal_access_tokens/self"
	userLine = "GET /gitlab/api/v4/user"
	infoLine = "GET /gitlab/oauth/token/info"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// reply is one answer of the server.
type reply struct {
	status int
	header map[string]string
	body   string
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

// guard is a refusal by GitLab's guard, message one by its API.
func guard(status int, code, description string) reply {
	return reply{status: status, body: fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, description)}
}

func message(status int, text string) reply {
	return reply{status: status, body: fmt.Sprintf(`{"message":%q}`, text)}
}

func plain(status int, text string) reply {
	return reply{status, map[string]string{"Content-Type": "text/plain"}, text}
}

func page(status int) reply {
	return reply{
		status,
		map[string]string{"Content-Type": "text/html; charset=utf-8"},
		"<!DOCTYPE html><html>Sign in</html>",
	}
}

func self(scopes, more string) reply {
	return ok(
		`{"id":7,"name":"ci","revoked":false,"created_at":"2026-01-01T00:00:00.000Z","description":"","scopes":[` + scopes +
			`],"user_id":42,"last_used_at":null,"active":true` + more + `}`,
	)
}

const human = `{"id":42,"username":"ci-bot","name":"CI","state":"active","locked":false,"bot":false}`

var (
	expired      = guard(401, "invalid_token", "Token is expired. You can either do re-authorization or token refresh.")
	revoked      = guard(401, "invalid_token", "Token was revoked. You have to re-authorize from the user.")
	unauthorized = message(401, "401 Unauthorized")
	scopeMissing = reply{
		403,
		nil,
		`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_user read_api"}`,
	}
	granularOnly = guard(
		403,
		"insufficient_granular_scope",
		"Access denied: This operation requires a fine-grained personal access token with the following permissions: [Project: Read].",
	)
	blocked   = message(403, "403 Forbidden - Your account has been blocked.")
	wrongType = message(400, "400 Bad request - This endpoint requires token type to be a personal access token")
)

// server answers by method and escaped path, and remembers what it was asked.
type server struct {
	*httptest.Server

	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, replies map[string]reply) *server {
	t.Helper()

	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method + " " + r.URL.RequestURI()

		s.mu.Lock()
		s.asked = append(s.asked, line)
		s.mu.Unlock()

		if r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("Private-Token") != "" {
			t.Errorf("%s carries the wrong credential", line)
		}

		reply, known := replies[line]
		if !known {
			t.Errorf("unexpected request: %s", line)

			reply.status = http.StatusTeapot
		}

		w.Header().Set("Content-Type", "application/json")
		// So low a limit would make the library wait for minutes before its second request.
		w.Header().Set("RateLimit-Limit", "1")

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

func credential(t *testing.T, url string) gittoken.Credential {
	t.Helper()

	host, err := gittoken.NewHost(gittoken.GitLab, url)
	if err != nil {
		t.Fatal(err)
	}

	return gittoken.Credential{Host: host, Token: gittoken.NewSecret(token)}
}

func inspector(t *testing.T) *gitlab.Inspector {
	t.Helper()

	tr, err := transport.New(transport.Config{
		Now:  now,
		Wait: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}

	return gitlab.New(tr, now)
}
