//go:build faults

package acceptance_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// walks runs Terraform, which must not complain of the provider. With -1 any exit code will do.
func (c *lifeCell) walks(exit int, args ...string) int {
	c.t.Helper()

	second := c.tokens[1]
	if c.late && c.row.then3 {
		second = c.tokens[2]
	}

	all := append([]string{args[0], "-json", "-input=false", "-var=first=" + c.base, "-var=second=" + second},
		args[1:]...)

	got := c.cli.run(all...)
	for _, d := range got.diagnostics {
		for _, own := range []string{"Provider produced", "Provider returned", "inconsistent", "Plugin", "Unsupported"} {
			if strings.Contains(d.Summary, own) {
				c.t.Errorf("%s: %s", args[0], d)
			}
		}
	}

	if exit >= 0 {
		got.wantExit(exit)
	}

	if args[0] == "plan" && got.exit == 1 {
		c.t.Errorf("the plan fails: %v", got.diagnostics)
	}

	return got.exit
}

// place is where the token is once the operation is done.
func (c *lifeCell) place() lifePlace { return c.placeOf(c.after()) }

func (c *lifeCell) placeOf(v value) lifePlace {
	p := lifePlace{runtimeName, "default", c.userID}
	switch {
	case v != then:
	case c.row.name == "runtime":
		p.runtime = otherRuntime
	case c.row.name == "integration":
		p.integration = "lab"
	case c.row.name == "api_key":
		p.user = c.annsID
	}

	return p
}

// text is the token that the operation leads to.
func (c *lifeCell) text() string { return c.textOf(c.after()) }

func (c *lifeCell) textOf(v value) string {
	isSource := c.row.name == "token" || c.row.name == "token_wo" || c.row.name == "token_name"
	switch {
	case c.row.host != "" && v == then:
		return c.tokens[3]
	case !isSource || v == first:
		return c.tokens[0]
	case c.row.name == "token_wo" && c.source == inVersioned && c.operation == updates && c.condition != unset:
		return c.tokens[0] // the value alone means nothing
	case c.late && c.row.then3 && c.operation != destroysIt:
		return c.tokens[2]
	}

	return c.tokens[1]
}

// held returns the token that Codefresh holds at a place; empty for none.
func (c *lifeCell) held(p lifePlace) string {
	if c.kind.resourceType == runtimeToken {
		text, _, _, _, _ := c.RuntimeToken(p.runtime)

		return text
	}

	text, _ := c.UserToken(p.runtime, p.integration, p.user)

	return text
}

// called names a token without its text.
func (c *lifeCell) called(text string) string {
	if i := slices.Index(c.tokens, text); i >= 0 {
		return []string{"the first token", "the second token", "the third token", "the other host's token"}[i]
	}

	return cmp.Or(map[bool]string{true: "no token"}[text == ""], "an unknown token")
}

func (c *lifeCell) wantHeldAt(p lifePlace, texts ...string) {
	c.t.Helper()

	if got := c.held(p); !slices.Contains(texts, got) {
		var want []string
		for _, text := range texts {
			want = append(want, c.called(text))
		}

		c.t.Errorf("Codefresh holds %s at %v, and not %s", c.called(got), p, strings.Join(want, " or "))
	}
}

// registrations counts what handed a token to Codefresh, and takes what took one away.
func (c *lifeCell) mutations() (sent, takenAway int) {
	for _, r := range c.Mutations() {
		if strings.HasPrefix(r.Operation, "deregister") {
			takenAway++
		} else {
			sent++
		}
	}

	return sent, takenAway
}

// wanted says how many tokens the operation sends.
func (c *lifeCell) wantedToSend() int {
	from, to := c.before(), c.after()

	isSource := c.row.name == "token" || c.row.name == "token_wo" || c.row.name == "token_name"
	switch {
	case c.operation != updates:
		return 1
	case c.condition == changed && c.kind.resourceType == c.row.resends:
		return 1
	case c.row.name == "integration" && from == first && to == none: // which is the default
		return 0
	case c.row.moves && from != to:
		return 1
	case !c.row.sends || from == to || c.textOf(from) == c.textOf(to) && isSource:
		return 0
	case c.row.name == "token_wo_version" && (from != first || to != then):
		return 0
	}

	return 1
}

// judge compares what came of the operation with what is to come of it.
func (c *lifeCell) judge(applied, nothingPlanned bool, before lifePlace) {
	c.t.Helper()

	if c.row.respelled && c.condition == known && c.operation == updates && !nothingPlanned {
		c.t.Error("another spelling of the same value is planned as a change")
	}

	want := succeeds
	if c.condition == changed && !nothingPlanned && (c.row.spares == nil || !c.row.spares(c)) {
		want = c.row.outcome
	}

	sent, takenAway := c.mutations()
	if applied != (want == succeeds) && want != either {
		c.t.Fatalf("applied: %t", applied)
	}

	if !applied {
		texts := []string{""}
		if c.operation != creates {
			texts = []string{c.textOf(c.before())}
		}

		if c.operation == replaces || c.row.moves { // the old one is gone by then
			texts = append(texts, "")
		}

		c.wantHeldAt(cmp.Or(before, c.place()), texts...)

		if sent != 0 {
			c.t.Errorf("%d tokens were sent, although the apply failed", sent)
		}

		return
	}

	c.wantHeldAt(c.place(), c.text())

	if wanted := c.wantedToSend(); sent != wanted {
		c.t.Errorf("%d tokens were sent, want %d", sent, wanted)
	}

	if takenAway > 0 && c.operation == updates && !c.row.moves {
		c.t.Errorf("an update takes %d tokens away", takenAway)
	}

	c.ForgetRequests()
	// What changed after a plan without changes is the next one's to find.
	isNext := nothingPlanned && c.condition == changed && c.row.outcome == either
	if c.walks(-1, "plan", "-detailed-exitcode") == 2 && !isNext {
		c.t.Error("the next plan is not empty")
		c.explain()
	}

	if len(c.Mutations()) > 0 {
		c.t.Errorf("a plan sent %v", c.Mutations())
	}
}

// explain logs what a plan changes.
func (c *lifeCell) explain() {
	c.t.Helper()

	if c.here == nil {
		return
	}

	for _, change := range c.saved.Changes {
		was, is := change.Before(), change.After()
		for _, name := range slices.Sorted(maps.Keys(is)) {
			if fmt.Sprint(was[name]) != fmt.Sprint(is[name]) && !strings.HasPrefix(name, "token") {
				c.t.Logf("%s: %s: %v, planned as %v", change.Address, name, was[name], is[name])
			}
		}
	}
}

// destroyed is the story of a destroy.
func (c *lifeCell) destroyed() {
	c.t.Helper()
	c.configure(c.configuration(then, c.condition == unknown, false))
	c.walks(0, "apply", "-auto-approve")
	place, text := c.placeOf(then), c.textOf(then)
	c.wantHeldAt(place, text)
	c.ForgetRequests()

	switch c.condition {
	case unknown:
		c.late = true
		c.configure(c.configuration(then, true, false))
		c.late = false
	case ignored:
		c.configure(c.configuration(first, false, true))
	case unset:
		c.configure(c.configuration(none, false, false))

		if c.row.required {
			c.configure(c.provider(), ephemeralVariables)
		}
	case known, changed:
	}

	if c.walks(-1, "plan", "-destroy", "-out=saved", "-detailed-exitcode") == 1 {
		return
	}

	if c.condition == changed {
		c.row.meanwhile(c)
		c.late = true
	}

	applied := c.walks(-1, "apply", "saved") == 0
	switch {
	case !applied && (c.condition != changed || c.row.destroy == succeeds):
		c.t.Fatal("the destroy fails")
	case !applied:
		c.wantHeldAt(place, text)

		return
	}

	if sent, _ := c.mutations(); sent > 0 {
		c.t.Errorf("a destroy sends %d tokens", sent)
	}

	c.destroyedAt(place, text)

	if left := c.state(); len(left) > 0 {
		c.t.Errorf("the state still has %v", slices.Collect(maps.Keys(left)))
	}
}

// destroyedAt wants a user's token gone, unless nobody could take it away, and a runtime's left in its place.
func (c *lifeCell) destroyedAt(p lifePlace, text string) {
	c.t.Helper()

	switch {
	case c.kind.resourceType == runtimeToken && c.row.name == "runtime" && c.condition == changed:
		// it moved along
	case c.kind.resourceType == runtimeToken:
		c.wantHeldAt(p, text)
	case c.condition == changed && c.row.destroy == either:
	default:
		c.wantHeldAt(p, "")
	}
}

func quoted(text string) string { return strconv.Quote(text) }
