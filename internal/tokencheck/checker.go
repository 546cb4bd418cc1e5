package tokencheck

import (
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
	return gittoken.Judge(v, r.Requirement(v.Kind), nil, r.Memory, c.Now())
}

func (c Checker) ask(ctx context.Context, r Request, maxAge time.Duration) gittoken.Judgement {
	credential := r.Credential()
	verdict := c.Inspector.Inspect(ctx, credential, maxAge)
	memory := r.Memory
	if memory.ExpiresAt.IsZero() {
		memory.ExpiresAt = r.ExpiryHint
	}

	requirement := r.Requirement(verdict.Kind)
	var results []gittoken.ProbeResult
	if verdict.Standing == gittoken.Live {
		for _, probe := range gittoken.Probes(requirement, r.Repositories) {
			results = append(results, c.Inspector.Probe(ctx, credential, verdict.Kind, probe, r.WriteProbes, maxAge))
		}
	}

	// A user name that cannot be right is reason enough for a rejection: it says nothing of what became of the token.
	if form := requirement.Kind.UsernameForm(); verdict.Standing == gittoken.Rejected && r.Username != "" &&
		!form.Fits(r.Username) {
		memory = gittoken.Memory{}
	}

	return gittoken.Judge(verdict, requirement, results, memory, c.Now())
}
