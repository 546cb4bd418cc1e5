package registration

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// stage is what a place tells from a time on.
type stage struct {
	from  time.Duration // after the first question
	view  View
	err   error // of Read
	reach error // of Reach
}

// growing is a place that gets its parts one after the other.
type growing struct {
	now    func() time.Time
	stages []stage

	mu    sync.Mutex
	start time.Time
	asked int
	fresh []Freshness
}

func (g *growing) stage() stage {
	if g.start.IsZero() {
		g.start = g.now()
	}

	current := g.stages[0]
	for _, s := range g.stages {
		if g.now().Sub(g.start) >= s.from {
			current = s
		}
	}

	return current
}

func (g *growing) Read(ctx context.Context, f Freshness) (View, error) {
	g.mu.Lock()
	defer g.mu.Unlock()

	g.asked++
	g.fresh = append(g.fresh, f)

	if err := ctx.Err(); err != nil {
		return View{}, &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.AppProxy}
	}

	return g.stage().view, g.stage().err
}

func (g *growing) Reach(context.Context, View) error {
	g.mu.Lock()
	defer g.mu.Unlock()

	return g.stage().reach
}

func (g *growing) GitSources(context.Context) ([]string, bool) { return nil, false }

func (g *growing) Write(context.Context, View, gittoken.Credential) error { return nil }

// patient waits on the clock of the test's bubble.
func patient(limit time.Duration, reports *[]Waited) Patience {
	return Patience{
		Limit: limit, Sends: true, Now: time.Now, Key: WaitKey{Runtime: "prod"}, Waits: memo.New[WaitKey, Waited](time.Now),
		Report: func(w Waited) { *reports = append(*reports, w) },
		Wait: func(ctx context.Context, d time.Duration) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(d):
				return nil
			}
		},
	}
}

func atAppProxy(k codefresh.ErrorKind, c gittoken.Cause) error {
	return &codefresh.Error{Kind: k, Service: codefresh.AppProxy, Cause: c}
}

var (
	thereView  = View{Registered: true, AppProxyURL: "https://prod"}
	noRuntime  = View{Missing: MissingRuntime}
	noAddress  = View{Registered: true}
	noneListed = View{Missing: MissingIntegration, AppProxyURL: "https://prod"}
)

// A place is waited for until the last of its parts is there, and what was waited for is told.
func TestAwait(t *testing.T) {
	t.Parallel()

	silent := atAppProxy(codefresh.Unreachable, "")
	for name, test := range map[string]struct {
		stages  []stage
		limit   time.Duration
		want    View
		err     error
		parts   []Part
		time    time.Duration
		reports int
	}{
		"there at once": {stages: []stage{{view: thereView}}, limit: time.Minute, want: thereView},
		"not to be waited for": {
			stages: []stage{{view: noRuntime}, {from: time.Second, view: thereView}}, want: noRuntime,
		},
		"without a limit, reaching is not asked for": {
			stages: []stage{{view: thereView, reach: silent}}, want: thereView,
		},
		"part after part": {
			stages: []stage{
				{view: noRuntime},
				{from: 50 * time.Second, view: noAddress, reach: atAppProxy(codefresh.NoAppProxy, "")},
				{from: 100 * time.Second, view: thereView, reach: silent},
				{from: 150 * time.Second, view: noneListed},
				{from: 200 * time.Second, view: thereView},
			},
			limit: 10 * time.Minute, want: thereView, reports: 3,
			parts: []Part{PartRuntime, PartAddress, PartAppProxy, PartIntegration}, time: 209 * time.Second,
		},
		"never": {
			stages: []stage{{view: noRuntime}}, limit: 95 * time.Second, want: noRuntime, parts: []Part{PartRuntime},
			time: 95 * time.Second, reports: 1,
		},
		"never answering": {
			stages: []stage{{view: thereView, err: silent}}, limit: time.Minute, want: thereView, err: silent,
			parts: []Part{PartAppProxy}, time: time.Minute, reports: 0,
		},
		"what time does not mend ends the wait": {
			stages: []stage{
				{view: noRuntime},
				{from: 10 * time.Second, view: thereView, reach: atAppProxy(codefresh.KeyRefused, "")},
			},
			limit: time.Minute, want: thereView, err: atAppProxy(codefresh.KeyRefused, ""), parts: []Part{PartRuntime},
			time: 14 * time.Second,
		},
		"the platform has a hiccup meanwhile": {
			stages: []stage{
				{view: noRuntime},
				{from: 10 * time.Second, err: &codefresh.Error{
					Kind: codefresh.Unreachable, Service: codefresh.Platform, Op: "runtime",
				}},
				{from: 40 * time.Second, view: thereView},
			},
			limit: time.Minute, want: thereView, parts: []Part{PartRuntime}, time: 44 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				var reports []Waited

				place := &growing{now: time.Now, stages: test.stages}

				view, waited, err := Await(t.Context(), place, patient(test.limit, &reports))
				if diff := cmp.Diff(test.want, view); diff != "" {
					t.Errorf("view (-want +got):\n%s", diff)
				}

				if (err == nil) != (test.err == nil) || err != nil && err.Error() != test.err.Error() {
					t.Errorf("error %v, want %v", err, test.err)
				}

				if diff := cmp.Diff(Waited{For: test.parts, Time: test.time}, waited); diff != "" {
					t.Errorf("waited (-want +got):\n%s", diff)
				}

				if len(reports) != test.reports {
					t.Errorf("%d reports, want %d: %v", len(reports), test.reports, reports)
				}

				if place.fresh[0] != Located || slices.ContainsFunc(place.fresh[1:], func(f Freshness) bool {
					return f != AllFresh
				}) {
					t.Errorf("asked with freshness %v", place.fresh)
				}
			})
		})
	}
}

// What an app-proxy that is being installed looks like from here is waited for, and nothing else.
func TestLacking(t *testing.T) {
	t.Parallel()

	byProxy := func(status int) error {
		return errors.Join(atAppProxy(codefresh.Unreachable, gittoken.CauseProxy), &transport.ProxyError{Status: status})
	}
	for name, test := range map[string]struct {
		view View
		err  error
		want Part
	}{
		"all there":               {view: thereView},
		"no runtime":              {view: noRuntime, want: PartRuntime},
		"no integration":          {view: noneListed, want: PartIntegration},
		"no address":              {view: noAddress, err: atAppProxy(codefresh.NoAppProxy, ""), want: PartAddress},
		"an address that is none": {view: View{AppProxyURL: "ftp://x"}, err: atAppProxy(codefresh.NoAppProxy, "")},
		"404 page": {
			err: atAppProxy(codefresh.Unreachable, gittoken.CauseNotUnderstood), want: PartAppProxy,
		},
		"502":                       {err: atAppProxy(codefresh.Unreachable, gittoken.CauseServerError), want: PartAppProxy},
		"no such name, or refused":  {err: atAppProxy(codefresh.Unreachable, gittoken.CauseNetwork), want: PartAppProxy},
		"no answer":                 {err: atAppProxy(codefresh.Unreachable, gittoken.CauseTimeout), want: PartAppProxy},
		"a certificate of its own":  {err: atAppProxy(codefresh.Unreachable, gittoken.CauseTLS), want: PartAppProxy},
		"a proxy that finds none":   {err: byProxy(503), want: PartAppProxy},
		"a proxy that refuses":      {err: byProxy(407)},
		"a redirect":                {err: atAppProxy(codefresh.Unreachable, gittoken.CauseRedirect)},
		"http:// to TLS":            {err: atAppProxy(codefresh.Unreachable, gittoken.CauseScheme)},
		"http:// beyond loopback":   {err: atAppProxy(codefresh.Insecure, gittoken.CauseInsecure)},
		"a refused key":             {err: atAppProxy(codefresh.KeyRefused, "")},
		"another server":            {err: atAppProxy(codefresh.NotUnderstood, gittoken.CauseNotUnderstood)},
		"refused":                   {err: atAppProxy(codefresh.Refused, "")},
		"the platform, unreachable": {err: &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.Platform}},
		"no key":                    {err: ErrKeyMissing},
		"wrapped": {
			err:  errors.Join(errors.New("x"), atAppProxy(codefresh.Unreachable, gittoken.CauseNetwork)),
			want: PartAppProxy,
		},
	} {
		if got := lacking(test.view, test.err); got != test.want {
			t.Errorf("%s: lacks %q, want %q", name, got, test.want)
		}
	}
}

// The end of the context ends the wait at once, and what was missing is what is told.
func TestAwaitCancelled(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 31*time.Second)
		defer cancel()

		var reports []Waited

		start := time.Now()
		view, waited, err := Await(ctx, &growing{now: time.Now, stages: []stage{{view: noRuntime}}},
			patient(time.Hour, &reports))

		if got := time.Since(start); got != 31*time.Second {
			t.Errorf("it ended after %s", got)
		}

		if view.Missing != MissingRuntime || err != nil {
			t.Errorf("missing is %q, error %v", view.Missing, err)
		}

		want := Waited{For: []Part{PartRuntime}, Time: 31 * time.Second, Cancelled: true}
		if diff := cmp.Diff(want, waited); diff != "" {
			t.Errorf("waited (-want +got):\n%s", diff)
		}
	})
}

// hanging is a place that is missing, and then does not answer until the question is given up.
type hanging struct{ growing }

func (h *hanging) Read(ctx context.Context, f Freshness) (View, error) {
	if f == Located {
		return noRuntime, nil
	}

	<-ctx.Done()

	return View{}, atAppProxy(codefresh.Unreachable, gittoken.CauseTimeout)
}

// A question that hangs holds up neither the end of the time nor that of the context.
func TestAwaitHanging(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		cancelled time.Duration // after so long; 0 is not at all
		want      time.Duration
		err       bool
	}{
		"until the time is up":  {want: 2 * time.Minute, err: true},
		"until it is cancelled": {cancelled: 10 * time.Second, want: 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()

				if test.cancelled > 0 {
					time.AfterFunc(test.cancelled, cancel)
				}

				var reports []Waited

				start := time.Now()
				view, waited, err := Await(ctx, &hanging{}, patient(2*time.Minute, &reports))

				if took := time.Since(start); took < test.want || took > test.want+lastChance {
					t.Errorf("it took %s", took)
				}

				if waited.Cancelled != (test.cancelled > 0) || (err != nil) != test.err {
					t.Errorf("waited %v, error %v", waited, err)
				}

				if missing := view.Missing == MissingRuntime; missing == test.err {
					t.Errorf("view %v", view)
				}
			})
		})
	}
}

// What sends nothing needs no app-proxy.
func TestAwaitWithoutSending(t *testing.T) {
	t.Parallel()

	var reports []Waited

	p := patient(time.Hour, &reports)
	p.Sends = false

	place := &growing{now: time.Now, stages: []stage{{view: thereView, reach: atAppProxy(codefresh.Unreachable, "")}}}
	if view, waited, err := Await(t.Context(), place, p); err != nil || waited.Time != 0 || view.Missing != "" {
		t.Errorf("%v, %v, %v", view, waited, err)
	}
}

// A clock that stands still and pauses that take no time do not make a wait endless.
func TestAwaitWithoutTime(t *testing.T) {
	t.Parallel()

	var reports []Waited

	still := func() time.Time { return time.Time{} }
	p := patient(10*time.Minute, &reports)
	p.Now, p.Waits = still, memo.New[WaitKey, Waited](still)
	p.Wait = func(context.Context, time.Duration) error { return nil }

	place := &growing{now: still, stages: []stage{{view: noRuntime}}}
	if view, waited, _ := Await(t.Context(), place, p); view.Missing == "" || waited.Time != 10*time.Minute {
		t.Errorf("%v after %v", view, waited)
	}

	if place.asked > 60 || len(reports) != 9 {
		t.Errorf("asked %d times, reported %d times", place.asked, len(reports))
	}
}

// Of many who wait for the same place one asks, so that what a wait costs does not grow with their number. Who gives
// up earlier takes nothing away from the others.
func TestAwaitTogether(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		const many = 50

		var reports []Waited

		p := patient(10*time.Minute, &reports)
		place := &growing{now: time.Now, stages: []stage{{view: noRuntime}, {from: 3 * time.Minute, view: thereView}}}
		alone := &growing{now: time.Now, stages: place.stages}

		var group sync.WaitGroup

		told := make([]Waited, many)
		for i := range many {
			group.Go(func() {
				mine := p
				if i == 0 {
					mine.Limit = time.Minute
				}

				view, waited, err := Await(t.Context(), place, mine)
				if missing := view.Missing != ""; missing != (i == 0) || err != nil {
					t.Errorf("%d: %v, %v", i, view, err)
				}

				told[i] = waited
			})
			synctest.Wait() // so that the first one asks for all
		}

		group.Wait()

		if _, _, err := Await(t.Context(), alone, patient(10*time.Minute, &reports)); err != nil {
			t.Error(err)
		}
		// Each looks twice for itself, once more when one who asked is done, and there were two of those.
		if limit := alone.asked + 4*many; place.asked > limit {
			t.Errorf("%d questions for %d who wait, and %d for one", place.asked, many, alone.asked)
		}

		asking := 0

		for _, w := range told {
			if len(w.For) > 0 {
				asking++
			}
		}

		if asking != 2 {
			t.Errorf("%d asked", asking)
		}
	})
}

// Whatever an app-proxy answers, it answers.
func TestReach(t *testing.T) {
	t.Parallel()

	for kind, want := range map[codefresh.ErrorKind]bool{
		"": true, codefresh.Refused: true, codefresh.NoSuchOperation: true, codefresh.RateLimited: true,
		codefresh.Unreachable: false, codefresh.KeyRefused: false, codefresh.NotUnderstood: false,
		codefresh.NoAppProxy: false,
	} {
		api := fakeCodefresh{}
		if kind != "" {
			api.versionErr = atAppProxy(kind, "")
		}

		err := RuntimeToken{API: &api, Runtime: "prod"}.Reach(t.Context(), View{AppProxyURL: "https://prod"})
		if (err == nil) != want || strings.Join(api.asked, ",") != "version of prod at https://prod" {
			t.Errorf("%q: %v, asked %v", kind, err, api.asked)
		}
	}

	api := fakeCodefresh{}
	if err := (UserToken{API: &api}).Reach(t.Context(), View{}); err != nil || len(api.asked) > 0 {
		t.Errorf("a user's: %v, asked %v", err, api.asked)
	}

	if err := (Unavailable{ErrKeyMissing}).Reach(t.Context(), View{}); !errors.Is(err, ErrKeyMissing) {
		t.Error(err)
	}
}
