package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Inspector asks GitHub.
type Inspector struct {
	transport  *transport.Transport
	now        func() time.Time
	identities memo.Identities
	// repositories holds what GET /repos said lately, which every probe of a repository starts from.
	repositories *memo.Memo[repositoryKey, repository]
	// writes has one place: GitHub asks for requests with write verbs one after another (GitHub docs, Best practices for
	// using the REST API).
	writes chan struct{}
}

// New returns an Inspector, which remembers under ids. A nil clock means time.Now.
func New(t *transport.Transport, now func() time.Time, ids memo.Identities) *Inspector {
	if now == nil {
		now = time.Now
	}

	return &Inspector{
		transport:    t,
		now:          now,
		identities:   ids,
		repositories: memo.New[repositoryKey, repository](now),
		writes:       make(chan struct{}, 1),
	}
}

// Inspect returns what GitHub says of a token. It sends one request, without a write verb.
func (i *Inspector) Inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict {
	client, err := i.client(c)
	if err != nil {
		return i.unasked(err)
	}

	kind := gittoken.KindByPrefix(gittoken.GitHub, c.Token)
	if kind == gittoken.KindAppInstallation {
		return i.inspectInstallation(ctx, client, c)
	}

	a := ask(ctx, client, http.MethodGet, "user", nil)

	var user struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
		Type  string `json:"type"`
	}

	if !a.document(&user) || user.Login == "" || user.ID == 0 || !a.isAccount(user.Type) {
		return i.refused(c, kind, a)
	}

	v := i.live(kind, a)
	v.Owner = transport.Printable(user.Login)

	return v
}

// inspectInstallation asks for what an installation of a GitHub App may see: it is no user, and /user is closed to it
// (GitHub docs, OpenAPI description: enabledForGitHubApps).
func (i *Inspector) inspectInstallation(
	ctx context.Context, client *github.Client, c gittoken.Credential,
) gittoken.Verdict {
	a := ask(ctx, client, http.MethodGet, "installation/repositories?per_page=1", nil)

	var seen struct {
		TotalCount   *int               `json:"total_count"`
		Repositories *[]json.RawMessage `json:"repositories"`
	}

	if !a.document(&seen) || seen.TotalCount == nil || seen.Repositories == nil {
		return i.refused(c, gittoken.KindAppInstallation, a)
	}

	return i.live(gittoken.KindAppInstallation, a)
}

// live returns the verdict of an answer that a working token got.
func (i *Inspector) live(kind gittoken.Kind, a answer) gittoken.Verdict {
	v := gittoken.Verdict{
		Standing:  gittoken.Live,
		Kind:      kind,
		ExpiresAt: a.expiry(i.now()),
	}

	// The header's presence tells classic tokens; an empty one is a token without scopes.
	scopes, told := a.Header[http.CanonicalHeaderKey("X-OAuth-Scopes")]
	if told && kind == gittoken.KindUnknown {
		v.Kind = gittoken.KindClassic
	}

	switch {
	case v.Kind != gittoken.KindClassic && v.Kind != gittoken.KindOAuth:
	case told:
		v.Scopes, v.ScopesKnown = gittoken.ParseScopes(scopes, ",")
		if !v.ScopesKnown {
			// What cannot be read may be the scope that is looked for.
			v.Scopes, v.Detail = nil, detailNoList
		}
	default:
		v.Detail = detailNoScopes
	}

	return v
}

const detailNoList = "the header X-OAuth-Scopes is not the list of scopes that GitHub sends: a proxy on the way may " +
	"have changed it"

const detailNoScopes = "the header X-OAuth-Scopes, which GitHub sends with every answer to such a token, is missing: " +
	"a proxy on the way may have removed it"

// expiry returns when the token that got an answer expires; zero if GitHub does not tell. GitHub was seen to send the
// current time for fine-grained tokens (go-github issue 3708): a token that works has not expired. What the current
// time is, GitHub's clock says: this machine's may be hours ahead.
func (a answer) expiry(now time.Time) time.Time {
	at, ok := parseExpiry(a.Header.Get("GitHub-Authentication-Token-Expiration"))
	if !ok || !at.After(a.Time(now).Add(2*time.Minute)) {
		return time.Time{}
	}

	return at
}

// refused returns the verdict of an answer that is not the one asked for.
func (i *Inspector) refused(c gittoken.Credential, kind gittoken.Kind, a answer) gittoken.Verdict {
	if a.notAccessible() {
		// /user is closed to this token, which GitHub therefore knows.
		if kind == gittoken.KindUnknown && a.message == byIntegration {
			kind = gittoken.KindAppInstallation
		}

		return gittoken.Verdict{Standing: gittoken.Live, Kind: kind}
	}

	v := a.verdict(i.now(), c.Host.WebURL())
	v.Kind = kind

	return v
}

// unasked returns the verdict of a question that could not be sent.
func (i *Inspector) unasked(err error) gittoken.Verdict {
	cause, detail := transport.CauseOf(err)

	return gittoken.Verdict{Cause: cause, Detail: detail}
}

// client returns a client for one credential. It is always a new one: go-github's clients keep rate limits, and refuse
// to ask for a second token what the first one used up. The library never sees the token, which the transport adds.
//
// What is sent with one of these verbs is sent once.
func (i *Inspector) client(c gittoken.Credential, verbs ...string) (*github.Client, error) {
	return i.clientWith(c, transport.Bearer(c.Token), verbs)
}

func (i *Inspector) clientWith(c gittoken.Credential, auth transport.Auth, verbs []string) (*github.Client, error) {
	options := transport.ClientOptions{
		Service: string(c.Host.Provider()), Verbs: verbs, Redact: []gittoken.Secret{c.Token},
	}
	if len(verbs) > 0 {
		options.Retry = transport.RetryNever
	}

	sender, err := i.transport.Client(c.Host.APIURL(), auth, options)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host.APIURL(), err)
	}

	client := github.NewClient(sender)

	base, err := client.BaseURL.Parse(c.Host.APIURL() + "/")
	if err != nil {
		return nil, fmt.Errorf("parsing the API address: %w", err)
	}

	client.BaseURL = base

	return client, nil
}
