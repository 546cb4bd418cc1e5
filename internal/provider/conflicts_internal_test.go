package provider

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestPlacesPlan(t *testing.T) {
	t.Parallel()

	by := func(u use, days int) func(h string) stake {
		return func(h string) stake {
			s := stake{holder: h, use: u}
			if days > 0 {
				s.since = time.Date(2026, 11, days, 0, 0, 0, 0, time.UTC)
			}

			return s
		}
	}
	kept, sent, left := by(keeps, 0), by(sends, 0), by(leaves, 0)

	keptSince, leftSince := func(h string, day int) stake { return by(keeps, day)(h) },
		func(h string, day int) stake { return by(leaves, day)(h) }
	for name, test := range map[string]struct {
		earlier []stake
		now     stake
		want    conflict
	}{
		"first":                            {nil, sent(""), noConflict},
		"itself again":                     {[]stake{kept("a")}, kept("a"), noConflict},
		"itself, to be sent":               {[]stake{kept("a")}, sent("a"), noConflict},
		"two new resources":                {[]stake{sent("")}, sent(""), duplicates},
		"two that are in the state":        {[]stake{kept("a")}, kept("b"), maybeConflict},
		"a new one beside one of the past": {[]stake{kept("a")}, sent(""), maybeConflict},
		"one of the past beside a new one": {[]stake{sent("")}, kept("a"), maybeConflict},
		"a third new one":                  {[]stake{kept("a"), sent("")}, sent(""), duplicates},
		"two that were imported":           {[]stake{kept(imported)}, kept(imported), maybeConflict},
		"an imported one that is replaced": {[]stake{kept(imported)}, sent(""), maybeConflict},

		"renamed":                        {[]stake{left("a")}, sent(""), noConflict},
		"renamed, the new name first":    {[]stake{sent("")}, left("a"), noConflict},
		"one goes, the other is kept":    {[]stake{left("a")}, kept("b"), takesAway},
		"one is kept, the other goes":    {[]stake{kept("b")}, left("a"), takesAway},
		"one goes, the other sends":      {[]stake{left("a")}, sent("b"), supersedes},
		"one sends, the other goes":      {[]stake{sent("b")}, left("a"), supersedes},
		"the older one goes":             {[]stake{leftSince("a", 1)}, keptSince("b", 2), supersedes},
		"the younger one is kept":        {[]stake{keptSince("b", 2)}, leftSince("a", 1), takesAway},
		"the younger one goes":           {[]stake{leftSince("a", 2)}, keptSince("b", 1), takesAway},
		"of unknown age, one goes":       {[]stake{left("a")}, keptSince("b", 1), supersedes},
		"of unknown age, one is kept":    {[]stake{leftSince("a", 1)}, kept("b"), takesAway},
		"the older one and another go":   {[]stake{keptSince("b", 2), leftSince("a", 1)}, leftSince("c", 3), takesAway},
		"all go":                         {[]stake{left("a"), left("b")}, left("c"), noConflict},
		"two of three go":                {[]stake{left("a"), kept("b")}, left("c"), takesAway},
		"one goes, imported ones remain": {[]stake{left("a")}, kept(imported), takesAway},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newPlaces()

			here, elsewhere := place{runtime: "here"}, place{runtime: "elsewhere"}
			for _, s := range test.earlier {
				p.stake(here, s)
			}

			p.stake(elsewhere, sent(""))

			if got := p.stake(here, test.now); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestPlacesHeldByAnother(t *testing.T) {
	t.Parallel()

	p, here := newPlaces(), place{runtime: "here", user: "u1"}
	if p.heldByAnother(here, "a") {
		t.Error("held before anybody wrote")
	}

	p.wrote(here, "a")

	if p.heldByAnother(here, "a") || !p.heldByAnother(here, "b") {
		t.Error("the writer is not told from others")
	}

	if p.heldByAnother(place{runtime: "here", user: "u2"}, "b") {
		t.Error("another user's place is held")
	}

	p.wrote(here, "b")

	if !p.heldByAnother(here, "a") {
		t.Error("the last writer does not hold it")
	}
}

func TestPlacesLock(t *testing.T) {
	t.Parallel()

	p, here := newPlaces(), place{runtime: "here"}
	count, done := 0, make(chan bool)

	for range 8 {
		go func() {
			for range 500 {
				unlock := p.lock(here)
				count++

				unlock()
			}

			done <- true
		}()
	}

	for range 8 {
		<-done
	}

	if count != 4000 {
		t.Errorf("%d of 4000: two had the place at once", count)
	}

	defer p.lock(here)()

	p.lock(place{runtime: "elsewhere"})() // which is another lock
}

func TestPlacesRefreshed(t *testing.T) {
	t.Parallel()

	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	here := place{runtime: "here", user: "u1"}
	self := stake{holder: "a", since: day(2)}

	for name, test := range map[string]struct {
		found, ended, planned  []stake
		superseded, supersedes bool
	}{
		"alone":                           {},
		"beside an older":                 {found: []stake{{holder: "b", since: day(1)}}},
		"after an older":                  {ended: []stake{{holder: "b", since: day(1)}}, supersedes: true},
		"beside a younger":                {found: []stake{{holder: "b", since: day(3)}}, superseded: true},
		"after a younger":                 {ended: []stake{{holder: "b", since: day(3)}}, superseded: true},
		"a plan knows of a younger":       {planned: []stake{{holder: "b", since: day(3)}}, superseded: true},
		"a plan has a younger leave":      {planned: []stake{{holder: "b", use: leaves, since: day(3)}}},
		"a plan knows of one that is new": {planned: []stake{{use: sends}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newPlaces()

			p.found(place{runtime: "elsewhere", user: "u1"}, stake{holder: "c", since: day(4)})

			for _, s := range append(test.found, test.ended...) {
				p.found(here, s)
			}

			for _, s := range test.ended {
				p.refreshed(here, s)
			}

			for _, s := range test.planned {
				p.stake(here, s)
			}

			p.found(here, self)

			if superseded, supersedes := p.refreshed(here, self); superseded != test.superseded ||
				supersedes != test.supersedes {
				t.Errorf("superseded: %t; supersedes: %t", superseded, supersedes)
			}
		})
	}
}

func TestPlacesUsedByAnother(t *testing.T) {
	t.Parallel()

	here := place{runtime: "here", user: "u1"}

	for name, test := range map[string]struct {
		happened func(p *places)
		want     bool
	}{
		"nothing":                {func(*places) {}, false},
		"its own plan":           {func(p *places) { p.stake(here, stake{holder: "a", use: sends}) }, false},
		"its own token":          {func(p *places) { p.wrote(here, "a") }, false},
		"another one's token":    {func(p *places) { p.wrote(here, "b") }, true},
		"another one's plan":     {func(p *places) { p.stake(here, stake{holder: "b", use: sends}) }, true},
		"a new one's plan":       {func(p *places) { p.stake(here, stake{use: sends}) }, true},
		"another one that stays": {func(p *places) { p.stake(here, stake{holder: "b"}) }, true},
		"another one that goes":  {func(p *places) { p.stake(here, stake{holder: "b", use: leaves}) }, false},
		"another user's":         {func(p *places) { p.wrote(place{runtime: "here", user: "u2"}, "b") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newPlaces()
			test.happened(p)

			if got := p.usedByAnother(here, "a"); got != test.want {
				t.Errorf("used by another: %t", got)
			}
		})
	}
}

func TestPlacesKnowsOlder(t *testing.T) {
	t.Parallel()

	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	here, self := place{runtime: "here", user: "u1"}, stake{holder: "a", since: day(2)}

	for name, test := range map[string]struct {
		planned stake
		want    bool
	}{
		"an older one":  {stake{holder: "b", since: day(1)}, true},
		"a younger one": {stake{holder: "b", since: day(3)}, false},
		"a new one":     {stake{use: sends}, false},
		"itself":        {stake{holder: "a", since: day(1)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newPlaces()
			p.stake(here, test.planned)

			if got := p.knowsOlder(here, []string{"u0", "u1"}, self); got != test.want {
				t.Errorf("known: %t", got)
			}

			if p.knowsOlder(here, []string{"u2"}, self) {
				t.Error("one at another place is known")
			}
		})
	}
}

// The plan of another resource of the state is waited for where a refresh of this process came upon this one: Terraform
// plans both then, in any order. Without a refresh, nobody can tell whether there is another.
func TestPlacesAwaitOthers(t *testing.T) {
	t.Parallel()

	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	here, users := place{runtime: "here", user: "u1"}, []string{"u0", "u1"}
	self, older, younger := stake{holder: "a", since: day(2)}, stake{holder: "b", since: day(1)},
		stake{holder: "c", since: day(3)}

	for name, test := range map[string]struct {
		found bool // whether a refresh came upon the resource
		later []stake
		await func(ctx context.Context, p *places) bool
		want  bool
	}{
		"an older one": {
			found: true, later: []stake{younger, older}, want: true,
			await: func(ctx context.Context, p *places) bool { return p.awaitOlder(ctx, here, users, self) },
		},
		"no older one": {
			found: true, later: []stake{younger},
			await: func(ctx context.Context, p *places) bool { return p.awaitOlder(ctx, here, users, self) },
		},
		"an older one, without a refresh": {
			later: []stake{older},
			await: func(ctx context.Context, p *places) bool { return p.awaitOlder(ctx, here, users, self) },
		},
		"a younger one": {
			later: []stake{older, younger}, want: true,
			await: func(ctx context.Context, p *places) bool { return p.awaitYounger(ctx, here, self) },
		},
		"no younger one": {
			later: []stake{older},
			await: func(ctx context.Context, p *places) bool { return p.awaitYounger(ctx, here, self) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlaces()
				if test.found {
					p.found(here, self)
				}

				go func() {
					for _, s := range test.later {
						time.Sleep(time.Second)
						p.stake(here, s)
					}
				}()

				ctx, cancel := context.WithTimeout(t.Context(), otherPlanLimit)
				defer cancel()

				if got := test.await(ctx, p); got != test.want {
					t.Errorf("it was awaited: %t", got)
				}

				time.Sleep(otherPlanLimit)
			})
		})
	}
}
