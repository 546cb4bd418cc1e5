package core_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/acceptance/core"
)

// fake is a provider of fake_thing, which does what it is told and keeps a journal. Changing its place makes another
// one. misdeed is what it does wrong.
type fake struct {
	tfprotov6.ProviderServer

	misdeed string

	mu      sync.Mutex
	journal []string
	gone    map[string]bool // names of things that are gone
	fails   map[string]bool // names of things that cannot be made or removed
	planned int
}

func fakeSchema() *tfprotov6.Schema {
	return &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
		{Name: "name", Type: tftypes.String, Required: true},
		{Name: "place", Type: tftypes.String, Optional: true},
		{Name: "size", Type: tftypes.Number, Optional: true, Computed: true},
		{Name: "secret", Type: tftypes.String, Optional: true, WriteOnly: true},
		{Name: "note", Type: tftypes.String, Computed: true},
	}}}
}

func (f *fake) GetProviderSchema(
	context.Context, *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider: &tfprotov6.Schema{}, ResourceSchemas: map[string]*tfprotov6.Schema{"fake_thing": fakeSchema()},
	}, nil
}

func (f *fake) GetResourceIdentitySchemas(
	context.Context, *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (f *fake) ValidateProviderConfig(
	context.Context, *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{}, nil
}

func (f *fake) ConfigureProvider(
	context.Context, *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (f *fake) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (f *fake) UpgradeResourceState(
	_ context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	v, err := req.RawState.Unmarshal(fakeSchema().ValueType())

	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: packed(v)}, err
}

func (f *fake) ReadResource(
	_ context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	v := fields(req.CurrentState)

	f.mu.Lock()
	defer f.mu.Unlock()

	if f.gone[text(v["name"])] {
		return &tfprotov6.ReadResourceResponse{NewState: packed(tftypes.NewValue(fakeSchema().ValueType(), nil))}, nil
	}

	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private}, nil
}

func (f *fake) PlanResourceChange(
	_ context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	prior, next, config := fields(req.PriorState), fields(req.ProposedNewState), fields(req.Config)
	if next == nil {
		return &tfprotov6.PlanResourceChangeResponse{
			PlannedState: req.ProposedNewState, PlannedPrivate: req.PriorPrivate,
		}, nil
	}

	f.mu.Lock()
	f.planned++
	again := f.planned > 1
	f.mu.Unlock()

	resp := &tfprotov6.PlanResourceChangeResponse{PlannedPrivate: req.PriorPrivate}

	if prior == nil || !prior["name"].Equal(next["name"]) {
		next["note"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	}

	if prior == nil && next["size"].IsNull() {
		next["size"] = tftypes.NewValue(tftypes.Number, 1)
	}

	if prior != nil && !prior["place"].Equal(next["place"]) {
		resp.RequiresReplace = append(resp.RequiresReplace, tftypes.NewAttributePath().WithAttributeName("place"))
	}

	switch {
	case f.misdeed == "plans what is not configured":
		next["name"] = tftypes.NewValue(tftypes.String, "other")
	case f.misdeed == "plans a write-only value":
		next["secret"] = config["secret"]
	case f.misdeed == "plans otherwise the second time" && again:
		next["size"] = tftypes.NewValue(tftypes.Number, f.planned)
	case f.misdeed == "replaces the second time" && again && prior != nil:
		resp.RequiresReplace = append(resp.RequiresReplace, tftypes.NewAttributePath().WithAttributeName("name"))
	}

	resp.PlannedState = packed(tftypes.NewValue(fakeSchema().ValueType(), next))

	return resp, nil
}

func (f *fake) ApplyResourceChange(
	_ context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	prior, next := fields(req.PriorState), fields(req.PlannedState)

	f.mu.Lock()
	defer f.mu.Unlock()

	did, name := "update ", text(next["name"])
	switch {
	case next == nil:
		did, name = "delete ", text(prior["name"])
	case prior == nil:
		did = "create "
	}

	if f.fails[name] {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PriorState, Diagnostics: []*tfprotov6.Diagnostic{{
			Severity: tfprotov6.DiagnosticSeverityError, Summary: "no",
		}}}, nil
	}

	f.journal = append(f.journal, did+name)

	if next == nil {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState}, nil
	}

	if !next["note"].IsKnown() && f.misdeed != "leaves a value unknown" {
		next["note"] = tftypes.NewValue(tftypes.String, "made")
	}

	if f.misdeed == "applies another value" {
		next["size"] = tftypes.NewValue(tftypes.Number, 99)
	}

	private := []byte(fmt.Sprintf("%s once", name))
	if did == "update " {
		private = append(req.PlannedPrivate, " more"...)
	}

	return &tfprotov6.ApplyResourceChangeResponse{
		NewState: packed(tftypes.NewValue(fakeSchema().ValueType(), next)), Private: private,
	}, nil
}

func packed(v tftypes.Value) *tfprotov6.DynamicValue {
	encoded, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		panic(err)
	}

	return &encoded
}

func fields(v *tfprotov6.DynamicValue) map[string]tftypes.Value {
	value, err := v.Unmarshal(fakeSchema().ValueType())
	if err != nil {
		panic(err)
	}

	var all map[string]tftypes.Value
	if !value.IsNull() {
		if err := value.As(&all); err != nil {
			panic(err)
		}
	}

	return all
}

func text(v tftypes.Value) string {
	var s string
	if !v.IsKnown() || v.IsNull() || v.As(&s) != nil {
		return ""
	}

	return s
}

// stand is a workspace with the fake provider.
type stand struct {
	*core.Workspace
	*fake

	t *testing.T
}

func newStand(t *testing.T) *stand {
	t.Helper()

	f := &fake{gone: map[string]bool{}, fails: map[string]bool{}}

	w, err := core.New(t.Context(), map[string]core.Factory{
		"fake": func() (tfprotov6.ProviderServer, error) { return f, nil },
	})
	if err != nil {
		t.Fatal(err)
	}

	return &stand{w, f, t}
}

func thing(name string, lines ...string) string {
	return fmt.Sprintf("resource \"fake_thing\" %q {\n  %s\n}\n", name, strings.Join(lines, "\n  "))
}

// apply plans and applies, and returns what the provider did.
func (s *stand) apply(config string, o core.Options) ([]string, core.Diagnostics) {
	s.t.Helper()

	if told := s.Configure(config); told.HasErrors() {
		s.t.Fatal(told)
	}

	s.planned, s.journal = 0, nil
	plan := s.Plan(s.t.Context(), o)

	told := plan.Diagnostics
	if !told.HasErrors() {
		told = append(told, s.Apply(s.t.Context(), plan, nil)...)
	}

	return s.journal, told
}

// want applies without an error, and wants the provider to have done this in this order; then, that nothing is left.
func (s *stand) want(config string, o core.Options, did ...string) {
	s.t.Helper()

	got, told := s.apply(config, o)
	if told.HasErrors() {
		s.t.Fatal(told)
	}

	if !slices.Equal(got, did) {
		s.t.Errorf("the provider did %q, want %q", got, did)
	}

	if o.Destroy || len(o.Targets) > 0 {
		return
	}

	if plan := s.Plan(s.t.Context(), core.Options{}); !plan.Empty() {
		s.t.Errorf("the next plan is %v %v", plan.Changes, plan.Diagnostics)
	}
}

// What a provider does wrong is told as Terraform tells it.
func TestMisdeeds(t *testing.T) {
	t.Parallel()

	for misdeed, summary := range map[string]string{
		"plans what is not configured":    "Provider produced invalid plan",
		"plans a write-only value":        "Provider produced invalid plan",
		"plans otherwise the second time": "Provider produced inconsistent final plan",
		"leaves a value unknown":          "Provider returned invalid result object after apply",
		"applies another value":           "Provider produced inconsistent result after apply",
	} {
		t.Run(misdeed, func(t *testing.T) {
			t.Parallel()
			s := newStand(t)
			s.misdeed = misdeed

			_, told := s.apply(thing("a", `name = "a"`, `secret = "hush"`), core.Options{})
			if len(told) != 1 || told[0].Summary != summary || !told[0].Own || told[0].Address != "fake_thing.a" {
				t.Errorf("told: %s", told)
			}
		})
	}
}

func TestReplacesInsteadOfUpdating(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.want(thing("a", `name = "a"`), core.Options{}, "create a")

	s.misdeed = "replaces the second time"
	if did, told := s.apply(thing("a", `name = "b"`), core.Options{}); len(did) > 0 || !told.HasErrors() {
		t.Errorf("done: %q; told: %s", did, told)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()

	one := core.Options{Parallelism: 1}
	chain := func(place, last string, more ...string) string {
		return thing("a", append(more, `name = "a"`, place)...) + thing("b", `name = "b"`, "place = fake_thing.a.note") +
			thing("c", last, "size = fake_thing.b.size")
	}
	s := newStand(t)
	s.want(chain(`place = "here"`, `name = "c"`), one, "create a", "create b", "create c")
	s.want(chain(`place = "here"`, `name = "d"`), one, "update d")
	// A new one's note is not known, and so b makes way first.
	s.want(chain(`place = "there"`, `name = "d"`), one, "delete b", "delete a", "create a", "create b")
	s.want(chain(`place = "there"`, `name = "d"`), core.Options{Parallelism: 1, Replace: []string{"fake_thing.b"}},
		"delete b", "create b")

	const first = "lifecycle {\n    create_before_destroy = true\n  }"
	s.want(chain(`place = "here"`, `name = "d"`, first), one,
		"create a", "delete b", "create b", "delete a")
	s.want("", one, "delete d", "delete b", "delete a")

	// Nothing is done when something waits for another one than before, and removals go by it all the same.
	s.want(thing("a", `name = "a"`)+thing("b", `name = "b"`, "depends_on = [fake_thing.a]"), one, "create a", "create b")
	s.want(thing("a", `name = "a"`, "depends_on = [fake_thing.b]")+thing("b", `name = "b"`), one)
	s.want("", one, "delete a", "delete b")
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	config := func(size int) string {
		return thing("a", `name = "a"`, fmt.Sprintf("size = %d", size)) +
			thing("b", `name = "b"`, "lifecycle {\n    replace_triggered_by = [fake_thing.a.size]\n  }")
	}
	s.want(config(1), core.Options{}, "create a", "create b")
	// The old b does not wait for a: by twos, either could come first.
	s.want(config(2), core.Options{Parallelism: 1}, "update a", "delete b", "create b")
}

func TestIgnoredChanges(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	with := func(name, size, ignored string) string {
		return thing("a", fmt.Sprintf("name = %q", name), "size = "+size,
			"lifecycle {\n    ignore_changes = "+ignored+"\n  }")
	}
	s.want(with("a", "1", "[name]"), core.Options{}, "create a")
	s.want(with("b", "1", "[name]"), core.Options{})
	s.want(with("b", "2", "[name]"), core.Options{}, "update a")
	s.want(with("b", "3", "all"), core.Options{})

	if private := string(s.Private("fake_thing.a")); private != "a once more" {
		t.Errorf("the private state is %q", private)
	}
}

// What cannot be removed stays, and what cannot be made leaves what it was to replace.
func TestFailedReplacement(t *testing.T) {
	t.Parallel()

	const first = "lifecycle {\n    create_before_destroy = true\n  }"

	s := newStand(t)
	s.want(thing("a", `name = "a"`, `place = "here"`, first), core.Options{}, "create a")

	s.fails["b"] = true
	if did, told := s.apply(thing("a", `name = "b"`, `place = "there"`, first), core.Options{}); !told.HasErrors() {
		t.Errorf("done: %q", did)
	}

	if name := s.Attributes()["fake_thing.a"]["name"]; name != "a" || len(s.Deposed()) > 0 {
		t.Errorf("the state has %v, and deposed %v", name, s.Deposed())
	}

	s.fails = map[string]bool{"a": true}
	if did, told := s.apply(thing("a", `name = "b"`, `place = "there"`, first), core.Options{}); !told.HasErrors() {
		t.Errorf("done: %q", did)
	}

	if name := s.Attributes()["fake_thing.a"]["name"]; name != "b" || len(s.Deposed()) != 1 {
		t.Errorf("the state has %v, and deposed %v", name, s.Deposed())
	}

	s.fails = nil
	s.want(thing("a", `name = "b"`, `place = "there"`, first), core.Options{}, "delete a")
}

func TestManyInstances(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	each := func(names ...string) string {
		return thing("all", fmt.Sprintf("for_each = toset([%s])", `"`+strings.Join(names, `", "`)+`"`), "name = each.key")
	}
	one := core.Options{Parallelism: 1}
	s.want(each("x", "y"), one, "create x", "create y")
	s.want(each("y", "z"), one, "create z", "delete x")

	if got := slices.Sorted(maps.Keys(s.Attributes())); !slices.Equal(got, []string{
		`fake_thing.all["y"]`, `fake_thing.all["z"]`,
	}) {
		t.Errorf("the state has %q", got)
	}

	s.want(thing("all", "count = 1", `name = "y"`)+
		"moved {\n  from = fake_thing.all[\"y\"]\n  to = fake_thing.all[0]\n}\n", one, "delete z")
	s.want("removed {\n  from = fake_thing.all\n  lifecycle {\n    destroy = false\n  }\n}\n", one)

	if len(s.Attributes()) > 0 {
		t.Error("what is to be forgotten is in the state")
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	config := thing("a", `name = "a"`) + thing("b", `name = "b"`, "size = fake_thing.a.size") + thing("c", `name = "c"`)
	s.want(config, core.Options{Targets: []string{"fake_thing.b"}}, "create a", "create b")
	s.want(config, core.Options{}, "create c")
	s.want(config, core.Options{Destroy: true, Targets: []string{"fake_thing.a"}}, "delete b", "delete a")
}

// What is gone is made anew, and unknown values become known.
func TestRefreshAndUnknown(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	config := func(input string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"name\" {\n  input = %q\n}\n", input) +
			thing("a", "name = terraform_data.name.output")
	}
	s.want(config("a"), core.Options{}, "create a")

	s.gone["a"] = true
	if plan := s.Plan(t.Context(), core.Options{SkipRefresh: true}); !plan.Empty() {
		t.Errorf("without a refresh the plan is %v", plan.Changes)
	}

	s.Configure(config("a"))

	if plan := s.Plan(t.Context(), core.Options{}); plan.Of("fake_thing.a").Action != core.Create {
		t.Errorf("the plan is %v", plan.Changes)
	}

	s.gone = nil
	s.want(config("b"), core.Options{}, "update b")
	// Terraform knows how this text begins. What passes through a provider has forgotten that, which is no misdeed.
	prefixed := strings.Replace(config("c"), "terraform_data.name.output", `"the ${terraform_data.name.output}"`, 1)
	s.want(prefixed, core.Options{}, "update the c")

	if note := s.Attributes()["fake_thing.a"]["note"]; note != "made" {
		t.Errorf("the note is %v", note)
	}
}

// A seed decides what comes next among what could.
func TestSeed(t *testing.T) {
	t.Parallel()

	config := ""
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		config += thing(name, fmt.Sprintf("name = %q", name))
	}

	seen := map[string]bool{}

	for seed := range int64(10) {
		var first []string

		for range 3 {
			s := newStand(t)

			did, told := s.apply(config, core.Options{Parallelism: 1, Seed: seed + 1})
			if told.HasErrors() || first != nil && !slices.Equal(did, first) {
				t.Errorf("seed %d: %q, and then %q: %s", seed, first, did, told)
			}

			first = did
		}

		seen[strings.Join(first, ",")] = true
	}

	if len(seen) < 5 {
		t.Errorf("10 seeds make %d orders", len(seen))
	}
}
