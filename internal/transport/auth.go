package transport

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Secret is gittoken.Secret, for the sake of shorter signatures.
type Secret = gittoken.Secret

// Auth is how a request proves itself.
type Auth interface {
	// header returns the value of the Authorization header; empty for none.
	header() string
	// secret returns what must not come back in an answer.
	secret() gittoken.Secret
}

// Bearer sends "Authorization: Bearer <token>".
func Bearer(token gittoken.Secret) Auth { return prefixed{"Bearer ", token} }

// Raw sends "Authorization: <key>", which is how Codefresh takes API keys.
func Raw(key gittoken.Secret) Auth { return prefixed{"", key} }

// Basic sends user and password by HTTP Basic authentication.
func Basic(user string, password gittoken.Secret) Auth { return basic{user, password} }

type anonymous struct{}

func (anonymous) header() string          { return "" }
func (anonymous) secret() gittoken.Secret { return gittoken.Secret{} }

type prefixed struct {
	prefix string
	token  gittoken.Secret
}

func (a prefixed) header() string {
	if a.token.IsEmpty() {
		return ""
	}

	return a.prefix + a.token.Reveal()
}

func (a prefixed) secret() gittoken.Secret { return a.token }

type basic struct {
	user     string
	password gittoken.Secret
}

func (a basic) header() string {
	if a.password.IsEmpty() {
		return ""
	}

	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.user+":"+a.password.Reveal()))
}

func (a basic) secret() gittoken.Secret { return a.password }

// guard sits nearest to the caller: it keeps the credential at home.
type guard struct {
	watch     *watch
	origin    string
	auth      Auth
	verbs     []string
	userAgent string
	next      http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if to := originOf(req.URL); to != g.origin {
		return nil, g.refuse(req, &OriginError{From: g.origin, To: to})
	}

	if !slices.Contains(g.verbs, req.Method) && req.Method != http.MethodGet && req.Method != http.MethodHead {
		return nil, g.refuse(req, &VerbError{Method: req.Method})
	}

	header := g.auth.header()
	if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, g.refuse(req, errUnsendable)
	}

	out := req.Clone(req.Context())
	out.URL.User = nil
	out.Header.Del("Authorization") // net/http makes one from a URL with a password in it

	if header != "" {
		out.Header.Set("Authorization", header)
	}

	// What something on the way has kept is not what the server says now.
	out.Header.Set("Cache-Control", "no-cache")

	if g.userAgent != "" {
		out.Header.Set("User-Agent", g.userAgent)
	}

	resp, err := g.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}

	resp.Request = req // and not out: errors of client libraries hold it

	return resp, nil
}

func (g *guard) refuse(req *http.Request, err error) error {
	closeBody(req)
	g.watch.unsent(req, 1, err)

	return err
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
