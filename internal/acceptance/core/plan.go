package core

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

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
			return nil, r.planInstance(block, key, special[key])
		}}, &task{name: address + " (deposed)", run: func() ([]*task, bool) { return nil, r.planDeposed(address) }})
	}

	return append(tasks, r.planOrphans(block.address, keys)...), true
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
