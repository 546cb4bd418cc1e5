package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
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

// lane is a column of the matrix: one service that misbehaves, with one resource. Its cells share a world, one after
// another.
type lane struct {
	*world

	column       string // of the table
	service      sandbox.Service
	speaker      speaker
	match        string // the only operation that misbehaves
	resourceType string
	only         string // the slow fault that has the lane for itself; empty for all that are not slow
	fronts       map[disguise]*front

	old, fresh, foreign sandbox.Token
	config, rotated     attributes
	named               attributes
	registered          instance // with old
	registeredByName    instance
	create, update      planned
	destroy             planned
}

func (l *lane) resource() string {
	if l.resourceType == runtimeToken {
		return "runtime"
	}

	return "user"
}

// prepare registers a token and plans what the cells carry out, while all is well.
func (l *lane) prepare(ctx context.Context) error {
	for _, t := range []*sandbox.Token{&l.old, &l.fresh, &l.foreign} {
		var err error
		if *t, err = l.mint(); err != nil {
			return err
		}
	}
	l.config, l.rotated = l.configured(l.old), l.configured(l.fresh)
	l.named = l.configured(l.old)
	delete(l.named, "token")
	l.named["token_name"] = "it"

	var err error
	if l.registered, l.create, err = l.well(ctx, instance{}, l.config); err != nil {
		return err
	}
	if l.registeredByName, _, err = l.well(ctx, instance{}, l.named); err != nil {
		return err
	}
	p, err := l.launch(ctx, l.resourceType, nil)
	if err != nil {
		return err
	}
	var ok bool
	if l.update, ok = p.plan(ctx, l.registered, l.rotated); !ok {
		return errors.New("planning the update: " + words(p.told))
	}
	if l.destroy, ok = p.plan(ctx, l.registered, nil); !ok {
		return errors.New("planning the destroy: " + words(p.told))
	}

	return nil
}

// well takes an instance to a configuration while all is well: a refresh, a plan, an apply.
func (l *lane) well(ctx context.Context, prior instance, config attributes) (instance, planned, error) {
	defer l.hangUp()
	p, err := l.launch(ctx, l.resourceType, l.tokensByName())
	if err != nil {
		return prior, planned{}, err
	}
	current, ok := prior, true
	if prior.exists() {
		current, ok = p.read(ctx, prior)
	}
	if config == nil && !current.exists() {
		return current, planned{}, nil
	}
	var plan planned
	if ok {
		plan, ok = p.plan(ctx, current, config)
	}
	now := current
	if ok && plan.changes() {
		now, ok = p.carryOut(ctx, plan)
	}
	if !ok || len(p.complaints) > 0 {
		return now, plan, fmt.Errorf("while all is well: %s%s", strings.Join(p.complaints, "; "), words(p.told))
	}

	return now, plan, nil
}

func (l *lane) tokensByName() attributes {
	return attributes{"git_tokens": map[string]string{"it": l.old.Text}}
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
	got, err := l.walk(ctx, w, f.slow && l.match == "")
	attempts := l.attempts(l.service, f, l.match)
	mutations := len(l.Mutations())
	l.behave(l.service)
	if err != nil {
		return nil, err
	}

	wrong = append(l.breaches(got, w), got.process.complaints...)
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if state := stateOf(got, w); state != want.state {
		note("state: %s, want %s", state, want.state)
	}
	severity := severityOf(got.process.told)
	if severity != want.severity {
		note("severity: %s, want %s", severity, want.severity)
	}
	if attempts != want.attempts {
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

// hurry is how long a request may take where a fault makes it take for ever.
const hurry = "900ms"

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
	debug.SetGCPercent(400) // thousands of providers come and go
	fronts := map[disguise]*front{}
	for _, d := range []disguise{stranger, expired, flood} {
		if fronts[d], err = openFront(t.Context(), d, who, "", 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fronts[d].close)
	}

	var total score
	var running sync.WaitGroup
	places := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	start := time.Now()
	for _, l := range lanes() {
		l.fronts = fronts
		running.Go(func() {
			if l.only == "" { // the slow ones mostly wait
				places <- struct{}{}
				defer func() { <-places }()
			}
			l.run(t, schemas, who, expected, &total)
		})
	}
	running.Wait()
	t.Logf("%d cells in %s", total.passed+total.failed, time.Since(start).Round(time.Second))
	t.Logf("%d passed, %d failed", total.passed, total.failed)
}

// lanes returns every service that can misbehave, and each slow fault in lanes of its own.
func lanes() []*lane {
	alone := []string{""}
	for _, f := range faults() {
		if f.slow {
			alone = append(alone, f.name)
		}
	}
	var all []*lane
	add := func(l lane, h gitHost, resourceTypes ...string) {
		for _, l.resourceType = range resourceTypes {
			for _, l.only = range alone {
				one := l
				one.world = &world{host: h}
				all = append(all, &one)
			}
		}
	}
	hosts := gitHosts()
	for i, h := range hosts {
		// What a host says of a token does not depend on what it is for: one type is enough at each.
		add(lane{column: "Git host", service: h.service, speaker: h.speaker}, h, []string{userToken, runtimeToken}[i%2])
	}
	both := []string{userToken, runtimeToken}
	appProxy := sandbox.AppProxy(runtimeName)
	add(lane{column: "platform", service: sandbox.Codefresh, speaker: speakerCodefresh}, hosts[0], both...)
	add(lane{column: "app-proxy", service: appProxy, speaker: speakerCodefresh}, hosts[0], both...)
	for _, operation := range []string{"registerToGitIntegration", "deregisterFromGitIntegration"} {
		add(lane{column: "mutation", service: appProxy, speaker: speakerCodefresh, match: operation}, hosts[0], userToken)
	}

	return all
}

// has reports whether a walk does what misbehaves in the lane.
func (l *lane) has(w walk) bool {
	switch l.match {
	case "registerToGitIntegration":
		return w == walkCreate || w == walkUpdate
	case "deregisterFromGitIntegration":
		return w == walkDestroy
	}

	return true
}

func (l *lane) run(t *testing.T, schemas types, who identities, expected tables, total *score) {
	var err error
	if l.world, err = newWorld(t.Context(), schemas, who, l.host, l.only != ""); err != nil {
		t.Error(err)

		return
	}
	defer l.close()
	if err := l.prepare(t.Context()); err != nil {
		t.Errorf("%s, %s: %v", l.service, l.resource(), err)

		return
	}
	for _, f := range faults() {
		if f.slow != (l.only != "") || f.slow && f.name != l.only || f.graphQL && l.column == "Git host" {
			continue
		}
		for _, w := range walks() {
			want, exists, err := expected.expect(l.column, l.resource(), f.name, w)
			var wrong []string
			if err == nil && exists && l.has(w) {
				wrong, err = l.cell(t.Context(), f, w, want)
			}
			if err != nil {
				wrong = append(wrong, err.Error())
			} else if !exists || !l.has(w) {
				continue
			}
			total.mu.Lock()
			if len(wrong) == 0 {
				total.passed++
			} else {
				total.failed++
				t.Errorf("%s (%s), %s token, %s, %s:\n%s", l.service, l.column, l.resource(), f.name, w, strings.Join(wrong, "\n"))
			}
			total.mu.Unlock()
		}
	}
}
