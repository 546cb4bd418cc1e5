package core

import (
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// propose merges a configuration with the prior state: what the configuration leaves out and the provider computes is
// as before. What is write-only is in neither.
func propose(s *schema, prior, config cty.Value) cty.Value {
	if config.IsNull() {
		return config
	}

	merged := map[string]cty.Value{}

	for name, a := range s.attributes {
		value := config.GetAttr(name)
		switch {
		case a.writeOnly:
			value = cty.NullVal(a.valueType)
		case value.IsNull() && a.computed && !prior.IsNull():
			value = prior.GetAttr(name)
		}

		merged[name] = value
	}

	return cty.ObjectVal(merged)
}

// invalidPlan returns what makes a provider's plan one that Terraform refuses: a planned value has to be the configured
// one, or, if that means the same, the prior one; and only what the provider computes may be planned without having
// been configured.
func invalidPlan(s *schema, prior, config, planned cty.Value) (wrong []string) {
	if config.IsNull() || planned.IsNull() {
		if config.IsNull() != planned.IsNull() {
			wrong = append(wrong, "a planned resource must be there exactly if it is configured")
		}

		return wrong
	}

	for _, name := range s.names() {
		a := s.attributes[name]

		had := cty.NullVal(a.valueType)
		if !prior.IsNull() {
			had = prior.GetAttr(name)
		}

		wants, gets := config.GetAttr(name), planned.GetAttr(name)
		switch {
		case a.writeOnly:
			if !gets.IsNull() {
				wrong = append(wrong, name+": a write-only value in the plan")
			}
		case a.same(gets, wants):
		case a.same(gets, had) && !had.IsNull() && !wants.IsNull():
		case a.computed && wants.IsNull():
		case a.computed && !a.optional: // has a prior value for a configured one where everything is ignored
		default:
			wrong = append(wrong, name+": the planned value is neither the configured nor the prior one")
		}
	}

	return wrong
}

// same reports whether two values of an attribute are the same to Terraform, which looks at the attributes of nested
// objects one by one. What is known of an unknown value, such as its prefix, makes no difference: providers lose it.
func (a *attribute) same(one, other cty.Value) bool {
	if !a.nested {
		return unrefined(one).RawEquals(unrefined(other))
	}

	strip := func(_ cty.Path, v cty.Value) (cty.Value, error) { return unrefined(v), nil }
	one, err1 := cty.Transform(one, strip)
	other, err2 := cty.Transform(other, strip)

	return err1 == nil && err2 == nil && one.RawEquals(other)
}

// unrefined takes what is known of an unknown value from it, but for its type.
func unrefined(v cty.Value) cty.Value {
	if v.IsKnown() {
		return v
	}

	return cty.UnknownVal(v.Type())
}

// deviations returns where a later value is not one that a planned one allows. A value that was unknown allows any.
func deviations(at string, planned, actual cty.Value) (wrong []string) {
	switch {
	case !planned.IsKnown():
		if t := planned.Type(); t != cty.DynamicPseudoType && !actual.Type().Equals(t) {
			return []string{fmt.Sprintf("%s: another type", at)}
		}

		if fits := planned.Range().Includes(actual); fits.IsKnown() && fits.False() {
			return []string{at + ": is not what was known of it"}
		}

		return nil
	case !actual.IsKnown():
		return []string{at + ": was known, but now unknown"}
	case planned.IsNull() || actual.IsNull():
		if planned.IsNull() != actual.IsNull() {
			return []string{fmt.Sprintf("%s: null was %t, but now %t", at, planned.IsNull(), actual.IsNull())}
		}

		return nil
	}

	t := planned.Type()
	switch {
	case t.IsObjectType() || t.IsMapType():
		return deviatingFields(at, planned.AsValueMap(), actual.AsValueMap())
	case t.IsListType() || t.IsTupleType():
		return deviatingElements(at, planned.AsValueSlice(), actual.AsValueSlice())
	case t.IsSetType() && !planned.IsWhollyKnown():
		return deviatingMembers(at, planned.AsValueSlice(), actual.AsValueSlice())
	case !planned.RawEquals(actual):
		return []string{at + ": another value"}
	}

	return nil
}

func deviatingFields(at string, planned, actual map[string]cty.Value) (wrong []string) {
	for name, was := range planned {
		is, exists := actual[name]
		if !exists {
			wrong = append(wrong, at+"."+name+": is gone")

			continue
		}

		wrong = append(wrong, deviations(at+"."+name, was, is)...)
	}

	for name := range actual {
		if _, exists := planned[name]; !exists {
			wrong = append(wrong, at+"."+name+": is new")
		}
	}

	return wrong
}

func deviatingElements(at string, planned, actual []cty.Value) (wrong []string) {
	if len(planned) != len(actual) {
		return []string{fmt.Sprintf("%s: had %d elements, but now %d", at, len(planned), len(actual))}
	}

	for i := range planned {
		wrong = append(wrong, deviations(fmt.Sprintf("%s[%d]", at, i), planned[i], actual[i])...)
	}

	return wrong
}

// deviatingMembers is for sets with members that were unknown: each member has to be one that another member of the
// other set allows, and unknown ones may have become equal.
func deviatingMembers(at string, planned, actual []cty.Value) (wrong []string) {
	if len(planned) < len(actual) {
		wrong = append(wrong, at+": more elements than planned")
	}

	allows := func(was, is cty.Value) bool { return len(deviations(at, was, is)) == 0 }
	for _, was := range planned {
		if !slices.ContainsFunc(actual, func(is cty.Value) bool { return allows(was, is) }) {
			wrong = append(wrong, at+": an element is gone")
		}
	}

	for _, is := range actual {
		if !slices.ContainsFunc(planned, func(was cty.Value) bool { return allows(was, is) }) {
			wrong = append(wrong, at+": an element is new")
		}
	}

	return wrong
}

// Plain turns a value into strings, bools, float64s, maps and slices as encoding/json would. Null is nil, unknown is
// Unknown.
func Plain(v cty.Value) any {
	switch t := v.Type(); {
	case v == cty.NilVal || v.IsNull():
		return nil
	case !v.IsKnown():
		return Unknown{}
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		number, _ := v.AsBigFloat().Float64()

		return number
	case t.IsObjectType() || t.IsMapType():
		fields := map[string]any{}
		for name, of := range v.AsValueMap() {
			fields[name] = Plain(of)
		}

		return fields
	}

	elements := []any{}
	for _, of := range v.AsValueSlice() {
		elements = append(elements, Plain(of))
	}

	return elements
}

// Unknown stands for a value that is known after apply only.
type Unknown struct{}
