package bitbucketcloud

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// service is Bitbucket Cloud, asked with one token.
type service struct {
	http *http.Client
	api  string // …/2.0
}

func (i *Inspector) connect(c gittoken.Credential) (*service, error) {
	client, err := i.transport.Client(c.Host.APIURL(), authOf(c), transport.ClientOptions{})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	return &service{http: client, api: c.Host.APIURL()}, nil
}

// authOf returns how the token is sent. An access token has no account whose name could go with it, so a user name
// beside one is ignored.
func authOf(c gittoken.Credential) transport.Auth {
	kind := gittoken.KindByPrefix(gittoken.BitbucketCloud, c.Token)
	if kind == gittoken.KindAccessToken || c.Username == "" {
		return transport.Bearer(c.Token)
	}

	return transport.Basic(c.Username, c.Token)
}

// get asks for a path below the REST API, which starts with a slash and is escaped.
func (s *service) get(ctx context.Context, path string) answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.api+path, nil)
	if err != nil {
		return failed(err)
	}

	req.Header.Set("Accept", "application/json")

	resp, err := s.http.Do(req)
	if err != nil {
		return failed(err)
	}

	defer func() { _ = resp.Body.Close() }() // the body is in memory already

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return failed(err)
	}

	return answer{status: resp.StatusCode, header: resp.Header, body: body}
}

// answer is what came back: a response, or the cause why there is none.
type answer struct {
	status int
	header http.Header
	body   []byte

	cause  gittoken.Cause
	detail string
}

func failed(err error) answer {
	cause, detail := transport.CauseOf(err)

	return answer{cause: cause, detail: detail}
}

func (a answer) mediaType() string {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return ""
	}

	return kind
}

func (a answer) isJSON() bool {
	kind := a.mediaType()

	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

func (a answer) isHTML() bool {
	kind := a.mediaType()

	return kind == "text/html" || kind == "application/xhtml+xml"
}

// hostError returns the error that the host describes; false if the answer is not of that form.
func (a answer) hostError() (hostError, bool) {
	if a.status < http.StatusBadRequest || !a.isJSON() {
		return hostError{}, false
	}

	return parseError(a.body)
}

// message returns the host's own words, fit to print. Some errors are a line of plain text.
func (a answer) message() string {
	if e, ok := a.hostError(); ok {
		return transport.Printable(e.Message)
	}

	if a.status >= http.StatusBadRequest && a.mediaType() == "text/plain" {
		return transport.Printable(string(a.body))
	}

	return ""
}

// said returns the status and the host's own words.
func (a answer) said() string {
	status := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", a.status, http.StatusText(a.status)))
	if text := a.message(); text != "" {
		return transport.Printable(status + ": " + text)
	}

	return status
}

// isRejection reports whether a 401 is Bitbucket's own, and not that of something in between: it describes the error
// in JSON or in plain text, or else its challenge names Bitbucket.
func (a answer) isRejection() bool {
	if a.status != http.StatusUnauthorized {
		return false
	}

	if a.message() != "" {
		return true
	}

	return len(a.body) == 0 && strings.Contains(strings.ToLower(a.header.Get("WWW-Authenticate")), "bitbucket")
}

// The two texts that decide something, since nothing else in the answers does. Both are of recorded answers;
// Bitbucket Cloud's documentation has neither.
const (
	textExpired     = "access token expired" // OAuth tokens only: others are "invalid, expired, or not supported"
	textLacksScopes = "your credentials lack one or more required privilege scopes"
)

func (a answer) says(text string) bool { return strings.HasPrefix(strings.ToLower(a.message()), text) }

func (a answer) saysExpired() bool { return a.says(textExpired) }

// namesScopes reports whether a 403 shows that the host knows the token and misses only a scope.
func (a answer) namesScopes() bool {
	e, ok := a.hostError()
	if !ok {
		return false
	}

	return a.header.Values("x-oauth-scopes") != nil || e.granted != nil || a.says(textLacksScopes)
}

// scopes returns what the token holds, and whether the host tells. The header counts before the body.
func (a answer) scopes() ([]gittoken.Scope, bool) {
	if values := a.header.Values("x-oauth-scopes"); values != nil {
		return parseScopes(strings.Join(values, ","))
	}

	if e, ok := a.hostError(); ok && e.granted != nil {
		return parseScopes(strings.Join(e.granted, ","))
	}

	return nil, false
}

// retryAt returns when a host that refused for the number of requests wants the next one; zero otherwise.
func (a answer) retryAt(now time.Time) time.Time {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return time.Time{}
	}

	return transport.RetryAt(a.header, now)
}

// failure says why an answer settles nothing.
func (a answer) failure() (gittoken.Cause, string) {
	switch {
	case a.cause != "":
		return a.cause, a.detail
	case a.status == http.StatusTooManyRequests:
		return gittoken.CauseRateLimited, a.said()
	case a.status >= http.StatusInternalServerError:
		return gittoken.CauseServerError, a.said()
	case a.status >= 300 && a.status < 400:
		return gittoken.CauseRedirect, a.said()
	case a.isHTML():
		return gittoken.CauseNotUnderstood, fmt.Sprintf("HTTP %d with a web page instead of JSON", a.status)
	}

	return gittoken.CauseNotUnderstood, a.said()
}
