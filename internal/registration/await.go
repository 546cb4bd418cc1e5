package registration

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Part is a part of a runtime that a token needs. They appear one after the other while a runtime is being installed.
type Part string

// The parts, in the order in which they appear.
const (
	PartRuntime     Part = MissingRuntime     // the platform knows the runtime
	PartAddress     Part = "address"          // the platform knows the address of its app-proxy
	PartAppProxy    Part = "app-proxy"        // its app-proxy answers
	PartIntegration Part = MissingIntegration // it has the Git integration
)

// Patience says how long to wait for a place that is not there yet, and with what.
type Patience struct {
	Limit time.Duration // 0: not at all
	Sends bool          // whether a token is to be sent, for which the app-proxy must answer
	Now   func() time.Time
	// Wait pauses, and returns early, with an error, when ctx ends.
	Wait func(ctx context.Context, d time.Duration) error
	// Report is told about once a minute what the wait has come to.
	Report func(Waited)
	// Of all who share Waits and have the same Key, one asks and the others wait for what it finds.
	Waits *memo.Memo[WaitKey, Waited]
	Key   WaitKey
}

// WaitKey tells what is waited for from what others wait for: the integration is empty for a runtime's token.
type WaitKey struct {
	Type                 gittoken.Type
	Runtime, Integration string
}

// Waited is what a wait came to.
type Waited struct {
	// For is what was not there, in the order in which it came to be waited for; empty if somebody else did the waiting.
	For       []Part
	Time      time.Duration
	Cancelled bool
}

// How often a place is asked about.
const (
	firstPause  = 2 * time.Second // doubles with every question
	maxPause    = 15 * time.Second
	reportEvery = time.Minute
	lastChance  = 30 * time.Second // what a question may take that is asked when the time is nearly up
)

// Await reads a place, as Located, and waits until it is there: until the platform knows the runtime and,
// for a user's token, the integration is there, and until the app-proxy answers if that is needed. It returns what Read
// does: a place that is still not there when the time is up, or when ctx ends, is missing, or gives the error that says
// what does not answer.
func Await(ctx context.Context, p Place, patience Patience) (View, Waited, error) {
	view, err := p.Read(ctx, Located)
	if patience.Limit <= 0 {
		return view, Waited{}, err
	}

	w := waiting{Patience: patience, place: p, start: patience.Now()}
	if w.view, w.err = w.reach(ctx, view, err); w.lacks() == "" {
		return w.view, Waited{}, w.err
	}

	w.ask(ctx) // what was remembered may be older than what this apply has installed

	if ctx.Err() == nil && w.lacks() == "" {
		return w.view, Waited{}, w.err
	}

	for w.lacks() != "" && w.elapsed() < w.Limit && ctx.Err() == nil {
		asked := false
		// Only what comes while this one waits is of use: hence the age. The error is that of ctx.
		_, _ = w.Waits.Get(ctx, w.Key, -1, func(ctx context.Context) Waited {
			asked = true

			w.poll(ctx)

			return w.waited()
		})
		if !asked && ctx.Err() == nil {
			w.ask(ctx)
		}
	}

	done := w.waited()
	done.Cancelled = ctx.Err() != nil

	return w.view, done, w.err
}

// waiting is one wait under way.
type waiting struct {
	Patience

	place    Place
	start    time.Time
	slept    time.Duration
	reported time.Duration // when it was last reported
	pauses   int
	last     Part   // what was missing when the platform was last understood
	parts    []Part // what this one waited for itself
	view     View
	err      error
}

// poll asks again and again until the place lacks nothing, the time is up or ctx ends.
func (w *waiting) poll(ctx context.Context) {
	for {
		part, left := w.lacks(), w.Limit-w.elapsed()
		if part != "" && !slices.Contains(w.parts, part) {
			w.parts = append(w.parts, part)
		}

		if part == "" || left <= 0 {
			return
		}

		if elapsed := w.elapsed(); elapsed-w.reported >= reportEvery {
			w.reported = elapsed
			w.Report(w.waited())
		}

		pause := min(firstPause<<min(w.pauses, 10), maxPause, left)

		w.pauses++
		if w.Wait(ctx, pause) != nil {
			return
		}

		w.slept += pause
		w.ask(ctx)
	}
}

// ask asks once, for no longer than the wait may last. What is cut off by the end of ctx says nothing.
func (w *waiting) ask(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, max(w.Limit-w.elapsed(), lastChance))
	defer cancel()

	view, err := w.place.Read(limited, AllFresh)

	view, err = w.reach(limited, view, err)
	if ctx.Err() == nil {
		w.view, w.err = view, err
	}
}

// lacks returns the part that the place lacks. That the platform, which could be asked before, does not answer about
// the runtime now is no reason to give up.
func (w *waiting) lacks() Part {
	part := lacking(w.view, w.err)
	if part == "" && hiccup(w.err) {
		return w.last
	}

	w.last = part

	return part
}

// elapsed goes by the clock, and by the pauses made where the clock does not move.
func (w *waiting) elapsed() time.Duration { return max(w.Now().Sub(w.start), w.slept) }

func (w *waiting) waited() Waited { return Waited{For: slices.Clone(w.parts), Time: w.elapsed()} }

// reach asks whether a place that Read found can be reached, where reading it did not show that.
func (w *waiting) reach(ctx context.Context, v View, err error) (View, error) {
	if err != nil || v.Missing != "" || !w.Sends {
		return v, err
	}

	return v, w.place.Reach(ctx, v)
}

// lacking returns the part that a place still lacks, by what Read and Reach found. It is empty for one that lacks none,
// and for what time does not mend: a refused API key, above all.
func lacking(v View, err error) Part {
	if err == nil {
		return Part(v.Missing)
	}

	problem := (*codefresh.Error)(nil)
	if !errors.As(err, &problem) || problem.Service != codefresh.AppProxy {
		return ""
	}

	switch {
	case problem.Kind == codefresh.NoAppProxy && v.AppProxyURL == "":
		return PartAddress
	case problem.Kind == codefresh.Unreachable && comesUp(problem.Cause, err):
		return PartAppProxy
	}

	return ""
}

// comesUp reports whether an app-proxy that does not answer may do so once it is installed. A name that is not known, a
// connection that is refused, the page of an ingress controller or of a tunnel without a client, and the certificate
// that an ingress controller shows until it has a real one are what an installation looks like from outside.
func comesUp(c gittoken.Cause, err error) bool {
	switch c {
	case "", gittoken.CauseNetwork, gittoken.CauseTimeout, gittoken.CauseServerError, gittoken.CauseTLS,
		gittoken.CauseNotUnderstood:
		return true
	case gittoken.CauseProxy:
		// A proxy that finds no such server says so with a 5xx, and with a 4xx that it lets nobody through.
		refusal := (*transport.ProxyError)(nil)

		return errors.As(err, &refusal) && refusal.Status >= http.StatusInternalServerError
	}

	return false
}

// hiccup reports whether the platform, which could be asked before, could not tell about the runtime this time.
func hiccup(err error) bool {
	problem := (*codefresh.Error)(nil)

	return errors.As(err, &problem) && problem.Service == codefresh.Platform && problem.Op == "runtime" &&
		(problem.Kind == codefresh.Unreachable || problem.Kind == codefresh.RateLimited)
}
