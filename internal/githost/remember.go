package githost

import (
	"context"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
)

// remembered is an answer with how long it stands.
type remembered[V any] struct {
	value V
	asked time.Time
	until time.Time // zero: for good
}

// How long it stands that a host could not be asked. Resources of one plan share it, however many they are; what passes
// in the meantime is noticed by those that come later, and at apply.
const (
	troubleLasts = 15 * time.Second
	limitLasts   = time.Minute
)

// lifetime returns for how long a cause stands; 0 for good. open says that the cause kept something from being settled.
func lifetime(open bool, cause gittoken.Cause, retryAt, now time.Time) time.Duration {
	if !open {
		return 0
	}

	switch cause {
	case gittoken.CauseTimeout, gittoken.CauseNetwork, gittoken.CauseProxy, gittoken.CauseServerError:
		return troubleLasts
	case gittoken.CauseRateLimited:
		return max(limitLasts, retryAt.Sub(now)) // asking before then makes a limit last longer
	}

	return 0 // it would be said again
}

// recall returns the answer to key from m, or asks for one. The question returns how long its answer stands; 0 stands
// for good. For maxAge and the error see memo.Memo.
func recall[K comparable, V any](
	ctx context.Context, m *memo.Memo[K, remembered[V]], key K, maxAge time.Duration, now func() time.Time,
	ask func(context.Context) (V, time.Duration),
) (V, error) {
	question := func(ctx context.Context) remembered[V] {
		r := remembered[V]{asked: now()}

		value, lasts := ask(ctx)
		if r.value = value; lasts > 0 {
			r.until = now().Add(lasts)
		}

		return r
	}

	r, err := m.Get(ctx, key, maxAge, question)

	for err == nil && !r.until.IsZero() && !now().Before(r.until) {
		// Of those who find the answer too old at the same time, one asks and the others take what it gets.
		r, err = m.Get(ctx, key, max(now().Sub(r.asked)-1, 1), question)
	}

	return r.value, err
}
