package core

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// schema is that of one block type.
type schema struct {
	attributes map[string]*attribute
	object     cty.Type // of a whole block
	version    int64
}

type attribute struct {
	name      string
	valueType cty.Type
	given     cty.Type // what a configuration may write: nested objects may lack attributes
	nested    bool     // its own attributes are planned one by one
	required  bool
	optional  bool
	computed  bool
	writeOnly bool
}

func newSchema(s *tfprotov6.Schema) (*schema, error) {
	if s == nil {
		s = &tfprotov6.Schema{}
	}

	made := &schema{attributes: map[string]*attribute{}, version: s.Version}
	types := map[string]cty.Type{}

	if s.Block != nil {
		if len(s.Block.BlockTypes) > 0 {
			return nil, fmt.Errorf("block type %q: this core knows attributes only", s.Block.BlockTypes[0].TypeName)
		}

		for _, a := range s.Block.Attributes {
			t, err := ctyType(a.ValueType())
			if err != nil {
				return nil, fmt.Errorf("attribute %s: %w", a.Name, err)
			}

			given := t
			if a.NestedType != nil {
				given = withOptional(t)
			}

			types[a.Name] = t
			made.attributes[a.Name] = &attribute{
				a.Name, t, given, a.NestedType != nil, a.Required, a.Optional, a.Computed, a.WriteOnly,
			}
		}
	}

	made.object = cty.Object(types)

	return made, nil
}

// names returns the attributes' names in a fixed order.
func (s *schema) names() []string { return slices.Sorted(maps.Keys(s.attributes)) }

// nothing is a block that is not there.
func (s *schema) nothing() cty.Value { return cty.NullVal(s.object) }

// withOptional lets the attributes of nested objects be left out.
func withOptional(t cty.Type) cty.Type {
	switch {
	case t.IsObjectType():
		inner := map[string]cty.Type{}
		for name, of := range t.AttributeTypes() {
			inner[name] = withOptional(of)
		}

		return cty.ObjectWithOptionalAttrs(inner, slices.Sorted(maps.Keys(inner)))
	case t.IsListType():
		return cty.List(withOptional(t.ElementType()))
	case t.IsSetType():
		return cty.Set(withOptional(t.ElementType()))
	case t.IsMapType():
		return cty.Map(withOptional(t.ElementType()))
	}

	return t
}

func ctyType(t tftypes.Type) (cty.Type, error) {
	element := func(of tftypes.Type, make func(cty.Type) cty.Type) (cty.Type, error) {
		inner, err := ctyType(of)
		if err != nil {
			return cty.NilType, err
		}

		return make(inner), nil
	}

	switch {
	case t.Is(tftypes.String):
		return cty.String, nil
	case t.Is(tftypes.Bool):
		return cty.Bool, nil
	case t.Is(tftypes.Number):
		return cty.Number, nil
	case t.Is(tftypes.DynamicPseudoType):
		return cty.DynamicPseudoType, nil
	}

	switch t := t.(type) {
	case tftypes.List:
		return element(t.ElementType, cty.List)
	case tftypes.Set:
		return element(t.ElementType, cty.Set)
	case tftypes.Map:
		return element(t.ElementType, cty.Map)
	case tftypes.Object:
		types := map[string]cty.Type{}

		for name, of := range t.AttributeTypes {
			inner, err := ctyType(of)
			if err != nil {
				return cty.NilType, err
			}

			types[name] = inner
		}

		return cty.Object(types), nil
	}

	return cty.NilType, fmt.Errorf("no test needs type %s", t)
}
