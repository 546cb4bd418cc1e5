package provider

import "sync"

// notices remembers what users have seen of this process. A plan calls Read and then the plan logic, and a refresh-only
// plan calls Read alone: both have to speak, and a user should see it once.
type notices struct {
	mu   sync.Mutex
	seen map[notice]bool
}

// notice is a message about a resource, or that a refresh told of a place that is gone. Its summary tells it from
// others: the walks of one process may see the same fact in different lights.
type notice struct {
	resource, summary string
	gone              place
}

func newNotices() *notices { return &notices{seen: make(map[notice]bool)} }

// first reports whether a notice comes for the first time.
func (n *notices) first(key notice) bool {
	n.mu.Lock()
	defer n.mu.Unlock()

	if n.seen[key] {
		return false
	}

	n.seen[key] = true

	return true
}

// given reports whether a notice came before.
func (n *notices) given(key notice) bool {
	n.mu.Lock()
	defer n.mu.Unlock()

	return n.seen[key]
}
