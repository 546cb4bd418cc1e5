package codefresh_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// named returns a runtime of that name.
func named(name string) string { return strings.Replace(prodJSON, `"prod"`, `"`+name+`"`, 1) }

// runtimesJSON is a page of runtimes. An empty cursor makes it the last one.
func runtimesJSON(cursor string, names ...string) string {
	edges := make([]string, 0, len(names))
	for _, name := range names {
		edges = append(edges, `{"node":`+named(name)+`}`)
	}

	return fmt.Sprintf(`"runtimes":{"edges":[%s],"pageInfo":{"hasNextPage":%t,"endCursor":"%s"}}`,
		strings.Join(edges, ","), cursor != "", cursor)
}

// A list of runtimes is followed to its end, and says so if it could not be.
func TestOverviewPages(t *testing.T) {
	t.Parallel()

	pages := func(by map[string]string) func(context.Context, request) reply {
		return func(_ context.Context, r request) reply {
			after, _ := r.Variables["after"].(string)
			if r.Op == "Overview" || r.Op == "OverviewBasic" {
				return data(`{"me":` + meJSON + `,` + by[""] + `}`)
			}

			if page, ok := by[after]; ok {
				return data(`{` + page + `}`)
			}

			return page(502, "no")
		}
	}

	for name, test := range map[string]struct {
		answer   func(context.Context, request) reply
		sdl      []string
		want     string
		complete bool
		ops      int
	}{
		"one": {answer: pages(map[string]string{"": runtimesJSON("", "a")}), want: "a", complete: true, ops: 1},
		"three": {
			answer: pages(map[string]string{
				"": runtimesJSON("x", "a", "b"), "x": runtimesJSON("y", "c"), "y": runtimesJSON("", "d"),
			}),
			want: "a b c d", complete: true, ops: 3,
		},
		"an empty last one": {
			answer: pages(map[string]string{"": runtimesJSON("x", "a"), "x": runtimesJSON("")}),
			want:   "a", complete: true, ops: 2,
		},
		"no cursor": {
			answer: pages(map[string]string{"": strings.Replace(runtimesJSON("x", "a"), `"x"`, "null", 1)}),
			want:   "a", ops: 1,
		},
		"the same page for ever": {
			answer: pages(map[string]string{"": runtimesJSON("x", "a"), "x": runtimesJSON("x", "a")}),
			want:   "a", ops: 2,
		},
		"pages without end": {
			answer: func(_ context.Context, r request) reply {
				after, _ := r.Variables["after"].(string)
				page := runtimesJSON(after+"x", "r"+fmt.Sprint(len(after)))

				if r.Op == "Overview" {
					return data(`{"me":` + meJSON + `,` + page + `}`)
				}

				return data(`{` + page + `}`)
			},
			want: "r0 r1 r2 r3 r4 r5", ops: 201,
		},
		"a page that is not there": {
			answer: pages(map[string]string{"": runtimesJSON("x", "a")}), want: "a", ops: 1 + 3,
		},
		"a page without a list": {
			answer: pages(map[string]string{
				"": runtimesJSON("x", "a"), "x": `"runtimes":{"edges":null,"pageInfo":{"hasNextPage":false}}`,
			}),
			want: "a", ops: 2,
		},
		"a page with a gap": {
			answer: pages(map[string]string{
				"": runtimesJSON("x", "a"),
				"x": `"runtimes":{"edges":[{"node":null},{"node":` + named("b") +
					`}],"pageInfo":{"hasNextPage":false}}`,
			}),
			want: "a b", ops: 2,
		},
		"a platform without pages": {
			answer: pages(map[string]string{"": runtimesJSON("x", "a")}),
			sdl:    []string{"runtimes(pagination: SlicePaginationArgs)", "runtimes"},
			want:   "a", ops: 3, // the second in both its forms
		},
		"an old platform": {
			answer: pages(map[string]string{"": runtimesJSON("x", "a"), "x": runtimesJSON("", "b")}),
			sdl:    []string{"  status: RuntimeStatus!\n", "  unused: String\n"},
			want:   "a b", complete: true, ops: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			platform := newFake(t, "/2.0/api/graphql", sdl(t, platformSDL, test.sdl...), test.answer)

			got, err := newClient(t, platform).Overview(t.Context())
			if err != nil {
				t.Fatal(err)
			}

			var names []string

			for _, r := range got.Runtimes {
				if len(names) < 6 && (len(names) == 0 || names[len(names)-1] != r.Name) {
					names = append(names, r.Name)
				}
			}

			if strings.Join(names, " ") != test.want || got.Complete != test.complete {
				t.Errorf("runtimes %v, complete %v; want %s, %v", names, got.Complete, test.want, test.complete)
			}

			if n := len(platform.requests()); n != test.ops {
				t.Errorf("%d requests, want %d: %v", n, test.ops, platform.ops()[:min(n, 6)])
			}
		})
	}
}

// Where the list does not tell of a runtime, it is asked for by name, once however many want to know. Only a whole list
// with something in it proves that there is no other.
func TestRuntimeNamed(t *testing.T) {
	t.Parallel()

	once, byName := []string{"Overview"}, []string{"Overview", "RuntimeByName"}

	for name, test := range map[string]struct {
		list     string
		ask      string
		wantKind codefresh.ErrorKind
		wantOps  []string
	}{
		"listed": {list: runtimesJSON("", "a", "b"), ask: "b", wantOps: once},
		"not listed": {
			list: runtimesJSON("", "a"), ask: "b", wantKind: codefresh.RuntimeNotFound, wantOps: once,
		},
		"list in part": {list: strings.Replace(runtimesJSON("x", "a"), `"x"`, "null", 1), ask: "b", wantOps: byName},
		"gone, list in part": {
			list: strings.Replace(runtimesJSON("x", "a"), `"x"`, "null", 1), ask: "gone",
			wantKind: codefresh.RuntimeNotFound, wantOps: byName,
		},
		"empty list": {list: runtimesJSON(""), ask: "b", wantOps: byName},
		"gone, empty list": {
			list: runtimesJSON(""), ask: "gone", wantKind: codefresh.RuntimeNotFound, wantOps: byName,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			platform := newPlatform(t, func(_ context.Context, r request) reply {
				switch {
				case r.Op == "Overview":
					return data(`{"me":` + meJSON + `,` + test.list + `}`)
				case r.Variables["name"] == "gone":
					return data(`{"runtime":null}`)
				}

				return data(`{"runtime":` + named(fmt.Sprint(r.Variables["name"])) + `}`)
			})
			client := newClient(t, platform)

			for range 5 {
				got, err := client.RuntimeNamed(t.Context(), test.ask)

				switch {
				case test.wantKind != "":
					wantKind(t, err, test.wantKind)
				case err != nil || got.Name != test.ask:
					t.Fatalf("runtime %+v, error %v", got, err)
				}
			}

			if diff := cmp.Diff(test.wantOps, platform.ops()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// A runtime that moves is found where it is: what was asked for afresh is also what is remembered.
func TestRuntimeMoves(t *testing.T) {
	t.Parallel()

	for _, list := range []string{runtimesJSON(""), runtimesJSON("", "other", "prod")} {
		testRuntimeMoves(t, list, strings.Contains(list, "prod"))
	}
}

func testRuntimeMoves(t *testing.T, list string, listed bool) {
	t.Helper()

	var (
		moves atomic.Int32
		clock atomic.Int64
	)

	platform := newPlatform(t, func(_ context.Context, r request) reply {
		if r.Op == "Overview" {
			return data(`{"me":` + meJSON + `,` + strings.ReplaceAll(list, "ingress.", "ingress1.") + `}`)
		}

		return data(`{"runtime":` + strings.Replace(prodJSON, "ingress.example.com",
			fmt.Sprintf("ingress%d.example.com", moves.Add(1)), 1) + `}`)
	})

	client, err := codefresh.NewClient(
		codefresh.Settings{URL: platform.URL, APIKey: gittoken.NewSecret(keyText)}, newTransport(t),
		func() time.Time { return time.Unix(0, clock.Load()) }, nil)
	if err != nil {
		t.Fatal(err)
	}

	if listed {
		moves.Add(1) // the list tells of the first place
	}

	for _, step := range []struct {
		ask  func(context.Context, string) (codefresh.Runtime, error)
		want string
	}{
		{client.RuntimeNamed, "https://ingress1.example.com"},
		{client.RuntimeNamed, "https://ingress1.example.com"},
		{client.FreshRuntime, "https://ingress2.example.com"},
		{client.RuntimeNamed, "https://ingress2.example.com"},
		{client.RecentRuntime, "https://ingress2.example.com"},
		{func(ctx context.Context, name string) (codefresh.Runtime, error) {
			clock.Add(int64(time.Minute))

			return client.RecentRuntime(ctx, name)
		}, "https://ingress3.example.com"},
		{client.RuntimeNamed, "https://ingress3.example.com"},
	} {
		got, err := step.ask(t.Context(), "prod")
		if err != nil || got.AppProxyURL != step.want {
			t.Errorf("at %s, error %v; want %s", got.AppProxyURL, err, step.want)
		}
	}
}

// Whoever was away is asked again soon; one who refuses the key is not.
func TestErrorsAreRememberedForAMoment(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		answer reply
		kind   codefresh.ErrorKind
		again  bool
	}{
		"down":         {answer: page(500, "500"), kind: codefresh.Unreachable, again: true},
		"rate limited": {answer: gqlErrors(200, "rate limit"), kind: codefresh.RateLimited, again: true},
		"boom":         {answer: gqlErrors(200, "boom"), kind: codefresh.Refused, again: true},
		"nonsense":     {answer: data(`{}`), kind: codefresh.NotUnderstood, again: true},
		"key refused":  {answer: jsonReply(401, gateway401), kind: codefresh.KeyRefused},
		"too old":      {answer: gqlErrors(400, `Cannot query field "me" on type "Query".`), kind: codefresh.NoSuchOperation},
	} {
		for _, service := range []string{codefresh.Platform, codefresh.AppProxy} {
			t.Run(name+", "+service, func(t *testing.T) {
				t.Parallel()

				var (
					clock atomic.Int64
					well  atomic.Bool
				)

				answer := func(good string) func(context.Context, request) reply {
					return func(context.Context, request) reply {
						if well.Load() {
							return data(good)
						}

						clock.Add(int64(time.Minute)) // an answer that took long is not old at once

						return test.answer
					}
				}
				platform := newPlatform(t, answer(overviewJSON("false", prodJSON)))
				proxy := newAppProxy(t, answer(integrationsJSON))

				client, err := codefresh.NewClient(
					codefresh.Settings{URL: platform.URL, APIKey: gittoken.NewSecret(keyText)}, newTransport(t),
					func() time.Time { return time.Unix(0, clock.Load()) }, nil)
				if err != nil {
					t.Fatal(err)
				}

				ask := func() error {
					if service == codefresh.Platform {
						_, err := client.Overview(t.Context())

						return err
					}

					_, err := client.Integrations(t.Context(), "prod", proxy.URL)

					return err
				}
				asked := func() int { return len(platform.requests()) + len(proxy.requests()) }

				wantKind(t, ask(), test.kind)

				before := asked()

				clock.Add(int64(10 * time.Second))
				wantKind(t, ask(), test.kind)

				if n := asked(); n != before {
					t.Errorf("asked again after 10 s: %d requests, then %d", before, n)
				}

				well.Store(true)
				clock.Add(int64(10 * time.Second))

				if err := ask(); (err == nil) != test.again {
					t.Errorf("after 20 s: error %v", err)
				}
			})
		}
	}
}

// A list that could not be followed to its end is one for a moment only, and a whole one for good.
func TestPartsAreRememberedForAMoment(t *testing.T) {
	t.Parallel()

	var clock atomic.Int64

	list := atomic.Pointer[string]{}
	platform := newPlatform(t, func(context.Context, request) reply {
		return data(`{"me":` + meJSON + `,` + *list.Load() + `}`)
	})

	client, err := codefresh.NewClient(
		codefresh.Settings{URL: platform.URL, APIKey: gittoken.NewSecret(keyText)}, newTransport(t),
		func() time.Time { return time.Unix(0, clock.Load()) }, nil)
	if err != nil {
		t.Fatal(err)
	}

	for _, step := range []struct {
		list     string
		complete bool
		count    int
	}{
		{strings.Replace(runtimesJSON("x", "a"), `"x"`, "null", 1), false, 1},
		{runtimesJSON("", "a", "b"), true, 2},
		{runtimesJSON("", "a"), true, 2},
	} {
		list.Store(&step.list)
		clock.Add(int64(time.Minute))

		got, err := client.Overview(t.Context())
		if err != nil || got.Complete != step.complete || len(got.Runtimes) != step.count {
			t.Errorf("%d runtimes, complete %v, %v; want %d, %v",
				len(got.Runtimes), got.Complete, err, step.count, step.complete)
		}
	}
}
