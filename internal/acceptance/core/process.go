package core

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// Factory starts a provider, as Terraform does for each walk.
type Factory func() (tfprotov6.ProviderServer, error)

// version is the Terraform that providers are told of.
const version = "1.14.0"

// schemas are those of one provider.
type schemas struct {
	settings        *schema // of the provider block
	resources, data map[string]*schema
	identities      map[string]cty.Type // by type of resource
}

func (f Factory) schemas(ctx context.Context) (*schemas, error) {
	server, err := f()
	if err != nil {
		return nil, err
	}

	told, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}

	all := &schemas{resources: map[string]*schema{}, data: map[string]*schema{}, identities: map[string]cty.Type{}}
	if all.settings, err = newSchema(told.Provider); err != nil {
		return nil, err
	}

	for name, s := range told.ResourceSchemas {
		if all.resources[name], err = newSchema(s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}

	for name, s := range told.DataSourceSchemas {
		if all.data[name], err = newSchema(s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}

	for name, s := range identities.IdentitySchemas {
		if all.identities[name], err = ctyType(s.ValueType()); err != nil {
			return nil, fmt.Errorf("identity of %s: %w", name, err)
		}
	}

	return all, nil
}

// thing is an object as it is passed to and from a provider.
type thing struct {
	value    cty.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// planned is a provider's plan for an object.
type planned struct {
	thing
	replacedFor []string // attributes whose change makes another object
}

// resources are what a provider offers of its resources and data sources.
type resources interface {
	schema(typeName string, data bool) (*schema, error)
	validate(ctx context.Context, typeName string, data bool, config cty.Value) ([]*tfprotov6.Diagnostic, error)
	upgrade(ctx context.Context, typeName string, version int64, state []byte) (cty.Value, []*tfprotov6.Diagnostic, error)
	read(ctx context.Context, typeName string, current thing) (thing, []*tfprotov6.Diagnostic, error)
	plan(ctx context.Context, typeName string, prior thing, proposed, config cty.Value) (
		planned, []*tfprotov6.Diagnostic, error)
	apply(ctx context.Context, typeName string, prior cty.Value, to thing, config cty.Value) (
		thing, []*tfprotov6.Diagnostic, error)
	readData(ctx context.Context, typeName string, config cty.Value) (cty.Value, []*tfprotov6.Diagnostic, error)
	adopt(ctx context.Context, typeName, id string, identity *tfprotov6.ResourceIdentityData) (
		thing, []*tfprotov6.Diagnostic, error)
}

// process is one provider of one walk: a server that is configured when somebody first needs it.
type process struct {
	tfprotov6.ProviderServer
	*schemas

	once sync.Once
	ok   bool
}

func encode(v cty.Value, t cty.Type) (*tfprotov6.DynamicValue, error) {
	packed, err := msgpack.Marshal(v, t)

	return &tfprotov6.DynamicValue{MsgPack: packed}, err
}

// encodeAll encodes values of one type.
func encodeAll(t cty.Type, values ...cty.Value) ([]*tfprotov6.DynamicValue, error) {
	all := make([]*tfprotov6.DynamicValue, len(values))
	for i, v := range values {
		var err error
		if all[i], err = encode(v, t); err != nil {
			return nil, err
		}
	}

	return all, nil
}

func decode(v *tfprotov6.DynamicValue, t cty.Type) (cty.Value, error) {
	if v == nil {
		return cty.NullVal(t), nil
	}

	if len(v.MsgPack) == 0 {
		return cty.NilVal, errors.New("a provider answers in another encoding")
	}

	return msgpack.Unmarshal(v.MsgPack, t)
}

func (p *process) schema(typeName string, data bool) (*schema, error) {
	all, what := p.resources, "resource"
	if data {
		all, what = p.data, "data source"
	}

	if s := all[typeName]; s != nil {
		return s, nil
	}

	return nil, fmt.Errorf("the provider has no %s %s", what, typeName)
}

// configure gives a provider its settings.
func (p *process) configure(ctx context.Context, config cty.Value) ([]*tfprotov6.Diagnostic, error) {
	encoded, err := encode(config, p.settings.object)
	if err != nil {
		return nil, err
	}

	valid, err := p.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encoded})
	if err != nil || failed(valid.Diagnostics) {
		return valid.Diagnostics, err
	}

	if valid.PreparedConfig != nil {
		encoded = valid.PreparedConfig
	}

	done, err := p.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: version, Config: encoded})
	if err != nil {
		return nil, err
	}

	return append(valid.Diagnostics, done.Diagnostics...), nil
}

func (p *process) validate(
	ctx context.Context, typeName string, data bool, config cty.Value,
) ([]*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, data)
	if err != nil {
		return nil, err
	}

	encoded, err := encode(config, s.object)
	if err != nil {
		return nil, err
	}

	if data {
		resp, err := p.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: typeName, Config: encoded,
		})
		if err != nil {
			return nil, err
		}

		return resp.Diagnostics, nil
	}

	resp, err := p.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: encoded,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		return nil, err
	}

	return resp.Diagnostics, nil
}

func (p *process) upgrade(
	ctx context.Context, typeName string, version int64, state []byte,
) (cty.Value, []*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, false)
	if err != nil {
		return cty.NilVal, nil, err
	}

	resp, err := p.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: typeName, Version: version, RawState: &tfprotov6.RawState{JSON: state},
	})
	if err != nil || failed(resp.Diagnostics) {
		return cty.NilVal, resp.Diagnostics, err
	}

	v, err := decode(resp.UpgradedState, s.object)

	return v, resp.Diagnostics, err
}

func (p *process) read(ctx context.Context, typeName string, current thing) (thing, []*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, false)
	if err != nil {
		return current, nil, err
	}

	encoded, err := encode(current.value, s.object)
	if err != nil {
		return current, nil, err
	}

	resp, err := p.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: encoded, Private: current.private, CurrentIdentity: current.identity,
	})
	if err != nil || failed(resp.Diagnostics) {
		return current, resp.Diagnostics, err
	}

	v, err := decode(resp.NewState, s.object)
	if err == nil && !v.IsWhollyKnown() {
		err = errors.New("a refreshed value is unknown")
	}

	return thing{v, resp.Private, resp.NewIdentity}, resp.Diagnostics, err
}

func (p *process) plan(
	ctx context.Context, typeName string, prior thing, proposed, config cty.Value,
) (planned, []*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, false)
	if err != nil {
		return planned{}, nil, err
	}

	encoded, err := encodeAll(s.object, prior.value, proposed, config)
	if err != nil {
		return planned{}, nil, err
	}

	resp, err := p.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: encoded[0], ProposedNewState: encoded[1], Config: encoded[2],
		PriorPrivate: prior.private, PriorIdentity: prior.identity,
	})
	if err != nil || failed(resp.Diagnostics) {
		return planned{}, resp.Diagnostics, err
	}

	v, err := decode(resp.PlannedState, s.object)

	made := planned{thing: thing{v, resp.PlannedPrivate, resp.PlannedIdentity}}
	for _, path := range resp.RequiresReplace {
		if name, ok := path.Steps()[0].(tftypes.AttributeName); ok {
			made.replacedFor = append(made.replacedFor, string(name))
		}
	}

	return made, resp.Diagnostics, err
}

func (p *process) apply(
	ctx context.Context, typeName string, prior cty.Value, to thing, config cty.Value,
) (thing, []*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, false)
	if err != nil {
		return thing{}, nil, err
	}

	encoded, err := encodeAll(s.object, prior, to.value, config)
	if err != nil {
		return thing{}, nil, err
	}

	resp, err := p.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: encoded[0], PlannedState: encoded[1], Config: encoded[2],
		PlannedPrivate: to.private, PlannedIdentity: to.identity,
	})
	if err != nil {
		return thing{value: prior}, nil, err
	}

	v, err := decode(resp.NewState, s.object)

	return thing{v, resp.Private, resp.NewIdentity}, resp.Diagnostics, err
}

func (p *process) readData(
	ctx context.Context, typeName string, config cty.Value,
) (cty.Value, []*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, true)
	if err != nil {
		return cty.NilVal, nil, err
	}

	encoded, err := encode(config, s.object)
	if err != nil {
		return cty.NilVal, nil, err
	}

	resp, err := p.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: encoded})
	if err != nil || failed(resp.Diagnostics) {
		return cty.NilVal, resp.Diagnostics, err
	}

	v, err := decode(resp.State, s.object)

	return v, resp.Diagnostics, err
}

func (p *process) adopt(
	ctx context.Context, typeName, id string, identity *tfprotov6.ResourceIdentityData,
) (thing, []*tfprotov6.Diagnostic, error) {
	s, err := p.schema(typeName, false)
	if err != nil {
		return thing{}, nil, err
	}

	resp, err := p.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, ID: id, Identity: identity,
	})
	if err != nil || failed(resp.Diagnostics) || len(resp.ImportedResources) != 1 {
		return thing{value: s.nothing()}, resp.Diagnostics, err
	}

	got := resp.ImportedResources[0]
	v, err := decode(got.State, s.object)

	return thing{v, got.Private, got.Identity}, resp.Diagnostics, err
}

func failed(told []*tfprotov6.Diagnostic) bool {
	for _, d := range told {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}

	return false
}
