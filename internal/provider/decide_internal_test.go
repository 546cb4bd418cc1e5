package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

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

	walks := map[string]walk{
		"refresh": walkRefresh, "unchanged": walkPlanUnchanged, "changed": walkPlanChanged, "apply": walkApply,
	}
	loudness := map[string]severity{"quiet": quiet, "warning": warning, "failure": failure}
	columns := []struct {
		validation  validation
		unreachable unreachable
	}{
		{enforce, unreachableWarn},
		{enforce, unreachableError},
		{warn, unreachableWarn},
		{warn, unreachableError},
		{skip, unreachableWarn},
		{skip, unreachableError},
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
				if got, want := decide(w, j, c.validation, c.unreachable), loudness[fields[2+i]]; got != want {
					t.Errorf("%s, %s (%q), validation %s, on_unreachable %s: severity %d, want %d", fields[0], fields[1],
						j.Verdict.Cause, c.validation, c.unreachable, got, want)
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
			gittoken.CauseIPAllowList, gittoken.CauseServerError, gittoken.CauseTooLarge, gittoken.CauseNotUnderstood,
			gittoken.CauseNotPermitted)
	case "blocked":
		return of(gittoken.StatusBlocked, gittoken.CauseSSO, gittoken.CauseAccountBlocked, gittoken.CausePolicy)
	}

	return of(gittoken.Status(status), "")
}

// A refresh that failed would stop every walk, the one that repairs the token included.
func TestNothingAboutATokenFailsARefresh(t *testing.T) {
	t.Parallel()

	for _, c := range situations(t) {
		_, j := c.in(t)
		for _, v := range []validation{enforce, warn, skip, ""} {
			for _, u := range []unreachable{unreachableWarn, unreachableError} {
				for _, w := range []walk{walkRefresh, walkPlanUnchanged} {
					if decide(w, j, v, u) == failure {
						t.Errorf("%s fails walk %d with validation %q and on_unreachable %q", c.name, w, v, u)
					}
				}
			}
		}
	}
}

func TestValidationKnown(t *testing.T) {
	t.Parallel()

	for v, want := range map[validation]bool{
		enforce: true, warn: true, skip: true, "": false, "Enforce": false, "off": false,
	} {
		if v.known() != want {
			t.Errorf("%q: known is %t", v, !want)
		}
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()

	for status, accepted := range map[gittoken.Status]bool{
		gittoken.StatusValid:       true,
		gittoken.StatusUnproven:    true,
		gittoken.StatusUnderScoped: true,
		gittoken.StatusBlocked:     true,
		gittoken.StatusRevoked:     true, // only a token that worked is called so
		gittoken.StatusExpired:     false,
		gittoken.StatusInvalid:     false,
		gittoken.StatusUnchecked:   false,
		"":                         false,
	} {
		m := &tokenModel{verdictModel: verdictModel{Status: textOrNull(string(status))}}
		if got := recall(m); got.Accepted != accepted || !got.ExpiresAt.IsZero() {
			t.Errorf("%q: %+v", status, got)
		}
	}

	m := &tokenModel{ExpiresAtHint: types.StringValue("2027-01-31")}
	if got := recall(m).ExpiresAt.String(); got != "2027-01-31 00:00:00 +0000 UTC" {
		t.Errorf("with a hint: %s", got)
	}
}

func TestDrifted(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		status           string
		codefresh        string
		drifted, refused bool
	}{
		{"valid", codefreshSuccessful, false, false},
		{"valid", codefreshUnknown, false, false},
		{"valid", "", false, false},
		{"valid", codefreshFailed, true, true},
		{"unproven", codefreshSuccessful, false, false},
		{"unproven", codefreshFailed, true, true},
		{"unchecked", codefreshSuccessful, false, false},
		{"unchecked", codefreshFailed, true, true},
		{"", "", false, false},
		{"under_scoped", codefreshSuccessful, true, false},
		{"expired", codefreshSuccessful, true, false},
		{"revoked", codefreshFailed, true, false}, // what Codefresh says is no surprise then
		{"invalid", codefreshUnknown, true, false},
		{"blocked", codefreshSuccessful, true, false},
	} {
		m := &tokenModel{
			verdictModel: verdictModel{Status: textOrNull(test.status)}, CodefreshStatus: textOrNull(test.codefresh),
		}
		if got := drifted(m); got != test.drifted {
			t.Errorf("%s, Codefresh says %q: drifted is %t", test.status, test.codefresh, got)
		}
		if got := refusedByCodefresh(m); got != test.refused {
			t.Errorf("%s, Codefresh says %q: refused is %t", test.status, test.codefresh, got)
		}
	}
}
