// Package memo remembers answers, so that one question is asked once however many want to know.
package memo

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Memo remembers one answer for each key. Who asks what somebody else is asking waits for that answer.
type Memo[K comparable, V any] struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[K]*entry[V]
}

// entry is one question. Its answer belongs to whoever holds the turn.
type entry[V any] struct {
	turn  chan struct{}
	asked atomic.Int64 // how many answers there were

	value V
	at    time.Time // when the question was asked
	came  time.Time // when the answer came
}

// New returns an empty memo that reads ages from now.
func New[K comparable, V any](now func() time.Time) *Memo[K, V] {
	return &Memo[K, V]{now: now, entries: map[K]*entry[V]{}}
}

// Get returns the answer to key, asking only if there is none that is at most maxAge old (0 means of any age) or that
// came while waiting for it. The question is asked under the caller's own context, and an answer that came when that
// context had ended is for this caller only: the next one asks again. The error is that of ctx, if it ends while
// somebody else asks.
func (m *Memo[K, V]) Get(ctx context.Context, key K, maxAge time.Duration, ask func(context.Context) V) (V, error) {
	return m.get(ctx, key, ask, func(e *entry[V], now time.Time) bool { return maxAge == 0 || now.Sub(e.at) <= maxAge })
}

// GetWhile is Get for answers of which not all are good for as long: an answer is asked for again if good refuses it.
// Its age is the time since it came, so that an answer that took long is not old at once.
func (m *Memo[K, V]) GetWhile(
	ctx context.Context, key K, good func(value V, age time.Duration) bool, ask func(context.Context) V,
) (V, error) {
	return m.get(ctx, key, ask, func(e *entry[V], now time.Time) bool { return good(e.value, now.Sub(e.came)) })
}

func (m *Memo[K, V]) get(
	ctx context.Context, key K, ask func(context.Context) V, good func(e *entry[V], now time.Time) bool,
) (V, error) {
	e := m.entry(key)
	seen := e.asked.Load()

	select {
	case e.turn <- struct{}{}:
	default: // only who has to wait asks for ctx.Done, which makes a channel that lives as long as the context
		select {
		case e.turn <- struct{}{}:
		case <-ctx.Done():
			var none V

			return none, ctx.Err()
		}
	}

	defer func() { <-e.turn }()

	start := m.now()

	if count := e.asked.Load(); count > 0 && (count != seen || good(e, start)) {
		note(ctx, start.Sub(e.at))

		return e.value, nil
	}

	value := ask(context.WithValue(ctx, traceKey{}, (*Trace)(nil))) // what it takes to answer is the question's affair

	if ctx.Err() == nil {
		e.value, e.at, e.came = value, start, m.now()
		e.asked.Add(1)
	}

	return value, nil
}

// Forget makes the next Get ask again. That one does not wait for a question that is under way, whose answer may be
// older than what the caller just did.
func (m *Memo[K, V]) Forget(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()

	delete(m.entries, key)
}

func (m *Memo[K, V]) entry(key K) *entry[V] {
	m.mu.Lock()
	defer m.mu.Unlock()

	e, ok := m.entries[key]
	if !ok {
		e = &entry[V]{turn: make(chan struct{}, 1)}
		m.entries[key] = e
	}

	return e
}

// Trace learns which answers were remembered ones, of those that were got under one context.
type Trace struct {
	mu     sync.Mutex
	reused int
	oldest time.Duration
}

type traceKey struct{}

// Traced returns a context under which every Get is traced.
func Traced(ctx context.Context) (context.Context, *Trace) {
	t := &Trace{}

	return context.WithValue(ctx, traceKey{}, t), t
}

// Reused returns how many answers were not asked for but remembered, and how long ago the oldest of them was asked for.
func (t *Trace) Reused() (answers int, oldest time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.reused, t.oldest
}

func note(ctx context.Context, age time.Duration) {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	if t == nil {
		return
	}

	t.mu.Lock()
	defer t.mu.Unlock()

	t.reused++
	t.oldest = max(t.oldest, age)
}

// Identity stands for a credential in a key: two of them are equal if host, user name and token are.
type Identity struct {
	host        gittoken.Host
	username    string
	fingerprint string
}

// Identities makes Identity values. The fingerprints in them are salted, so that a memory dump tells nothing of tokens.
type Identities struct{ salt []byte }

// NewIdentities returns Identities whose fingerprints are made with salt.
func NewIdentities(salt []byte) Identities { return Identities{salt} }

// Of returns the identity of c.
func (i Identities) Of(c gittoken.Credential) Identity {
	return Identity{c.Host, c.Username, c.Token.Fingerprint(i.salt)}
}
