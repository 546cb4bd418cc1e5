package bitbucketcloud_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketcloud"
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

func now() time.Time { return time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC) }

// reply is one recorded-shape answer.
type reply struct {
	status int
	kind   string // Content-Type; JSON if empty, "-" for none
	header map[string]string
	body   string
}

// told adds the two headers in which the host describes a token.
func (r reply) told(credentialType, scopes string) reply {
	return r.with("x-credential-type", credentialType).with("x-oauth-scopes", scopes)
}

func (r reply) with(name, value string) reply {
	header := map[string]string{name: value}
	for k, v := range r.header {
		header[k] = v
	}

	r.header = header

	return r
}

func jsonReply(status int, body string) reply { return reply{status: status, body: body} }

func failure(status int, message string) reply {
	return jsonReply(status, fmt.Sprintf(`{"type":"error","error":{"message":%q}}`, message))
}

func text(status int, body string) reply {
	return reply{status: status, kind: "text/plain; charset=utf-8", body: body}
}

func html(status int) reply {
	return reply{status: status, kind: "text/html; charset=utf-8", body: "<html>Log in</html>"}
}

const lacksScopes = "Your credentials lack one or more required privilege scopes."

func lacking(detail string) reply {
	return jsonReply(403, `{"type":"error","error":{"message":"`+lacksScopes+`","detail":`+detail+`}}`)
}

// fake is a Bitbucket Cloud that answers by request URI and notes what it was asked and how.
type fake struct {
	*httptest.Server
	t       *testing.T
	replies map[string]reply

	mu    sync.Mutex
	asked []string
	auth  string
}

func newFake(t *testing.T, replies map[string]reply) *fake {
	t.Helper()

	f := &fake{t: t, replies: replies}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)

	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.URL.RequestURI())
	f.auth = r.Header.Get("Authorization")

	if user, password, ok := r.BasicAuth(); ok {
		f.auth = "basic " + user + " " + password
	}
	f.mu.Unlock()

	if r.Method != http.MethodGet {
		f.t.Errorf("%s %s: only GET is read-only", r.Method, r.URL)
	}

	if strings.Contains(r.URL.String(), "NotARealA") || strings.Contains(r.URL.String(), "example.com") {
		f.t.Error("a credential is in a URL")
	}

	answer, ok := f.replies[r.URL.RequestURI()]
	if !ok {
		f.t.Errorf("unexpected request %s", r.URL.RequestURI())

		answer = html(404)
	}

	switch answer.kind {
	case "":
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	case "-":
		w.Header()["Content-Type"] = nil
	default:
		w.Header().Set("Content-Type", answer.kind)
	}

	for name, value := range answer.header {
		w.Header().Set(name, value)
	}

	w.WriteHeader(answer.status)
	_, _ = w.Write([]byte(answer.body))
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()

	return append([]string{}, f.asked...)
}

func (f *fake) authorization() string {
	f.mu.Lock()
	defer f.mu.Unlock()

	return f.auth
}

func newInspector(t *testing.T, change func(*transport.Config)) *bitbucketcloud.Inspector {
	t.Helper()

	cfg := transport.Config{RequestTimeout: 10 * time.Second, UserAgent: "test", Now: now}
	if change != nil {
		change(&cfg)
	}

	stack, err := transport.New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	return bitbucketcloud.New(stack, now)
}

func credential(t *testing.T, apiURL, user, token string) gittoken.Credential {
	t.Helper()

	host, err := gittoken.NewHost(gittoken.BitbucketCloud, apiURL)
	if err != nil {
		t.Fatal(err)
	}

	return gittoken.Credential{Host: host, Username: user, Token: gittoken.NewSecret(token)}
}
