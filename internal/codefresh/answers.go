package codefresh

import (
	"context"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
)

// answers remembers what was asked for, errors included.
type answers[K comparable, V any] struct {
	*memo.Memo[K, answered[V]]
}

type answered[V any] struct {
	value V
	err   error
}

func newAnswers[K comparable, V any](now func() time.Time) *answers[K, V] {
	return &answers[K, V]{memo.New[K, answered[V]](now)}
}

// get returns what is remembered under key, or else what ask says.
func (a *answers[K, V]) get(ctx context.Context, key K, ask func(context.Context) (V, error)) (V, error) {
	got, err := a.Get(ctx, key, 0, func(ctx context.Context) answered[V] {
		value, err := ask(ctx)

		return answered[V]{value, err}
	})
	if err != nil {
		return got.value, err
	}

	return got.value, got.err
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
