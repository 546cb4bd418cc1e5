package tokencheck

import (
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Mode says what follows from a bad token.
type Mode string

// The modes, in the words of the attribute validation.
const (
	Enforce Mode = "enforce" // an error
	Warn    Mode = "warn"    // a warning, and the apply goes on
	Skip    Mode = "skip"    // the Git host is not asked
	// ModeUnknown: the mode is not known before apply, which will fail over a bad token or not.
	ModeUnknown Mode = ""
)

// Known reports whether m is one of the modes.
func (m Mode) Known() bool { return m == Enforce || m == Warn || m == Skip }

// Unreachable says what a plan does that could not check.
type Unreachable string

// The values of the attribute on_unreachable.
const (
	UnreachableWarn  Unreachable = "warn"
	UnreachableError Unreachable = "error"
)

// Walk is an operation of Terraform's that asks the provider about a token.
type Walk int

// The walks.
const (
	Refresh       Walk = iota
	PlanUnchanged      // the plan, and the token and what is required of it are as they were applied
	PlanChanged        // the plan, and the token or what is required of it is new
	Apply
)

// Severity is how loud a finding is.
type Severity int

// The severities, in rising order.
const (
	Quiet Severity = iota
	Warning
	Failure
)

// Decide is the table of what each walk does with a judgement.
//
// Only a token that is new to Terraform may fail a plan: a failing plan would also stop the plan that precedes a
// destroy, and would keep other resources from being planned. A refresh never fails over a token, since that would stop
// everything.
func Decide(w Walk, j gittoken.Judgement, m Mode, u Unreachable) Severity {
	if m == Skip || j.Verdict.Cause == gittoken.CauseTokenIgnored {
		return Quiet
	}

	severity := Quiet

	switch j.Status.Class() {
	case gittoken.Good:
	case gittoken.Bad:
		severity = Warning
		if w == PlanChanged || w == Apply {
			severity = Failure
		}
	case gittoken.Soft:
		severity = Warning

		switch {
		case j.Status != gittoken.StatusUnchecked: // unproven: may be registered
		case j.Verdict.Cause == gittoken.CauseTokenWithheld: // is not sent anyway
		case w == Apply:
			severity = Failure
		case w == PlanChanged && u == UnreachableError && !AwaitsApply(j.Verdict.Cause):
			severity = Failure
		}
	}

	if severity == Failure && (m == Warn || m == ModeUnknown) {
		return Warning
	}

	return severity
}

// AwaitsApply reports whether a check was impossible only because a value is not known before apply: that is how
// Terraform works and no fault of a host.
func AwaitsApply(c gittoken.Cause) bool {
	return c == gittoken.CauseTokenUnknown || c == gittoken.CauseHostUnknown
}
