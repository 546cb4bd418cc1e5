package codefresh

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/platformapi"
)

// maxPages bounds how many pages of a list are asked for. An account of thousands has less, at the sizes of pages that
// servers have.
const maxPages = 200

// Overview is what the platform tells of the account.
type Overview struct {
	User     User
	Account  Account
	Runtimes []Runtime
	// Complete says that the list of runtimes was followed to its end: only then does a runtime's absence mean anything.
	Complete bool
}

// Runtime returns the runtime of that name.
func (o Overview) Runtime(name string) (Runtime, bool) {
	i := slices.IndexFunc(o.Runtimes, func(r Runtime) bool { return r.Name == name })
	if i < 0 {
		return Runtime{}, false
	}

	return o.Runtimes[i], true
}

// provesAbsence reports whether there is no runtime that is not in the list. An empty list proves nothing: it is also
// what a platform shows that has just lost its data, or whom a key may see nothing of.
func (o Overview) provesAbsence() bool { return o.Complete && len(o.Runtimes) > 0 }

// Overview returns the key's user, the account and its runtimes. It asks once in the life of the client. An error, and
// a list that could not be followed to its end, are remembered for a moment only.
func (c *Client) Overview(ctx context.Context) (Overview, error) {
	o, err := c.overview.get(ctx, struct{}{}, c.askOverview)
	if err != nil {
		return Overview{}, asError(c.atPlatform(c.settings.APIKey, field{name: "runtimes"}), err)
	}

	o.Runtimes = slices.Clone(o.Runtimes)

	c.newestMu.Lock()
	defer c.newestMu.Unlock()

	for i, r := range o.Runtimes {
		if newer, ok := c.newest[runtimeName(r.Name)]; ok {
			o.Runtimes[i] = newer
		}
	}

	return o, nil
}

// listsAge is how old a list of runtimes may be where it is shown. It is long enough for a plan to ask once, and too
// short for an apply that installs a runtime.
const listsAge = time.Minute

// RecentOverview is Overview for whoever shows the list or goes by what is not in it: an apply may have installed a
// runtime since it was asked for.
func (c *Client) RecentOverview(ctx context.Context) (Overview, error) {
	_, age, err := c.overview.aged(ctx, struct{}{}, math.MaxInt64, c.askOverview)
	if err != nil || age <= listsAge {
		return c.Overview(ctx)
	}

	o, _, err := c.lists.aged(ctx, struct{}{}, listsAge, c.askOverview)
	if err != nil {
		return Overview{}, asError(c.atPlatform(c.settings.APIKey, field{name: "runtimes"}), err)
	}

	o.Runtimes = slices.Clone(o.Runtimes)

	return o, nil
}

func (c *Client) askOverview(ctx context.Context) (Overview, error) {
	var (
		who   identity
		first runtimePage
	)

	call := c.atPlatform(c.settings.APIKey, field{name: "runtimes"}, field{name: "me"})

	err := c.fullOrBasic(
		func() error {
			data, err := platformapi.Overview(ctx, call)
			if err != nil {
				return err
			}

			if who, err = call.identity(&data.Me.UserFacts); err == nil && data.Me.ActiveAccount != nil {
				who.account.SharedConfigRepo = stringOf(data.Me.ActiveAccount.SharedConfigRepo)
			}

			first = call.page(data.Runtimes)

			return err
		},
		func() error {
			data, err := platformapi.OverviewBasic(ctx, call)
			if err != nil {
				return err
			}

			who, err = call.identity(data.Me)
			first = call.basicPage(data.Runtimes)

			return err
		},
	)
	if err != nil {
		return Overview{}, err
	}

	// What is no list is not taken for an empty one, which would prove every runtime's absence.
	if first.list == nil {
		return Overview{}, call.lacking("runtimes")
	}

	runtimes, complete := follow(first, func(after string) (runtimePage, error) { return c.askRuntimesAfter(ctx, after) })

	return Overview{User: who.user, Account: who.account, Runtimes: runtimes, Complete: complete}, nil
}

func (c *Client) askRuntimesAfter(ctx context.Context, cursor string) (runtimePage, error) {
	var p runtimePage

	call := c.atPlatform(c.settings.APIKey, field{name: "runtimes"})

	err := c.fullOrBasic(
		func() error {
			data, err := platformapi.RuntimesAfter(ctx, call, cursor)
			if err == nil {
				p = call.page(data.Runtimes)
			}

			return err
		},
		func() error {
			data, err := platformapi.RuntimesAfterBasic(ctx, call, cursor)
			if err == nil {
				p = call.basicPage(data.Runtimes)
			}

			return err
		},
	)

	return p, err
}

// page is a part of a list.
type page[T any] struct {
	list  []T
	whole bool   // nothing of this part is lacking
	last  bool   // the platform says that no other part follows
	next  string // the cursor to ask for the part that follows. Empty if there is none
}

type runtimePage = page[Runtime]

// pageOf puts a page together from the elements of an answer, of which those without a value are not there.
func pageOf[E, T any](edges []E, value func(E) (T, bool), info *platformapi.PageFacts) page[T] {
	p := page[T]{whole: edges != nil}

	if edges != nil {
		p.list = make([]T, 0, len(edges))
	}

	for _, edge := range edges {
		if one, ok := value(edge); ok {
			p.list = append(p.list, one)
		} else {
			p.whole = false
		}
	}

	if info == nil || info.HasNextPage == nil {
		return p
	}

	if p.last = !*info.HasNextPage; !p.last {
		p.next = stringOf(info.EndCursor)
	}

	return p
}

// follow returns the elements of the first page and of those behind it, and whether that is all.
func follow[T any](first page[T], ask func(cursor string) (page[T], error)) (list []T, complete bool) {
	list, complete = first.list, first.whole
	seen := map[string]bool{}

	for p := first; !p.last; {
		// A server that does not know cursors shows the same page for ever.
		if p.next == "" || seen[p.next] || len(seen) == maxPages {
			return list, false
		}

		seen[p.next] = true

		var err error
		if p, err = ask(p.next); err != nil || p.list == nil {
			return list, false
		}

		list, complete = append(list, p.list...), complete && p.whole
	}

	return list, complete
}

func (c *call) page(p *platformapi.RuntimePage) runtimePage {
	return pageOf(p.Edges, func(e *platformapi.RuntimePageEdgesRuntimeEdge) (Runtime, bool) {
		if e == nil || e.Node == nil || e.Node.Metadata.Name == "" {
			return Runtime{}, false
		}

		return c.runtimeWithStatus(*e.Node), true
	}, p.PageInfo)
}

func (c *call) basicPage(p *platformapi.RuntimePageBasic) runtimePage {
	return pageOf(p.Edges, func(e *platformapi.RuntimePageBasicEdgesRuntimeEdge) (Runtime, bool) {
		if e == nil || e.Node == nil || e.Node.Metadata.Name == "" {
			return Runtime{}, false
		}

		return runtimeOf(*e.Node), true
	}, p.PageInfo)
}

// RuntimeNamed returns one runtime. It looks into the overview first, and asks by name, once for each, only where that
// does not have the runtime and does not prove that there is none. The error's kind is RuntimeNotFound if Codefresh
// says that there is none of that name.
func (c *Client) RuntimeNamed(ctx context.Context, name string) (Runtime, error) {
	o, err := c.Overview(ctx)
	if err != nil {
		return Runtime{}, err
	}

	if r, ok := o.Runtime(name); ok {
		return r, nil
	}

	call := c.atPlatform(c.settings.APIKey, field{name: "runtime", nullable: true})
	call.runtime = name

	if o.provesAbsence() {
		return Runtime{}, call.notFound()
	}

	r, err := c.runtimes.get(ctx, runtimeName(name), call.askRuntime(c))
	if err != nil {
		return Runtime{}, asError(call, err)
	}

	return r, nil
}

// FreshRuntime asks for one runtime, whatever is remembered, and remembers the answer in the place of what the overview
// says: a runtime may have moved. The error's kind is RuntimeNotFound if the platform says that there is none of that
// name.
func (c *Client) FreshRuntime(ctx context.Context, name string) (Runtime, error) {
	call := c.atPlatform(c.settings.APIKey, field{name: "runtime", nullable: true})
	call.runtime = name

	r, err := c.runtimes.renew(ctx, runtimeName(name), call.askRuntime(c))
	if err != nil {
		return Runtime{}, asError(call, err)
	}

	c.isNewest(r)

	return r, nil
}

// RecentRuntime is FreshRuntime for many at once: an answer that was asked for in the last 10 seconds will do.
func (c *Client) RecentRuntime(ctx context.Context, name string) (Runtime, error) {
	call := c.atPlatform(c.settings.APIKey, field{name: "runtime", nullable: true})
	call.runtime = name

	r, err := c.runtimes.recent(ctx, runtimeName(name), call.askRuntime(c))
	if err != nil {
		return Runtime{}, asError(call, err)
	}

	c.isNewest(r)

	return r, nil
}

// RuntimeAwayFrom asks where a runtime is that does not answer at an address: it may have moved since it was last asked
// about. Many who find nobody at that address share an answer that was asked for in the last 10 seconds.
func (c *Client) RuntimeAwayFrom(ctx context.Context, name, appProxyURL string) (Runtime, error) {
	call := c.atPlatform(c.settings.APIKey, field{name: "runtime", nullable: true})
	call.runtime = name

	r, err := c.left.recent(ctx, appProxyAddress(appProxyURL), call.askRuntime(c))
	if err != nil {
		return Runtime{}, asError(call, err)
	}

	if r.AppProxyURL != appProxyURL {
		c.runtimes.Forget(runtimeName(name))
		c.isNewest(r)
	}

	return r, nil
}

func (c *Client) isNewest(r Runtime) {
	c.newestMu.Lock()
	defer c.newestMu.Unlock()

	c.newest[runtimeName(r.Name)] = r
}

func (c *call) notFound() *Error {
	return c.fail(&Error{Kind: RuntimeNotFound, Detail: "the account has no runtime of this name"})
}

// askRuntime returns the question for the runtime that the call is about.
func (c *call) askRuntime(client *Client) func(context.Context) (Runtime, error) {
	return func(ctx context.Context) (Runtime, error) {
		var r *Runtime

		err := client.fullOrBasic(
			func() error {
				data, err := platformapi.RuntimeByName(ctx, c, c.runtime)
				if err == nil && data.Runtime != nil {
					got := c.runtimeWithStatus(*data.Runtime)
					r = &got
				}

				return err
			},
			func() error {
				data, err := platformapi.RuntimeByNameBasic(ctx, c, c.runtime)
				if err == nil && data.Runtime != nil {
					got := runtimeOf(*data.Runtime)
					r = &got
				}

				return err
			},
		)

		switch {
		case err != nil:
			return Runtime{}, err
		case r == nil:
			return Runtime{}, c.notFound()
		}

		return *r, nil
	}
}

// fullOrBasic asks the full question or, at a platform whose schema is too old for it, the basic one.
func (c *Client) fullOrBasic(full, basic func() error) error {
	if c.basic.Load() {
		return basic()
	}

	err := full()

	var e *Error
	if !errors.As(err, &e) || e.lacks != lacksField {
		return err
	}

	if err := basic(); err != nil {
		return err
	}

	c.basic.Store(true)

	return nil
}
