package bitbucketserver_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketserver"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	secretText = "BBDC-" + "NotARealTokenButLongEnough0123456789"
	jsonType   = "application/json;charset=UTF-8"
	tokenNo    = "252973515069"
)

// oldToken is a token that tells its number: 33 bytes in base64.
func oldToken() string {
	return base64.StdEncoding.EncodeToString([]byte(tokenNo + ":01234567890123456789"))
}

type reply = hosttest.Reply

// document is an answer to user, X-AUSERNAME, who is empty for nobody.
func document(status int, user, body string) reply {
	r := reply{Status: status, Body: body}
	if user != "" {
		r = r.With("X-AUSERNAME", user)
	}

	return r
}

func pageOf(user string, values ...string) reply {
	return document(200, user, fmt.Sprintf(
		`{"size":%d,"limit":1,"isLastPage":true,"values":[%s],"start":0}`, len(values), strings.Join(values, ",")))
}

func failure(status int, user, class, message string) reply {
	return document(status, user, fmt.Sprintf(
		`{"errors":[{"context":null,"message":%q,"exceptionName":"com.atlassian.bitbucket.%s"}]}`, message, class))
}

func notPermitted(user string) reply {
	return failure(401, user, "AuthorisationException", "You are not permitted to access this resource")
}

func html(status int, user string) reply {
	return document(status, user, "<html>Log in</html>").With("Content-Type", "text/html;charset=UTF-8")
}

// serve starts a server for one token.
func serve(t *testing.T, token string, replies map[string]reply) *hosttest.Server {
	t.Helper()

	return hosttest.Serve(t, replies, map[string]string{"Content-Type": jsonType}, func(t testing.TB, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s: only GET is read-only", r.Method, r.URL)
		}

		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("%s was sent the wrong credential", r.URL.Path)
		}

		if strings.Contains(r.URL.String(), token) {
			t.Error("the token is in a URL")
		}
	})
}

// root is where a server may keep all its paths, below returns the request line for such a one.
const root = "/bitbucket"

func below(line string) string { return strings.Replace(line, " ", " "+root, 1) }

func credential(t *testing.T, url, token string) gittoken.Credential {
	t.Helper()

	return hosttest.Credential(t, gittoken.BitbucketServer, url, token)
}

func inspector(t *testing.T) *bitbucketserver.Inspector {
	t.Helper()

	return bitbucketserver.New(hosttest.Transport(t, transport.Config{}), hosttest.Now)
}
