package core

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
)

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

// readLate reads a data source that could not be read at plan.
func (a *application) readLate(block *resourceBlock) bool {
	p := a.provider(block.provider)
	if p == nil {
		return false
	}

	s, err := p.schema(block.typeName, true)
	keys, special, diags := a.scope.expand(block)
	a.tell(fromHCL(block.address, diags)...)

	if a.fails(block.address, err) || diags.HasErrors() {
		return false
	}

	ok := true

	for _, key := range keys {
		config, diags := a.scope.decode(block.body, s, special[key], meta()...)
		a.tell(fromHCL(block.address, diags)...)

		done := false
		if !diags.HasErrors() {
			done, _ = a.readData(p, block, s, block.address+key, config)
		}

		ok = ok && done
	}

	a.mu.Lock()
	defer a.mu.Unlock()

	delete(a.pending, block.address)

	return ok
}
