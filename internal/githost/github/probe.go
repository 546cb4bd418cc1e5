package github

import (
	"context"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

const (
	detailHidden   = "the repository does not exist, or the token may not see it"
	detailArchived = "the repository is archived: nothing can be written to it"
)

// Probe returns what a token of the given kind may do with a repository. Besides GET /repos, which the probes of one
// repository share, a probe of an access sends nothing and one of a permission at most two requests; only with
// allowWrites may the second of them have a write verb, with a body that GitHub cannot accept.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool,
) gittoken.ProbeResult {
	segments, err := remote.Segments(c.Host, p.Repository)
	if err == nil && len(segments) != 2 {
		err = remote.Unknown
	}

	if err != nil {
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, err.Error()).Of(p)
	}

	r := i.repository(ctx, c, segments[0], segments[1])

	if p.Permission != "" {
		t := target{inspector: i, credential: c, owner: segments[0], name: segments[1], repository: r}

		return t.permission(ctx, p.Permission, allowWrites).Of(p)
	}

	return r.access(kind, p.Access, c.Host.WebURL()).Of(p)
}

// undecided returns the result of an answer that settles nothing.
func undecided(a answer) gittoken.ProbeResult {
	m := a.meaning()
	if m.standing == gittoken.Rejected {
		m.cause = gittoken.CauseNotPermitted // whether the token works is not a probe's to say
	}

	return gittoken.ProbeUndetermined(m.cause, a.detail())
}

// access answers from what GET /repos said; web is where the host's people sign in. The account's role is there, which
// is a condition for the token's own access; the scopes, which are the other one, are judged elsewhere.
func (r repository) access(kind gittoken.Kind, want gittoken.Access, web string) gittoken.ProbeResult {
	switch {
	case r.hidden():
		return gittoken.ProbeDenied(detailHidden)
	case !r.seen:
		// These two refuse the token at this repository for good.
		if m := r.answer.meaning(); m.standing == gittoken.Blocked && m.cause != gittoken.CauseAccountBlocked {
			return gittoken.ProbeBlocked(m.cause, r.answer.detail(), parseSSO(r.answer.Header.Get("X-GitHub-SSO"), web))
		}

		return undecided(r.answer)
	}

	var role *bool

	switch want {
	case gittoken.Read:
		return gittoken.ProbeProven()
	case gittoken.Write:
		role = r.push
	case gittoken.Admin:
		role = r.admin
	default:
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "no such level of access")
	}

	switch {
	case r.archived:
		return gittoken.ProbeDenied(detailArchived)
	case role == nil:
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood,
			"GitHub did not tell the account's role at the repository")
	case kind != gittoken.KindClassic && kind != gittoken.KindOAuth:
		// Other kinds of token are granted less, and now and then more, than the role that GitHub shows here.
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"GitHub tells the account's role at the repository, not the token's")
	case !*role:
		return gittoken.ProbeDenied("the token's account has no " + string(want) + " access to the repository")
	}

	return gittoken.ProbeProven()
}
