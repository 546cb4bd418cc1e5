package core

import (
	"github.com/hashicorp/hcl/v2"
)

// changedAt reports whether a change touches what an expression of replace_triggered_by names: a resource, an instance
// of it, or an attribute.
func changedAt(c *Change, e hcl.Expression) bool {
	traversal, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		return true // with a key that is an expression: any instance will do
	}

	_, key := split(c.Address)

	for _, step := range traversal[2:] {
		switch step := step.(type) {
		case hcl.TraverseIndex:
			if instanceKey(step.Key) != key {
				return false
			}
		case hcl.TraverseAttr:
			before, after := c.before.value, c.after.value

			return before.IsNull() || !before.GetAttr(step.Name).RawEquals(after.GetAttr(step.Name))
		}
	}

	return true
}
