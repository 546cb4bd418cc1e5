//go:build faults

package acceptance_test

import (
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

var sequenceSeed = flag.Int64("seed", 0, "of the sequences of TestSequences; 0 takes one from the clock")

const (
	sequenceRounds = 20
	sequenceLength = 8
)

// fleet is the Git user tokens of several people, in blocks that come to be written otherwise. Each person's token has
// one place.
type fleet struct {
	*world

	dice    *rand.Rand
	cli     *cli
	keys    []string // API keys of the people
	ids     []string
	tokens  []string // what is configured for each
	blocks  []*fleetBlock
	chained bool     // each block waits for the one before it
	forget  []string // addresses in removed blocks
	named   int
	history []string
}

// fleetBlock is a resource block. Without a form it is for one person.
type fleetBlock struct {
	name    string
	form    string // "", "count" or "for_each"
	first   bool   // create_before_destroy
	members []fleetMember
}

type fleetMember struct {
	person int
	key    string // in for_each
}

func (b *fleetBlock) address(i int) string {
	switch b.form {
	case "count":
		return fmt.Sprintf("%s.%s[%d]", userToken, b.name, i)
	case "for_each":
		return fmt.Sprintf("%s.%s[%q]", userToken, b.name, b.members[i].key)
	}

	return userToken + "." + b.name
}

// TestSequences has blocks renamed, duplicated, replaced and counted anew, one after the other and by chance, and wants
// every configured person to have the configured token after each apply that succeeds.
func TestSequences(t *testing.T) {
	t.Parallel()

	seed := *sequenceSeed
	if seed == 0 {
		seed = time.Now().UnixNano() % 1_000_000_007
	}

	fmt.Printf("the sequences go by seed %d: make lifecycle FLAGS='-seed %d' repeats them\n", seed, seed)

	for round := range int64(sequenceRounds) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()

			f := newFleet(t, rand.New(rand.NewSource(seed+round))) //nolint:gosec // nothing is secret about it
			defer func() {
				if t.Failed() {
					t.Logf("seed %d, round %d; to repeat it: make lifecycle FLAGS='-seed %d -test.run TestSequences/^%d$$'\n%s",
						seed, round, seed, round, strings.Join(f.history, "\n"))
				}
			}()

			for range sequenceLength {
				f.turn()
			}

			f.end()
		})
	}
}

func newFleet(t *testing.T, dice *rand.Rand) *fleet {
	t.Helper()
	w := lifeWorld(t, sandbox.Runtime{})

	f := &fleet{world: w, dice: dice, cli: w.session()}
	for i := range 8 {
		id, key, err := w.AddUser(fmt.Sprintf("person-%d", i), false)
		w.must(err)

		f.keys, f.ids, f.tokens = append(f.keys, key), append(f.ids, id), append(f.tokens, w.mint("repo"))
	}

	f.blocks = []*fleetBlock{
		f.block("", 0), f.block("", 1), f.block("count", 2, 3, 4), f.block("for_each", 5, 6, 7),
	}
	f.apply("the first apply")

	return f
}

func (f *fleet) block(form string, people ...int) *fleetBlock {
	b := &fleetBlock{name: f.newName(), form: form}
	for _, person := range people {
		b.members = append(b.members, fleetMember{person, f.newName()})
	}

	return b
}

func (f *fleet) newName() string {
	f.named++

	return fmt.Sprintf("n%d", f.named)
}

// turn changes something and applies it.
func (f *fleet) turn() {
	f.t.Helper()
	turns := []func() (string, []string){
		f.rename, f.replace, f.createFirst, f.shift, f.changeKey, f.rotate, f.target, f.reform, f.duplicate, f.leave,
		f.chain,
	}
	what, args := turns[f.dice.Intn(len(turns))]()
	f.apply(what, args...)
}

func (f *fleet) pick() *fleetBlock { return f.blocks[f.dice.Intn(len(f.blocks))] }

// pickOf returns a block of a form; nil if there is none.
func (f *fleet) pickOf(form string) *fleetBlock {
	for _, i := range f.dice.Perm(len(f.blocks)) {
		if f.blocks[i].form == form {
			return f.blocks[i]
		}
	}

	return nil
}

func (f *fleet) rename() (string, []string) {
	b := f.pick()
	was := b.name
	b.name = f.newName()

	return fmt.Sprintf("%s is renamed %s", was, b.name), nil
}

func (f *fleet) replace() (string, []string) {
	b := f.pick()
	address := b.address(f.dice.Intn(len(b.members)))

	return "-replace=" + address, []string{"-replace=" + address}
}

func (f *fleet) createFirst() (string, []string) {
	b := f.pick()
	b.first = !b.first
	what, args := f.replace()

	return fmt.Sprintf("%s: create_before_destroy = %t; %s", b.name, b.first, what), args
}

// shift takes a person out of the middle of a count and puts them at its end, so that each after them moves.
func (f *fleet) shift() (string, []string) {
	b := f.pickOf("count")
	if b == nil || len(b.members) < 2 {
		return f.replace()
	}

	i := f.dice.Intn(len(b.members) - 1)
	moved := b.members[i]
	b.members = append(slices.Delete(b.members, i, i+1), moved)

	return fmt.Sprintf("%s[%d] goes to the end", b.name, i), nil
}

func (f *fleet) changeKey() (string, []string) {
	b := f.pickOf("for_each")
	if b == nil {
		return f.rename()
	}

	i := f.dice.Intn(len(b.members))
	was := b.members[i].key
	b.members[i].key = f.newName()

	return fmt.Sprintf("%s[%q] becomes %q", b.name, was, b.members[i].key), nil
}

// rotate gives somebody another token.
func (f *fleet) rotate() (string, []string) {
	person := f.dice.Intn(len(f.tokens))
	f.tokens[person] = f.mint("repo")

	return fmt.Sprintf("person %d gets another token", person), nil
}

// target renames a block and applies that block alone; the rest comes with the next turn.
func (f *fleet) target() (string, []string) {
	what, _ := f.rename()
	target := "-target=" + userToken + "." + f.pick().name

	return what + "; " + target, []string{target}
}

// reform writes a block in another form.
func (f *fleet) reform() (string, []string) {
	b := f.pick()

	forms := []string{"count", "for_each"}
	if len(b.members) == 1 {
		forms = append(forms, "")
	}

	was := b.form
	b.form = forms[f.dice.Intn(len(forms))]

	return fmt.Sprintf("%s: %q becomes %q", b.name, was, b.form), nil
}

// chain has each block wait for the one before it from now on, or no longer, so that Terraform can only take one after
// the other. Those that wait for one another are in any order.
func (f *fleet) chain() (string, []string) {
	f.chained = !f.chained
	f.dice.Shuffle(len(f.blocks), func(i, j int) { f.blocks[i], f.blocks[j] = f.blocks[j], f.blocks[i] })
	what, args := f.replace()

	return fmt.Sprintf("chained: %t; %s", f.chained, what), args
}

// duplicate gives a block a twin for the same people, applies both, and keeps one of them.
func (f *fleet) duplicate() (string, []string) {
	b := f.pick()
	twin := &fleetBlock{name: f.newName(), form: b.form, members: slices.Clone(b.members)}
	f.blocks = append(f.blocks, twin)
	f.apply(fmt.Sprintf("%s gets a twin, %s", b.name, twin.name))

	if f.dice.Intn(2) == 0 {
		b, twin = twin, b
	}

	f.blocks = slices.DeleteFunc(f.blocks, func(other *fleetBlock) bool { return other == twin })

	return fmt.Sprintf("of the twins, %s stays and %s goes", b.name, twin.name), nil
}

// leave has somebody go, and come back with the next turn that looks for them.
func (f *fleet) leave() (string, []string) {
	b := f.pick()
	if len(b.members) < 2 {
		return f.rename()
	}

	i := f.dice.Intn(len(b.members))
	gone := b.members[i]
	b.members = slices.Delete(slices.Clone(b.members), i, i+1)
	f.apply(fmt.Sprintf("person %d leaves %s", gone.person, b.name))
	f.blocks = append(f.blocks, f.block("", gone.person))

	return fmt.Sprintf("person %d comes back", gone.person), nil
}

func (f *fleet) configuration() string {
	all := []string{f.provider()}
	for i, b := range f.blocks {
		var people, keyed []string

		for _, m := range b.members {
			person := fmt.Sprintf("{ key = %q, token = %q }", f.keys[m.person], f.tokens[m.person])
			people, keyed = append(people, person), append(keyed, m.key+" = "+person)
		}

		lines := []string{set("runtime", runtimeName)}
		of := people[0]

		switch b.form {
		case "count":
			lines = append(lines, fmt.Sprintf("count = %d", len(people)))
			of = "[" + strings.Join(people, ", ") + "][count.index]"
		case "for_each":
			lines = append(lines, "for_each = { "+strings.Join(keyed, ", ")+" }")
			of = "each.value"
		}

		lines = append(lines, "api_key = "+of+".key", "token = "+of+".token")
		if b.first {
			lines = append(lines, "lifecycle {\n    create_before_destroy = true\n  }")
		}

		if f.chained && i > 0 {
			lines = append(lines, "depends_on = ["+userToken+"."+f.blocks[i-1].name+"]")
		}

		all = append(all, provided(userToken, b.name, lines...))
	}

	for _, address := range f.forget {
		all = append(all, "removed {\n  from = "+address+"\n  lifecycle {\n    destroy = false\n  }\n}\n")
	}

	return strings.Join(all, "\n")
}

// apply plans and applies what is configured, in one order of those in which Terraform could. Where the plan says that
// one resource would take away what another one keeps, it does as the message says.
func (f *fleet) apply(what string, args ...string) {
	f.t.Helper()

	f.cli.order = 1 + f.dice.Int63()
	if f.dice.Intn(2) == 0 {
		args = append(args, "-parallelism=1")
	}

	if f.dice.Intn(6) == 0 {
		args = append(args, "-refresh=false")
	}

	f.history = append(f.history, fmt.Sprintf("%s (%v, order %d)", what, args, f.cli.order))

	told := f.try(args)
	if told.exit != 0 && f.onlyTakenAway(told) {
		f.history = append(f.history, "  which is refused; what is no longer configured is forgotten")
		f.forgetOrphans()
		told = f.try(args)
		f.forget = nil
	}

	if told.exit != 0 {
		f.t.Fatalf("%s: %s", what, told.failures())
	}

	var target string

	for _, arg := range args {
		if name, isTarget := strings.CutPrefix(arg, "-target="); isTarget {
			target = name
		}
	}

	for _, b := range f.blocks {
		if target != "" && target != userToken+"."+b.name {
			continue
		}

		for i, m := range b.members {
			if held, _ := f.UserToken(runtimeName, "default", f.ids[m.person]); held != f.tokens[m.person] {
				f.t.Fatalf("%s: person %d, %s, is without the configured token (and without any: %t)", what, m.person,
					b.address(i), held == "")
			}
		}
	}

	if target != "" {
		f.apply("the rest")

		return
	}

	f.cli.configure(f.configuration()) // without the removed blocks

	plan := f.cli.plan()
	f.wantNothingGone(plan)

	if plan.exit != 0 {
		f.t.Fatalf("%s: the next plan is not empty: %v %s", what, f.cli.changes(), plan.failures())
	}
}

// failures returns the errors, whatever they are about.
func (s said) failures() []diagnostic {
	return slices.DeleteFunc(slices.Clone(s.diagnostics), func(d diagnostic) bool { return d.Severity != "error" })
}

// try plans and applies.
func (f *fleet) try(args []string) said {
	f.t.Helper()
	f.cli.configure(f.configuration())

	plan := f.cli.plan(args...)
	f.wantNothingGone(plan)

	if plan.exit != 2 {
		return plan
	}

	return f.cli.run("apply", "-json", "-input=false", "saved")
}

// wantNothingGone fails the test if a plan misses a registration: nobody but Terraform has done anything.
func (f *fleet) wantNothingGone(plan said) {
	f.t.Helper()

	if strings.Contains(plan.text, "no longer registered") || strings.Contains(plan.text, "is gone") {
		f.t.Fatalf("a plan misses what Terraform took away itself: %v", plan.diagnostics)
	}
}

func (f *fleet) onlyTakenAway(told said) bool {
	return !slices.ContainsFunc(told.failures(), func(d diagnostic) bool {
		return !strings.Contains(d.Detail, "destroy = false")
	})
}

// forgetOrphans does what the message says, in one of the two ways that it names.
func (f *fleet) forgetOrphans() {
	configured := map[string]bool{}

	names := map[string]bool{}
	for _, b := range f.blocks {
		names[userToken+"."+b.name] = true
		for i := range b.members {
			configured[b.address(i)] = true
		}
	}

	for address := range f.cli.state() {
		resource, _, _ := strings.Cut(address, "[")
		switch {
		case configured[address]:
		case names[resource] || f.dice.Intn(2) == 0:
			if _, problem, exit := f.cli.execute("state", "rm", address); exit != 0 {
				f.t.Fatal(problem)
			}
		case !slices.Contains(f.forget, resource):
			f.forget = append(f.forget, resource)
		}
	}
}

// end destroys everything.
func (f *fleet) end() {
	f.t.Helper()
	f.blocks = nil
	f.apply("everything is removed")

	for person, id := range f.ids {
		if _, ok := f.UserToken(runtimeName, "default", id); ok && !slices.ContainsFunc(f.history, func(s string) bool {
			return strings.Contains(s, "forgotten") || strings.Contains(s, "goes to the end")
		}) {
			f.t.Errorf("person %d is registered although all was removed", person)
		}
	}
}
