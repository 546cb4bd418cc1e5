package core

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
