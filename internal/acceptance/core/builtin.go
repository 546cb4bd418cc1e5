package core

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// builtin is terraform_data, the resource that Terraform has itself: its output is its input, and not known before it
// is applied if that changes.
type builtin struct {
	made *atomic.Int64
}

func dataSchema() *schema {
	s := &schema{attributes: map[string]*attribute{}, object: cty.Object(map[string]cty.Type{
		"id": cty.String, "input": cty.DynamicPseudoType, "output": cty.DynamicPseudoType,
		"triggers_replace": cty.DynamicPseudoType,
	})}
	for name, t := range s.object.AttributeTypes() {
		s.attributes[name] = &attribute{name: name, valueType: t, given: t, computed: name == "id" || name == "output"}
	}

	return s
}

func (b builtin) schema(typeName string, data bool) (*schema, error) {
	if typeName != "terraform_data" || data {
		return nil, fmt.Errorf("this core has no %s", typeName)
	}

	return dataSchema(), nil
}

func (b builtin) validate(context.Context, string, bool, cty.Value) ([]*tfprotov6.Diagnostic, error) {
	return nil, nil
}

func (b builtin) upgrade(
	_ context.Context, _ string, _ int64, state []byte,
) (cty.Value, []*tfprotov6.Diagnostic, error) {
	v, err := decodeState(state, dataSchema().object)

	return v, nil, err
}

func (b builtin) read(_ context.Context, _ string, current thing) (thing, []*tfprotov6.Diagnostic, error) {
	return current, nil, nil
}

func (b builtin) plan(
	_ context.Context, _ string, prior thing, proposed, _ cty.Value,
) (planned, []*tfprotov6.Diagnostic, error) {
	if proposed.IsNull() {
		return planned{thing: thing{value: proposed}}, nil, nil
	}

	next := proposed.AsValueMap()

	output := cty.UnknownVal(next["input"].Type())
	if next["input"].IsNull() {
		output = next["input"]
	}

	var replaced []string

	switch {
	case prior.value.IsNull():
		next["id"], next["output"] = cty.UnknownVal(cty.String), output
	case !prior.value.GetAttr("triggers_replace").RawEquals(next["triggers_replace"]):
		replaced = []string{"triggers_replace"}
		next["id"], next["output"] = cty.UnknownVal(cty.String), output
	case !prior.value.GetAttr("input").RawEquals(next["input"]):
		next["output"] = output
	}

	return planned{thing{value: cty.ObjectVal(next)}, replaced}, nil, nil
}

func (b builtin) apply(
	_ context.Context, _ string, _ cty.Value, to thing, _ cty.Value,
) (thing, []*tfprotov6.Diagnostic, error) {
	if to.value.IsNull() {
		return to, nil, nil
	}

	next := to.value.AsValueMap()
	if !next["id"].IsKnown() {
		next["id"] = cty.StringVal(fmt.Sprintf("data-%d", b.made.Add(1)))
	}

	if !next["output"].IsKnown() {
		next["output"] = next["input"]
	}

	return thing{value: cty.ObjectVal(next)}, nil, nil
}

func (b builtin) readData(context.Context, string, cty.Value) (cty.Value, []*tfprotov6.Diagnostic, error) {
	return cty.NilVal, nil, errors.New("this core has no data source of its own")
}

func (b builtin) adopt(
	context.Context, string, string, *tfprotov6.ResourceIdentityData,
) (thing, []*tfprotov6.Diagnostic, error) {
	return thing{}, nil, errors.New("terraform_data is not imported here")
}
