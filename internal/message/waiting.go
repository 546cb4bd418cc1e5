package message

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

// This file words that an apply waits for a runtime, and which name may have been meant.

// WaitedFor words the warning that a runtime was not there when its token was to be sent, and what it lacked.
func WaitedFor(w registration.Waited, runtime, integration string) Message {
	return Message{
		fmt.Sprintf("Runtime %q was waited for", runtime),
		sentence("The apply waited %s until runtime %q could take a Git token: %s. It is there now. Nothing needs to be "+
			"done.", span(w.Time), runtime, lacked(w.For, integration)),
	}
}

// AfterWaiting adds to a message about what is not there how long it was waited for.
func AfterWaiting(m Message, w registration.Waited, integration string) Message {
	if w.Time < time.Second && !w.Cancelled {
		return m
	}

	how := sentence("The apply waited %s, as long as wait_for_runtime says", span(w.Time))
	if w.Cancelled {
		how = sentence("The apply was cancelled after it had waited %s", span(w.Time))
	}

	if len(w.For) > 0 {
		how += ": " + lacked(w.For, integration)
	}

	m.Detail = how + ". " + m.Detail

	return m
}

// lacked lists what a runtime lacked one after the other.
func lacked(parts []registration.Part, integration string) string {
	var clauses []string

	for _, part := range parts {
		switch part {
		case registration.PartRuntime:
			clauses = append(clauses, "the platform did not know it")
		case registration.PartAddress:
			clauses = append(clauses, "its app-proxy had no address")
		case registration.PartAppProxy:
			clauses = append(clauses, "its app-proxy did not answer")
		case registration.PartIntegration:
			clauses = append(clauses, fmt.Sprintf("it had no Git integration %q", integration))
		}
	}

	return strings.Join(clauses, ", then ")
}

// span is a duration without what is zero at its end.
func span(d time.Duration) string {
	text := d.Round(time.Second).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}

	return text
}

// didYouMean asks about the names that are nearly the one that is not there; empty if there is none.
func didYouMean(name string, names []string) string {
	near := closest(name, names)
	if len(near) == 0 {
		return ""
	}

	for i := range near {
		near[i] = fmt.Sprintf("%q", near[i])
	}

	return " Did you mean " + strings.Join(near, " or ") + "?"
}

// closest returns those of names that are name but for a slip or two, or for what comes before or after it: three at
// most, the nearest first.
func closest(name string, names []string) []string {
	const most = 3

	type candidate struct {
		name     string
		distance int
	}

	var near []candidate

	wanted := strings.ToLower(name)
	for _, other := range names {
		is := strings.ToLower(other)
		distance := slips(wanted, is)

		short := min(len(wanted), len(is))
		switch contained := strings.Contains(is, wanted) || strings.Contains(wanted, is); {
		case other == name || short == 0:
		case distance <= max(1, short/4), contained && short > 2:
			near = append(near, candidate{other, distance})
		}
	}

	slices.SortStableFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})

	var found []string
	for _, c := range near[:min(len(near), most)] {
		found = append(found, c.name)
	}

	return found
}

// slips returns how many characters were added, left out, mistaken or swapped with their neighbour to make b of a (the
// optimal string alignment distance).
func slips(a, b string) int {
	from, to := []rune(a), []rune(b)

	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}

	for j := range to {
		rows[0][j+1] = j + 1
	}

	for i := range from {
		for j := range to {
			mistaken := 1
			if from[i] == to[j] {
				mistaken = 0
			}

			best := min(rows[i][j+1]+1, rows[i+1][j]+1, rows[i][j]+mistaken)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				best = min(best, rows[i-1][j-1]+1)
			}

			rows[i+1][j+1] = best
		}
	}

	return rows[len(from)][len(to)]
}
