package core

import (
	"math/rand"
	"sync"
)

// task is a step of a walk.
type task struct {
	name string
	// run does it. It may return further tasks, and then ends with the last of them. It reports whether it succeeded:
	// what waits for a task that did not is left undone.
	run func() (more []*task, ok bool)

	waits   int // for so many others
	waiters []*task
	failed  bool
	parent  *task
	open    int // so many of its own further tasks are not done
}

// needs has t wait for others.
func (t *task) needs(others ...*task) {
	for _, other := range others {
		if other != nil && other != t {
			other.waiters = append(other.waiters, t)
			t.waits++
		}
	}
}

// walker does tasks, as many at once as it has workers.
type walker struct {
	mu      sync.Mutex
	changed *sync.Cond
	ready   []*task
	left    int
	order   *rand.Rand // nil: in the order in which they became ready
}

// walk does all tasks. It reports whether all succeeded, and whether some wait for each other.
func walk(tasks []*task, workers int, seed int64) (ok, cycle bool) {
	w := &walker{left: len(tasks)}
	if seed != 0 {
		w.order = rand.New(rand.NewSource(seed)) //nolint:gosec // nothing is secret about an order
	}

	w.changed = sync.NewCond(&w.mu)

	for _, t := range tasks {
		if t.waits == 0 {
			w.ready = append(w.ready, t)
		}
	}

	var running sync.WaitGroup

	busy := 0

	for range workers {
		running.Go(func() {
			w.mu.Lock()
			defer w.mu.Unlock()

			for {
				for len(w.ready) == 0 && w.left > 0 && busy > 0 {
					w.changed.Wait()
				}

				if len(w.ready) == 0 {
					return // all done, or nobody is left who could make one ready
				}

				t := w.take()
				busy++
				more, done := []*task(nil), false

				if !t.failed {
					w.mu.Unlock()

					more, done = t.run()

					w.mu.Lock()
				}

				t.failed = t.failed || !done
				busy--

				w.settle(t, more)
				w.changed.Broadcast()
			}
		})
	}

	running.Wait()

	ok = true
	for _, t := range tasks {
		ok = ok && !t.failed
	}

	return ok && w.left == 0, w.left > 0
}

func (w *walker) take() *task {
	i := 0
	if w.order != nil {
		i = w.order.Intn(len(w.ready))
	}

	t := w.ready[i]
	w.ready = append(w.ready[:i:i], w.ready[i+1:]...)

	return t
}

// settle ends a task, unless it brought more.
func (w *walker) settle(t *task, more []*task) {
	for _, child := range more {
		child.parent = t
		t.open++
		w.left++
		w.ready = append(w.ready, child)
	}

	for t != nil && t.open == 0 {
		w.left--

		for _, waiter := range t.waiters {
			waiter.failed = waiter.failed || t.failed
			if waiter.waits--; waiter.waits == 0 {
				w.ready = append(w.ready, waiter)
			}
		}

		parent := t.parent
		if parent != nil {
			parent.open--
			parent.failed = parent.failed || t.failed
		}

		t = parent
	}
}
