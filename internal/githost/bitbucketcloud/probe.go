package bitbucketcloud

import (
	"context"
	"net/http"
	"net/url"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Probe asks what the token may do with one repository, with one GET request, and with one more, or two, if it has not
// the role.
//
// The kind matters: a role is that of a user in a repository, and an access token is none.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	return i.probe(ctx, c, kind, p).Of(p)
}

func (i *Inspector) probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe,
) gittoken.ProbeResult {
	if p.Permission != "" || p.Repository == "" {
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "Bitbucket Cloud knows access to a repository only")
	}

	service, err := i.connect(c)
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return gittoken.ProbeUndetermined(cause, detail)
	}

	at, err := parsePlace(p.Repository, c.Host)
	if err != nil {
		return remote.Result(err)
	}

	switch p.Access {
	case gittoken.Read:
		return service.read(ctx, at)
	case gittoken.Write:
		return service.role(ctx, at, "contributor", kind)
	case gittoken.Admin:
		return service.role(ctx, at, "admin", kind)
	}

	return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "no such access")
}

// Locate returns the repository's name with its workspace's.
func (i *Inspector) Locate(h gittoken.Host, address string) (string, error) {
	at, err := parsePlace(address, h)
	if err != nil {
		return "", err
	}

	return at.fullName(), nil
}

func (s *service) read(ctx context.Context, at place) gittoken.ProbeResult {
	a := s.get(ctx, "/repositories/"+at.fullName())
	if _, ok := parseRepository(a); ok {
		return gittoken.ProbeProven()
	}

	return a.result()
}

// role looks for the repository among those in which the token has a role. A repository that was renamed is found there
// by its new name only, which the host tells when it is asked for the old one.
func (s *service) role(ctx context.Context, at place, role string, kind gittoken.Kind) gittoken.ProbeResult {
	r, listed := s.listed(ctx, at, role, kind)
	if listed {
		return r
	}

	a := s.get(ctx, "/repositories/"+at.fullName())

	found, ok := parseRepository(a)
	now, valid := placeOf(found.FullName)

	switch {
	case !ok:
		if seen := a.result(); seen.Cause == gittoken.CauseHidden {
			return seen
		}
	case valid && !at.is(found):
		if r, listed = s.listed(ctx, now, role, kind); listed {
			return r
		}
	}

	return gittoken.ProbeDenied(gittoken.CauseRole,
		"not among the repositories in which the token's owner has the role "+role)
}

// listed asks for the repository among those of its workspace in which the token has a role (Bitbucket Cloud REST API,
// List repositories in a workspace). It reports false if the list does not have it, and nothing else is known.
func (s *service) listed(
	ctx context.Context, at place, role string, kind gittoken.Kind,
) (result gittoken.ProbeResult, listed bool) {
	query := url.Values{"role": {role}, "q": {`full_name="` + at.fullName() + `"`}}
	a := s.get(ctx, "/repositories/"+at.workspace+"?"+query.Encode())

	list, ok := parseRepositories(a)
	if !ok {
		return a.result(), true
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
			return gittoken.ProbeUndetermined(gittoken.CausePublic, "the repository is public"), true
		}

		return gittoken.ProbeProven(), true
	}

	if !isUser {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"the host tells the role of users only, and the token may not be one's"), true
	}

	return gittoken.ProbeResult{}, false
}

// result returns what an answer other than the one hoped for means.
func (a answer) result() gittoken.ProbeResult {
	_, described := a.hostError()

	switch {
	case a.Status == http.StatusNotFound && described:
		return gittoken.ProbeDenied(gittoken.CauseHidden, a.message())
	case a.Status == http.StatusForbidden && described && !a.namesAddresses(), a.isRejection():
		// A scope that is missing is found by the scopes, and a bad token by the verdict: neither is said twice.
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, a.message())
	}

	cause, detail := a.failure()

	return gittoken.ProbeUndetermined(cause, detail)
}
