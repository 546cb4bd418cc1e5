//go:build faults

package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// attributes are those of a block that a configuration sets: strings, whole numbers, maps of strings, and lists of
// objects with strings.
type attributes map[string]any

// instance is a resource as Terraform keeps it. The zero value is none.
type instance struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

func (i instance) exists() bool { return i.value.Type() != nil && !i.value.IsNull() }

// text returns an attribute; empty if it is null or unknown.
func (i instance) text(name string) string {
	var fields map[string]tftypes.Value
	if !i.exists() || i.value.As(&fields) != nil {
		return ""
	}

	var text string
	if field := fields[name]; !field.IsKnown() || field.IsNull() || field.As(&text) != nil {
		return ""
	}

	return text
}

// process is one run of Terraform with the provider. It does what Terraform's core does, and complains of what core
// would complain of.
type process struct {
	server       tfprotov6.ProviderServer
	types        types
	resourceType string
	told         []*tfprotov6.Diagnostic
	complaints   []string
}

// types are those of the provider's blocks.
type types struct {
	provider                           *tfprotov6.Schema
	resources, data, ephemerals, lists map[string]*tfprotov6.Schema
	functions                          map[string]*tfprotov6.Function
	identities                         map[string]*tfprotov6.ResourceIdentitySchema
	actions                            map[string]*tfprotov6.ActionSchema
}

func typesOf(ctx context.Context) (types, error) {
	server, err := provider.NewServer("test", provider.System())
	if err != nil {
		return types{}, err
	}

	schema, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return types{}, err
	}

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return types{}, err
	}

	return types{
		schema.Provider, schema.ResourceSchemas, schema.DataSourceSchemas, schema.EphemeralResourceSchemas,
		schema.ListResourceSchemas, schema.Functions, identities.IdentitySchemas, schema.ActionSchemas,
	}, nil
}

// launch starts the provider and configures it.
func launch(
	ctx context.Context, t types, around provider.Surroundings, settings attributes, resourceType string,
) (*process, error) {
	server, err := provider.NewServer("test", around)
	if err != nil {
		return nil, err
	}

	config, err := dynamic(block(t.provider, settings))
	if err != nil {
		return nil, err
	}

	p := &process{server: server, types: t, resourceType: resourceType}

	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.0", Config: config,
	})
	if err != nil {
		return nil, err
	}

	if failed(resp.Diagnostics) {
		return nil, fmt.Errorf("configuring the provider: %s", words(resp.Diagnostics))
	}

	return p, nil
}

func (p *process) schema() *tfprotov6.Schema { return p.types.resources[p.resourceType] }

func (p *process) complain(format string, args ...any) {
	p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
}

// hear keeps what the provider tells. It reports whether there is an error in it.
func (p *process) hear(diags []*tfprotov6.Diagnostic) bool {
	p.told = append(p.told, diags...)

	return failed(diags)
}

// read refreshes an instance. With an error the state stays as it is.
func (p *process) read(ctx context.Context, prior instance) (instance, bool) {
	state, err := dynamic(prior.value)
	if err != nil {
		p.complain("%v", err)

		return prior, false
	}

	resp, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: p.resourceType, CurrentState: state, Private: prior.private, CurrentIdentity: prior.identity,
	})
	if err != nil {
		p.complain("reading: %v", err)

		return prior, false
	}

	if p.hear(resp.Diagnostics) {
		return prior, false
	}

	return p.instance(resp.NewState, resp.Private, resp.NewIdentity), true
}

// planned is what a plan has for an instance.
type planned struct {
	prior, after instance
	config       tftypes.Value
}

func (p planned) changes() bool { return !p.after.value.Equal(p.prior.value) }

// plan plans a configuration; nil is a destroy. It reports whether there is a plan.
func (p *process) plan(ctx context.Context, prior instance, config attributes) (planned, bool) {
	schema := p.schema()

	nothing := tftypes.NewValue(schema.ValueType(), nil)
	if !prior.exists() {
		prior = instance{value: nothing}
	}

	wanted, proposed := nothing, nothing
	if config != nil {
		wanted = block(schema, config)
		proposed = propose(schema, prior, wanted)
	}

	var encoded [3]*tfprotov6.DynamicValue

	for i, v := range []tftypes.Value{prior.value, proposed, wanted} {
		var err error
		if encoded[i], err = dynamic(v); err != nil {
			p.complain("%v", err)

			return planned{}, false
		}
	}

	resp, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: p.resourceType, PriorState: encoded[0], ProposedNewState: encoded[1], Config: encoded[2],
		PriorPrivate: prior.private, PriorIdentity: prior.identity,
	})
	if err != nil {
		p.complain("planning: %v", err)

		return planned{}, false
	}

	if p.hear(resp.Diagnostics) {
		return planned{}, false
	}

	if len(resp.RequiresReplace) > 0 {
		p.complain("the plan replaces the resource because of %v", resp.RequiresReplace)
	}

	after := p.instance(resp.PlannedState, resp.PlannedPrivate, resp.PlannedIdentity)
	if config != nil && !after.exists() {
		p.complain("the plan removes the resource")
	}

	return planned{prior, after, wanted}, true
}

// apply carries out a plan of an earlier process: core plans once more and insists on the same known values.
func (p *process) apply(ctx context.Context, saved planned, config attributes) (instance, bool) {
	now, ok := p.plan(ctx, saved.prior, config)
	if !ok {
		return saved.prior, false
	}

	p.agrees("inconsistent final plan", saved.after, now.after)

	if !now.changes() {
		return saved.prior, true
	}

	return p.carryOut(ctx, now)
}

// carryOut is the last step of apply.
func (p *process) carryOut(ctx context.Context, plan planned) (instance, bool) {
	var encoded [3]*tfprotov6.DynamicValue

	for i, v := range []tftypes.Value{plan.prior.value, plan.after.value, plan.config} {
		var err error
		if encoded[i], err = dynamic(v); err != nil {
			p.complain("%v", err)

			return plan.prior, false
		}
	}

	resp, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.resourceType, PriorState: encoded[0], PlannedState: encoded[1], Config: encoded[2],
		PlannedPrivate: plan.after.private, PlannedIdentity: plan.after.identity,
	})
	if err != nil {
		p.complain("applying: %v", err)

		return plan.prior, false
	}

	ok := !p.hear(resp.Diagnostics)

	after := p.instance(resp.NewState, resp.Private, resp.NewIdentity)
	switch {
	case ok && plan.after.exists() != after.exists():
		p.complain("the plan has a resource: %t; after the apply there is one: %t", plan.after.exists(), after.exists())
	case ok && after.exists():
		if !after.value.IsFullyKnown() {
			p.complain("values are unknown after the apply")
		}

		p.agrees("inconsistent result after apply", plan.after, after)
	}

	return after, ok
}

// agrees complains if a value that was known in a plan is another one later.
func (p *process) agrees(what string, before, after instance) {
	var was, is map[string]tftypes.Value
	if !before.exists() || !after.exists() || before.value.As(&was) != nil || after.value.As(&is) != nil {
		return
	}

	for name, value := range was {
		if value.IsFullyKnown() && !value.Equal(is[name]) {
			p.complain("%s: %s", what, name)
		}
	}
}

func (p *process) instance(
	state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData,
) instance {
	if state == nil {
		return instance{}
	}

	value, err := state.Unmarshal(p.schema().ValueType())
	if err != nil {
		p.complain("reading a state: %v", err)
	}

	return instance{value, private, identity}
}

// propose merges a configuration with the prior state as core does: what the configuration leaves out and the provider
// computes is as before.
func propose(schema *tfprotov6.Schema, prior instance, config tftypes.Value) tftypes.Value {
	var wanted, had map[string]tftypes.Value
	if config.As(&wanted) != nil || prior.exists() && prior.value.As(&had) != nil {
		return config
	}

	merged := map[string]tftypes.Value{}

	for _, a := range schema.Block.Attributes {
		value := wanted[a.Name]
		switch {
		case a.WriteOnly:
			value = tftypes.NewValue(a.ValueType(), nil)
		case value.IsNull() && a.Computed && prior.exists():
			value = had[a.Name]
		}

		merged[a.Name] = value
	}

	return tftypes.NewValue(schema.ValueType(), merged)
}

// block returns a block with these attributes; the others are null.
func block(schema *tfprotov6.Schema, given attributes) tftypes.Value {
	fields := map[string]tftypes.Value{}

	for _, a := range schema.Block.Attributes {
		var content any

		switch v := given[a.Name].(type) {
		case map[string]string:
			elements := map[string]tftypes.Value{}
			for key, text := range v {
				elements[key] = tftypes.NewValue(tftypes.String, text)
			}

			content = elements
		case []map[string]string:
			content = objects(a.ValueType(), v)
		default:
			content = v
		}

		fields[a.Name] = tftypes.NewValue(a.ValueType(), content)
	}

	return tftypes.NewValue(schema.ValueType(), fields)
}

// objects returns the elements of a list of objects with strings.
func objects(of tftypes.Type, rows []map[string]string) []tftypes.Value {
	list, _ := of.(tftypes.List)

	var elements []tftypes.Value

	for _, row := range rows {
		fields := map[string]tftypes.Value{}
		for name, text := range row {
			fields[name] = tftypes.NewValue(tftypes.String, text)
		}

		elements = append(elements, tftypes.NewValue(list.ElementType, fields))
	}

	return elements
}

func dynamic(v tftypes.Value) (*tfprotov6.DynamicValue, error) {
	if v.Type() == nil {
		return nil, errors.New("a value without a type")
	}

	encoded, err := tfprotov6.NewDynamicValue(v.Type(), v)

	return &encoded, err
}

func failed(diags []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == tfprotov6.DiagnosticSeverityError
	})
}

func words(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "[%s] %s: %s\n", d.Severity, d.Summary, d.Detail)
	}

	return b.String()
}
