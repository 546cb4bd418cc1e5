package core

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// scope is what expressions of a walk can refer to.
type scope struct {
	config    *configuration
	variables map[string]cty.Value
	// value returns a resource or data source as an expression sees it: an object, or a collection of them.
	value func(address string) cty.Value
}

// evaluate returns an expression's value. extra are the names that are special to its block.
func (s *scope) evaluate(e hcl.Expression, extra map[string]cty.Value) (cty.Value, hcl.Diagnostics) {
	ctx, diags := s.context(e.Variables(), extra)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}

	return e.Value(ctx)
}

func (s *scope) context(refs []hcl.Traversal, extra map[string]cty.Value) (*hcl.EvalContext, hcl.Diagnostics) {
	var diags hcl.Diagnostics

	names := map[string]cty.Value{}
	locals := map[string]cty.Value{}
	managed, data := map[string]map[string]cty.Value{}, map[string]map[string]cty.Value{}
	put := func(all map[string]map[string]cty.Value, typeName, name string, v cty.Value) {
		if all[typeName] == nil {
			all[typeName] = map[string]cty.Value{}
		}

		all[typeName][name] = v
	}

	for _, ref := range refs {
		address := referred(ref)
		parts := strings.Split(address, ".")

		_, isSpecial := extra[parts[0]]
		switch {
		case isSpecial:
		case parts[0] == "var":
			names["var"] = cty.ObjectVal(s.variables)
		case parts[0] == "local" && s.config.locals[parts[1]] != nil:
			v, more := s.evaluate(s.config.locals[parts[1]], nil)
			diags = append(diags, more...)
			locals[parts[1]] = v
		case s.config.resources[address] != nil && parts[0] == "data":
			put(data, parts[1], parts[2], s.value(address))
		case s.config.resources[address] != nil:
			put(managed, parts[0], parts[1], s.value(address))
		default:
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Reference to undeclared resource",
				Detail: "There is no " + address + ".", Subject: ref.SourceRange().Ptr(),
			})
		}
	}

	for typeName, all := range managed {
		names[typeName] = cty.ObjectVal(all)
	}

	if len(data) > 0 {
		types := map[string]cty.Value{}
		for typeName, all := range data {
			types[typeName] = cty.ObjectVal(all)
		}

		names["data"] = cty.ObjectVal(types)
	}

	if len(locals) > 0 {
		names["local"] = cty.ObjectVal(locals)
	}

	maps.Copy(names, extra)

	return &hcl.EvalContext{Variables: names, Functions: functions()}, diags
}

func functions() map[string]function.Function {
	return map[string]function.Function{
		"concat": stdlib.ConcatFunc, "format": stdlib.FormatFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "merge": stdlib.MergeFunc, "values": stdlib.ValuesFunc,
		"setproduct": stdlib.SetProductFunc,
		"toset":      stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
	}
}

// decode evaluates a block's attributes against its schema. skipped are not the provider's.
func (s *scope) decode(
	body *hclsyntax.Body, of *schema, extra map[string]cty.Value, skipped ...string,
) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics

	wrong := func(summary, name string) {
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: summary, Detail: "The argument is " + strconv.Quote(name) + ".",
		})
	}
	for name := range body.Attributes {
		if of.attributes[name] == nil && !slices.Contains(skipped, name) {
			wrong("Unsupported argument", name)
		}
	}

	values := map[string]cty.Value{}
	for name, a := range of.attributes {
		values[name] = cty.NullVal(a.valueType)

		given, ok := body.Attributes[name]
		if !ok {
			if a.required {
				wrong("Missing required argument", name)
			}

			continue
		}

		v, more := s.evaluate(given.Expr, extra)

		diags = append(diags, more...)
		if more.HasErrors() {
			continue
		}

		v, err := convert.Convert(v, a.given)
		if err != nil {
			wrong("Incorrect attribute value type", name)

			continue
		}

		values[name] = v
	}

	return cty.ObjectVal(values), diags
}

// expand returns the keys of a block's instances, as in addresses, with what is special to each.
func (s *scope) expand(r *resourceBlock) ([]string, map[string]map[string]cty.Value, hcl.Diagnostics) {
	wrong := func(what string) hcl.Diagnostics {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid " + what + " argument", Detail: "in " + r.address}}
	}
	special := map[string]map[string]cty.Value{}

	switch {
	case r.count != nil:
		v, diags := s.evaluate(r.count, nil)
		if diags.HasErrors() || !v.IsKnown() || v.IsNull() || v.Type() != cty.Number {
			return nil, nil, append(diags, wrong("count")...)
		}

		n, _ := v.AsBigFloat().Int64()

		keys := make([]string, 0, n)
		for i := range n {
			index := cty.NumberIntVal(i)
			keys = append(keys, instanceKey(index))
			special[instanceKey(index)] = map[string]cty.Value{"count": single("index", index)}
		}

		return keys, special, nil
	case r.forEach != nil:
		v, diags := s.evaluate(r.forEach, nil)
		if diags.HasErrors() || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
			return nil, nil, append(diags, wrong("for_each")...)
		}

		var keys []string

		for key, value := range v.Elements() {
			if v.Type().IsSetType() {
				key = value
			}

			if !key.IsKnown() {
				return nil, nil, wrong("for_each")
			}

			keys = append(keys, instanceKey(key))
			special[instanceKey(key)] = map[string]cty.Value{
				"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}),
			}
		}

		return keys, special, nil
	}

	return []string{""}, map[string]map[string]cty.Value{"": {}}, nil
}

// collect makes of instances what an expression sees of their resource.
func (r *resourceBlock) collect(instances map[string]cty.Value) cty.Value {
	switch {
	case r.count != nil:
		all := make([]cty.Value, len(instances))
		for i := range all {
			v, exists := instances[instanceKey(cty.NumberIntVal(int64(i)))]
			if !exists {
				v = cty.DynamicVal
			}

			all[i] = v
		}

		return cty.TupleVal(all)
	case r.forEach != nil:
		all := map[string]cty.Value{}

		for key, v := range instances {
			name, _ := strconv.Unquote(strings.Trim(key, "[]"))
			all[name] = v
		}

		return cty.ObjectVal(all)
	}

	if v, exists := instances[""]; exists {
		return v
	}

	return cty.DynamicVal
}

func single(name string, v cty.Value) cty.Value { return cty.ObjectVal(map[string]cty.Value{name: v}) }
