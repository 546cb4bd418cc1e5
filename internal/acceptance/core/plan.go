package core

import (
	"context"
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

// Plan is what one run planned.
type Plan struct {
	Diagnostics Diagnostics
	Changes     []*Change // those of NoOp included

	options Options
	base    *State
	state   *State // refreshed
	reads   map[string]bool
	drifted bool
	config  *configuration
}

// Empty reports whether there is nothing to apply.
func (p *Plan) Empty() bool {
	return !p.drifted && len(p.reads) == 0 &&
		!slices.ContainsFunc(p.Changes, func(c *Change) bool { return c.Action != NoOp })
}

// Of returns the change of an instance; nil if the plan does not mention it.
func (p *Plan) Of(address string) *Change {
	for _, c := range p.Changes {
		if c.Address == address && c.Deposed == "" {
			return c
		}
	}

	return nil
}

// Plan plans the configuration. It leaves the state as it is.
func (w *Workspace) Plan(ctx context.Context, o Options) *Plan {
	r := w.start(ctx, w.state.clone(), o)
	p := &Plan{options: o, base: w.state, config: w.config}
	if r.valid() {
		r.move()
		if o.Destroy {
			r.planDestroy()
		} else {
			r.planAll()
		}
	}
	p.Diagnostics, p.Changes, p.state, p.reads = r.told, r.changes, r.state, r.pending
	slices.SortStableFunc(p.Changes, func(a, b *Change) int { return strings.Compare(a.Address, b.Address) })
	if o.RefreshOnly {
		p.drifted = fmt.Sprint(w.Attributes()) != fmt.Sprint((&Workspace{schemas: w.schemas, state: r.state}).Attributes())
	}

	return p
}

// valid looks at every block before anything is known.
func (r *run) valid() bool {
	if r.told.HasErrors() {
		return false
	}
	blind := &scope{config: r.config, variables: map[string]cty.Value{}, value: func(string) cty.Value {
		return cty.DynamicVal
	}}
	for name := range r.scope.variables {
		blind.variables[name] = cty.DynamicVal
	}
	special := map[string]cty.Value{
		"each":  cty.ObjectVal(map[string]cty.Value{"key": cty.UnknownVal(cty.String), "value": cty.DynamicVal}),
		"count": single("index", cty.UnknownVal(cty.Number)),
	}
	ok := true
	for _, block := range r.config.resources {
		s, err := r.schemaOf(block.provider, block.typeName, block.data)
		if r.fails(block.address, err) {
			return false
		}
		config, diags := blind.decode(block.body, s, special, meta()...)
		r.tell(fromHCL(block.address, diags)...)
		if diags.HasErrors() {
			ok = false

			continue
		}
		if block.provider == "terraform" {
			continue
		}
		name, _, _ := strings.Cut(block.provider, ".")
		server, err := r.factories[name]()
		if r.fails(block.address, err) {
			return false
		}
		told, err := (&process{ProviderServer: server, schemas: r.schemas[name]}).
			validate(r.ctx, block.typeName, block.data, config)
		r.tell(fromProvider(block.address, told)...)
		ok = ok && !r.fails(block.address, err) && !failed(told)
	}

	return ok
}

// move does what moved blocks say.
func (r *run) move() {
	for range r.config.moved { // one may go on where another one ends
		for _, m := range r.config.moved {
			r.state.rename(m.from, m.to)
		}
	}
}

// included returns the resources that the options name as targets, and what those need.
func (r *run) included() map[string]bool {
	found := map[string]bool{}
	for _, target := range r.Targets {
		resource, _ := split(target)
		found[resource] = true
		if block := r.config.resources[resource]; block != nil {
			for address := range r.config.closure(block) {
				found[address] = true
			}
		}
	}

	return found
}

// wants reports whether a resource is part of the run, and wantsInstance whether an instance of it is.
func (r *run) wants(resource string) bool { return len(r.Targets) == 0 || r.included()[resource] }

func (r *run) wantsInstance(address string) bool {
	resource, _ := split(address)
	if !r.wants(resource) {
		return r.Destroy && r.dependsOnTarget(resource)
	}
	named := false
	for _, target := range r.Targets {
		if of, key := split(target); of == resource && key != "" {
			if named = true; target == address {
				return true
			}
		}
	}

	return !named
}

// planAll plans every block, and what no block configures any more.
func (r *run) planAll() {
	tasks := map[string]*task{}
	for address, block := range r.config.resources {
		if r.wants(address) {
			tasks[address] = &task{name: address, run: func() ([]*task, bool) { return r.planBlock(block) }}
		}
	}
	for address, t := range tasks {
		for other := range r.config.needs(r.config.resources[address]) {
			t.needs(tasks[other])
		}
	}
	for _, resource := range r.state.resources() {
		if r.config.resources[resource] != nil || !r.wants(resource) {
			continue
		}
		orphans := &task{name: resource, run: func() ([]*task, bool) { return r.planOrphans(resource, nil), true }}
		for _, key := range r.state.keysOf(resource) {
			for address := range r.config.providerNeeds(r.providerOf(resource + key)) {
				orphans.needs(tasks[address])
			}
		}
		tasks[resource] = orphans
	}
	r.walk(tasks)
}

func (r *run) walk(tasks map[string]*task) {
	all := make([]*task, 0, len(tasks))
	names := map[string]bool{}
	for name := range tasks {
		names[name] = true
	}
	for _, name := range sorted(names) {
		all = append(all, tasks[name])
	}
	if _, cycle := walk(all, r.workers(), r.Seed); cycle {
		r.tell(own("", "Cycle", "Some resources wait for each other."))
	}
}

func (r *run) providerOf(address string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.state.instances[address]
	if i == nil {
		return ""
	}
	for _, o := range i.deposed {
		return o.provider
	}

	return i.provider
}

// planBlock plans the instances of a block, those that it no longer has included.
func (r *run) planBlock(block *resourceBlock) ([]*task, bool) {
	keys, special, diags := r.scope.expand(block)
	r.tell(fromHCL(block.address, diags)...)
	if diags.HasErrors() {
		return nil, false
	}
	r.plans(block.address, none, cty.NilVal)
	if block.data {
		return nil, r.planData(block, keys, special)
	}
	var tasks []*task
	for _, key := range keys {
		address := block.address + key
		if !r.wantsInstance(address) {
			continue
		}
		tasks = append(tasks, &task{name: address, run: func() ([]*task, bool) {
			return nil, r.planInstance(block, key, special[key]) && r.planDeposed(address)
		}})
	}

	return append(tasks, r.planOrphans(block.address, keys)...), true
}

// planOrphans plans that instances go which have none of these keys.
func (r *run) planOrphans(resource string, keys []string) []*task {
	r.mu.Lock()
	defer r.mu.Unlock()
	var tasks []*task
	for _, key := range r.state.keysOf(resource) {
		if slices.Contains(keys, key) || !r.wantsInstance(resource+key) {
			continue
		}
		tasks = append(tasks, &task{name: resource + key, run: func() ([]*task, bool) {
			return nil, r.planDelete(resource+key, "") && r.planDeposed(resource+key)
		}})
	}

	return tasks
}

func (r *run) planData(block *resourceBlock, keys []string, special map[string]map[string]cty.Value) bool {
	p := r.provider(block.provider)
	if p == nil {
		return false
	}
	s, err := p.schema(block.typeName, true)
	if r.fails(block.address, err) {
		return false
	}
	ok := true
	for _, key := range keys {
		address := block.address + key
		config, diags := r.scope.decode(block.body, s, special[key], meta()...)
		r.tell(fromHCL(address, diags)...)
		if diags.HasErrors() {
			return false
		}
		if !config.IsWhollyKnown() || r.changesWhatIsNeeded(block) {
			r.mu.Lock()
			r.pending[block.address] = true
			r.mu.Unlock()
			r.plans(block.address, key, cty.UnknownVal(s.object))

			continue
		}
		done, v := r.readData(p, block, s, address, config)
		ok = ok && done
		r.plans(block.address, key, v)
	}

	return ok
}

// readData reads a data source into the state.
func (r *run) readData(
	p resources, block *resourceBlock, s *schema, address string, config cty.Value,
) (bool, cty.Value) {
	told, err := p.validate(r.ctx, block.typeName, true, config)
	r.tell(fromProvider(address, told)...)
	if r.fails(address, err) || failed(told) {
		return false, cty.UnknownVal(s.object)
	}
	v, told, err := p.readData(r.ctx, block.typeName, config)
	r.tell(fromProvider(address, told)...)
	if r.fails(address, err) || failed(told) {
		return false, cty.UnknownVal(s.object)
	}
	r.store(address, "", s, thing{value: v}, r.config.about(block))

	return true, v
}

// changesWhatIsNeeded reports whether something is planned for what a data source names in depends_on.
func (r *run) changesWhatIsNeeded(block *resourceBlock) bool {
	named := r.config.references(block.after)
	r.mu.Lock()
	defer r.mu.Unlock()

	return slices.ContainsFunc(r.changes, func(c *Change) bool {
		resource, _ := split(c.Address)

		return named[resource] && c.Action != NoOp
	})
}

// refresh asks the provider what became of an object.
func (r *run) refresh(p resources, s *schema, address, deposed string) (thing, *object, bool) {
	current, o, ok := r.load(p, s, address, deposed)
	if !ok || o == nil || r.SkipRefresh {
		return current, o, ok
	}
	got, told, err := p.read(r.ctx, o.typeName, current)
	r.tell(fromProvider(address, told)...)
	if r.fails(address, err) || failed(told) {
		return current, o, false
	}
	r.store(address, deposed, s, got, *o)
	if got.value.IsNull() {
		return thing{value: s.nothing()}, nil, true
	}

	return got, o, true
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
	default:
		c.Action = Update
	}
	c.after = made.thing

	return c, ok
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

// planDeposed plans that what was replaced at an address goes.
func (r *run) planDeposed(address string) bool {
	r.mu.Lock()
	var keys []string
	if i := r.state.instances[address]; i != nil {
		for key := range i.deposed {
			keys = append(keys, key)
		}
	}
	r.mu.Unlock()
	ok := true
	for _, key := range keys {
		ok = r.planDelete(address, key) && ok
	}

	return ok
}

// planDelete plans that an object goes.
func (r *run) planDelete(address, deposed string) bool {
	r.mu.Lock()
	o := r.state.get(address, deposed)
	r.mu.Unlock()
	if !o.exists() {
		return true
	}
	c := &Change{Address: address, Deposed: deposed, Action: Delete, about: *o}
	resource, _ := split(address)
	for _, removed := range r.config.removed {
		if (removed.from == resource || removed.from == address) && !removed.destroy {
			c.Action = Forget
			r.mu.Lock()
			defer r.mu.Unlock()
			r.changes = append(r.changes, c)

			return true
		}
	}
	p := r.provider(o.provider)
	if p == nil {
		return false
	}
	s, err := p.schema(o.typeName, false)
	if r.fails(address, err) {
		return false
	}
	prior, o, ok := r.refresh(p, s, address, deposed)
	if !ok || o == nil || r.RefreshOnly {
		return ok
	}
	c.before = prior
	if c.after, ok = r.askToDelete(p, s, address, o.typeName, prior); !ok {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = append(r.changes, c)

	return true
}

// askToDelete has the provider plan that an object goes.
func (r *run) askToDelete(p resources, s *schema, address, typeName string, prior thing) (thing, bool) {
	made, told, err := p.plan(r.ctx, typeName, prior, s.nothing(), s.nothing())
	r.tell(fromProvider(address, told)...)
	if r.fails(address, err) || failed(told) {
		return thing{}, false
	}
	if !made.value.IsNull() {
		r.tell(own(address, "Provider produced invalid plan", "A planned destroy leaves a value."))

		return thing{}, false
	}

	return made.thing, true
}

// planDestroy plans that everything goes. An ordinary plan comes first, in a walk of its own, whose errors stop it.
func (r *run) planDestroy() {
	if !r.SkipRefresh && len(r.state.instances) > 0 {
		o := r.Options
		o.Destroy = false
		first := r.start(r.ctx, r.state, o)
		first.planAll()
		r.tell(first.told...)
		if first.told.HasErrors() {
			return
		}
	}
	r.SkipRefresh = true
	tasks := map[string]*task{}
	for _, resource := range r.state.resources() {
		if r.wants(resource) || r.dependsOnTarget(resource) {
			tasks[resource] = &task{name: resource, run: func() ([]*task, bool) { return r.planOrphans(resource, nil), true }}
		}
	}
	r.walk(tasks)
}

// dependsOnTarget reports whether a resource needs one of the targets, and so goes before it.
func (r *run) dependsOnTarget(resource string) bool {
	for address, i := range r.state.instances {
		of, _ := split(address)
		if of == resource && slices.ContainsFunc(r.Targets, func(target string) bool {
			needed, _ := split(target)

			return i.needs[needed]
		}) {
			return true
		}
	}

	return false
}
