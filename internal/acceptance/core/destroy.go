package core

import (
	"slices"
)

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
