package provider

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// objects are an object of the resource's type for each state that a value can be in, with the framework's view of it.
func objects(t *testing.T) map[string]tfsdk.State {
	t.Helper()

	var schema resource.SchemaResponse
	newGitUserTokenResource().Schema(t.Context(), resource.SchemaRequest{}, &schema)

	object, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}

	all := map[string]tfsdk.State{}

	for name, fill := range map[string]func(tftypes.Type) tftypes.Value{
		"known":   known,
		"null":    func(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, nil) },
		"unknown": func(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, tftypes.UnknownValue) },
	} {
		values := map[string]tftypes.Value{}
		for attribute, t := range object.AttributeTypes {
			values[attribute] = fill(t)
		}

		all[name] = tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(object, values)}
	}

	return all
}

// known returns a value of a type, with something unknown and something null deep within.
func known(t tftypes.Type) tftypes.Value {
	switch t := t.(type) {
	case tftypes.Set:
		unknown := tftypes.NewValue(t.ElementType, tftypes.UnknownValue)

		return tftypes.NewValue(t, []tftypes.Value{known(t.ElementType), unknown})
	case tftypes.List:
		return tftypes.NewValue(t, []tftypes.Value{known(t.ElementType), known(t.ElementType)})
	case tftypes.Object:
		fields := map[string]tftypes.Value{}
		for name, field := range t.AttributeTypes {
			fields[name] = known(field)
		}

		fields["access"] = tftypes.NewValue(t.AttributeTypes["access"], nil)

		return tftypes.NewValue(t, fields)
	}

	if t.Is(tftypes.Bool) {
		return tftypes.NewValue(t, true)
	}

	return tftypes.NewValue(t, "some text")
}

// A model that was taken from an object by hand is what the framework makes of it, and goes back to the same object.
func TestModelsAreThoseOfTheFramework(t *testing.T) {
	t.Parallel()

	for name, state := range objects(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var want gitUserTokenModel

			diags := state.Get(t.Context(), &want)

			got := decodeModel[gitUserTokenModel](t.Context(), state.Raw, &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}

			if !cmp.Equal(*got, want, cmp.Exporter(func(reflect.Type) bool { return true })) {
				t.Errorf("got  %+v\nwant %+v", *got, want)
			}

			before := tftypes.NewValue(state.Raw.Type(), nil)
			if back := encodeModel(t.Context(), got, before, &diags); diags.HasError() || !back.Equal(state.Raw) {
				t.Errorf("%v\n%s, want\n%s", diags, back, state.Raw)
			}
		})
	}
}

func TestModelsOfNothing(t *testing.T) {
	t.Parallel()
	state := objects(t)["null"]

	var diags diag.Diagnostics
	if m := decodeModel[gitUserTokenModel](t.Context(), tftypes.NewValue(state.Raw.Type(), nil), &diags); m != nil {
		t.Errorf("null is %v", m)
	}
	// A field that nobody set does not know which elements it would have.
	empty := encodeModel(t.Context(), gitUserTokenModel{}, state.Raw, &diags)
	if diags.HasError() || !empty.Equal(state.Raw) {
		t.Errorf("%v: %s", diags, empty)
	}
}

func TestModelsThatDoNotFit(t *testing.T) {
	t.Parallel()

	type one struct {
		Name types.String `tfsdk:"name"`
	}

	object := func(fields map[string]any) tftypes.Value {
		kinds, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}
		for name, value := range fields {
			kinds[name] = tftypes.String
			if _, number := value.(int); number {
				kinds[name] = tftypes.Number
			} else if _, is := value.(bool); is {
				kinds[name] = tftypes.Bool
			}

			values[name] = tftypes.NewValue(kinds[name], value)
		}

		return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, values)
	}
	for name, tt := range map[string]struct {
		of   tftypes.Value
		want string
	}{
		"no such attribute":     {object(map[string]any{"other": "x"}), `"name"`},
		"attribute without one": {object(map[string]any{"name": "x", "other": "x"}), "2 attributes and 1 fields"},
		"another type":          {object(map[string]any{"name": true}), "name: "},
		"a type of none":        {object(map[string]any{"name": 1}), "name: "},
		"no object":             {tftypes.NewValue(tftypes.String, "x"), "one"},
	} {
		var diags diag.Diagnostics
		if m := decodeModel[one](t.Context(), tt.of, &diags); m != nil || !diags.HasError() ||
			!strings.Contains(diags[0].Detail(), tt.want) {
			t.Errorf("decode, %s: %v, %v", name, m, diags)
		}
	}

	for name, before := range map[string]tftypes.Value{
		"no such attribute":     object(map[string]any{"other": "x"}),
		"attribute without one": object(map[string]any{"name": "x", "other": "x"}),
		"another type":          object(map[string]any{"name": true}),
		"no object":             tftypes.NewValue(tftypes.String, "x"),
	} {
		var diags diag.Diagnostics

		got := encodeModel(t.Context(), one{types.StringValue("y")}, before, &diags)
		if !diags.HasError() || !got.Equal(before) {
			t.Errorf("encode, %s: %s, %v", name, got, diags)
		}
	}
}
