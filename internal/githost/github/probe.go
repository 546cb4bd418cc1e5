package github

import (
	"context"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
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
		return undetermined(gittoken.CauseNotUnderstood, err.Error()).of(p)
	}

	r := i.repository(ctx, c, segments[0], segments[1])

	if p.Permission != "" {
		t := target{inspector: i, credential: c, owner: segments[0], name: segments[1], repository: r}

		return t.permission(ctx, p.Permission, allowWrites).of(p)
	}

	return r.access(kind, p.Access, c.Host.WebURL()).of(p)
}

// finding is an outcome with its reason.
type finding struct {
	outcome gittoken.Outcome
	cause   gittoken.Cause
	detail  string
	helpURL string
}

func (f finding) of(p gittoken.Probe) gittoken.ProbeResult {
	return gittoken.ProbeResult{Probe: p, Outcome: f.outcome, Cause: f.cause, Detail: f.detail, HelpURL: f.helpURL}
}

func proven() finding              { return finding{outcome: gittoken.Proven} }
func denied(detail string) finding { return finding{outcome: gittoken.Denied, detail: detail} }

func undetermined(cause gittoken.Cause, detail string) finding {
	return finding{cause: cause, detail: detail}
}

// undecided returns the finding of an answer that settles nothing.
func undecided(a answer) finding {
	m := a.meaning()
	if m.standing == gittoken.Rejected {
		m.cause = gittoken.CauseNotPermitted // whether the token works is not a probe's to say
	}

	return undetermined(m.cause, a.detail())
}

// access answers from what GET /repos said; web is where the host's people sign in. The account's role is there, which
// is a condition for the token's own access; the scopes, which are the other one, are judged elsewhere.
func (r repository) access(kind gittoken.Kind, want gittoken.Access, web string) finding {
	switch {
	case r.hidden():
		return denied(detailHidden)
	case !r.seen:
		// These two refuse the token at this repository for good.
		if m := r.answer.meaning(); m.standing == gittoken.Blocked && m.cause != gittoken.CauseAccountBlocked {
			return finding{
				outcome: gittoken.Denied, cause: m.cause, detail: r.answer.detail(),
				helpURL: parseSSO(r.answer.header.Get("X-GitHub-SSO"), web),
			}
		}

		return undecided(r.answer)
	}

	var role *bool

	switch want {
	case gittoken.Read:
		return proven()
	case gittoken.Write:
		role = r.push
	case gittoken.Admin:
		role = r.admin
	default:
		return undetermined(gittoken.CauseNotUnderstood, "no such level of access")
	}

	switch {
	case r.archived:
		return denied(detailArchived)
	case role == nil:
		return undetermined(gittoken.CauseNotUnderstood, "GitHub did not tell the account's role at the repository")
	case kind != gittoken.KindClassic && kind != gittoken.KindOAuth:
		// Other kinds of token are granted less, and now and then more, than the role that GitHub shows here.
		return undetermined(gittoken.CauseNotPermitted, "GitHub tells the account's role at the repository, not the token's")
	case !*role:
		return denied("the token's account has no " + string(want) + " access to the repository")
	}

	return proven()
}
