package provider

import (
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// validation says what follows from a bad token.
type validation string

const (
	enforce validation = "enforce"
	warn    validation = "warn"
	skip    validation = "skip"
)

func (v validation) known() bool { return v == enforce || v == warn || v == skip }

// walk is an occasion on which Terraform asks the provider about a token.
type walk int

const (
	walkRefresh       walk = iota
	walkPlanUnchanged      // the plan, and the token and what is required of it are as they were applied
	walkPlanChanged        // the plan, and the token or what is required of it is new
	walkApply
)

// severity is how loud a finding is told.
type severity int

const (
	quiet severity = iota
	warning
	failure
)

// decide is the table of what each walk does with a judgement.
//
// Only a token that is new to Terraform may fail a plan: a failing plan would also stop the plan that precedes a
// destroy, and would keep other resources from being planned. A refresh never fails over a token, since that would stop
// everything.
func decide(w walk, j gittoken.Judgement, v validation, u unreachable) severity {
	if v == skip {
		return quiet
	}

	loudness := quiet
	switch j.Status.Class() {
	case gittoken.Good:
	case gittoken.Bad:
		loudness = warning
		if w == walkPlanChanged || w == walkApply {
			loudness = failure
		}
	case gittoken.Soft:
		loudness = warning
		switch {
		case j.Status != gittoken.StatusUnchecked: // unproven: may be registered
		case j.Verdict.Cause == gittoken.CauseTokenWithheld: // is not sent anyway
		case w == walkApply:
			loudness = failure
		case w == walkPlanChanged && u == unreachableError && !awaitsApply(j.Verdict.Cause):
			loudness = failure
		}
	}
	if loudness == failure && v == warn {
		return warning
	}

	return loudness
}

// awaitsApply reports whether a check was impossible only because a value is not known before apply: that is how
// Terraform works and no fault of a host.
func awaitsApply(c gittoken.Cause) bool {
	return c == gittoken.CauseTokenUnknown || c == gittoken.CauseHostUnknown
}

// recall says what the state proves about a token that has not changed since. Without a state it proves nothing.
func recall(m *tokenModel) gittoken.Memory {
	if m == nil {
		return gittoken.Memory{}
	}
	memory := gittoken.Memory{ExpiresAt: m.lastExpiry()}
	switch gittoken.Status(m.Status.ValueString()) {
	case gittoken.StatusValid, gittoken.StatusUnproven, gittoken.StatusUnderScoped, gittoken.StatusBlocked,
		gittoken.StatusRevoked:
		memory.Accepted = true
	case gittoken.StatusExpired, gittoken.StatusInvalid, gittoken.StatusUnchecked:
	}

	return memory
}

// drifted reports whether the state alone calls for an update, although the configuration is as it was applied: the
// token is bad, or Codefresh calls a token invalid that its Git host calls good, so that sending it again may help.
func drifted(state *tokenModel) bool {
	class := gittoken.Status(state.Status.ValueString()).Class()

	return class == gittoken.Bad || refusedByCodefresh(state)
}

// refusedByCodefresh reports whether Codefresh calls a token invalid that nothing else speaks against.
func refusedByCodefresh(state *tokenModel) bool {
	return state.CodefreshStatus.ValueString() == codefreshFailed &&
		gittoken.Status(state.Status.ValueString()).Class() != gittoken.Bad
}
