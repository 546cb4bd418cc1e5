//go:build faults

package faultmatrix_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// aviaries returns a world for each service that answers with secrets, and each type of token that it is asked about.
func aviaries() []*aviary {
	var all []*aviary

	add := func(h gitHost, resourceType string, by speaker, only ...sandbox.Service) {
		all = append(all, &aviary{
			lane: &lane{world: &world{host: h}, speaker: by, resourceType: resourceType}, only: only,
			clean: map[string]bool{},
		})
	}

	hosts := gitHosts()
	for _, resourceType := range []string{userToken, runtimeToken} {
		add(hosts[1], resourceType, speakerCodefresh, sandbox.Codefresh)
		add(hosts[1], resourceType, speakerCodefresh, sandbox.AppProxy(runtimeName), sandbox.AppProxy(secondRuntime))
	}

	for i, h := range hosts {
		if h.service == sandbox.GitHub || h.service == sandbox.GitLab {
			continue // as their self-hosted ones
		}

		add(h, []string{userToken, runtimeToken}[i%2], h.speaker, h.service)
	}

	grained := hosts[1]
	grained.kind, grained.scopes, grained.permissions = "fine_grained", nil, map[string]string{
		"administration": "write", "contents": "write", "metadata": "read", "pull_requests": "write", "statuses": "write",
		"webhooks": "write",
	}
	add(grained, runtimeToken, speakerGitHub, sandbox.GitHubEnterprise)

	return all
}

// sung counts what a canary run looked at.
type sung struct {
	mu       sync.Mutex
	secrets  map[string]bool
	fields   map[string]bool // where a secret was put: a question, and a place in its answer
	sinks    map[string]bool // where it was looked for
	runs     int             // of Terraform
	cells    int             // sinks of all runs
	redacted int             // in which the redactor's mark stands in place of a secret
	waits    int             // logs that tell of a wait for a runtime
	leaks    map[string]bool
}

// TestCanary has every service repeat secrets in every text of its answers, in every spelling, and looks for them in
// all that the provider hands to Terraform.
func TestCanary(t *testing.T) {
	t.Parallel()

	schemas, err := typesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	total := &sung{
		secrets: map[string]bool{}, fields: map[string]bool{}, sinks: map[string]bool{}, leaks: map[string]bool{},
	}
	start := time.Now()

	all := aviaries()
	sideBySide(all, func(a *aviary) {
		if err := openAviary(t.Context(), schemas, a); err != nil {
			t.Errorf("%s: %v", a.describe(), err)

			return
		}

		a.listen(t)
	})

	defer func() {
		for _, a := range all {
			a.shut()
		}
	}()

	if t.Failed() {
		return
	}

	answering := answerers(all)
	// The longest first, so that none is left alone in the end.
	slices.SortFunc(all, func(a, b *aviary) int { return len(b.parrot.seen) - len(a.parrot.seen) })
	sideBySide(all, func(a *aviary) {
		begun := time.Now()
		runs := a.sing(t, total, answering)
		total.ran(runs)
		t.Logf("%s: %d runs in %s", a.describe(), runs, time.Since(begun).Round(time.Second))
	})
	all[0].callFunctions(t, total)
	t.Logf("%d runs in %s: %d times a sink, %d with a secret taken out, %d leaks", total.runs,
		time.Since(start).Round(time.Second), total.cells, total.redacted, len(total.leaks))

	if total.redacted < total.cells/100 {
		t.Error("the services repeat next to nothing")
	}

	if total.waits == 0 {
		t.Error("no log tells of a wait")
	}

	const claim = `[\d,]+ secrets in [\d,]+ fields, in \d+ spellings, through [\d,]+ runs: \d+ found at \d+ sinks`
	if err := compare(claim,
		fmt.Sprintf("%d secrets in %s fields, in %d spellings, through %s runs: %d found at %d sinks", len(total.secrets),
			grouped(len(total.fields)), len(spellings()), grouped(total.runs), len(total.leaks), len(total.sinks))); err != nil {
		t.Error(err)
	}
}

// sideBySide does something in all worlds, in as many at a time as there are processors.
func sideBySide(all []*aviary, do func(*aviary)) {
	var running sync.WaitGroup

	places := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	for _, a := range all {
		places <- struct{}{}

		running.Go(func() {
			defer func() { <-places }()

			do(a)
		})
	}

	running.Wait()
}

// answerers returns in which worlds a question is answered with secrets.
func answerers(all []*aviary) map[question][]*aviary {
	answering := map[question][]*aviary{}

	for _, a := range all {
		for _, q := range a.parrot.questions() {
			if slices.Contains(a.only, q.service) {
				answering[q] = append(answering[q], a)
			}
		}
	}

	return answering
}

// sing goes through every place of every answer. A place gets a few of the spellings, by turns, each in one of the runs
// of Terraform in which somebody asks, and in one of the worlds. All places that have no say in what happens then get
// each spelling at once.
func (a *aviary) sing(t *testing.T, total *sung, answering map[question][]*aviary) (runs int) {
	t.Helper()

	run := func(f flight, where string, w *weave) bool {
		runs++

		a.parrot.says(w)

		if err := a.fly(t.Context(), f, func(sink string, texts ...string) {
			total.look(t, a, where, sink, texts)
		}); err != nil {
			t.Errorf("%s: %v", where, err)
		}

		if a.parrot.says(nil) == 0 {
			t.Errorf("%s: nobody asked", where)
		}

		return !t.Failed() || runs < mostRuns
	}
	turn := 0

	for _, q := range a.parrot.questions() {
		if !slices.Contains(a.only, q.service) {
			continue
		}

		asking := slices.DeleteFunc(flights(), func(f flight) bool { return !a.uses[f.name][q] })
		worlds := answering[q]

		for n, place := range placesOf(a.parrot.seen[q], a.speaker) {
			for i := range max(fewestRuns, len(asking)) {
				if worlds[(i+n)%len(worlds)] != a {
					continue
				}

				s := spellings()[(i*everyNth+n)%len(spellings())]
				turn++
				words, way := wordsOf(a.known, turn, s), place.ways[turn%len(place.ways)]
				total.place(string(q.service)+" "+q.what+" "+place.name, words)

				where := fmt.Sprintf("%s, %s, %s, %s", a.describe(), q.what, place.name, s.name)
				if !run(asking[i%len(asking)], where, &weave{
					answers: func(asked question) bool { return asked == q },
					change:  func(_ question, r *reply) { way(r, words) },
				}) {
					return runs
				}
			}
		}
	}

	all := slices.DeleteFunc(flights(), func(f flight) bool {
		return !slices.ContainsFunc(slices.Collect(maps.Keys(a.uses[f.name])), func(q question) bool {
			return slices.Contains(a.only, q.service)
		})
	})

	for i, s := range spellings() {
		c := &chorus{known: a.known, turn: uint32(i), only: &s}
		f := all[(i+turn)%len(all)]
		run(f, fmt.Sprintf("%s, all at once, %s", a.describe(), s.name), &weave{
			answers: func(asked question) bool { return slices.Contains(a.only, asked.service) },
			change:  func(q question, r *reply) { texts(c, q, a.speaker, r) },
		})
	}

	return runs
}

const (
	// fewestRuns are made with secrets at a place; more where more kinds of runs ask. The spelling of one is everyNth of
	// the other's.
	fewestRuns = 4
	everyNth   = 5
	// mostRuns go on after something went wrong.
	mostRuns = 300
)

// listen goes through all walks while nothing is changed, and notes what each asks.
func (a *aviary) listen(t *testing.T) {
	t.Helper()

	a.uses = map[string]map[question]bool{}
	all := map[question]*seen{}

	for _, f := range flights() {
		a.parrot.seen = map[question]*seen{}
		if err := a.fly(t.Context(), f, func(sink string, texts ...string) {
			for _, text := range texts {
				for _, c := range a.all {
					if part := c.in(layersOf(text)); part != "" {
						t.Errorf("%s, %s: %s is there without anybody's doing", a.describe(), sink, c.name)
					}
				}
			}
		}); err != nil {
			t.Errorf("%s, %s: %v", a.describe(), f.name, err)
		}

		a.uses[f.name] = map[question]bool{}
		for q, what := range a.parrot.seen {
			a.uses[f.name][q] = true
			if all[q] == nil {
				all[q] = what
			}

			for field, text := range what.fields {
				if all[q].fields[field] == "" {
					all[q].fields[field] = text
				}
			}
		}
	}

	a.parrot.seen = all
}

// shut ends a world, as far as it was opened.
func (a *aviary) shut() {
	if a.parrot != nil {
		a.parrot.close()
	}

	if a.Sandbox != nil {
		a.close()
	}
}

// wordsOf returns what is said back in a turn: a secret of the provider's and a stranger's, or two of the provider's.
func wordsOf(known []canary, turn int, s spelling) said {
	all := strangers()

	one, other := known[turn%len(known)], all[turn/len(known)%len(all)]
	if s.onlyKnown {
		other = known[(turn+1)%len(known)]
	}

	text := "see " + s.spell(one.text) + " and " + s.spell(other.text) + " there"
	if s.literal != nil {
		return said{
			text, "see " + s.literal(one.text) + " and " + s.literal(other.text) + " there", []canary{one, other},
		}
	}

	return said{text, inQuotes(text), []canary{one, other}}
}

// fly goes through a walk with a process of its own.
func (a *aviary) fly(ctx context.Context, f flight, say heard) error {
	defer a.hangUp()

	if err := a.put(ctx, a.resourceType, a.old); err != nil {
		return err
	}

	if err := a.SetRuntimeTokenStatus(runtimeName, "FAILED"); err != nil {
		return err
	}

	known := a.all
	defer func() { a.all = known }()

	var err error
	if a.doomed, err = a.mint(); err != nil {
		return err
	}

	a.all = append(slices.Clone(known), canary{name: "the token to be revoked", text: a.doomed.Text, known: true})

	log := &diary{}
	ctx = tflogtest.RootLogger(ctx, log)

	p, err := a.launch(ctx, a.resourceType, a.settings())
	if err != nil {
		return err
	}

	f.fly(a, ctx, p, say)
	say("log", log.lines()...)

	return nil
}

// callFunctions calls every function with secrets for its arguments.
func (a *aviary) callFunctions(t *testing.T, total *sung) {
	t.Helper()

	p, err := a.launch(t.Context(), a.resourceType, a.settings())
	if err != nil {
		t.Fatal(err)
	}
	defer a.hangUp()

	for name, function := range a.types.functions {
		for strayedAt := range function.Parameters {
			for turn, s := range spellings() {
				var arguments []*tfprotov6.DynamicValue

				for i, parameter := range function.Parameters {
					text := []string{"github", "user", "repo"}[i]
					if i == strayedAt {
						text = wordsOf(a.known, turn, s).text
					}

					var content any = text
					if set, isSet := parameter.Type.(tftypes.Set); isSet {
						content = []tftypes.Value{tftypes.NewValue(set.ElementType, text)}
					}

					encoded, err := dynamic(tftypes.NewValue(parameter.Type, content))
					if err != nil {
						t.Fatal(err)
					}

					arguments = append(arguments, encoded)
				}

				resp, err := p.server.CallFunction(t.Context(),
					&tfprotov6.CallFunctionRequest{Name: name, Arguments: arguments})
				if err != nil {
					t.Fatal(err)
				}

				var said []string
				if resp.Error != nil {
					said = append(said, resp.Error.Text)
				} else if result, err := resp.Result.Unmarshal(function.Return.Type); err == nil {
					said = values(result)
				}

				total.look(t, a, name+", "+s.name, "function", said)
			}
		}
	}
}

// look searches what came to a sink.
func (s *sung) look(t *testing.T, a *aviary, where, sink string, texts []string) {
	t.Helper()

	marked, waited, found := false, false, ""
	for _, text := range texts {
		marked = marked || strings.Contains(text, "(redacted)")
		waited = waited || sink == "log" && strings.Contains(text, "Waiting for a runtime")

		if a.clean[text] {
			continue // as in an earlier run, before which no secret was made that the text could hold
		}

		a.clean[text] = true

		layers := layersOf(text)
		for _, c := range a.all {
			if part := c.in(layers); part != "" && found == "" {
				found = fmt.Sprintf("%s is in %q", c.name, text)
			}
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.cells++

	s.sinks[sink] = true
	if marked {
		s.redacted++
	}

	if waited {
		s.waits++
	}

	if found != "" {
		s.leaks[where+", "+sink] = true
		if len(s.leaks) <= 200 {
			t.Errorf("%s, %s: %s", where, sink, found)
		}
	}
}

// ran counts runs.
func (s *sung) ran(runs int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.runs += runs
}

// place notes that words were put somewhere.
func (s *sung) place(field string, words said) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.fields[field] = true
	for _, c := range words.secrets {
		s.secrets[c.text] = true
	}
}
