package codefresh

import (
	"context"
	"sync"
)

// locks are locks with names.
type locks[K comparable] struct {
	mu   sync.Mutex
	held map[K]chan struct{}
}

// lock waits for the lock of that name, or until ctx ends. The caller calls unlock if err is nil.
func (l *locks[K]) lock(ctx context.Context, name K) (unlock func(), err error) {
	l.mu.Lock()

	slot, ok := l.held[name]
	if !ok {
		if l.held == nil {
			l.held = map[K]chan struct{}{}
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
