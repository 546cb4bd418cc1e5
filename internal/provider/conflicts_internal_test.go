package provider

import "testing"

func TestPlacesPlan(t *testing.T) {
	t.Parallel()

	kept, sent, left := func(h string) stake { return stake{h, keeps} }, func(h string) stake { return stake{h, sends} },
		func(h string) stake { return stake{h, leaves} }
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
		"one goes, the other sends":      {[]stake{left("a")}, sent("b"), noConflict},
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
