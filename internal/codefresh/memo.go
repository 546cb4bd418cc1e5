package codefresh

import (
	"context"
	"sync"
)

// memo remembers answers, errors included, and lets callers who want the same share one request.
//
// The request runs under a context of its own, which ends when nobody waits any more: a caller who gives up neither
// spoils the answer for the others nor has their giving up remembered.
type memo[V any] struct {
	mu      sync.Mutex
	entries map[string]*entry[V]
}

type entry[V any] struct {
	done    chan struct{} // closed when value and err are set
	value   V
	err     error
	waiting int
	cancel  context.CancelFunc
}

// get returns what is remembered under key, or else what ask says.
func (m *memo[V]) get(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	m.mu.Lock()

	e, ok := m.entries[key]
	if !ok {
		e = m.start(ctx, key, ask)
	}

	return m.wait(ctx, key, e)
}

// renew asks again and remembers that answer instead. It does not join a request that is under way, whose answer may be
// older than what the caller just did. An error is returned and not remembered.
func (m *memo[V]) renew(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	m.mu.Lock()

	e := m.start(ctx, key, ask)

	value, err := m.wait(ctx, key, e)
	if err != nil {
		m.mu.Lock()
		m.drop(key, e)
		m.mu.Unlock()
	}

	return value, err
}

// forget makes the next get ask again.
func (m *memo[V]) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()

	delete(m.entries, key)
}

// start begins a request. The caller holds the lock.
func (m *memo[V]) start(ctx context.Context, key string, ask func(context.Context) (V, error)) *entry[V] {
	shared, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e := &entry[V]{done: make(chan struct{}), cancel: cancel}

	if m.entries == nil {
		m.entries = map[string]*entry[V]{}
	}

	m.entries[key] = e

	go func() {
		defer cancel()
		defer close(e.done)

		e.value, e.err = ask(shared)
	}()

	return e
}

// wait waits for an entry. The caller holds the lock, and loses it.
func (m *memo[V]) wait(ctx context.Context, key string, e *entry[V]) (V, error) {
	e.waiting++
	m.mu.Unlock()

	select {
	case <-e.done:
		return e.value, e.err
	case <-ctx.Done():
	}

	m.mu.Lock()
	defer m.mu.Unlock()

	e.waiting--
	if e.waiting == 0 {
		m.drop(key, e)
		e.cancel()
	}

	var none V

	return none, context.Cause(ctx)
}

// drop forgets e, unless something newer took its place. The caller holds the lock.
func (m *memo[V]) drop(key string, e *entry[V]) {
	if m.entries[key] == e {
		delete(m.entries, key)
	}
}

// locks are locks with names.
type locks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// lock waits for the lock of that name, or until ctx ends. The caller calls unlock if err is nil.
func (l *locks) lock(ctx context.Context, name string) (unlock func(), err error) {
	l.mu.Lock()

	slot, ok := l.held[name]
	if !ok {
		if l.held == nil {
			l.held = map[string]chan struct{}{}
		}

		slot = make(chan struct{}, 1)
		l.held[name] = slot
	}

	l.mu.Unlock()

	if err := ctx.Err(); err != nil {
		return nil, err
	}

	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
