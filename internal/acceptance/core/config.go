package core

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// configuration is a parsed root module.
type configuration struct {
	providers map[string]*providerBlock // by local name, or local name and alias with a dot between them
	resources map[string]*resourceBlock // by type and name; data sources begin with "data."
	variables map[string]hcl.Expression // their default; nil if there is none
	locals    map[string]hcl.Expression
	moved     []move
	removed   []removal
}

type providerBlock struct {
	body *hclsyntax.Body
}

// resourceBlock is a resource or a data source.
type resourceBlock struct {
	address  string
	data     bool
	typeName string
	provider string // a key of configuration.providers
	body     *hclsyntax.Body
	count    hcl.Expression
	forEach  hcl.Expression
	after    []hcl.Traversal // depends_on

	createBeforeDestroy bool
	ignoreAll           bool
	ignored             []string // attributes
	replacedBy          []hcl.Expression
}

type move struct{ from, to string }

type removal struct {
	from    string
	destroy bool
}

// meta are the arguments of resource blocks that are Terraform's.
func meta() []string { return []string{"count", "for_each", "provider", "depends_on"} }

func parse(text string) (*configuration, Diagnostics) {
	file, diags := hclsyntax.ParseConfig([]byte(text), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fromHCL("", diags)
	}

	body, _ := file.Body.(*hclsyntax.Body)
	c := &configuration{
		providers: map[string]*providerBlock{}, resources: map[string]*resourceBlock{},
		variables: map[string]hcl.Expression{}, locals: map[string]hcl.Expression{},
	}

	var all Diagnostics

	for _, block := range body.Blocks {
		if err := c.add(block); err != nil {
			all = append(all, own("", "Unsupported configuration", "%v", err))
		}
	}

	return c, all
}

func (c *configuration) add(block *hclsyntax.Block) error {
	attributes := block.Body.Attributes
	switch what := block.Type; what {
	case "terraform", "output":
	case "provider":
		key := block.Labels[0]

		if alias, ok := attributes["alias"]; ok {
			v, _ := alias.Expr.Value(nil)
			key += "." + v.AsString()
		}

		c.providers[key] = &providerBlock{block.Body}
	case "variable":
		c.variables[block.Labels[0]] = nil
		if a, ok := attributes["default"]; ok {
			c.variables[block.Labels[0]] = a.Expr
		}
	case "locals":
		for name, a := range attributes {
			c.locals[name] = a.Expr
		}
	case "moved":
		c.moved = append(c.moved, move{written(attributes["from"].Expr), written(attributes["to"].Expr)})
	case "removed":
		r := removal{from: written(attributes["from"].Expr), destroy: true}
		for _, inner := range block.Body.Blocks {
			if v, _ := inner.Body.Attributes["destroy"].Expr.Value(nil); inner.Type == "lifecycle" {
				r.destroy = v.True()
			}
		}

		c.removed = append(c.removed, r)
	case "resource", "data":
		return c.addResource(block)
	default:
		return fmt.Errorf("this core does not know %s blocks", what)
	}

	return nil
}

func (c *configuration) addResource(block *hclsyntax.Block) error {
	r := &resourceBlock{
		typeName: block.Labels[0], address: block.Labels[0] + "." + block.Labels[1], body: block.Body,
		data: block.Type == "data",
	}
	if r.data {
		r.address = "data." + r.address
	}

	r.provider, _, _ = strings.Cut(r.typeName, "_")

	for name, a := range block.Body.Attributes {
		switch name {
		case "count":
			r.count = a.Expr
		case "for_each":
			r.forEach = a.Expr
		case "provider":
			r.provider = written(a.Expr)
		case "depends_on":
			items, diags := hcl.ExprList(a.Expr)
			if diags.HasErrors() {
				return diags
			}

			for _, item := range items {
				r.after = append(r.after, item.Variables()...)
			}
		}
	}

	if _, exists := c.resources[r.address]; exists {
		return fmt.Errorf("%s is there twice", r.address)
	}

	c.resources[r.address] = r

	for _, inner := range block.Body.Blocks {
		if inner.Type != "lifecycle" || len(inner.Body.Blocks) > 0 {
			return fmt.Errorf("%s: this core does not know %s blocks like that", r.address, inner.Type)
		}

		for name, a := range inner.Body.Attributes {
			if err := r.addLifecycle(name, a.Expr); err != nil {
				return err
			}
		}
	}

	return nil
}

func (r *resourceBlock) addLifecycle(name string, e hcl.Expression) error {
	switch name {
	case "create_before_destroy":
		v, diags := e.Value(nil)
		if diags.HasErrors() {
			return diags
		}

		r.createBeforeDestroy = v.True()
	case "ignore_changes":
		if hcl.ExprAsKeyword(e) == "all" {
			r.ignoreAll = true

			return nil
		}

		items, diags := hcl.ExprList(e)
		if diags.HasErrors() {
			return diags
		}

		for _, item := range items {
			r.ignored = append(r.ignored, written(item))
		}
	case "replace_triggered_by":
		items, diags := hcl.ExprList(e)
		if diags.HasErrors() {
			return diags
		}

		r.replacedBy = items
	default:
		return fmt.Errorf("%s: this core does not know %s", r.address, name)
	}

	return nil
}

// written returns a reference as it was written: a.b, a.b[0] or a.b["x"].
func written(e hcl.Expression) string {
	traversal, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		return ""
	}

	var b strings.Builder

	for i, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			b.WriteString(instanceKey(step.Key))
		default:
			return fmt.Sprintf("(step %d)", i)
		}
	}

	return b.String()
}

// instanceKey returns [0] or ["x"].
func instanceKey(v cty.Value) string {
	if v.Type() == cty.Number {
		return "[" + v.AsBigFloat().Text('f', -1) + "]"
	}

	return fmt.Sprintf("[%q]", v.AsString())
}

// split divides an instance's address into its resource's and its key.
func split(instance string) (resource, key string) {
	if i := strings.IndexByte(instance, '['); i >= 0 {
		return instance[:i], instance[i:]
	}

	return instance, ""
}

// references returns the addresses of the resources and data sources that expressions need, through locals too.
func (c *configuration) references(traversals []hcl.Traversal) map[string]bool {
	found := map[string]bool{}
	seen := map[string]bool{}

	var walk func(all []hcl.Traversal)

	walk = func(all []hcl.Traversal) {
		for _, traversal := range all {
			address := referred(traversal)
			if name, isLocal := strings.CutPrefix(address, "local."); isLocal && !seen[name] && c.locals[name] != nil {
				seen[name] = true
				walk(c.locals[name].Variables())
			}

			if c.resources[address] != nil {
				found[address] = true
			}
		}
	}
	walk(traversals)

	return found
}

// referred returns the first two names of a reference, three for a data source.
func referred(traversal hcl.Traversal) string {
	parts := []string{traversal.RootName()}
	for _, step := range traversal[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok || len(parts) == 3 || len(parts) == 2 && parts[0] != "data" {
			break
		}

		parts = append(parts, attr.Name)
	}

	return strings.Join(parts, ".")
}

// needs returns the addresses of what a block needs, its provider's settings included.
func (c *configuration) needs(r *resourceBlock) map[string]bool {
	all := slices.Clone(r.after)
	for _, a := range r.body.Attributes {
		if a.Name != "provider" && a.Name != "depends_on" {
			all = append(all, a.Expr.Variables()...)
		}
	}

	for _, e := range r.replacedBy {
		all = append(all, e.Variables()...)
	}

	found := c.references(all)
	maps.Copy(found, c.providerNeeds(r.provider))
	delete(found, r.address)

	return found
}

func (c *configuration) providerNeeds(key string) map[string]bool {
	p := c.providers[key]
	if p == nil {
		return nil
	}

	var all []hcl.Traversal
	for _, a := range p.body.Attributes {
		all = append(all, a.Expr.Variables()...)
	}

	return c.references(all)
}

// closure returns needs and what those need.
func (c *configuration) closure(r *resourceBlock) map[string]bool {
	found := map[string]bool{}

	var walk func(r *resourceBlock)

	walk = func(r *resourceBlock) {
		for address := range c.needs(r) {
			if !found[address] {
				found[address] = true
				walk(c.resources[address])
			}
		}
	}
	walk(r)

	return found
}

// destroysLast reports whether the block's instances are replaced by creating the new one first: because it says so, or
// because one that needs it does.
func (c *configuration) destroysLast(r *resourceBlock) bool {
	if r.createBeforeDestroy {
		return true
	}

	for _, other := range c.resources {
		if other.createBeforeDestroy && c.closure(other)[r.address] {
			return true
		}
	}

	return false
}
