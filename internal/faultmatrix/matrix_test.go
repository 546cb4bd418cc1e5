//go:build faults

package faultmatrix_test

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// walk is what somebody does with Terraform.
type walk string

const (
	walkRefresh     walk = "refresh"
	walkPlan        walk = "plan"
	walkRefreshOnly walk = "refresh-only plan" // with a token of the provider block, as the others have it in the state
	walkCreate      walk = "create"
	walkUpdate      walk = "update"
	walkDestroy     walk = "destroy"
)

func walks() []walk {
	return []walk{walkRefresh, walkPlan, walkRefreshOnly, walkCreate, walkUpdate, walkDestroy}
}

// before is what Codefresh holds before a walk, and wanted what the walk is to make it hold.
func (l *lane) before(w walk) (before, wanted sandbox.Token) {
	switch w {
	case walkCreate:
		if l.resourceType == runtimeToken {
			return l.foreign, l.old
		}

		return sandbox.Token{}, l.old
	case walkUpdate:
		return l.old, l.fresh
	case walkDestroy:
		if l.resourceType == userToken {
			return l.old, sandbox.Token{}
		}
	case walkRefresh, walkPlan, walkRefreshOnly:
	}

	return l.old, l.old
}

// finding is what a walk came to.
type finding struct {
	prior, after instance
	process      *process
	planned      *planned
	ok           bool
}

// go through a walk once, whatever misbehaves.
func (l *lane) walk(ctx context.Context, w walk, hurried bool) (finding, error) {
	settings := l.tokensByName()
	if hurried {
		settings["request_timeout"] = hurry
	}

	p, err := l.launch(ctx, l.resourceType, settings)
	if err != nil {
		return finding{}, err
	}

	f := finding{prior: l.registered, process: p}

	switch w {
	case walkRefresh:
		f.after, f.ok = p.read(ctx, f.prior)
	case walkRefreshOnly:
		f.prior = l.registeredByName
		f.after, f.ok = p.read(ctx, f.prior)
	case walkPlan:
		if f.after, f.ok = p.read(ctx, f.prior); f.ok {
			var plan planned

			plan, f.ok = p.plan(ctx, f.after, l.config)
			f.planned = &plan
		}
	case walkCreate:
		f.prior = instance{}
		f.after, f.ok = p.apply(ctx, l.create, l.config)
	case walkUpdate:
		f.after, f.ok = p.apply(ctx, l.update, l.rotated)
	case walkDestroy:
		f.after, f.ok = p.apply(ctx, l.destroy, nil)
	}

	return f, nil
}

// cell runs one cell and returns what is wrong with it.
func (l *lane) cell(ctx context.Context, f fault, w walk, want expectation) (wrong []string, err error) {
	before, wanted := l.before(w)
	if err := l.put(ctx, l.resourceType, before); err != nil {
		return nil, err
	}

	l.forgetAttempts()

	if err := l.misbehave(l.service, l.speaker, f, l.fronts, l.match); err != nil {
		return nil, err
	}

	got, err := l.walk(ctx, w, l.hurries(f))
	attempts := l.attempts(l.service, f, l.match)
	mutations := len(l.Mutations())
	l.behave(l.service)

	if err != nil {
		return nil, err
	}

	wrong = append(l.breaches(got, w), got.process.complaints...)
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	if state := stateOf(got, w); state != want.state {
		differs, _ := got.after.value.Diff(got.prior.value)
		note("state: %s, want %s; it differs by %v", state, want.state, differs)
	}

	severity := severityOf(got.process.told)
	if severity != want.severity {
		note("severity: %s, want %s", severity, want.severity)
	}

	if attempts != want.attempts && want.attempts != anyNumber {
		note("attempts: %d, want %d", attempts, want.attempts)
	}

	if severity != "quiet" && want.attempts > 0 && !says(got.process.told, want.says) {
		note("no message says %q", strings.Join(want.says, " / "))
	}

	if mutations > 0 && (w == walkRefresh || w == walkPlan || w == walkRefreshOnly || l.column == "Git host" && !got.ok) {
		note("%d mutations were sent", mutations)
	}

	if held := l.held(l.resourceType); held != before.Text && held != wanted.Text {
		note("Codefresh holds neither the token of before nor the configured one")
	}

	if len(wrong) > 0 {
		wrong = append(wrong, words(got.process.told))
	}

	return append(wrong, l.recovers(ctx, got, w, wanted, mutations > 0)...), nil
}

// recovers reports what is wrong if the same is done once more, now that all is well. Where no mutation touched
// Codefresh, everything is as it was before.
func (l *lane) recovers(
	ctx context.Context, got finding, w walk, wanted sandbox.Token, touched bool,
) (wrong []string) {
	config := l.config

	switch w {
	case walkUpdate:
		config = l.rotated
	case walkDestroy:
		config = nil
	case walkRefresh, walkPlan, walkRefreshOnly, walkCreate:
	}

	if !got.ok && touched {
		after, _, err := l.well(ctx, got.after, config)
		if err != nil {
			wrong = append(wrong, "afterwards, "+err.Error())
		}

		if after.exists() != (config != nil) {
			wrong = append(wrong, fmt.Sprintf("afterwards, there is a resource: %t", after.exists()))
		}
	}

	if (got.ok || touched) && l.held(l.resourceType) != wanted.Text {
		wrong = append(wrong, "in the end Codefresh does not hold the token that it should")
	}

	return wrong
}

// breaches returns in what the promises are broken that hold for every cell.
func (l *lane) breaches(got finding, w walk) (wrong []string) {
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	bad := []string{"revoked", "expired", "invalid", "under_scoped", "blocked"}
	if status := got.after.text("status"); slices.Contains(bad, status) {
		note("the state calls the token %s", status)
	}

	if w != walkDestroy && got.prior.exists() && !got.after.exists() {
		note("the resource was removed from the state")
	}

	if got.planned != nil && got.ok && got.planned.changes() {
		note("the plan changes the resource")
	}

	for _, d := range got.process.told {
		for _, verdict := range []string{
			"token was revoked", "token expired", "token has expired", "token is not valid", "token lacks", "is blocked",
			"is refused access", "forbidden by a policy", "not authorised", "is gone", "no longer registered", "does not exist",
		} {
			if strings.Contains(d.Summary, verdict) {
				note("the message is %q", d.Summary)
			}
		}

		for _, secret := range []string{l.old.Text, l.fresh.Text, l.foreign.Text, l.key} {
			if strings.Contains(d.Summary+d.Detail, secret) {
				note("a message has a secret in it")
			}
		}
	}

	l.mu.Lock()
	defer l.mu.Unlock()

	if len(l.strays) > 0 {
		note("connections were made to %v", l.strays)
	}

	return wrong
}

func stateOf(got finding, w walk) string {
	switch {
	case !got.after.exists() && w == walkDestroy:
		return "gone"
	case !got.after.exists():
		return "none"
	case !got.prior.exists():
		return "created"
	case got.after.value.Equal(got.prior.value):
		return "kept"
	}

	return "updated"
}

func severityOf(told []*tfprotov6.Diagnostic) string {
	switch {
	case failed(told):
		return "error"
	case len(told) > 0:
		return "warning"
	}

	return "quiet"
}

func says(told []*tfprotov6.Diagnostic, any []string) bool {
	return slices.ContainsFunc(told, func(d *tfprotov6.Diagnostic) bool {
		return slices.ContainsFunc(any, func(text string) bool { return strings.Contains(d.Summary+"\n"+d.Detail, text) })
	})
}

// score counts cells.
type score struct {
	mu             sync.Mutex
	passed, failed int
}

// TestFaultMatrix runs every cell and prints how many there are.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()

	expected, err := readTables()
	if err != nil {
		t.Fatal(err)
	}

	who, err := makeIdentities(allNames())
	if err != nil {
		t.Fatal(err)
	}

	schemas, err := typesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	fronts := map[disguise]*front{}
	for _, d := range []disguise{stranger, expired, flood} {
		if fronts[d], err = openFront(t.Context(), d, who, ""); err != nil {
			t.Fatal(err)
		}

		t.Cleanup(fronts[d].close)
	}

	var (
		total   score
		running sync.WaitGroup
	)

	places := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	start := time.Now()
	all := lanes()
	slices.SortStableFunc(all, func(a, b *lane) int { return cmp.Compare(b.only, a.only) }) // those that wait begin

	for _, l := range all {
		l.fronts = fronts

		places <- struct{}{}

		running.Go(func() {
			err := l.open(t.Context(), schemas, who)
			if err != nil {
				t.Errorf("%s, %s: %v", l.service, l.resource(), err)
			}

			leave := sync.OnceFunc(func() { <-places })
			defer leave()

			if l.only != "" { // from now on it does little
				leave()
			}

			if err == nil {
				l.run(t, expected, &total)
			}

			l.close()
		})
	}

	running.Wait()
	t.Logf("%d cells in %s", total.passed+total.failed, time.Since(start).Round(time.Second))
	t.Logf("%d passed, %d failed", total.passed, total.failed)

	if err := compare(`[\d,]+ fault cases, \d+ misjudged`,
		fmt.Sprintf("%s fault cases, %d misjudged", grouped(total.passed+total.failed), total.failed)); err != nil {
		t.Error(err)
	}
}
