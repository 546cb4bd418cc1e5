package provider

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file takes the models of the two resources from Terraform's values and back, by the tags of their fields. The
// framework's Get and Set do the same, and to look at a tag they compile a regular expression, for every field of every
// call (terraform-plugin-framework v1.19.0, internal/reflect/helpers.go, isValidFieldName): more than all else that the
// provider does of its own in a plan of unchanged resources. Until that changes, Get and Set serve where a call comes
// once: in the provider block and the data sources.

// decodeModel returns a model of an object, nil for null. Every field of a Model is a value of the framework's, and
// there is one for each attribute of the object.
func decodeModel[Model any](ctx context.Context, object tftypes.Value, diags *diag.Diagnostics) *Model {
	if object.IsNull() {
		return nil
	}

	m := new(Model)
	if err := decodeFields(ctx, object, reflect.ValueOf(m).Elem()); err != nil {
		addModelError(diags, m, err)

		return nil
	}

	return m
}

func decodeFields(ctx context.Context, object tftypes.Value, model reflect.Value) error {
	var values map[string]tftypes.Value
	if err := object.As(&values); err != nil {
		return err
	}

	taken := 0

	for name, field := range fieldsOf(model) {
		value, ok := values[name]
		if !ok {
			return fmt.Errorf("there is no attribute %q", name)
		}

		decoded, err := decodeValue(ctx, value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}

		if !reflect.TypeOf(decoded).AssignableTo(field.Type()) {
			return fmt.Errorf("%s: the value is %T, the field %s", name, decoded, field.Type())
		}

		field.Set(reflect.ValueOf(decoded))

		taken++
	}

	if taken < len(values) {
		return fmt.Errorf("there are %d attributes and %d fields", len(values), taken)
	}

	return nil
}

func decodeValue(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	t, err := typeOf(value.Type())
	if err != nil {
		return nil, err
	}

	return t.ValueFromTerraform(ctx, value)
}

// typeOf returns the framework's type for one of Terraform's that the models use.
func typeOf(t tftypes.Type) (attr.Type, error) {
	switch t := t.(type) {
	case tftypes.Set:
		element, err := typeOf(t.ElementType)

		return types.SetType{ElemType: element}, err
	case tftypes.List:
		element, err := typeOf(t.ElementType)

		return types.ListType{ElemType: element}, err
	case tftypes.Object:
		fields := make(map[string]attr.Type, len(t.AttributeTypes))
		for name, field := range t.AttributeTypes {
			var err error
			if fields[name], err = typeOf(field); err != nil {
				return nil, err
			}
		}

		return types.ObjectType{AttrTypes: fields}, nil
	}

	switch {
	case t.Is(tftypes.String):
		return types.StringType, nil
	case t.Is(tftypes.Bool):
		return types.BoolType, nil
	}

	return nil, fmt.Errorf("no model has a field for %s", t)
}

// encodeModel returns a model, a struct or a pointer to one, as an object of the type of before, whose place it is to
// take.
func encodeModel(ctx context.Context, model any, before tftypes.Value, diags *diag.Diagnostics) tftypes.Value {
	object, err := encodeFields(ctx, reflect.Indirect(reflect.ValueOf(model)), before.Type())
	if err != nil {
		addModelError(diags, model, err)

		return before
	}

	return object
}

func encodeFields(ctx context.Context, model reflect.Value, t tftypes.Type) (tftypes.Value, error) {
	object, ok := t.(tftypes.Object)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("%s is no object", t)
	}

	values := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, field := range fieldsOf(model) {
		value, err := encodeValue(ctx, field.Interface(), object.AttributeTypes[name])
		if err != nil {
			return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
		}

		values[name] = value
	}

	if err := tftypes.ValidateValue(object, values); err != nil {
		return tftypes.Value{}, err
	}

	return tftypes.NewValue(object, values), nil
}

func encodeValue(ctx context.Context, field any, t tftypes.Type) (tftypes.Value, error) {
	value, ok := field.(attr.Value)
	switch {
	case !ok:
		return tftypes.Value{}, fmt.Errorf("a field cannot be %T", field)
	case t == nil:
		return tftypes.Value{}, fmt.Errorf("there is no such attribute")
	case value.IsNull(): // of whichever type: a collection that nobody set knows none
		return tftypes.NewValue(t, nil), nil
	}

	return value.ToTerraformValue(ctx)
}

// fieldsOf goes through the fields of a model by the names of their attributes.
func fieldsOf(model reflect.Value) iter.Seq2[string, reflect.Value] {
	return func(yield func(string, reflect.Value) bool) {
		for i := range model.NumField() {
			described := model.Type().Field(i)
			if !described.Anonymous {
				if !yield(described.Tag.Get("tfsdk"), model.Field(i)) {
					return
				}

				continue
			}

			for name, field := range fieldsOf(model.Field(i)) {
				if !yield(name, field) {
					return
				}
			}
		}
	}
}

func addModelError(diags *diag.Diagnostics, model any, err error) {
	diags.AddError("Values do not fit their model", fmt.Sprintf("%T: %v. Please report this.", model, err))
}
