package github_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/github"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
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

type reply = hosttest.Reply

func ok(body string) reply {
	return reply{Status: http.StatusOK, Body: body}.With("X-GitHub-Media-Type", "github.v3; format=json")
}

// message is GitHub's error document.
func message(status int, text string) reply {
	quoted, _ := json.Marshal(text) // a string always marshals

	return reply{Status: status, Body: fmt.Sprintf(
		`{"message":%s,"documentation_url":"https://docs.github.com/rest","status":"%d"}`, quoted, status)}
}

func page(status int) reply {
	return reply{Status: status, Body: "<!DOCTYPE html><html>Sign in</html>"}.
		With("Content-Type", "text/html; charset=utf-8")
}

// serve starts a server for one token.
func serve(t *testing.T, token string, replies map[string]reply) *hosttest.Server {
	t.Helper()

	header := map[string]string{"Content-Type": "application/json; charset=utf-8"}

	return hosttest.Serve(t, replies, header, func(t testing.TB, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer "+token && password != token {
			t.Errorf("%s %s carries no token", r.Method, r.URL)
		}

		if body, _ := io.ReadAll(r.Body); r.Method != http.MethodGet && strings.TrimSpace(string(body)) != "{}" {
			t.Errorf("%s %s carries %q", r.Method, r.URL, body)
		}
	})
}

func credential(t *testing.T, url, token string) gittoken.Credential {
	t.Helper()

	return hosttest.Credential(t, gittoken.GitHub, url, token)
}

func inspector(t *testing.T) *github.Inspector {
	t.Helper()

	return github.New(hosttest.Transport(t, transport.Config{}), hosttest.Now, memo.NewIdentities(nil))
}
