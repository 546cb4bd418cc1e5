package transport

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
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
	// secrets returns the texts that must not come back in an answer.
	secrets() []string
}

// Bearer sends "Authorization: Bearer <token>".
func Bearer(token gittoken.Secret) Auth { return prefixed{"Bearer ", token} }

// Raw sends "Authorization: <key>", which is how Codefresh takes API keys.
func Raw(key gittoken.Secret) Auth { return prefixed{"", key} }

// Basic sends user and password by HTTP Basic authentication.
func Basic(user string, password gittoken.Secret) Auth { return basic{user, password} }

type anonymous struct{}

func (anonymous) header() string    { return "" }
func (anonymous) secrets() []string { return nil }

type prefixed struct {
	prefix string
	secret gittoken.Secret
}

func (a prefixed) header() string {
	if a.secret.IsEmpty() {
		return ""
	}

	return a.prefix + a.secret.Reveal()
}

func (a prefixed) secrets() []string { return spellings(a.secret) }

type basic struct {
	user     string
	password gittoken.Secret
}

func (a basic) header() string {
	if a.password.IsEmpty() {
		return ""
	}

	return "Basic " + a.encoded()
}

func (a basic) encoded() string {
	return base64.StdEncoding.EncodeToString([]byte(a.user + ":" + a.password.Reveal()))
}

func (a basic) secrets() []string { return append(spellings(a.password), a.encoded()) }

// spellings returns the forms in which an answer would repeat s.
func spellings(s gittoken.Secret) []string {
	text := s.Reveal()
	quoted, _ := json.Marshal(text) // a string always marshals

	forms := []string{
		text,
		url.QueryEscape(text),
		url.PathEscape(text),
		strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(text)),
	}

	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for shift := range 3 {
			forms = append(forms, interior(encoding, text, shift))
		}
	}

	return forms
}

// interior returns those characters of a Base64 text that depend on secret alone, when shift bytes modulo 3 precede it,
// such as a user name.
func interior(encoding *base64.Encoding, secret string, shift int) string {
	encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
	from := (shift*8 + 5) / 6           // characters that hold bits of what precedes
	to := (shift + len(secret)) * 8 / 6 // the last character may hold bits of what follows

	if from >= to {
		return ""
	}

	return encoded[from:to]
}

// minSecret is the shortest text that is struck from answers: a shorter one may be part of an ordinary word, and no
// token is that short.
const minSecret = 8

// redactor strikes secrets from what a server sends.
type redactor struct {
	texts []string
}

func newRedactor(texts []string) redactor {
	texts = slices.DeleteFunc(texts, func(text string) bool { return len(text) < minSecret })
	// Longest first: else a spelling that is part of another would leave the other's rest behind.
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })

	return redactor{slices.Compact(texts)}
}

func (r redactor) body(body []byte) []byte {
	for _, text := range r.texts {
		body = bytes.ReplaceAll(body, []byte(text), []byte("(redacted)"))
	}

	return body
}

func (r redactor) headers(h http.Header) {
	for _, values := range h {
		for i, value := range values {
			for _, text := range r.texts {
				value = strings.ReplaceAll(value, text, "(redacted)")
			}

			values[i] = value
		}
	}
}

// guard sits nearest to the caller: it keeps the credential at home.
type guard struct {
	origin    string
	auth      Auth
	userAgent string
	next      http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if to := originOf(req.URL); to != g.origin {
		closeBody(req)

		return nil, &OriginError{From: g.origin, To: to}
	}

	header := g.auth.header()
	if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		closeBody(req)

		return nil, errUnsendable
	}

	out := req.Clone(req.Context())
	out.URL.User = nil
	out.Header.Del("Authorization") // net/http makes one from a URL with a password in it

	if header != "" {
		out.Header.Set("Authorization", header)
	}

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

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
