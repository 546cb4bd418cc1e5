package gitlab_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/gitlab"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	token = "glpat-0123456789abcdefghij"

	root     = "/gitlab"
	selfLine = "GET /gitlab/api/v4/personal_access_tokens/self"
	userLine = "GET /gitlab/api/v4/user"
	infoLine = "GET /gitlab/oauth/token/info"
)

type reply = hosttest.Reply

func ok(body string) reply { return reply{Status: http.StatusOK, Body: body} }

// guard is a refusal by GitLab's guard, message one by its API.
func guard(status int, code, description string) reply {
	return reply{Status: status, Body: fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, description)}
}

func message(status int, text string) reply {
	return reply{Status: status, Body: fmt.Sprintf(`{"message":%q}`, text)}
}

func plain(status int, text string) reply {
	return reply{Status: status, Body: text}.With("Content-Type", "text/plain")
}

func page(status int) reply {
	return reply{Status: status, Body: "<!DOCTYPE html><html>Sign in</html>"}.
		With("Content-Type", "text/html; charset=utf-8")
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
	badToken     = plain(401, "HTTP Basic: Access denied. If a password was provided for Git authentication, the "+
		"password was incorrect or you're required to use a token instead of a password.")
	scopeMissing = reply{Status: 403, Body: `{"error":"insufficient_scope",` +
		`"error_description":"The request requires higher privileges than provided by the access token.",` +
		`"scope":"api read_user read_api"}`}
	granularOnly = guard(403, "insufficient_granular_scope", "Access denied: This operation requires a fine-grained "+
		"personal access token with the following permissions: [Project: Read].")
	blocked   = message(403, "403 Forbidden - Your account has been blocked.")
	wrongType = message(400, "400 Bad request - This endpoint requires token type to be a personal access token")
)

// serve starts a server for the one token.
func serve(t *testing.T, replies map[string]reply) *hosttest.Server {
	t.Helper()

	header := map[string]string{
		"Content-Type": "application/json",
		// So low a limit would make the library wait for minutes before its second request.
		"RateLimit-Limit": "1",
		// A parameter without a value makes the library panic.
		"Link": "<https://gitlab.example.com/next>; rel",
	}

	return hosttest.Serve(t, replies, header, func(t testing.TB, r *http.Request) {
		user, password, _ := r.BasicAuth()
		asked := r.Header.Get("Authorization") == "Bearer "+token

		if strings.Contains(r.URL.Path, "/info/refs") {
			asked = user == "oauth2" && password == token
		}

		if !asked || r.Header.Get("Private-Token") != "" {
			t.Errorf("%s %s carries the wrong credential", r.Method, r.URL)
		}
	})
}

func credential(t *testing.T, url string) gittoken.Credential {
	t.Helper()

	return hosttest.Credential(t, gittoken.GitLab, url, token)
}

func inspector(t *testing.T) *gitlab.Inspector {
	t.Helper()

	return gitlab.New(hosttest.Transport(t, transport.Config{}), hosttest.Now, memo.NewIdentities(nil))
}
