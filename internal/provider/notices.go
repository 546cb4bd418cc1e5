package provider

import "sync"

// notices remembers what users were told in this process. A plan calls Read and then the plan logic, and a refresh-only
// plan calls Read alone: both have to speak, and a user should hear it once.
type notices struct {
	mu   sync.Mutex
	seen map[string]bool
}

func newNotices() *notices { return &notices{seen: make(map[string]bool)} }

// first reports whether key comes for the first time.
func (n *notices) first(key string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()

	if n.seen[key] {
		return false
	}
	n.seen[key] = true

	return true
}

// heard reports whether key came before.
func (n *notices) heard(key string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()

	return n.seen[key]
}
