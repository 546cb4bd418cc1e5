package bitbucketcloud

import (
	"context"
	"net/http"
	"net/url"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Probe asks what the token may do with one repository, with one GET request.
//
// The kind matters: a role is that of a user in a repository, and an access token is none.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	f := i.probe(ctx, c, kind, p)

	return gittoken.ProbeResult{Probe: p, Outcome: f.outcome, Cause: f.cause, Detail: f.detail}
}

// finding is the answer to a probe.
type finding struct {
	outcome gittoken.Outcome
	cause   gittoken.Cause
	detail  string
}

func (i *Inspector) probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe,
) finding {
	if p.Permission != "" || p.Repository == "" {
		return finding{cause: gittoken.CauseNotUnderstood, detail: "Bitbucket Cloud knows access to a repository only"}
	}

	service, err := i.connect(c)
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return finding{cause: cause, detail: detail}
	}

	at, err := parsePlace(p.Repository, c.Host)
	if err != nil {
		return finding{cause: gittoken.CauseNotUnderstood, detail: err.Error()}
	}

	switch p.Access {
	case gittoken.Read:
		return service.read(ctx, at)
	case gittoken.Write:
		return service.role(ctx, at, "contributor", kind)
	case gittoken.Admin:
		return service.role(ctx, at, "admin", kind)
	}

	return finding{cause: gittoken.CauseNotUnderstood, detail: "no such access"}
}

func (s *service) read(ctx context.Context, at place) finding {
	a := s.get(ctx, "/repositories/"+at.fullName())
	if _, ok := parseRepository(a); ok {
		return finding{outcome: gittoken.Proven}
	}

	return a.finding()
}

// role looks for the repository among those of its workspace in which the token has a role (Bitbucket Cloud REST API,
// List repositories in a workspace).
func (s *service) role(ctx context.Context, at place, role string, kind gittoken.Kind) finding {
	query := url.Values{"role": {role}, "q": {`full_name="` + at.fullName() + `"`}}
	a := s.get(ctx, "/repositories/"+at.workspace+"?"+query.Encode())

	list, ok := parseRepositories(a)
	if !ok {
		return a.finding()
	}

	// Whether the host applies the filter to a token that is no user's is not documented.
	isUser := kind == gittoken.KindAPIToken || kind == gittoken.KindAppPassword

	for _, r := range list {
		if !at.is(r) {
			continue
		}

		if !isUser && r.Private != nil && !*r.Private {
			// Unfiltered, the list shows what anybody may see. A private repository is shown to an access token only
			// if it is one that the token is for; there the token's scopes say what it may do.
			return finding{cause: gittoken.CausePublic, detail: "the repository is public"}
		}

		return finding{outcome: gittoken.Proven}
	}

	if !isUser {
		return finding{
			cause:  gittoken.CauseNotPermitted,
			detail: "the host tells the role of users only, and the token may not be one's",
		}
	}

	return finding{
		outcome: gittoken.Denied,
		detail:  "not among the repositories in which the token's owner has the role " + role,
	}
}

// finding returns what an answer other than the one hoped for means.
func (a answer) finding() finding {
	_, described := a.hostError()

	switch {
	case a.Status == http.StatusNotFound && described:
		return finding{outcome: gittoken.Denied, detail: a.message()}
	case a.Status == http.StatusForbidden && described, a.isRejection():
		// A scope that is missing is found by the scopes, and a bad token by the verdict: neither is said twice.
		return finding{cause: gittoken.CauseNotPermitted, detail: a.message()}
	}

	cause, detail := a.failure()

	return finding{cause: cause, detail: detail}
}
