package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Action is what a plan means for an object.
type Action string

// Actions.
const (
	NoOp             Action = "no-op"
	Create           Action = "create"
	Update           Action = "update"
	Delete           Action = "delete"
	DeleteThenCreate Action = "replace"
	CreateThenDelete Action = "create before destroy"
	Forget           Action = "forget"
)

// replaces reports whether an object makes way for another one.
func (a Action) replaces() bool { return a == DeleteThenCreate || a == CreateThenDelete }

// Change is what a plan means for one object.
type Change struct {
	Address string
	Deposed string // not empty for an object that was replaced before and is still there
	Action  Action

	block         *resourceBlock // nil for what is no longer configured
	about         object
	needed        map[string]bool // by the object as it was made
	before, after thing
	forced        bool
	aside         string // where the object is that makes way for a new one
}

// Before returns the attributes that the refresh found.
func (c *Change) Before() map[string]any { return plainObject(c.before.value) }

// After returns the planned attributes. What is not known yet is Unknown.
func (c *Change) After() map[string]any { return plainObject(c.after.value) }

func plainObject(v cty.Value) map[string]any {
	fields, _ := Plain(v).(map[string]any)

	return fields
}

// String is for failing tests.
func (c *Change) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %s %s", c.Address, c.Action, c.Deposed))
}

func (r *run) planInstance(block *resourceBlock, key string, special map[string]cty.Value) bool {
	address := block.address + key

	p := r.provider(block.provider)
	if p == nil {
		return false
	}

	s, err := p.schema(block.typeName, false)
	if r.fails(address, err) {
		return false
	}

	prior, o, ok := r.refresh(p, s, address, "")
	if !ok {
		return false
	}

	if r.RefreshOnly {
		r.plans(block.address, key, prior.value)

		return true
	}

	forced := slices.Contains(r.Replace, address) || r.replacedBy(block)

	c, ok := r.planChange(block, key, special, p, s, prior, o, forced)
	if !ok {
		return false
	}

	r.plans(block.address, key, c.after.value)
	r.mu.Lock()
	defer r.mu.Unlock()

	r.changes = append(r.changes, c)

	return true
}

// replacedBy reports whether something that the block names in replace_triggered_by changes.
func (r *run) replacedBy(block *resourceBlock) bool {
	for _, e := range block.replacedBy {
		traversal := e.Variables()[0]
		resource := referred(traversal)

		r.mu.Lock()
		changed := slices.ContainsFunc(r.changes, func(c *Change) bool {
			of, _ := split(c.Address)

			return of == resource && (c.Action == Update || c.Action.replaces()) && changedAt(c, e)
		})
		r.mu.Unlock()

		if changed {
			return true
		}
	}

	return false
}

// planChange plans one object of a block. It is part of plans, and of applies, where it has to come to the same.
func (r *run) planChange(
	block *resourceBlock, key string, special map[string]cty.Value, p resources, s *schema, prior thing, o *object,
	forced bool,
) (*Change, bool) {
	address := block.address + key
	config, diags := r.scope.decode(block.body, s, special, meta()...)
	r.tell(fromHCL(address, diags)...)

	if diags.HasErrors() {
		return nil, false
	}

	told, err := p.validate(r.ctx, block.typeName, false, config)
	r.tell(fromProvider(address, told)...)

	if r.fails(address, err) || failed(told) {
		return nil, false
	}

	c := &Change{Address: address, block: block, about: r.config.about(block), before: prior, forced: forced}

	tainted := o != nil && o.tainted
	if o != nil {
		c.needed = o.needs
	}

	from := prior
	if tainted {
		from = thing{value: s.nothing()}
	}

	made, ok := r.ask(p, block, s, address, from, block.ignore(s, from.value, config))
	if !ok {
		return nil, false
	}

	replaced := tainted || forced && o != nil
	for _, name := range made.replacedFor {
		replaced = replaced || !from.value.IsNull() && !from.value.GetAttr(name).RawEquals(made.value.GetAttr(name))
	}

	switch {
	case replaced:
		c.Action = DeleteThenCreate
		if c.about.createBeforeDestroy {
			c.Action = CreateThenDelete
		}

		if !tainted { // as if there had been nothing to ignore changes of, but for the private state
			made, ok = r.ask(p, block, s, address, thing{value: s.nothing(), private: made.private}, config)
		}
	case from.value.IsNull():
		c.Action = Create
	case made.value.RawEquals(from.value):
		c.Action = NoOp
		r.relate(c)
	default:
		c.Action = Update
	}

	c.after = made.thing

	return c, ok
}

// relate notes what an object needs by now that no apply will touch.
func (r *run) relate(c *Change) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if now := r.state.get(c.Address, ""); now.exists() {
		kept := *now
		kept.needs, kept.createBeforeDestroy = c.about.needs, c.about.createBeforeDestroy
		r.state.put(c.Address, "", &kept)
	}
}

// ask has the provider plan, and holds its plan against the rules.
func (r *run) ask(
	p resources, block *resourceBlock, s *schema, address string, prior thing, config cty.Value,
) (planned, bool) {
	made, told, err := p.plan(r.ctx, block.typeName, prior, propose(s, prior.value, config), config)
	r.tell(fromProvider(address, told)...)

	if r.fails(address, err) || failed(told) {
		return planned{}, false
	}

	for _, wrong := range invalidPlan(s, prior.value, config, made.value) {
		r.tell(own(address, "Provider produced invalid plan", "%s", wrong))
		err = fmt.Errorf("%s", wrong)
	}

	return made, err == nil
}

// ignore gives a configuration the prior values of what the block ignores.
func (r *resourceBlock) ignore(s *schema, prior, config cty.Value) cty.Value {
	if prior.IsNull() || !r.ignoreAll && len(r.ignored) == 0 {
		return config
	}

	values := config.AsValueMap()

	for name := range s.attributes {
		if r.ignoreAll || slices.Contains(r.ignored, name) {
			values[name] = prior.GetAttr(name)
		}
	}

	return cty.ObjectVal(values)
}
