package codefresh

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
)

// brief is for how long an answer is remembered that may be another one soon. It is long enough for whoever asks beside
// or right behind somebody else, and too short for a platform that was down for a moment to fail what comes later.
const brief = 15 * time.Second

// answers remembers what was asked for, errors included.
type answers[K comparable, V any] struct {
	*memo.Memo[K, answered[V]]

	// partial reports whether a part of an answer is lacking, which may come if asked for again. Nil: never.
	partial func(V) bool
}

type answered[V any] struct {
	value V
	err   error
}

func newAnswers[K comparable, V any](now func() time.Time) *answers[K, V] {
	return &answers[K, V]{Memo: memo.New[K, answered[V]](now)}
}

// get returns what is remembered under key, or else what ask says.
func (a *answers[K, V]) get(ctx context.Context, key K, ask func(context.Context) (V, error)) (V, error) {
	value, _, err := a.aged(ctx, key, math.MaxInt64, ask)

	return value, err
}

// aged is get for answers that are no older than maxAge, and tells their age.
func (a *answers[K, V]) aged(
	ctx context.Context, key K, maxAge time.Duration, ask func(context.Context) (V, error),
) (value V, remembered time.Duration, err error) {
	good := func(got answered[V], age time.Duration) bool {
		if age > maxAge || a.passing(got) && age > brief {
			return false
		}

		remembered = age

		return true
	}

	got, err := a.GetWhile(ctx, key, good, func(ctx context.Context) answered[V] {
		value, err := ask(ctx)

		return answered[V]{value, err}
	})
	if err != nil {
		return got.value, remembered, err
	}

	return got.value, remembered, got.err
}

// recent is get for answers that must have been asked for in the last 10 seconds.
func (a *answers[K, V]) recent(ctx context.Context, key K, ask func(context.Context) (V, error)) (V, error) {
	got, err := a.Get(ctx, key, 10*time.Second, func(ctx context.Context) answered[V] {
		value, err := ask(ctx)

		return answered[V]{value, err}
	})
	if err != nil {
		return got.value, err
	}

	return got.value, got.err
}

// passing reports whether an answer is about this moment: whoever could not be reached may be there again. That a key
// is refused stays so, and asking again and again is what locks accounts.
func (a *answers[K, V]) passing(got answered[V]) bool {
	var e *Error
	if !errors.As(got.err, &e) {
		return got.err != nil || a.partial != nil && a.partial(got.value)
	}

	switch e.Kind {
	case KeyMissing, KeyRefused, NoAppProxy, NoSuchOperation, Insecure, Incomplete:
		return false
	case Unreachable, RateLimited, RuntimeNotFound, Refused, NotUnderstood:
	}

	return true
}

// renew asks again and remembers that answer instead. An error is returned and not remembered.
func (a *answers[K, V]) renew(ctx context.Context, key K, ask func(context.Context) (V, error)) (V, error) {
	a.Forget(key)

	value, err := a.get(ctx, key, ask)
	if err != nil {
		a.Forget(key)
	}

	return value, err
}
