package bitbucketcloud

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// service is Bitbucket Cloud, asked with one token.
type service struct {
	http *http.Client
	api  string // …/2.0
}

func (i *Inspector) connect(c gittoken.Credential) (*service, error) {
	client, err := i.transport.Client(c.Host.APIURL(), authOf(c),
		transport.ClientOptions{Service: string(c.Host.Provider())})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	return &service{http: client, api: c.Host.APIURL()}, nil
}

// authOf returns how the token is sent. An access token has no account whose name could go with it, so a user name
// beside one is ignored; and so is the one by which Git is told that there is none, as Codefresh does.
func authOf(c gittoken.Credential) transport.Auth {
	kind := gittoken.KindByPrefix(gittoken.BitbucketCloud, c.Token)
	if kind == gittoken.KindAccessToken || c.Username == "" || c.Username == "x-token-auth" {
		return transport.Bearer(c.Token)
	}

	return transport.Basic(c.Username, c.Token)
}

// get asks for a path below the REST API, which starts with a slash and is escaped.
func (s *service) get(ctx context.Context, path string) answer {
	return answer{rest.Get(ctx, s.http, s.api+path, "application/json")}
}

// answer is one of Bitbucket Cloud's.
type answer struct{ rest.Answer }

// hostError returns the error that the host describes; false if the answer is not of that form.
func (a answer) hostError() (hostError, bool) {
	if a.Status < http.StatusBadRequest || !a.IsJSON() {
		return hostError{}, false
	}

	return parseError(a.Body)
}

// message returns the host's own words, fit to print. Some errors are a line of plain text.
func (a answer) message() string {
	if e, ok := a.hostError(); ok {
		return transport.Printable(e.Message)
	}

	if a.Status >= http.StatusBadRequest && a.MediaType() == "text/plain" {
		return transport.Printable(string(a.Body))
	}

	return ""
}

// said returns the status and the host's own words.
func (a answer) said() string { return a.Said(a.message()) }

// What Bitbucket says of credentials, in lower case and up to where its wording varies, since nothing else in its
// answers decides. All are of recorded answers; Bitbucket Cloud's documentation has none of them.
const (
	textBadToken    = "token is invalid, expired, or not supported for this endpoint"
	textBadLogin    = "login failed due to incorrect login credentials or method" // in plain text
	textExpired     = "access token expired"                                      // OAuth tokens only
	textLacksScopes = "your credentials lack one or more required privilege scopes"
	textRemoved     = "change-" // and the number of the announcement, for what was removed
)

// isRejection reports whether a 401 is Bitbucket's own, and not that of something in between: Bitbucket says one of few
// things. A challenge without a word may also be for a request whose credential was lost on the way.
func (a answer) isRejection() bool {
	if a.Status != http.StatusUnauthorized {
		return false
	}

	_, described := a.hostError()

	return described && (a.says(textBadToken) || a.says(textExpired)) ||
		(described || a.MediaType() == "text/plain") && a.says(textBadLogin)
}

// isRemoval reports whether Bitbucket says that it took something away for good.
func (a answer) isRemoval() bool {
	return a.Status == http.StatusGone && a.says(textRemoved)
}

// namesAddresses reports whether a 403 is about the address that the request came from.
func (a answer) namesAddresses() bool {
	e, described := a.hostError()
	text := strings.ToLower(e.Message)

	return described && a.Status == http.StatusForbidden && (strings.Contains(text, "ip address") ||
		strings.Contains(text, "allowlist") || strings.Contains(text, "whitelist"))
}

func (a answer) says(text string) bool { return strings.HasPrefix(strings.ToLower(a.message()), text) }

func (a answer) saysExpired() bool { return a.says(textExpired) }

// namesScopes reports whether a 403 shows that the host knows the token and misses only a scope.
func (a answer) namesScopes() bool {
	e, ok := a.hostError()
	if !ok {
		return false
	}

	return a.Header.Values("x-oauth-scopes") != nil || e.granted != nil || a.says(textLacksScopes)
}

// scopes returns what the token holds, and whether the host tells. The header counts before the body.
func (a answer) scopes() ([]gittoken.Scope, bool) {
	if values := a.Header.Values("x-oauth-scopes"); values != nil {
		return wholeScopes(values)
	}

	if e, ok := a.hostError(); ok && e.granted != nil {
		return wholeScopes(e.granted)
	}

	return nil, false
}

// wholeScopes reads lists of scopes, which commas or spaces separate. An empty list is known to be empty; of one with
// something in it that cannot be a scope nothing is known.
func wholeScopes(lists []string) ([]gittoken.Scope, bool) {
	scopes, whole := gittoken.ParseScopes(lists, ", \t")
	if !whole {
		return nil, false
	}

	return scopes, true
}

// failure says why an answer settles nothing.
func (a answer) failure() (gittoken.Cause, string) {
	if a.namesAddresses() {
		return gittoken.CauseIPAllowList, a.said()
	}

	return a.Failure(a.message())
}
