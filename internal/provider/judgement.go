package provider

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// requestFor returns what a model tells of its token's check.
func requestFor(t gittoken.Type, m *tokenModel) tokencheck.Request {
	return tokencheck.Request{
		Type:         t,
		Runtime:      m.Runtime.ValueString(),
		Username:     m.Username.ValueString(),
		Repositories: repositoriesOf(m.Repositories),
		WriteProbes:  m.WriteProbes.ValueBool(),
		ExpiryHint:   m.hintedExpiry(),
	}
}

// tryAt adds the repositories that Codefresh uses to those that the user named, unless that is not wanted or nobody is
// asked anyway.
func (d *providerData) tryAt(
	ctx context.Context, r tokencheck.Request, m *tokenModel, p registration.Place, v registration.View,
) tokencheck.Request {
	where := tokencheck.Where(cmp.Or(m.CheckRepositories.ValueString(), string(d.checkRepositories)))

	asked := r.Mode != tokencheck.Skip && r.Token.Known && !r.Token.Withheld && !r.Token.Ignored && !r.Host.IsZero()
	switch {
	case where != tokencheck.AtCodefreshs, m.CheckRepositories.IsUnknown(), !asked:
		return r
	case v.AccountID == "":
		r.UsedUnknown = true

		return r
	}

	sources, told := p.GitSources(ctx)
	r.UsedUnknown = !told
	used := tokencheck.Used{SharedConfiguration: v.SharedConfiguration, GitSources: sources}
	needs, leftOut := used.Needs(r.Type, r.Host, d.checker.Inspector.Locate)
	r.Repositories, r.LeftOut = slices.Concat(r.Repositories, needs), leftOut

	return r
}

// check asks about a token, and logs what came of it.
func (d *providerData) check(ctx context.Context, r tokencheck.Request, maxAge time.Duration) gittoken.Judgement {
	ctx, trace := memo.Traced(ctx)
	j := d.checker.Check(ctx, r, maxAge)
	d.logCheck(ctx, r, j, trace)

	return j
}

// recall says what the state proves about a token that has not changed since.
func recall(m *tokenModel) gittoken.Memory {
	memory := gittoken.Memory{ExpiresAt: m.lastExpiry()}
	switch gittoken.Status(m.Status.ValueString()) {
	case gittoken.StatusValid, gittoken.StatusUnproven, gittoken.StatusUnderScoped, gittoken.StatusBlocked,
		gittoken.StatusRevoked:
		memory.Accepted = true
	case gittoken.StatusExpired, gittoken.StatusInvalid, gittoken.StatusUnchecked:
	}

	return memory
}

// sayJudgement says what a judgement means on a walk, and that an expiry is near. It returns how loud the judgement is.
func (d *providerData) sayJudgement(
	ctx context.Context, say reporter, r tokencheck.Request, j gittoken.Judgement, w tokencheck.Walk,
) tokencheck.Severity {
	severity := tokencheck.Decide(w, j, r.Mode, d.onUnreachable)
	if severity == tokencheck.Warning && r.Mode == tokencheck.Warn &&
		tokencheck.Decide(w, j, tokencheck.Enforce, d.onUnreachable) == tokencheck.Failure {
		d.logDemoted(ctx, r, j)
	}

	if severity != tokencheck.Quiet {
		say.say(severity, message.Explain(r, j, w, severity))
	}

	if len(j.Advised) > 0 && j.Status.Class() != gittoken.Bad {
		say.say(tokencheck.Warning, message.RefusedRepositories(r, j))
	}

	expiry := j.Verdict.ExpiresAt
	if expiry.IsZero() {
		expiry = r.ExpiryHint
	}
	// Past by the host's word, and the host takes the token: then it is this machine's clock that is ahead.
	clockAhead := expiry.Equal(j.Verdict.ExpiresAt) && !expiry.After(d.now())
	if !clockAhead && j.Verdict.Standing == gittoken.Live && !expiry.IsZero() && d.expiryWarning > 0 &&
		expiry.Sub(d.now()) <= d.expiryWarning {
		say.say(tokencheck.Warning, message.ExpiryNotice(r, j.Verdict, expiry, d.now()))
	}

	if w == tokencheck.PlanChanged && j.Verdict.Standing == gittoken.Live && r.Host.IsDoubtful() {
		say.say(tokencheck.Warning, message.HostDoubtful(r.Host))
	}

	if w == tokencheck.PlanChanged && r.Type == gittoken.Runtime && j.Status.Class() != gittoken.Bad &&
		r.Host.IsDoubtfulOwner(j.Verdict.Owner) {
		say.say(tokencheck.Warning, message.OwnerDoubtful(r, j.Verdict))
	}

	return severity
}

// sayUnreachable says that Codefresh could not be asked, on a walk that only reads, and returns how loud that is.
// Without a key that Codefresh accepts it is an error: nothing that Codefresh says can be trusted then, not even that
// something is missing.
func (d *providerData) sayUnreachable(say reporter, runtime string, err error) tokencheck.Severity {
	if errors.Is(err, registration.ErrSettingsUnknown) {
		return tokencheck.Quiet
	}

	severity := tokencheck.Warning
	problem := (*codefresh.Error)(nil)
	fatal := errors.As(err, &problem) && (problem.Kind == codefresh.KeyRefused || problem.Kind == codefresh.KeyMissing)

	fatal = fatal || errors.Is(err, registration.ErrKeyMissing)
	if fatal || d.onUnreachable == tokencheck.UnreachableError {
		severity = tokencheck.Failure
	}

	m := d.explain(err, runtime)
	if !fatal && say.resource != "" {
		m = message.StateKept(m)
	}

	say.say(severity, m)

	return severity
}
