package provider

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// place names where Codefresh holds one token: a runtime's own, or one user's in an integration of a runtime. A user
// goes by an id, and by the fingerprint of the key before anybody has asked for the id.
type place struct {
	tokenType            gittoken.Type
	runtime, integration string
	user                 string
}

// name is the place as an import of its resource spells it.
func (p place) name() string {
	if p.tokenType == gittoken.Runtime {
		return p.runtime
	}

	return p.runtime + "/" + p.integration
}

// use says what a plan means to do with a place.
type use int

const (
	keeps  use = iota // leaves the token there as it is
	sends             // puts a token there
	leaves            // takes the token away, or another place in its stead
)

// conflict says what is known of other resources that use a place too.
type conflict int

const (
	noConflict    conflict = iota
	maybeConflict          // one of them is in the state: if it is being replaced, both are one resource
	supersedes             // one of them leaves what another one has registered since, or is to register
	duplicates             // both are new
	takesAway              // one of them leaves what another one keeps
)

// imported is the holder for a resource that was imported and not applied since: nothing tells it from others like it.
const imported = "imported"

// places remembers what the resources of this process do with which place in Codefresh. Terraform plans and applies
// each resource by itself; only the provider sees that two of them share one registration.
type places struct {
	mu      sync.Mutex
	plans   map[place][]stake
	seen    map[place][]sighting
	changed chan struct{}         // closed with the next stake or sighting
	writers map[place]string      // the mark of the resource that this process last registered there
	locks   map[place]*sync.Mutex // one for each place that was locked
}

// stake is what one resource means to do with a place. holder tells resources that are in the state apart; it is empty
// for one that is not. since is when it last registered its token, zero if that is not known.
type stake struct {
	holder string
	use    use
	since  time.Time
}

// sighting is a resource of the state that a refresh came upon.
type sighting struct {
	stake

	unaware bool // the refresh has ended, and found no later one at the same place
}

func newPlaces() *places {
	return &places{
		plans: make(map[place][]stake), seen: make(map[place][]sighting), changed: make(chan struct{}),
		writers: make(map[place]string), locks: make(map[place]*sync.Mutex),
	}
}

// stake notes what a resource means to do with a place, and says how that goes with what others mean to do.
func (p *places) stake(at place, s stake) conflict {
	p.mu.Lock()
	defer p.mu.Unlock()

	found := noConflict
	for _, other := range p.plans[at] {
		found = max(found, s.against(other))
	}

	p.plans[at] = append(p.plans[at], s)
	p.signal()

	return found
}

// signal wakes those that await a change. The caller holds the lock.
func (p *places) signal() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (s stake) against(other stake) conflict {
	same := s.holder == other.holder && s.holder != imported && s.holder != ""
	switch {
	case same:
		return noConflict
	case s.use == leaves && other.use == leaves:
		return noConflict
	case s.use == leaves && other.use == sends, s.use == sends && other.use == leaves:
		if s.use == sends && s.holder == "" || other.use == sends && other.holder == "" {
			return noConflict // the new one comes to hold the place, before or after
		}

		return supersedes
	case s.use == keeps && other.use == leaves && s.since.After(other.since):
		return supersedes // the one that keeps it can still be planned to send
	case s.use == leaves, other.use == leaves:
		return takesAway
	case s.holder == "" && other.holder == "":
		return duplicates
	}

	return maybeConflict
}

// found notes that a refresh found a resource of the state at a place.
func (p *places) found(at place, s stake) {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.seen[at] = append(p.seen[at], sighting{stake: s})
	p.signal()
}

// sightingLimit bounds the wait for the first resource that a refresh comes upon: Terraform begins with all at once.
const sightingLimit = 50 * time.Millisecond

// foundAny reports whether a refresh of this process came upon a resource of the state.
func (p *places) foundAny(ctx context.Context) bool {
	soon, cancel := context.WithTimeout(ctx, sightingLimit)
	defer cancel()

	return p.await(soon, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()

		return len(p.seen) > 0
	})
}

// wasFound reports whether a refresh of this process found the resource with this mark at a place.
func (p *places) wasFound(at place, mark string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	return slices.ContainsFunc(p.seen[at], func(s sighting) bool { return s.holder == mark })
}

// awaitOlder is knowsOlder, and waits for that until ctx ends where a refresh of this process found the resource:
// Terraform plans what it refreshed right after that.
func (p *places) awaitOlder(ctx context.Context, at place, users []string, s stake) bool {
	known := func() bool { return p.knowsOlder(at, users, s) }

	for _, at.user = range users {
		if p.wasFound(at, s.holder) {
			return p.await(ctx, known)
		}
	}

	return known()
}

// awaitYounger reports whether a resource of the state that registered its token later has been planned at a place, and
// waits for that until ctx ends.
func (p *places) awaitYounger(ctx context.Context, at place, s stake) bool {
	return p.await(ctx, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()

		return slices.ContainsFunc(p.plans[at], func(other stake) bool {
			return other.holder != s.holder && other.since.After(s.since)
		})
	})
}

// await waits for a stake or a sighting with which something holds, until ctx ends.
func (p *places) await(ctx context.Context, holds func() bool) bool {
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()

		if holds() {
			return true
		}

		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// knowsOlder reports whether an older resource of the state has been planned at a place of one of the users.
func (p *places) knowsOlder(at place, users []string, s stake) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	for _, at.user = range users {
		if slices.ContainsFunc(p.plans[at], func(other stake) bool {
			return other.holder != "" && other.holder != s.holder && s.since.After(other.since)
		}) {
			return true
		}
	}

	return false
}

// refreshed ends the refresh of a resource that was found at a place. superseded says that another resource of the
// state is known to have registered its token there later; supersedes, that an older one was refreshed before, which
// does not know of this one.
func (p *places) refreshed(at place, s stake) (superseded, supersedes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()

	later := func(other stake) bool {
		return other.holder != s.holder && other.use != leaves && other.since.After(s.since)
	}
	superseded = slices.ContainsFunc(p.plans[at], later)

	for _, other := range p.seen[at] {
		superseded = superseded || later(other.stake)
		supersedes = supersedes || other.unaware && other.holder != s.holder && s.since.After(other.since)
	}

	for i := range p.seen[at] {
		if p.seen[at][i].holder == s.holder {
			p.seen[at][i].unaware = !superseded
		}
	}

	return superseded, supersedes
}

// lock keeps everybody else from a place until unlock is called.
func (p *places) lock(at place) (unlock func()) {
	p.mu.Lock()

	lock, ok := p.locks[at]
	if !ok {
		lock = new(sync.Mutex)
		p.locks[at] = lock
	}
	p.mu.Unlock()

	lock.Lock()

	return lock.Unlock
}

// wrote notes that the resource with this mark has registered its token.
func (p *places) wrote(at place, mark string) {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.writers[at] = mark
}

// usedByAnother reports whether another resource than the one with this mark has registered its token there, or is to
// have one there.
func (p *places) usedByAnother(at place, mark string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	writer, written := p.writers[at]

	return written && writer != mark || slices.ContainsFunc(p.plans[at], func(s stake) bool {
		return s.holder != mark && s.use != leaves
	})
}

// heldByAnother reports whether another resource than the one with this mark has registered its token there, so that
// taking it away would lose that one.
func (p *places) heldByAnother(at place, mark string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	writer, written := p.writers[at]

	return written && writer != mark
}
