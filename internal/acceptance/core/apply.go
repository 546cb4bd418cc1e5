package core

import (
	"context"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// Apply carries out a plan with providers of its own. variables are those that a saved plan does not hold; nil if they
// are as they were.
func (w *Workspace) Apply(ctx context.Context, p *Plan, variables map[string]cty.Value) Diagnostics {
	switch {
	case p.Diagnostics.HasErrors():
		return Diagnostics{own("", "Plan cannot be applied", "It has errors.")}
	case p.base != w.state:
		return Diagnostics{own("", "Saved plan is stale", "The state was changed after the plan was made.")}
	}

	o := p.options
	if variables != nil {
		o.Variables = variables
	}

	r := w.start(ctx, p.state.clone(), o)
	r.config, r.scope.config = p.config, p.config

	r.pending = p.reads
	if !o.RefreshOnly {
		a := &application{run: r, tasks: map[string]*task{}}
		a.prepare(p.Changes)
		r.walk(a.tasks)
	}

	w.state = r.state

	return r.told
}

// application is the walk of an apply.
type application struct {
	*run

	tasks map[string]*task
}

// Tasks are named by what they do and the address.
const (
	making   = "make "
	removing = "remove "
	reading  = "read "
)

// prepare makes a task of each change, and orders them: what is needed comes first and goes last.
func (a *application) prepare(changes []*Change) {
	for address := range a.pending {
		block := a.config.resources[address]
		a.tasks[reading+address] = &task{name: address, run: func() ([]*task, bool) { return nil, a.readLate(block) }}
	}

	for _, c := range changes {
		switch c.Action {
		case NoOp:
		case Forget:
			a.state.put(c.Address, c.Deposed, nil)
		case Delete:
			a.tasks[removing+c.Address+c.Deposed] = a.removal(c)
		case DeleteThenCreate:
			a.tasks[removing+c.Address] = a.removal(c)
			a.tasks[making+c.Address] = a.creation(c)
			a.tasks[making+c.Address].needs(a.tasks[removing+c.Address])
		case CreateThenDelete:
			a.tasks[making+c.Address] = a.creation(c)
			if a.Interrupted {
				continue
			}

			a.tasks[removing+c.Address] = a.removal(c)
			a.tasks[removing+c.Address].needs(a.tasks[making+c.Address])
		case Create, Update:
			a.tasks[making+c.Address] = a.creation(c)
		}
	}

	for _, c := range changes {
		a.order(c, changes)
	}

	for address := range a.pending {
		for needed := range a.config.needs(a.config.resources[address]) {
			a.waitFor(a.tasks[reading+address], needed, changes)
		}
	}
}

func (a *application) creation(c *Change) *task {
	return &task{name: c.Address, run: func() ([]*task, bool) { return nil, a.create(c) }}
}

func (a *application) removal(c *Change) *task {
	return &task{name: c.Address, run: func() ([]*task, bool) { return nil, a.remove(c, c.Deposed+c.aside) }}
}

// waitFor has a task wait until the resource at an address is made and read.
func (a *application) waitFor(t *task, address string, changes []*Change) {
	if t == nil {
		return
	}

	t.needs(a.tasks[reading+address])

	for _, other := range changes {
		if resource, _ := split(other.Address); resource == address {
			t.needs(a.tasks[making+other.Address])
		}
	}
}

// order has the tasks of a change wait for those of others.
func (a *application) order(c *Change, changes []*Change) {
	resource, _ := split(c.Address)

	made, removed := a.tasks[making+c.Address], a.tasks[removing+c.Address+c.Deposed]
	if c.block != nil && made != nil {
		for needed := range a.config.needs(c.block) {
			a.waitFor(made, needed, changes)
		}
	}

	if removed == nil {
		return
	}

	last := c.about.createBeforeDestroy
	for _, other := range changes {
		if !other.about.needs[resource] && !other.needed[resource] {
			continue
		}

		removed.needs(a.tasks[removing+other.Address+other.Deposed])

		switch {
		case a.tasks[making+other.Address] == nil:
		case last:
			removed.needs(a.tasks[making+other.Address])
		default:
			a.tasks[making+other.Address].needs(removed)
		}
	}
}

// create makes or updates an object.
func (a *application) create(c *Change) bool {
	p := a.provider(c.block.provider)
	if p == nil {
		return false
	}

	s, err := p.schema(c.block.typeName, false)
	if a.fails(c.Address, err) {
		return false
	}

	_, key := split(c.Address)
	_, special, diags := a.scope.expand(c.block)
	a.tell(fromHCL(c.Address, diags)...)

	if diags.HasErrors() {
		return false
	}

	if c.Action == CreateThenDelete {
		a.depose(c)
	}

	prior, o, ok := a.load(p, s, c.Address, "")
	if !ok {
		return false
	}

	config, diags := a.scope.decode(c.block.body, s, special[key], meta()...)
	a.tell(fromHCL(c.Address, diags)...)

	if diags.HasErrors() {
		return false
	}

	if !config.IsWhollyKnown() {
		a.tell(own(c.Address, "Configuration contains unknown value", ""))

		return false
	}

	now, ok := a.planChange(c.block, key, special[key], p, s, prior, o, c.forced && !c.Action.replaces())

	ok = ok && a.agrees(c, now)
	switch {
	case ok && now.Action == NoOp:
		return true
	case ok:
		ok = a.carryOut(p, s, now, config)
	}

	if !ok && c.Action == CreateThenDelete {
		a.restore(c)
	}

	return ok
}

// agrees holds the plan of the apply against the one before it.
func (a *application) agrees(c, now *Change) bool {
	const summary = "Provider produced inconsistent final plan"

	ok := true

	switch {
	case now.Action == c.Action, c.Action == Update && now.Action == NoOp, c.Action.replaces() && now.Action == Create:
	default:
		a.tell(own(c.Address, summary, "It changed the planned action from %s to %s.", c.Action, now.Action))

		ok = false
	}

	for _, wrong := range deviations("", c.after.value, now.after.value) {
		a.tell(own(c.Address, summary, "%s", wrong))

		ok = false
	}

	return ok
}

// carryOut has the provider do what it planned.
func (a *application) carryOut(p resources, s *schema, c *Change, config cty.Value) bool {
	got, told, err := p.apply(a.ctx, c.block.typeName, c.before.value, c.after, config)
	a.tell(fromProvider(c.Address, told)...)

	if a.fails(c.Address, err) {
		return false
	}

	ok, about := !failed(told), c.about

	about.tainted = !ok && c.Action == Create && !got.value.IsNull()
	if !got.value.IsWhollyKnown() {
		a.tell(own(c.Address, "Provider returned invalid result object after apply", "Values are still unknown."))

		got.value, _ = cty.Transform(got.value, func(_ cty.Path, v cty.Value) (cty.Value, error) {
			if !v.IsKnown() {
				return cty.NullVal(v.Type()), nil
			}

			return v, nil
		})
		ok = false
	}

	if ok {
		for _, wrong := range deviations("", c.after.value, got.value) {
			a.tell(own(c.Address, "Provider produced inconsistent result after apply", "%s", wrong))

			ok = false
		}
	}

	a.store(c.Address, "", s, got, about)

	return ok
}

// depose sets the object aside that makes way for a new one, and restore brings it back if nothing took its place.
func (a *application) depose(c *Change) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if o := a.state.get(c.Address, ""); o.exists() {
		aside := *o
		c.aside = fmt.Sprintf("deposed-%d", a.made.Add(1))
		a.state.put(c.Address, c.aside, &aside)
		a.state.put(c.Address, "", nil)
	}
}

func (a *application) restore(c *Change) {
	a.mu.Lock()
	defer a.mu.Unlock()

	if aside := a.state.get(c.Address, c.aside); c.aside != "" && !a.state.get(c.Address, "").exists() {
		a.state.put(c.Address, "", aside)
		a.state.put(c.Address, c.aside, nil)
	}
}

// remove has the provider take an object away.
func (a *application) remove(c *Change, deposed string) bool {
	p := a.provider(c.about.provider)
	if p == nil {
		return false
	}

	s, err := p.schema(c.about.typeName, false)
	if a.fails(c.Address, err) {
		return false
	}

	prior, o, ok := a.load(p, s, c.Address, deposed)
	if !ok || o == nil {
		return ok
	}

	to := thing{s.nothing(), c.after.private, c.after.identity}
	if deposed != "" {
		if to, ok = a.askToDelete(p, s, c.Address, o.typeName, prior); !ok {
			return false
		}
	}

	got, told, err := p.apply(a.ctx, o.typeName, prior.value, to, s.nothing())
	a.tell(fromProvider(c.Address, told)...)

	if a.fails(c.Address, err) {
		return false
	}

	if !failed(told) && !got.value.IsNull() {
		a.tell(own(c.Address, "Provider returned invalid result object after apply", "A destroyed object is there."))

		return false
	}

	a.store(c.Address, deposed, s, got, *o)

	return !failed(told)
}
