package acceptance_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// wire speaks Terraform's plugin protocol with the world's provider, without Terraform: for what the Terraform at hand
// has no command for, and for what would take it long.
type wire struct {
	*world

	server     wireServer
	settings   map[string]any
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

type wireServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// wire configures a provider with these settings, beside the address and the key of the world's Codefresh. A setting of
// nil is left out.
func (w *world) wire(settings map[string]any) *wire {
	w.t.Helper()
	made, err := w.factories()["codefresh"]()
	w.must(err)

	x := &wire{world: w, settings: settings}
	if x.server, _ = made.(wireServer); x.server == nil {
		w.t.Fatal("the provider has no list resources or no actions")
	}

	x.schemas, err = x.server.GetProviderSchema(w.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	w.must(err)
	identities, err := x.server.GetResourceIdentitySchemas(w.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	w.must(err)

	x.identities = identities.IdentitySchemas

	_, key := w.DefaultUser()
	all := map[string]any{"url": w.URL(sandbox.Codefresh), "api_key": key}
	maps.Copy(all, settings)
	configured, err := x.server.ConfigureProvider(w.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: x.encode(x.schemas.Provider.ValueType(), all),
	})
	w.must(err)

	for _, d := range told(configured.Diagnostics) {
		w.t.Fatalf("configuring the provider: %s", d)
	}

	return x
}

// read reads a data source.
func (x *wire) read(name string, config map[string]any) (map[string]any, []diagnostic) {
	x.t.Helper()
	shape := x.schemas.DataSourceSchemas[name].ValueType()
	valid, err := x.server.ValidateDataResourceConfig(x.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: name, Config: x.encode(shape, config),
	})
	x.must(err)

	if len(valid.Diagnostics) > 0 {
		return nil, told(valid.Diagnostics)
	}

	got, err := x.server.ReadDataSource(x.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: x.encode(shape, config),
	})
	x.must(err)

	return x.decode(shape, got.State), told(got.Diagnostics)
}

// open opens an ephemeral resource.
func (x *wire) open(name string, config map[string]any) (map[string]any, []diagnostic) {
	x.t.Helper()
	shape := x.schemas.EphemeralResourceSchemas[name].ValueType()
	question := &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: x.encode(shape, config)}
	valid, err := x.server.ValidateEphemeralResourceConfig(x.t.Context(), question)
	x.must(err)

	if len(valid.Diagnostics) > 0 {
		return nil, told(valid.Diagnostics)
	}

	got, err := x.server.OpenEphemeralResource(x.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: name, Config: x.encode(shape, config),
	})
	x.must(err)

	return x.decode(shape, got.Result), told(got.Diagnostics)
}

// planAction validates and plans an action.
func (x *wire) planAction(name string, config map[string]any) []diagnostic {
	x.t.Helper()
	encoded := x.encode(x.schemas.ActionSchemas[name].Schema.ValueType(), config)
	valid, err := x.server.ValidateActionConfig(x.t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: name, Config: encoded,
	})
	x.must(err)

	if len(valid.Diagnostics) > 0 {
		return told(valid.Diagnostics)
	}

	planned, err := x.server.PlanAction(x.t.Context(), &tfprotov6.PlanActionRequest{ActionType: name, Config: encoded})
	x.must(err)

	return told(planned.Diagnostics)
}

// invoke invokes an action, and returns what it said while it ran and in the end.
func (x *wire) invoke(name string, config map[string]any) (progress []string, ended []diagnostic) {
	x.t.Helper()
	stream, err := x.server.InvokeAction(x.t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: name, Config: x.encode(x.schemas.ActionSchemas[name].Schema.ValueType(), config),
	})
	x.must(err)

	completed := 0

	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			ended = told(e.Diagnostics)
		}
	}

	if completed != 1 {
		x.t.Errorf("%s ended %d times", name, completed)
	}

	return progress, ended
}

// wireListed is one result of a list resource.
type wireListed struct {
	name     string
	identity map[string]any
	resource map[string]any // nil if it was not asked for
}

// list runs a list resource. A limit of 0 is none.
func (x *wire) list(name string, include bool, limit int64) ([]wireListed, []diagnostic) {
	x.t.Helper()
	stream, err := x.server.ListResource(x.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: name, IncludeResource: include, Limit: limit,
		Config: x.encode(x.schemas.ListResourceSchemas[name].ValueType(), nil),
	})
	x.must(err)

	var (
		results  []wireListed
		problems []diagnostic
	)
	for r := range stream.Results {
		problems = append(problems, told(r.Diagnostics)...)
		if r.Identity == nil {
			continue
		}

		results = append(results, wireListed{
			name:     r.DisplayName,
			identity: x.decode(x.identities[name].ValueType(), r.Identity.IdentityData),
			resource: x.decode(x.schemas.ResourceSchemas[name].ValueType(), r.Resource),
		})
	}

	return results, problems
}

// call calls a function.
func (x *wire) call(name string, arguments ...any) (any, *tfprotov6.FunctionError) {
	x.t.Helper()
	f := x.schemas.Functions[name]

	request := &tfprotov6.CallFunctionRequest{Name: name}
	for i, argument := range arguments {
		request.Arguments = append(request.Arguments, x.encode(f.Parameters[i].Type, argument))
	}

	got, err := x.server.CallFunction(x.t.Context(), request)
	x.must(err)

	if got.Error != nil {
		return nil, got.Error
	}

	v, err := got.Result.Unmarshal(f.Return.Type)
	x.must(err)

	return plain(x.t, v), nil
}

// adopted is what an import, and the read that Terraform does after it, lead to.
type adopted struct {
	state, identity map[string]any
	diagnostics     []diagnostic
}

// adopt imports a resource by its identity.
func (x *wire) adopt(name string, identity map[string]any) adopted {
	x.t.Helper()
	id := x.identities[name].ValueType()
	got, err := x.server.ImportResourceState(x.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: name, Identity: &tfprotov6.ResourceIdentityData{IdentityData: x.encode(id, identity)},
	})
	x.must(err)

	if len(got.ImportedResources) == 0 {
		return adopted{diagnostics: told(got.Diagnostics)}
	}

	imported := got.ImportedResources[0]
	read, err := x.server.ReadResource(x.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: name, CurrentState: imported.State, Private: imported.Private, CurrentIdentity: imported.Identity,
	})
	x.must(err)

	a := adopted{
		state:       x.decode(x.schemas.ResourceSchemas[name].ValueType(), read.NewState),
		diagnostics: append(told(got.Diagnostics), told(read.Diagnostics)...),
	}
	if read.NewIdentity != nil {
		a.identity = x.decode(id, read.NewIdentity.IdentityData)
	}

	return a
}

// encode turns a map, string, bool, number or list of these into a value. What a map lacks is null.
func (x *wire) encode(t tftypes.Type, v any) *tfprotov6.DynamicValue {
	x.t.Helper()
	value, err := tfprotov6.NewDynamicValue(t, typed(t, v))
	x.must(err)

	return &value
}

func typed(t tftypes.Type, v any) tftypes.Value {
	if object, ok := t.(tftypes.Object); ok {
		fields := make(map[string]tftypes.Value)

		given, _ := v.(map[string]any)
		for name, fieldType := range object.AttributeTypes {
			fields[name] = typed(fieldType, given[name])
		}

		return tftypes.NewValue(t, fields)
	}

	if v == nil {
		return tftypes.NewValue(t, nil)
	}

	if of, ok := t.(tftypes.Map); ok {
		values := make(map[string]tftypes.Value)

		texts, _ := v.(map[string]string)
		for key, text := range texts {
			values[key] = typed(of.ElementType, text)
		}

		return tftypes.NewValue(t, values)
	}

	var element tftypes.Type

	switch of := t.(type) {
	case tftypes.List:
		element = of.ElementType
	case tftypes.Set:
		element = of.ElementType
	default:
		return tftypes.NewValue(t, v)
	}

	elements := []tftypes.Value{}

	switch items := v.(type) {
	case []string:
		for _, item := range items {
			elements = append(elements, typed(element, item))
		}
	case []map[string]any:
		for _, item := range items {
			elements = append(elements, typed(element, item))
		}
	case []any: // as plain gives it
		for _, item := range items {
			elements = append(elements, typed(element, item))
		}
	default:
		panic(fmt.Sprintf("no test passes %T", v))
	}

	return tftypes.NewValue(t, elements)
}

// decode returns an object as a map; nil if there is none.
func (x *wire) decode(t tftypes.Type, v *tfprotov6.DynamicValue) map[string]any {
	x.t.Helper()

	if v == nil {
		return nil
	}

	value, err := v.Unmarshal(t)
	x.must(err)
	object, _ := plain(x.t, value).(map[string]any)

	return object
}

// plain turns a value into strings, bools, maps and slices. A null is nil.
func plain(t *testing.T, v tftypes.Value) any {
	t.Helper()

	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}

	switch of := v.Type(); {
	case v.IsNull():
		return nil
	case !v.IsKnown():
		return "(unknown)"
	case of.Is(tftypes.String):
		var text string
		must(v.As(&text))

		return text
	case of.Is(tftypes.Bool):
		var yes bool
		must(v.As(&yes))

		return yes
	case of.Is(tftypes.Object{}), of.Is(tftypes.Map{}):
		var fields map[string]tftypes.Value
		must(v.As(&fields))

		all := make(map[string]any)
		for name, field := range fields {
			all[name] = plain(t, field)
		}

		return all
	}

	var elements []tftypes.Value
	must(v.As(&elements))

	all := make([]any, 0, len(elements))
	for _, element := range elements {
		all = append(all, plain(t, element))
	}

	return all
}

func told(all []*tfprotov6.Diagnostic) []diagnostic {
	var found []diagnostic

	for _, d := range all {
		severity := "warning"
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			severity = "error"
		}

		at := ""
		if d.Attribute != nil {
			at = d.Attribute.String()
		}

		found = append(found, diagnostic{Severity: severity, Summary: d.Summary, Detail: d.Detail, Address: at})
	}

	return found
}

// severities counts diagnostics: "1 error, 2 warnings" is {error: 1, warning: 2}.
func severities(all []diagnostic) map[string]int {
	count := make(map[string]int)
	for _, d := range all {
		count[d.Severity]++
	}

	return count
}

// listOf returns the values of one attribute of each element of a list of objects.
func listOf(list any, attribute string) []any {
	elements, _ := list.([]any)
	values := []any{}

	for _, element := range elements {
		object, _ := element.(map[string]any)
		values = append(values, object[attribute])
	}

	return values
}

// operations counts requests by service and GraphQL operation or path.
func (w *world) operations() map[string]int {
	count := make(map[string]int)

	for _, r := range w.Requests() {
		what := r.Operation
		if what == "" {
			what = r.Method + " " + r.Path
		}

		count[string(r.Service)+" "+what]++
	}

	return count
}
