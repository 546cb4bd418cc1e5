package bitbucketcloud

import (
	"context"
	"net/http"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Inspector asks Bitbucket Cloud about tokens. It remembers nothing.
type Inspector struct {
	transport *transport.Transport
	now       func() time.Time
}

// New returns an Inspector that asks through t. A nil now means time.Now.
func New(t *transport.Transport, now func() time.Time) *Inspector {
	if now == nil {
		now = time.Now
	}

	return &Inspector{transport: t, now: now}
}

// Inspect returns what Bitbucket Cloud says of the token, with one request.
func (i *Inspector) Inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict {
	kind := gittoken.KindByPrefix(gittoken.BitbucketCloud, c.Token)

	service, err := i.connect(c)
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return gittoken.Verdict{Kind: kind, Cause: cause, Detail: detail}
	}

	a := service.get(ctx, "/user")

	switch a.Status {
	case http.StatusOK:
		if user, ok := parseUser(a); ok {
			return a.live(kind, user.owner())
		}
	case http.StatusForbidden:
		if a.namesScopes() {
			return a.live(kind, "")
		}
	case http.StatusUnauthorized:
		return a.unauthorized(c, kind)
	case http.StatusGone:
		// App passwords ceased to work in July 2026, and their removal is answered as that of an endpoint is. Of
		// other tokens a 410 says nothing.
		if kind == gittoken.KindAppPassword && a.isRemoval() {
			return gittoken.Verdict{Standing: gittoken.Rejected, Kind: kind, Detail: a.said()}
		}
	}

	return a.unchecked(kind, i.now())
}

// live returns the verdict of a token that the host knows.
func (a answer) live(kind gittoken.Kind, owner string) gittoken.Verdict {
	v := gittoken.Verdict{Standing: gittoken.Live, Owner: owner}
	v.Scopes, v.ScopesKnown = a.scopes()
	v.Kind = kindOf(a.Header.Get("x-credential-type"), kind, v.Scopes)

	return v
}

// unauthorized returns the verdict of a 401.
func (a answer) unauthorized(c gittoken.Credential, kind gittoken.Kind) gittoken.Verdict {
	if !a.isRejection() {
		cause, detail := a.failure()

		return gittoken.Verdict{Kind: kind, Cause: cause, Detail: detail}
	}

	if c.Username == "" && (kind == gittoken.KindAPIToken || kind == gittoken.KindAppPassword) {
		// Good tokens of these kinds are refused as well when they come alone.
		return gittoken.Verdict{
			Kind:   kind,
			Cause:  gittoken.CauseNotUnderstood,
			Detail: "a token of this kind is accepted only together with its account's e-mail address or user name",
		}
	}

	if a.saysExpired() {
		return gittoken.Verdict{Standing: gittoken.Expired, Kind: kind, Detail: a.message()}
	}

	return gittoken.Verdict{Standing: gittoken.Rejected, Kind: kind, Detail: a.message()}
}

func (a answer) unchecked(kind gittoken.Kind, now time.Time) gittoken.Verdict {
	cause, detail := a.failure()

	return gittoken.Verdict{Kind: kind, Cause: cause, Detail: detail, RetryAt: a.RetryAt(now)}
}
