package acceptance_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// oldClient speaks with the provider as Terraform 1.5 does: it has no client capabilities, no identities and no idea of
// write-only attributes, and keeps the state as JSON between its walks.
type oldClient struct {
	*wire

	name    string
	state   map[string]any // nil while there is none
	private []byte
}

func (o *oldClient) schema() *tfprotov6.Schema { return o.schemas.ResourceSchemas[o.name] }

func (o *oldClient) value(v map[string]any) *tfprotov6.DynamicValue {
	o.t.Helper()

	if v != nil {
		return o.encode(o.schema().ValueType(), v)
	}

	nothing, err := tfprotov6.NewDynamicValue(o.schema().ValueType(), tftypes.NewValue(o.schema().ValueType(), nil))
	o.must(err)

	return &nothing
}

// validate returns what is told of a configuration.
func (o *oldClient) validate(config map[string]any) []diagnostic {
	o.t.Helper()
	got, err := o.server.ValidateResourceConfig(o.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: o.name, Config: o.value(config),
	})
	o.must(err)

	return told(got.Diagnostics)
}

// refresh takes the state from its file and reads the resource.
func (o *oldClient) refresh() []diagnostic {
	o.t.Helper()
	file, err := json.Marshal(o.state)
	o.must(err)
	raised, err := o.server.UpgradeResourceState(o.t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: o.name, Version: o.schema().Version, RawState: &tfprotov6.RawState{JSON: file},
	})
	o.must(err)

	if len(raised.Diagnostics) > 0 {
		o.t.Fatalf("a state of its own is refused: %v", told(raised.Diagnostics))
	}

	got, err := o.server.ReadResource(o.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: o.name, CurrentState: raised.UpgradedState, Private: o.private,
	})
	o.must(err)
	o.state, o.private = o.decode(o.schema().ValueType(), got.NewState), got.Private

	return told(got.Diagnostics)
}

// walk plans a configuration, a destroy without one, and carries the plan out if there is anything in it. It reports
// whether there was. The provider's process ends with it.
func (o *oldClient) walk(config map[string]any) (changes bool, diagnostics []diagnostic) {
	o.t.Helper()
	defer func() { o.wire = o.world.wire(o.settings) }()

	prior := o.value(o.state)
	planned, err := o.server.PlanResourceChange(o.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: o.name, PriorState: prior, ProposedNewState: o.value(o.proposed(config)), Config: o.value(config),
		PriorPrivate: o.private,
	})
	o.must(err)

	if all := told(planned.Diagnostics); severities(all)["error"] > 0 {
		return false, all
	}

	if len(planned.RequiresReplace) > 0 {
		o.t.Errorf("%v is to be replaced", planned.RequiresReplace)
	}

	was, err := prior.Unmarshal(o.schema().ValueType())
	o.must(err)
	will, err := planned.PlannedState.Unmarshal(o.schema().ValueType())
	o.must(err)

	if will.Equal(was) {
		return false, told(planned.Diagnostics)
	}

	applied, err := o.server.ApplyResourceChange(o.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: o.name, PriorState: prior, PlannedState: planned.PlannedState, Config: o.value(config),
		PlannedPrivate: planned.PlannedPrivate,
	})
	o.must(err)
	o.state, o.private = o.decode(o.schema().ValueType(), applied.NewState), applied.Private

	return true, append(told(planned.Diagnostics), told(applied.Diagnostics)...)
}

// proposed merges a configuration with the state as Terraform does: what the configuration leaves out and the provider
// computes stays. It knows of no attribute that is to be left out.
func (o *oldClient) proposed(config map[string]any) map[string]any {
	if config == nil {
		return nil
	}

	merged := maps.Clone(config)
	for _, a := range o.schema().Block.Attributes {
		if a.Computed && merged[a.Name] == nil && o.state != nil {
			merged[a.Name] = o.state[a.Name]
		}
	}

	return merged
}

// Terraform releases from before write-only attributes, identities and functions manage both tokens.
func TestOldClientManagesTokens(t *testing.T) {
	t.Parallel()

	for _, k := range lifeKinds() {
		for _, source := range []string{"token", "token_name"} {
			t.Run(k.resourceType+"/"+source, func(t *testing.T) {
				t.Parallel()
				w := lifeWorld(t, sandbox.Runtime{})
				first, second, narrow := w.mint(k.scopes...), w.mint(k.scopes...), w.mint("repo:status")
				o := &oldClient{name: k.resourceType, wire: w.wire(map[string]any{
					"git_tokens": map[string]string{"first": first, "second": second, "narrow": narrow},
				})}
				with := func(name, text string) map[string]any {
					value := text
					if source == "token_name" {
						value = name
					}

					return map[string]any{"runtime": runtimeName, source: value, "integration": nil}
				}
				settled := func(config map[string]any) {
					t.Helper()

					if problems := o.refresh(); len(problems) > 0 {
						t.Errorf("a refresh tells %v", problems)
					}

					if changes, problems := o.walk(config); changes || len(problems) > 0 {
						t.Errorf("something is left to do: %t, %v", changes, problems)
					}
				}

				if problems := o.validate(with("first", first)); len(problems) > 0 {
					t.Errorf("validation tells %v", problems)
				}

				if changes, problems := o.walk(with("narrow", narrow)); changes || severities(problems)["error"] != 1 {
					t.Errorf("a token that lacks scopes: %t, %v", changes, problems)
				}

				if changes, problems := o.walk(with("first", first)); !changes || len(problems) > 0 {
					t.Fatalf("create: %t, %v", changes, problems)
				}

				w.wantHeld(k, first)
				settled(with("first", first))

				w.must(w.RevokeToken(first))

				if problems := o.refresh(); len(problems) != 1 || o.state["status"] != "revoked" {
					t.Errorf("after a revocation: status %v, %v", o.state["status"], problems)
				}

				if changes, problems := o.walk(with("second", second)); !changes || len(problems) > 0 {
					t.Fatalf("update: %t, %v", changes, problems)
				}

				w.wantHeld(k, second)
				settled(with("second", second))

				if changes, problems := o.walk(nil); !changes || severities(problems)["error"] > 0 {
					t.Errorf("destroy: %t, %v", changes, problems)
				}
			})
		}
	}
}

// A release that does not know write-only attributes would keep the token in its state: it is told so, and not at the
// token's line, which it would print.
func TestOldClientIsRefusedWriteOnlyTokens(t *testing.T) {
	t.Parallel()

	for _, k := range lifeKinds() {
		w := lifeWorld(t, sandbox.Runtime{})
		text := w.mint(k.scopes...)
		o := &oldClient{name: k.resourceType, wire: w.wire(nil)}
		told := o.validate(map[string]any{"runtime": runtimeName, "token_wo": text})

		at := func(d diagnostic) bool { return strings.Contains(d.Address, "token") }
		if len(told) != 1 || told[0].Severity != "error" || slices.ContainsFunc(told, at) {
			t.Fatalf("%s: %v", k.resourceType, told)
		}

		told[0].wants(t, "token_wo", "Terraform 1.11")
	}
}
