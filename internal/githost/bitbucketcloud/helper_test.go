package bitbucketcloud_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketcloud"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	apiToken    = "ATATT3x" + "NotARealApiToken0123456789"
	accessToken = "ATCTT3x" + "NotARealAccessToken0123456789"
	appPassword = "ATBBNotARealAppPassword0123456789"
	otherToken  = "NotOfAnyKnownPrefix0123456789"
	email       = "ci@example.com"
)

type reply = hosttest.Reply

// told returns r with the two headers in which the host describes a token.
func told(r reply, credentialType, scopes string) reply {
	return r.With("x-credential-type", credentialType, "x-oauth-scopes", scopes)
}

func jsonReply(status int, body string) reply { return reply{Status: status, Body: body} }

func failure(status int, message string) reply {
	return jsonReply(status, fmt.Sprintf(`{"type":"error","error":{"message":%q}}`, message))
}

func text(status int, body string) reply {
	return reply{Status: status, Body: body}.With("Content-Type", "text/plain; charset=utf-8")
}

func html(status int) reply {
	return reply{Status: status, Body: "<html>Log in</html>"}.With("Content-Type", "text/html; charset=utf-8")
}

const lacksScopes = "Your credentials lack one or more required privilege scopes."

func lacking(detail string) reply {
	return jsonReply(403, `{"type":"error","error":{"message":"`+lacksScopes+`","detail":`+detail+`}}`)
}

// serve starts a server that shows its requests to see, in their order.
func serve(t *testing.T, replies map[string]reply, see ...func(*http.Request)) *hosttest.Server {
	t.Helper()

	header := map[string]string{"Content-Type": "application/json; charset=utf-8"}

	return hosttest.Serve(t, replies, header, func(t testing.TB, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s: only GET is read-only", r.Method, r.URL)
		}

		if strings.Contains(r.URL.String(), "NotARealA") || strings.Contains(r.URL.String(), "example.com") {
			t.Error("a credential is in a URL")
		}

		for _, see := range see {
			see(r)
		}
	})
}

func credential(t *testing.T, url, user, token string) gittoken.Credential {
	t.Helper()

	c := hosttest.Credential(t, gittoken.BitbucketCloud, url, token)
	c.Username = user

	return c
}

func inspector(t *testing.T) *bitbucketcloud.Inspector {
	t.Helper()

	return bitbucketcloud.New(hosttest.Transport(t, transport.Config{}), hosttest.Now)
}
