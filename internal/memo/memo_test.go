package memo_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
)

// clock is a time that moves when told.
type clock struct{ atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(c.Load(), 0) }

func TestGetRemembers(t *testing.T) {
	t.Parallel()

	var c clock

	m := memo.New[string, int](c.now)
	asked := 0
	get := func(key string, maxAge time.Duration) int {
		v, err := m.Get(t.Context(), key, maxAge, func(context.Context) int {
			asked++

			return asked
		})
		if err != nil {
			t.Fatal(err)
		}

		return v
	}

	steps := []struct {
		key    string
		maxAge time.Duration
		want   int
	}{
		{"a", 0, 1},
		{"a", 0, 1},
		{"b", 0, 2},
		{"a", time.Second, 1}, // no time has passed
	}
	for _, s := range steps {
		if got := get(s.key, s.maxAge); got != s.want {
			t.Errorf("Get(%s, %s) = %d, want %d", s.key, s.maxAge, got, s.want)
		}
	}

	c.Store(10)

	steps = steps[:0]

	steps = append(steps, []struct {
		key    string
		maxAge time.Duration
		want   int
	}{
		{"a", 10 * time.Second, 1}, // just young enough
		{"a", 0, 1},
		{"a", 9 * time.Second, 3},
		{"a", time.Second, 3},
		{"b", 0, 2},
	}...)
	for _, s := range steps {
		if got := get(s.key, s.maxAge); got != s.want {
			t.Errorf("later: Get(%s, %s) = %d, want %d", s.key, s.maxAge, got, s.want)
		}
	}
}

// What is under way when an answer is forgotten is of the past: nobody who asks later gets it.
func TestForget(t *testing.T) {
	t.Parallel()

	var c clock

	m := memo.New[string, string](c.now)
	arrived, release, early := make(chan struct{}), make(chan struct{}), make(chan string)
	get := func(ask func() string) string {
		v, err := m.Get(t.Context(), "a", 0, func(context.Context) string { return ask() })
		if err != nil {
			t.Error(err)
		}

		return v
	}

	go func() {
		early <- get(func() string {
			close(arrived)
			<-release

			return "old"
		})
	}()

	<-arrived
	m.Forget("a")

	if got := get(func() string { return "new" }); got != "new" {
		t.Errorf("after Forget there is the answer %q", got)
	}

	close(release)

	if got := <-early; got != "old" {
		t.Errorf("who asked before Forget gets %q", got)
	}

	if got := get(func() string { return "newest" }); got != "new" {
		t.Errorf("then %q is remembered", got)
	}
}

func TestGetSharesFlight(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var (
			c     clock
			asked atomic.Int32
		)

		m := memo.New[string, int32](c.now)
		release := make(chan struct{})

		for range 20 {
			go func() {
				// So strict a caller takes no answer from before its question, but it does take one that comes after.
				v, err := m.Get(t.Context(), "k", time.Nanosecond, func(context.Context) int32 {
					n := asked.Add(1)

					<-release

					return n
				})
				if v != 1 || err != nil {
					t.Errorf("Get = %d, %v", v, err)
				}
			}()
		}

		synctest.Wait()
		c.Store(100)
		close(release)
		synctest.Wait()

		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

// TestGetOutlivesCancellation cancels the caller that asks, and one that waits. Neither spoils the answer for the
// third.
func TestGetOutlivesCancellation(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var c clock

		m := memo.New[string, string](c.now)
		asking, cancelAsking := context.WithCancel(t.Context())
		waiting, cancelWaiting := context.WithCancel(t.Context())

		go func() {
			v, err := m.Get(asking, "k", 0, func(ctx context.Context) string {
				<-ctx.Done()

				return "cancelled"
			})
			if v != "cancelled" || err != nil {
				t.Errorf("the cancelled asker got %q, %v", v, err)
			}
		}()

		synctest.Wait()

		gone := make(chan error, 1)

		go func() {
			_, err := m.Get(waiting, "k", 0, func(context.Context) string { return "wrong" })
			gone <- err
		}()

		patient := make(chan string, 1)

		go func() {
			v, _ := m.Get(t.Context(), "k", 0, func(context.Context) string { return "answer" })
			patient <- v
		}()

		synctest.Wait()

		cancelWaiting()

		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("the cancelled waiter got %v", err)
		}

		cancelAsking()

		if v := <-patient; v != "answer" {
			t.Errorf("the patient waiter got %q", v)
		}

		v, err := m.Get(t.Context(), "k", 0, func(context.Context) string { return "again" })
		if v != "answer" || err != nil {
			t.Errorf("later: %q, %v", v, err)
		}
	})
}

// Some answers are good for longer than others, and none is old because it took long to come.
func TestGetWhile(t *testing.T) {
	t.Parallel()

	now := time.Unix(0, 0)
	m := memo.New[string, string](func() time.Time { return now })

	for _, step := range []struct {
		after time.Duration
		says  string
		want  string
	}{
		{0, "down", "down"},
		{9 * time.Second, "up", "down"}, // since it came, and not since it was asked for
		{2 * time.Second, "up", "up"},
		{time.Hour, "down", "up"},
	} {
		now = now.Add(step.after)

		got, err := m.GetWhile(t.Context(), "k", func(value string, age time.Duration) bool {
			return value == "up" || age < 10*time.Second
		}, func(context.Context) string {
			now = now.Add(time.Minute)

			return step.says
		})
		if got != step.want || err != nil {
			t.Errorf("after %s: %q, %v; want %q", step.after, got, err, step.want)
		}
	}
}

// Whoever gets an answer can tell whether it was asked for.
func TestTraced(t *testing.T) {
	t.Parallel()

	now := time.Unix(0, 0)
	inner := memo.New[string, string](func() time.Time { return now })
	m := memo.New[string, string](func() time.Time { return now })

	get := func(ctx context.Context, key string) {
		t.Helper()

		if _, err := m.Get(ctx, key, 0, func(ctx context.Context) string {
			v, err := inner.Get(ctx, "inner", 0, func(context.Context) string { return "v" })
			if err != nil {
				t.Error(err)
			}

			return v
		}); err != nil {
			t.Error(err)
		}
	}

	for _, step := range []struct {
		keys   []string
		reused int
		oldest time.Duration
	}{
		{[]string{"a"}, 0, 0},
		{[]string{"b"}, 0, 0}, // that what it takes is known does not make the answer known
		{[]string{"a"}, 1, 2 * time.Second},
		{[]string{"b", "a", "c"}, 2, 3 * time.Second},
	} {
		ctx, trace := memo.Traced(t.Context())
		for _, key := range step.keys {
			get(ctx, key)
		}

		if reused, oldest := trace.Reused(); reused != step.reused || oldest != step.oldest {
			t.Errorf("%v: %d reused, the oldest %s; want %d, %s", step.keys, reused, oldest, step.reused, step.oldest)
		}

		now = now.Add(time.Second)
	}

	get(t.Context(), "a") // and without a trace nothing happens
}

func TestIdentities(t *testing.T) {
	t.Parallel()

	host, err := gittoken.NewHost(gittoken.GitHub, "")
	if err != nil {
		t.Fatal(err)
	}

	other, err := gittoken.NewHost(gittoken.GitHub, "https://ghe.example.com")
	if err != nil {
		t.Fatal(err)
	}

	ids := memo.NewIdentities([]byte("one process"))
	base := gittoken.Credential{Host: host, Username: "u", Token: gittoken.NewSecret("t")}

	if ids.Of(base) != ids.Of(gittoken.Credential{Host: host, Username: "u", Token: gittoken.NewSecret("t")}) {
		t.Error("one credential has two identities")
	}

	for name, c := range map[string]gittoken.Credential{
		"host":  {Host: other, Username: "u", Token: gittoken.NewSecret("t")},
		"user":  {Host: host, Username: "v", Token: gittoken.NewSecret("t")},
		"token": {Host: host, Username: "u", Token: gittoken.NewSecret("x")},
	} {
		if ids.Of(base) == ids.Of(c) {
			t.Errorf("another %s has the same identity", name)
		}
	}

	if ids.Of(base) == memo.NewIdentities([]byte("another one")).Of(base) {
		t.Error("two processes have the same fingerprints")
	}
}

// endless is a context that knows whether anybody asked when it ends.
type endless struct {
	context.Context //nolint:containedctx // it is one

	asked bool
}

func (e *endless) Done() <-chan struct{} {
	e.asked = true

	return e.Context.Done()
}

// Who need not wait has no channel made for the end of a context, which whoever keeps the context would keep.
func TestGetWithoutWaitingLeavesTheContextAlone(t *testing.T) {
	t.Parallel()

	m := memo.New[string, int](time.Now)
	ctx := &endless{Context: t.Context()}

	for range 2 {
		if v, err := m.Get(ctx, "", 0, func(context.Context) int { return 1 }); v != 1 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	}

	if ctx.asked {
		t.Error("the context was asked when it ends")
	}
}
