package provider

import "sync"

// claims remembers which resources of this process's walk claim which place in Codefresh. Terraform plans each resource
// by itself; only the provider sees that two of them would take turns overwriting one registration.
type claims struct {
	mu      sync.Mutex
	holders map[string][]string // by place
}

func newClaims() *claims { return &claims{holders: make(map[string][]string)} }

// rivalry says what is known of other resources that claim a place.
type rivalry int

const (
	noRival    rivalry = iota
	maybeRival         // one of them is in the state: if it is being replaced, both are one resource
	rival
)

// imported is the holder for a resource that was imported and not applied since: nothing tells it from others like it.
const imported = "imported"

// stake claims place for a resource. holder tells resources that are in the state apart; it is empty for one that is
// not.
func (c *claims) stake(place, holder string) rivalry {
	c.mu.Lock()
	defer c.mu.Unlock()

	found := noRival
	for _, other := range c.holders[place] {
		switch {
		case other == "" && holder == "":
			found = rival
		case (other != holder || holder == imported) && found == noRival:
			found = maybeRival
		}
	}
	c.holders[place] = append(c.holders[place], holder)

	return found
}
