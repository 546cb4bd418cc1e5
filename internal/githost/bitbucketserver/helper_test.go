package bitbucketserver_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketserver"
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

func now() time.Time { return time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC) }

// reply is one recorded-shape answer.
type reply struct {
	status int
	user   string // X-AUSERNAME
	kind   string // Content-Type; jsonType if empty, "-" for none
	header map[string]string
	body   string
}

func (r reply) with(name, value string) reply {
	header := map[string]string{name: value}
	for k, v := range r.header {
		header[k] = v
	}

	r.header = header

	return r
}

func pageOf(user string, values ...string) reply {
	return reply{status: 200, user: user, body: fmt.Sprintf(
		`{"size":%d,"limit":1,"isLastPage":true,"values":[%s],"start":0}`, len(values), strings.Join(values, ","))}
}

func failure(status int, user, class, message string) reply {
	return reply{status: status, user: user, body: fmt.Sprintf(
		`{"errors":[{"context":null,"message":%q,"exceptionName":"com.atlassian.bitbucket.%s"}]}`, message, class)}
}

func notPermitted(user string) reply {
	return failure(401, user, "AuthorisationException", "You are not permitted to access this resource")
}

func html(status int, user string) reply {
	return reply{status: status, user: user, kind: "text/html;charset=UTF-8", body: "<html>Log in</html>"}
}

// fake is a server that answers by request URI and notes what it was asked.
type fake struct {
	*httptest.Server
	t       *testing.T
	token   string
	replies map[string]reply

	mu    sync.Mutex
	asked []string
}

func newFake(t *testing.T, token string, replies map[string]reply) *fake {
	t.Helper()

	f := &fake{t: t, token: token, replies: replies}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)

	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.URL.RequestURI())
	f.mu.Unlock()

	if r.Method != http.MethodGet {
		f.t.Errorf("%s %s: only GET is read-only", r.Method, r.URL)
	}

	if got := r.Header.Get("Authorization"); got != "Bearer "+f.token {
		f.t.Errorf("%s was sent the wrong credential", r.URL.Path)
	}

	if strings.Contains(r.URL.String(), f.token) {
		f.t.Error("the token is in a URL")
	}

	answer, ok := f.replies[r.URL.RequestURI()]
	if !ok {
		f.t.Errorf("unexpected request %s", r.URL.RequestURI())

		answer = html(404, "")
	}

	switch answer.kind {
	case "":
		w.Header().Set("Content-Type", jsonType)
	case "-":
		w.Header()["Content-Type"] = nil
	default:
		w.Header().Set("Content-Type", answer.kind)
	}

	if answer.user != "" {
		w.Header().Set("X-AUSERNAME", answer.user)
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

func newInspector(t *testing.T, change func(*transport.Config)) *bitbucketserver.Inspector {
	t.Helper()

	cfg := transport.Config{RequestTimeout: 10 * time.Second, UserAgent: "test", Now: now}
	if change != nil {
		change(&cfg)
	}

	stack, err := transport.New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	return bitbucketserver.New(stack, now)
}

func credential(t *testing.T, apiURL, token string) gittoken.Credential {
	t.Helper()

	host, err := gittoken.NewHost(gittoken.BitbucketServer, apiURL)
	if err != nil {
		t.Fatal(err)
	}

	return gittoken.Credential{Host: host, Token: gittoken.NewSecret(token)}
}
