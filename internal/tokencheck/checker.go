package tokencheck

import (
	"cmp"
	"context"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// ApplyMaxAge is how old an inspection may be that an apply relies on. An apply of many resources asks once for a token
// that they share, and an apply that waited for a cluster asks again.
const ApplyMaxAge = 30 * time.Second

// Inspector asks Git hosts about tokens. An answer may be as old as maxAge; zero means of any age.
type Inspector interface {
	Inspect(ctx context.Context, c gittoken.Credential, maxAge time.Duration) gittoken.Verdict
	Probe(
		ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool,
		maxAge time.Duration,
	) gittoken.ProbeResult
	// Locate returns the name of the repository at an address of h, with what it belongs to: "acme/gitops".
	Locate(h gittoken.Host, address string) (string, error)
}

// Checker checks tokens.
type Checker struct {
	Inspector Inspector
	Now       func() time.Time
}

// Check asks the Git host about a token and judges the answer, which may be as old as maxAge. Where nobody can be asked
// the judgement says why.
func (c Checker) Check(ctx context.Context, r Request, maxAge time.Duration) gittoken.Judgement {
	verdict := gittoken.Verdict{Kind: gittoken.KindUnknown}

	switch {
	case r.Mode == Skip:
		verdict.Cause = gittoken.CauseSkipped
	case r.Token.Ignored:
		verdict.Cause = gittoken.CauseTokenIgnored
	case !r.Token.Known:
		verdict.Cause = gittoken.CauseTokenUnknown
	case r.Token.Withheld:
		verdict.Cause = gittoken.CauseTokenWithheld
	case r.Host.IsZero():
		verdict.Cause = gittoken.CauseHostUnknown
	default:
		return c.ask(ctx, r, maxAge)
	}

	return c.Judge(r, verdict)
}

// Judge judges a verdict that came without asking the host about repositories.
func (c Checker) Judge(r Request, v gittoken.Verdict) gittoken.Judgement {
	return r.helped(gittoken.Judge(v, r.Requirement(v), nil, r.Memory, c.Now()))
}

func (c Checker) ask(ctx context.Context, r Request, maxAge time.Duration) gittoken.Judgement {
	credential := r.Credential()
	verdict := c.Inspector.Inspect(ctx, credential, maxAge)

	memory := r.Memory
	if memory.ExpiresAt.IsZero() {
		memory.ExpiresAt = r.ExpiryHint
	}

	requirement := r.Requirement(verdict)

	var results []gittoken.ProbeResult

	if verdict.Standing == gittoken.Live {
		for _, probe := range gittoken.Probes(requirement, r.Repositories) {
			result := c.Inspector.Probe(ctx, credential, verdict.Kind, probe.Question(), r.WriteProbes, maxAge)
			results = append(results, result.Of(probe))
		}
	}

	// A user name that cannot be right is reason enough for a rejection: it says nothing of what became of the token.
	if form := requirement.Kind.UsernameForm(); verdict.Standing == gittoken.Rejected && r.Username != "" &&
		!form.Fits(r.Username) {
		memory = gittoken.Memory{}
	}

	j := gittoken.Judge(verdict, requirement, results, memory, c.Now())
	if verdict.Standing == gittoken.Live {
		j.Access, j.LeftOut, j.UsedUnknown = accessAt(r.Repositories, results), r.LeftOut, r.UsedUnknown
	}

	return r.helped(j)
}

// helped adds where a person goes to mend a bad token: the page that lifts a block, or the one that makes a token.
func (r Request) helped(j gittoken.Judgement) gittoken.Judgement {
	if j.Status.Class() == gittoken.Bad {
		j.HelpURL = cmp.Or(j.Verdict.HelpURL, j.Requirement.TokenURL(r.Host))
	}

	return j
}

// accessAt tells what came of each need. Of a repository at which several permissions were tried, the one that was
// refused tells, or else the one that nothing settled.
func accessAt(needs []gittoken.RepositoryNeed, results []gittoken.ProbeResult) []gittoken.RepositoryAccess {
	var all []gittoken.RepositoryAccess

	for _, need := range needs {
		access := gittoken.RepositoryAccess{Need: need, Outcome: gittoken.Proven}

		for _, result := range results {
			result = result.Weighed()

			differs := result.Probe.Access != "" && result.Probe.Access != need.Access
			if result.Probe.Repository != need.URL || differs || result.Outcome == gittoken.Proven ||
				access.Outcome == gittoken.Denied || access.Outcome != gittoken.Proven && result.Outcome != gittoken.Denied {
				continue
			}

			access.Outcome, access.Cause, access.Detail = result.Outcome, result.Cause, result.Detail
		}

		all = append(all, access)
	}

	return all
}
