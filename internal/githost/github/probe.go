package github

import (
	"context"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

const (
	detailHidden   = "the repository does not exist, or the token may not see it"
	detailUnchosen = "the repository does not exist, or it is not among those chosen for the token, or its organisation " +
		"has not approved the token yet"
	detailArchived = "the repository is archived: nothing can be written to it"
)

// Probe returns what a token of the given kind may do with a repository. Besides GET /repos, which the probes of one
// repository share, a probe of an access sends nothing and one of a permission at most two requests; only with
// allowWrites may the second of them have a write verb, with a body that GitHub cannot accept.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool,
) gittoken.ProbeResult {
	owner, name, err := parsePlace(c.Host, p.Repository)
	if err != nil {
		return remote.Result(err).Of(p)
	}

	t := target{
		inspector: i, credential: c, kind: kind, owner: owner, name: name, repository: i.repository(ctx, c, owner, name),
	}

	if p.Permission != "" {
		r := t.permission(ctx, p.Permission, allowWrites).Of(p)
		r.Public = t.repository.seen && !t.repository.private

		return r
	}

	return t.access(p.Access).Of(p)
}

// Locate returns the repository's name with its owner's.
func (i *Inspector) Locate(h gittoken.Host, address string) (string, error) {
	owner, name, err := parsePlace(h, address)
	if err != nil {
		return "", err
	}

	return owner + "/" + name, nil
}

// parsePlace reads an address of a repository. The error is a remote.Problem.
func parsePlace(h gittoken.Host, address string) (owner, name string, err error) {
	segments, err := remote.Segments(h, address)

	switch {
	case err != nil:
		return "", "", err
	case len(segments) != 2:
		return "", "", remote.Unknown
	}

	return segments[0], segments[1], nil
}

// target is a repository at which a token is tried.
type target struct {
	inspector   *Inspector
	credential  gittoken.Credential
	kind        gittoken.Kind
	owner, name string
	repository  repository
}

// unseen returns the result for a repository that GitHub does not show.
func (t target) unseen() gittoken.ProbeResult {
	switch {
	case !t.repository.hidden():
		return t.settle(t.repository.answer)
	case t.kind == gittoken.KindFineGrained:
		return gittoken.ProbeDenied(gittoken.CauseHidden, detailUnchosen)
	}

	return gittoken.ProbeDenied(gittoken.CauseHidden, detailHidden)
}

// settle returns the result of an answer that is not the one asked for.
func (t target) settle(a answer) gittoken.ProbeResult {
	web := t.credential.Host.WebURL()

	switch h := a.hurdle(); {
	case h.Standing == gittoken.Blocked && h.Cause != gittoken.CauseAccountBlocked:
		return gittoken.ProbeBlocked(h.Cause, a.detail(), a.help(web))
	case a.notAccessible():
		return gittoken.ProbeDenied(gittoken.CauseNotGranted, a.detail())
	case h.Standing == gittoken.Rejected:
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, a.detail()) // the verdict says what is wrong
	default:
		r := gittoken.ProbeUndetermined(h.Cause, a.detail())
		r.HelpURL = a.help(web)

		return r
	}
}

// access answers from what GET /repos said. The account's role is there, which is a condition for the token's own
// access; the scopes, which are the other one, are judged elsewhere.
func (t target) access(want gittoken.Access) gittoken.ProbeResult {
	r := t.repository
	if !r.seen {
		return t.unseen()
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
	case role != nil && !*role && tellsRole(t.kind):
		return gittoken.ProbeDenied(gittoken.CauseRole,
			"the token's account has no "+string(want)+" access to the repository")
	case r.archived:
		return gittoken.ProbeUndetermined(gittoken.CauseReadOnly, detailArchived)
	case role == nil:
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood,
			"GitHub did not tell the account's role at the repository")
	case !tellsRole(t.kind):
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"GitHub tells the account's role at the repository, not the token's")
	}

	return gittoken.ProbeProven()
}

// tellsRole reports whether the role that GitHub shows bounds such a token. Other kinds are granted less, and now and
// then more.
func tellsRole(k gittoken.Kind) bool { return k == gittoken.KindClassic || k == gittoken.KindOAuth }
