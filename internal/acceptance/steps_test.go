package acceptance_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/acceptance/core"
)

// coreVariable says which core goes through the steps of tests: "terraform" is the Terraform or OpenTofu at hand, by
// way of terraform-plugin-testing. Without it, it is the one in this process, which takes a hundredth of the time.
const coreVariable = "ACCEPTANCE_CORE"

// step is a part of a test's story: a configuration that is planned and applied, leaving nothing to plan, or as much of
// that as walk says.
type step struct {
	config  string // of the step before, if it is empty
	walk    stepWalk
	before  func()
	between func() // after the plan and before its apply

	fails   stepFailure
	texts   []string // what the failure says, in this order
	actions map[string]action
	unknown []string // attributes at the address that actions names
	checks  []check
	leaves  bool // there is something to plan afterwards

	at, id, wantID string // of an import; without an id it is by the identity in the state
	persist        bool   // the import is the state from now on
}

type stepWalk int

const (
	walkApply stepWalk = iota
	walkPlan
	walkDestroy
	walkRefresh
	walkImport
)

type stepFailure string

const (
	planFailure   stepFailure = "Error running pre-apply plan"
	applyFailure  stepFailure = "Error running apply"
	importFailure stepFailure = "Error running import"
)

type action = plancheck.ResourceActionType

const (
	create  = plancheck.ResourceActionCreate
	update  = plancheck.ResourceActionUpdate
	noop    = plancheck.ResourceActionNoop
	replace = plancheck.ResourceActionReplace
)

// check is what the state holds at an address. In names, "x.0" is an element and "x.#" their number; a nil value is
// null, []string a set, and inOrder a list.
type check struct {
	at, name string
	want     any
	identity bool // of the identity
}

type inOrder []string

// run goes through steps, and destroys what is left.
func (w *world) run(steps ...step) {
	w.t.Helper()
	w.runFrom(nil, steps...)
}

// runFrom is run for what only Terraform releases do that pass checks.
func (w *world) runFrom(checks []tfversion.TerraformVersionCheck, steps ...step) {
	w.t.Helper()

	if os.Getenv(coreVariable) != "terraform" {
		w.runHere(steps)

		return
	}

	all := make([]resource.TestStep, len(steps))
	for i, s := range steps {
		all[i] = s.forTerraform()
	}

	resource.UnitTest(w.t, resource.TestCase{
		TerraformVersionChecks: checks, ProtoV6ProviderFactories: w.factories(), Steps: all,
	})
}

// workspace returns an empty folder, so to say, with the core of this process.
func (w *world) workspace() *core.Workspace {
	w.t.Helper()
	made, err := core.New(w.t.Context(), map[string]core.Factory{"codefresh": w.factories()["codefresh"]})
	w.must(err)

	return made
}

func (w *world) runHere(steps []step) {
	w.t.Helper()
	here := w.workspace()

	for i, s := range steps {
		if s.before != nil {
			s.before()
		}

		if s.config != "" {
			if told := here.Configure(s.config); told.HasErrors() {
				w.t.Fatalf("step %d: %s", i+1, told)
			}
		}

		took := map[stepWalk]func(*core.Workspace, step) error{
			walkApply: w.goApply, walkPlan: w.goPlan, walkDestroy: w.goApply, walkRefresh: w.goRefresh, walkImport: w.goImport,
		}[s.walk]

		err := took(here, s)
		switch {
		case s.fails == "" && err != nil:
			w.t.Fatalf("step %d: %v", i+1, err)
		case s.fails != "" && err == nil:
			w.t.Fatalf("step %d: no failure that says %q", i+1, s.texts)
		case s.fails != "" && !s.failure().MatchString(err.Error()):
			w.t.Fatalf("step %d: the failure does not say %q:\n%v", i+1, s.texts, err)
		}
	}

	plan := here.Plan(w.t.Context(), core.Options{Destroy: true, SkipRefresh: true})
	if told := append(plan.Diagnostics, here.Apply(w.t.Context(), plan, nil)...); told.HasErrors() {
		w.t.Fatalf("destroying what is left: %s", told)
	}
}

func (s step) failure() *regexp.Regexp {
	texts := s.texts
	if s.fails != importFailure {
		texts = append([]string{string(s.fails)}, texts...)
	}

	return says(texts...)
}

func failure(what stepFailure, told core.Diagnostics) error {
	if !told.HasErrors() {
		return nil
	}

	return fmt.Errorf("%s: %s", what, told.Of(core.Error))
}

func (w *world) goApply(here *core.Workspace, s step) error {
	ctx := w.t.Context()

	plan := here.Plan(ctx, core.Options{Destroy: s.walk == walkDestroy})
	if err := failure(planFailure, plan.Diagnostics); err != nil {
		return err
	}

	if err := s.wantPlan(plan); err != nil {
		return err
	}

	if s.between != nil {
		s.between()
	}

	if err := failure(applyFailure, here.Apply(ctx, plan, nil)); err != nil {
		return err
	}

	if err := s.wantState(here); err != nil {
		return err
	}

	return w.wantSettled(here, s, false)
}

// goPlan plans without and with a refresh, as terraform-plugin-testing does.
func (w *world) goPlan(here *core.Workspace, s step) error { return w.wantSettled(here, s, true) }

// wantSettled wants empty plans, unless the step leaves more to plan. The last of them is the step's own if it only
// plans.
func (w *world) wantSettled(here *core.Workspace, s step, ownPlan bool) error {
	for _, skip := range []bool{true, false} {
		plan := here.Plan(w.t.Context(), core.Options{Destroy: s.walk == walkDestroy, SkipRefresh: skip})
		if err := failure("Error running a plan afterwards", plan.Diagnostics); err != nil {
			return err
		}

		if ownPlan && !skip {
			if err := s.wantPlan(plan); err != nil {
				return err
			}
		}

		switch {
		case !plan.Empty() && !s.leaves:
			return fmt.Errorf("the plan afterwards is not empty: %v", plan.Changes)
		case plan.Empty() && s.leaves && !skip:
			return fmt.Errorf("the plan afterwards is empty")
		}
	}

	return nil
}

func (w *world) goRefresh(here *core.Workspace, s step) error {
	ctx := w.t.Context()

	refresh := here.Plan(ctx, core.Options{RefreshOnly: true})
	if err := failure("Error running refresh", refresh.Diagnostics); err != nil {
		return err
	}

	if err := failure("Error running refresh", here.Apply(ctx, refresh, nil)); err != nil {
		return err
	}

	if err := s.wantState(here); err != nil {
		return err
	}

	plan := here.Plan(ctx, core.Options{})
	if err := failure("Error running a plan afterwards", plan.Diagnostics); err != nil {
		return err
	}

	if !plan.Empty() && !s.leaves {
		return fmt.Errorf("the plan afterwards is not empty: %v", plan.Changes)
	}

	return s.wantPlan(plan)
}

func (w *world) goImport(here *core.Workspace, s step) error {
	target := here
	if !s.persist {
		target = here.Copy()
		target.Forget(s.at)
	}

	var told core.Diagnostics
	if s.id != "" {
		told = target.Import(w.t.Context(), s.at, s.id)
	} else {
		told = target.ImportLike(w.t.Context(), s.at, here)
	}

	if err := failure(importFailure, told); err != nil {
		return err
	}

	if id := target.Attributes()[s.at]["id"]; s.wantID != "" && id != s.wantID {
		return fmt.Errorf("the id is %q", id)
	}

	if plan := target.Plan(w.t.Context(), core.Options{}); s.id == "" && plan.Empty() != !s.leaves {
		return fmt.Errorf("the plan after the import is %v", plan.Changes)
	}

	return nil
}

func (s step) wantPlan(plan *core.Plan) error {
	same := map[action]func(core.Action) bool{
		create:  func(a core.Action) bool { return a == core.Create },
		update:  func(a core.Action) bool { return a == core.Update },
		noop:    func(a core.Action) bool { return a == core.NoOp },
		replace: func(a core.Action) bool { return a == core.DeleteThenCreate || a == core.CreateThenDelete },
	}

	for at, want := range s.actions {
		got := plan.Of(at)
		if got == nil || !same[want](got.Action) {
			return fmt.Errorf("the plan for %s is %v, not %s", at, got, want)
		}

		for _, name := range s.unknown {
			if v := got.After()[name]; v != (core.Unknown{}) {
				return fmt.Errorf("%s of %s is known at plan: %v", name, at, v)
			}
		}
	}

	return nil
}

func (s step) wantState(here *core.Workspace) error {
	state := here.Attributes()
	for _, c := range s.checks {
		attributes := state[c.at]
		if c.identity {
			attributes = here.Identity(c.at)
		}

		if attributes == nil {
			return fmt.Errorf("%s is not in the state", c.at)
		}

		if got := lookFor(attributes, c.name); fmt.Sprint(got) != fmt.Sprint(c.plain()) {
			return fmt.Errorf("%s of %s is %v, not %v", c.name, c.at, got, c.plain())
		}
	}

	return nil
}

// lookFor returns an attribute, an element of one, or the number of those.
func lookFor(attributes map[string]any, name string) any {
	name, element, hasElement := strings.Cut(name, ".")
	if !hasElement {
		return attributes[name]
	}

	all, _ := attributes[name].([]any)
	if element == "#" {
		return len(all)
	}

	for i, one := range all {
		if fmt.Sprint(i) == element {
			return one
		}
	}

	return nil
}

// plain returns what is wanted as a state holds it: sets are sorted.
func (c check) plain() any {
	if set, ok := c.want.([]string); ok {
		return setOf(set)
	}

	return c.want
}

// forTerraform returns the step for terraform-plugin-testing.
func (s step) forTerraform() resource.TestStep {
	t := resource.TestStep{
		Config: s.config, PreConfig: s.before, PlanOnly: s.walk == walkPlan, Destroy: s.walk == walkDestroy,
		RefreshState: s.walk == walkRefresh, ExpectNonEmptyPlan: s.leaves,
	}
	if s.fails != "" {
		t.ExpectError = s.failure()
	}

	var planned []plancheck.PlanCheck
	for at, want := range s.actions {
		planned = append(planned, plancheck.ExpectResourceAction(at, want))
		for _, name := range s.unknown {
			planned = append(planned, plancheck.ExpectUnknownValue(at, tfjsonpath.New(name)))
		}
	}

	if s.between != nil {
		planned = append(planned, between(s.between))
	}

	switch s.walk {
	case walkPlan:
		t.ConfigPlanChecks.PostApplyPostRefresh = planned
	case walkRefresh:
		t.RefreshPlanChecks.PostRefresh = planned
	default:
		t.ConfigPlanChecks.PreApply = planned
	}

	for _, c := range s.checks {
		t.ConfigStateChecks = append(t.ConfigStateChecks, c.forTerraform())
	}

	if s.walk == walkRefresh {
		var checks []resource.TestCheckFunc
		for _, c := range s.checks {
			checks = append(checks, resource.TestCheckResourceAttr(c.at, c.name, fmt.Sprint(c.want)))
		}

		t.ConfigStateChecks, t.Check = nil, resource.ComposeAggregateTestCheckFunc(checks...)
	}

	if s.walk == walkImport {
		s.importForTerraform(&t)
	}

	return t
}

func (s step) importForTerraform(t *resource.TestStep) {
	t.ImportState, t.ResourceName, t.ImportStateId, t.ImportStatePersist = true, s.at, s.id, s.persist
	if s.id == "" {
		t.Config, t.ImportStateKind = "", resource.ImportBlockWithResourceIdentity
	}

	if s.wantID == "" {
		return
	}

	t.ImportStateCheck = func(found []*terraform.InstanceState) error {
		if id := found[0].ID; id != s.wantID {
			return fmt.Errorf("the id is %q", id)
		}

		return nil
	}
}

func (c check) forTerraform() statecheck.StateCheck {
	known := func(want any) knownvalue.Check {
		switch want := want.(type) {
		case nil:
			return knownvalue.Null()
		case []string:
			return knownvalue.SetExact(exactly(want))
		case inOrder:
			return knownvalue.ListExact(exactly(want))
		}

		return knownvalue.StringExact(fmt.Sprint(want))
	}
	if c.identity {
		return statecheck.ExpectIdentityValue(c.at, tfjsonpath.New(c.name), known(c.want))
	}

	return statecheck.ExpectKnownValue(c.at, tfjsonpath.New(c.name), known(c.want))
}

func exactly(texts []string) []knownvalue.Check {
	elements := make([]knownvalue.Check, 0, len(texts))
	for _, text := range texts {
		elements = append(elements, knownvalue.StringExact(text))
	}

	return elements
}

// between is a check of a plan that checks nothing: something happens after the plan and before its apply.
type between func()

func (b between) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	b()
}

// planFails is a step whose plan fails and says texts.
func planFails(config string, texts ...string) step {
	return step{config: config, fails: planFailure, texts: texts}
}

// applyFails is a step whose plan succeeds and whose apply fails and says texts. meanwhile, unless it is nil, happens
// between the two.
func applyFails(config string, meanwhile func(), texts ...string) step {
	return step{config: config, fails: applyFailure, texts: texts, between: meanwhile}
}

// applies is a step that is planned as what, applies, leaves nothing to plan, and ends with these values in the state.
func applies(config, at string, what action, checks ...check) step {
	return step{config: config, actions: map[string]action{at: what}, checks: checks}
}

// plans is a step that only plans, and plans what.
func plans(config, at string, what action) step {
	return step{config: config, walk: walkPlan, actions: map[string]action{at: what}, leaves: what != noop}
}

// refreshes is a step that refreshes the state, finds these values in it, and then plans what.
func refreshes(at string, what action, checks ...check) step {
	return step{walk: walkRefresh, actions: map[string]action{at: what}, checks: checks, leaves: what != noop}
}

// destroys is a step that destroys what is configured.
func destroys(config string) step { return step{config: config, walk: walkDestroy} }

// after returns s with something that happens elsewhere before it.
func after(happens func(), s step) step {
	s.before = happens

	return s
}

func has(at, attribute, value string) check { return check{at: at, name: attribute, want: value} }

func hasNone(at, attribute string) check { return check{at: at, name: attribute} }

func hasSet(at, attribute string, values ...string) check {
	return check{at: at, name: attribute, want: append([]string{}, values...)}
}

func identified(at, attribute, value string) check {
	return check{at: at, name: attribute, want: value, identity: true}
}
