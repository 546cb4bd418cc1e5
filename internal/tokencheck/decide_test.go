package tokencheck

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// decisions is the whole table: what a walk (first column) does with a status (second column), by validation and, below
// it, on_unreachable. "awaited" is unchecked because something is not known before apply.
const decisions = `
                      enforce           warn              skip
                      warn     error    warn     error    warn     error

refresh    valid        quiet    quiet    quiet    quiet    quiet    quiet
refresh    unproven     warning  warning  warning  warning  quiet    quiet
refresh    unchecked    warning  warning  warning  warning  quiet    quiet
refresh    awaited      warning  warning  warning  warning  quiet    quiet
refresh    under_scoped warning  warning  warning  warning  quiet    quiet
refresh    expired      warning  warning  warning  warning  quiet    quiet
refresh    revoked      warning  warning  warning  warning  quiet    quiet
refresh    invalid      warning  warning  warning  warning  quiet    quiet
refresh    blocked      warning  warning  warning  warning  quiet    quiet

unchanged  valid        quiet    quiet    quiet    quiet    quiet    quiet
unchanged  unproven     warning  warning  warning  warning  quiet    quiet
unchanged  unchecked    warning  warning  warning  warning  quiet    quiet
unchanged  awaited      warning  warning  warning  warning  quiet    quiet
unchanged  under_scoped warning  warning  warning  warning  quiet    quiet
unchanged  expired      warning  warning  warning  warning  quiet    quiet
unchanged  revoked      warning  warning  warning  warning  quiet    quiet
unchanged  invalid      warning  warning  warning  warning  quiet    quiet
unchanged  blocked      warning  warning  warning  warning  quiet    quiet

changed    valid        quiet    quiet    quiet    quiet    quiet    quiet
changed    unproven     warning  warning  warning  warning  quiet    quiet
changed    unchecked    warning  failure  warning  warning  quiet    quiet
changed    awaited      warning  warning  warning  warning  quiet    quiet
changed    under_scoped failure  failure  warning  warning  quiet    quiet
changed    expired      failure  failure  warning  warning  quiet    quiet
changed    revoked      failure  failure  warning  warning  quiet    quiet
changed    invalid      failure  failure  warning  warning  quiet    quiet
changed    blocked      failure  failure  warning  warning  quiet    quiet

apply      valid        quiet    quiet    quiet    quiet    quiet    quiet
apply      unproven     warning  warning  warning  warning  quiet    quiet
apply      unchecked    failure  failure  warning  warning  quiet    quiet
apply      awaited      failure  failure  warning  warning  quiet    quiet
apply      under_scoped failure  failure  warning  warning  quiet    quiet
apply      expired      failure  failure  warning  warning  quiet    quiet
apply      revoked      failure  failure  warning  warning  quiet    quiet
apply      invalid      failure  failure  warning  warning  quiet    quiet
apply      blocked      failure  failure  warning  warning  quiet    quiet
`

func TestDecide(t *testing.T) {
	t.Parallel()

	walks := map[string]Walk{
		"refresh": Refresh, "unchanged": PlanUnchanged, "changed": PlanChanged, "apply": Apply,
	}
	loudness := map[string]Severity{"quiet": Quiet, "warning": Warning, "failure": Failure}
	columns := []struct {
		mode        Mode
		unreachable Unreachable
	}{
		{Enforce, UnreachableWarn},
		{Enforce, UnreachableError},
		{Warn, UnreachableWarn},
		{Warn, UnreachableError},
		{Skip, UnreachableWarn},
		{Skip, UnreachableError},
	}

	rows := 0

	for line := range strings.Lines(decisions) {
		fields := strings.Fields(line)
		if len(fields) != 2+len(columns) {
			continue // a heading
		}

		rows++

		w, known := walks[fields[0]]
		if !known {
			t.Fatalf("no walk %q", fields[0])
		}

		for _, j := range judgements(fields[1]) {
			for i, c := range columns {
				if got, want := Decide(w, j, c.mode, c.unreachable), loudness[fields[2+i]]; got != want {
					t.Errorf("%s, %s (%q), validation %s, on_unreachable %s: severity %d, want %d", fields[0], fields[1],
						j.Verdict.Cause, c.mode, c.unreachable, got, want)
				}
			}
		}
	}

	if rows != len(walks)*9 {
		t.Errorf("the table has %d rows", rows)
	}
}

// judgements returns the judgements that a word of the table stands for.
func judgements(status string) []gittoken.Judgement {
	of := func(s gittoken.Status, causes ...gittoken.Cause) []gittoken.Judgement {
		var all []gittoken.Judgement
		for _, c := range causes {
			all = append(all, gittoken.Judgement{Status: s, Verdict: gittoken.Verdict{Cause: c}})
		}

		return all
	}

	switch status {
	case "awaited":
		return of(gittoken.StatusUnchecked, gittoken.CauseTokenUnknown, gittoken.CauseHostUnknown)
	case "unchecked":
		return of(gittoken.StatusUnchecked, "", gittoken.CauseTimeout, gittoken.CauseNetwork, gittoken.CauseTLS,
			gittoken.CauseRedirect, gittoken.CauseInsecure, gittoken.CauseRateLimited, gittoken.CauseLoginLockout,
			gittoken.CauseAddressBanned, gittoken.CauseIPAllowList, gittoken.CauseServerError, gittoken.CauseTooLarge,
			gittoken.CauseNotUnderstood, gittoken.CauseNotPermitted)
	case "blocked":
		return of(gittoken.StatusBlocked, gittoken.CauseSSO, gittoken.CauseAccountBlocked, gittoken.CausePolicy,
			gittoken.CauseFineGrainedOnly)
	}

	return of(gittoken.Status(status), "")
}

func TestModeKnown(t *testing.T) {
	t.Parallel()

	for v, want := range map[Mode]bool{
		Enforce: true, Warn: true, Skip: true, "": false, "Enforce": false, "off": false,
	} {
		if v.Known() != want {
			t.Errorf("%q: known is %t", v, !want)
		}
	}
}
