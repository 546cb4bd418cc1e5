package codefresh_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestRequestsAreShared(t *testing.T) {
	t.Parallel()

	platform := newPlatform(t, func(_ context.Context, r request) reply {
		if r.Op == "Me" {
			return data(`{"me":` + meJSON + `}`)
		}

		return data(overviewJSON("false", prodJSON))
	})
	proxy := newAppProxy(t, always(data(integrationsJSON)))
	client := newClient(t, platform)

	var wg sync.WaitGroup

	for range 50 {
		wg.Go(func() {
			_, err1 := client.Overview(t.Context())
			_, err2 := client.Integrations(t.Context(), "prod", proxy.URL)
			_, _, err3 := client.Me(t.Context(), gittoken.NewSecret(otherKey))
			_, _, err4 := client.Me(t.Context(), gittoken.Secret{})

			if err := errors.Join(err1, err2, err3, err4); err != nil {
				t.Error(err)
			}
		})
	}

	wg.Wait()

	if p, a := len(platform.requests()), len(proxy.requests()); p != 2 || a != 1 {
		t.Errorf("%d requests to the platform, %d to the app-proxy; want 2 and 1", p, a)
	}
}

// A caller who gives up neither spoils the answer for the others nor has it remembered that they did.
func TestCancellation(t *testing.T) {
	t.Parallel()

	arrived, release := make(chan struct{}, 8), make(chan struct{})
	platform := newPlatform(t, func(ctx context.Context, _ request) reply {
		arrived <- struct{}{}

		select {
		case <-release:
		case <-ctx.Done():
		}

		return data(overviewJSON("false", prodJSON))
	})
	client := newClient(t, platform)

	ask := func(ctx context.Context) chan error {
		done := make(chan error, 1)

		go func() {
			_, err := client.Overview(ctx)
			done <- err
		}()

		return done
	}

	// Alone: the request ends with its only caller.
	alone, giveUp := context.WithCancel(t.Context())
	done := ask(alone)

	<-arrived
	giveUp()

	err := <-done

	e := errorOf(t, err, codefresh.Unreachable)
	if e.Cause != gittoken.CauseTimeout || !errors.Is(err, context.Canceled) {
		t.Errorf("cause %q, error %v", e.Cause, err)
	}

	// In company: who began it leaves, and the others get the answer.
	first, giveUp := context.WithCancel(t.Context())
	done = ask(first)

	<-arrived

	second := ask(t.Context())

	// The second has joined once the first cannot end the request any more, which shows only in its not ending. Without
	// that wait the second would begin a request of its own, which the count below admits.
	giveUp()
	wantKind(t, <-done, codefresh.Unreachable)
	close(release)

	if err := <-second; err != nil {
		t.Error(err)
	}

	if _, err := client.Overview(t.Context()); err != nil {
		t.Error(err)
	}

	if n := len(platform.requests()); n < 2 || n > 3 {
		t.Errorf("%d requests, want 2 or 3", n)
	}
}

func TestMutationsOfOneRuntimeTakeTurns(t *testing.T) {
	t.Parallel()

	var atOnce, most atomic.Int32

	proxy := newAppProxy(t, func(context.Context, request) reply {
		most.Store(max(most.Load(), atOnce.Add(1)))
		defer atOnce.Add(-1)

		time.Sleep(3 * time.Millisecond) // in which another could come

		return data(`{"registerToGitIntegration":{"name":"default"},"updateRuntimeGitToken":null,` +
			`"deregisterFromGitIntegration":{"name":"default"}}`)
	})
	client := newClient(t, nil)

	var wg sync.WaitGroup

	for range 8 {
		wg.Go(func() {
			if err := errors.Join(
				client.RegisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, userToken()),
				client.UpdateRuntimeToken(t.Context(), "prod", proxy.URL, runtimeToken()),
				client.DeregisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, "default"),
			); err != nil {
				t.Error(err)
			}
		})
	}

	wg.Wait()

	if n := most.Load(); n != 1 {
		t.Errorf("%d mutations of one runtime at once", n)
	}
}

func TestMutationsOfRuntimesGoSideBySide(t *testing.T) {
	t.Parallel()

	const runtimes = 3

	var together sync.WaitGroup

	together.Add(runtimes)

	proxy := newAppProxy(t, func(context.Context, request) reply {
		together.Done()
		together.Wait() // until every runtime's mutation has arrived

		return data(`{"updateRuntimeGitToken":null}`)
	})
	client := newClient(t, nil)

	var wg sync.WaitGroup

	for i := range runtimes {
		wg.Go(func() {
			if err := client.UpdateRuntimeToken(t.Context(), fmt.Sprint("runtime-", i), proxy.URL, runtimeToken()); err != nil {
				t.Error(err)
			}
		})
	}

	wg.Wait()
}

// Who waits for their turn can give up, and nothing is sent for them.
func TestWaitingMutationIsCancelled(t *testing.T) {
	t.Parallel()

	arrived, release := make(chan struct{}), make(chan struct{})
	proxy := newAppProxy(t, func(context.Context, request) reply {
		arrived <- struct{}{}

		<-release

		return data(`{"updateRuntimeGitToken":null}`)
	})
	client := newClient(t, nil)
	first := make(chan error, 1)

	go func() { first <- client.UpdateRuntimeToken(t.Context(), "prod", proxy.URL, runtimeToken()) }()

	<-arrived

	ctx, giveUp := context.WithCancel(t.Context())
	second := make(chan error, 1)

	go func() { second <- client.UpdateRuntimeToken(ctx, "prod", proxy.URL, runtimeToken()) }()

	giveUp()
	wantKind(t, <-second, codefresh.Unreachable)
	close(release)

	if err := <-first; err != nil {
		t.Error(err)
	}

	if n := len(proxy.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// Asking afresh does not settle for an answer that was under way before.
func TestFreshIntegrationsDoNotJoin(t *testing.T) {
	t.Parallel()

	var n atomic.Int32

	arrived, release := make(chan struct{}), make(chan struct{})
	proxy := newAppProxy(t, func(context.Context, request) reply {
		if n.Add(1) == 1 {
			arrived <- struct{}{}

			<-release

			return data(`{"gitIntegrations":[]}`)
		}

		return data(integrationsJSON)
	})
	client := newClient(t, nil)
	old := make(chan int, 1)

	go func() {
		list, _ := client.Integrations(t.Context(), "prod", proxy.URL)
		old <- len(list)
	}()

	<-arrived

	fresh, err := client.FreshIntegrations(t.Context(), "prod", proxy.URL)
	if err != nil || len(fresh) != 2 {
		t.Errorf("fresh: %v, %v", fresh, err)
	}

	close(release)

	if got := <-old; got != 0 {
		t.Errorf("the old answer has %d integrations", got)
	}

	// The old answer, which came last, is not what is remembered.
	if list, err := client.Integrations(t.Context(), "prod", proxy.URL); err != nil || len(list) != 2 {
		t.Errorf("remembered: %v, %v", list, err)
	}
}

// Who gives up on an old answer does not take the newer one with them.
func TestOldRequestEndsAlone(t *testing.T) {
	t.Parallel()

	var n atomic.Int32

	arrived := make(chan struct{})
	proxy := newAppProxy(t, func(ctx context.Context, _ request) reply {
		if n.Add(1) == 1 {
			arrived <- struct{}{}

			<-ctx.Done()
		}

		return data(integrationsJSON)
	})
	client := newClient(t, nil)
	ctx, giveUp := context.WithCancel(t.Context())
	old := make(chan error, 1)

	go func() {
		_, err := client.Integrations(ctx, "prod", proxy.URL)
		old <- err
	}()

	<-arrived

	if _, err := client.FreshIntegrations(t.Context(), "prod", proxy.URL); err != nil {
		t.Fatal(err)
	}

	giveUp()
	wantKind(t, <-old, codefresh.Unreachable)

	if _, err := client.Integrations(t.Context(), "prod", proxy.URL); err != nil {
		t.Fatal(err)
	}

	if got := n.Load(); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}
