package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/codefresh-gitops/terraform-provider-codefresh/cmd/bench/idle"
)

// The goals: what the provider may cost beside one that does nothing.
const (
	planGoal   = 1.10
	createGoal = 1.25
	startGoal  = 1.05
	shareGoal  = 0.02 // of the ratio, for the repositories that Codefresh uses
	growthGoal = 1.05 // of the cost of one resource, from the fewest resources to the most
	memoryGoal = 60 << 20
)

const (
	// startRuns is how often the start is run for each run of a plan: it is short, and so varies more.
	startRuns = 5
	// fewRuns is how often the most costly is run, at most.
	fewRuns = 3
)

// subjects are what is measured: the provider as it is, one that is told to look at no repository of Codefresh's, and
// beside each the one that does nothing, with values as theirs.
type subjects struct {
	world                         *world
	codefresh, idle, listed, bare *subject
}

func newSubjects(w *world, b binaries) (subjects, error) {
	t := subjects{world: w}
	for _, s := range []struct {
		made           **subject
		name, provider string
		settings, env  []string
	}{
		{&t.codefresh, "codefresh", "codefresh", nil, nil},
		{&t.idle, "idle", "donothing", nil, nil},
		{&t.listed, "listed", "codefresh", []string{`check_repositories = "listed"`}, nil},
		{&t.bare, "bare", "donothing", nil, []string{idle.VariantVariable + "=" + idle.Bare}},
	} {
		var err error

		*s.made, err = b.subject(fmt.Sprintf("%s-%d", s.name, w.resources), s.provider,
			w.configuration(s.provider, s.settings...), s.env...)
		if err != nil {
			return t, err
		}
	}

	return t, nil
}

// creates is a step that creates everything.
func (t subjects) creates(s *subject) step {
	return func(ctx context.Context) (spent, error) {
		if err := s.forget(); err != nil {
			return spent{}, err
		}

		if s == t.codefresh || s == t.listed {
			if err := t.world.unregister(); err != nil {
				return spent{}, err
			}
		}

		return s.do(ctx, apply)
	}
}

func measurePlans(ctx context.Context, r *report, b binaries, o options) error {
	w, err := newWorld(o.resources[0], o.tokens)
	if err != nil {
		return err
	}
	defer w.Close()

	fewest, err := measureFewest(ctx, r, b, o, w)
	if err != nil {
		return err
	}

	for _, resources := range o.resources[1:] {
		if err := measureMore(ctx, r, b, o, w, fewest, resources); err != nil {
			return err
		}
	}

	return nil
}

// measureFewest measures the fewest resources, and what does not depend on their number: the start, and the share of
// the repositories.
func measureFewest(ctx context.Context, r *report, b binaries, o options, w *world) (subjects, error) {
	t, err := newSubjects(w, b)
	if err != nil {
		return t, err
	}

	r.section("do-nothing", "%d resources that share %d token(s), median of %d runs", w.resources, o.tokens, o.runs)

	created, err := measure(ctx, min(o.runs, fewRuns), false, t.creates(t.codefresh), t.creates(t.idle))
	if err != nil {
		return t, err
	}

	of := fmt.Sprintf("of %d", w.resources)
	r.times("create "+of, created[0], created[1], createGoal)

	if _, err := measure(ctx, 1, false, t.creates(t.listed), t.creates(t.bare)); err != nil {
		return t, err
	}

	plans, err := t.plans(ctx, r, o.runs, true, t.listed.runs(plan), t.bare.runs(plan))
	if err != nil {
		return t, err
	}

	r.share("plan "+of, plans)

	starts, err := measure(ctx, startRuns*o.runs, true, t.codefresh.runs(schemas), t.idle.runs(schemas))
	if err != nil {
		return t, err
	}

	r.times("start (schemas)", starts[0], starts[1], startGoal)

	return t, nil
}

// measureMore measures plans of more resources, and in turn with them those of the fewest once more: what one resource
// costs is compared at one time, and in one account. Nobody waits for their creation, most of which would be
// Terraform's own time: their states grow from those of the fewest.
func measureMore(
	ctx context.Context, r *report, b binaries, o options, w *world, fewest subjects, resources int,
) error {
	from := w.resources
	if err := w.grow(resources); err != nil {
		return err
	}

	t, err := newSubjects(w, b)
	if err != nil {
		return err
	}

	if err := errors.Join(
		w.register(), t.codefresh.grow(fewest.codefresh, w), t.idle.grow(fewest.idle, w),
	); err != nil {
		return fmt.Errorf("from %d resources to %d: %w", from, resources, err)
	}

	runs := min(o.runs, fewRuns)
	r.section("do-nothing", "%d resources that share %d token(s), median of %d runs", resources, o.tokens, runs)

	plans, err := t.plans(ctx, r, runs, false, fewest.codefresh.runs(plan), fewest.idle.runs(plan))
	if err != nil {
		return err
	}

	r.growth(o.resources[0], resources, plans[2:], plans[:2])

	return nil
}

// plans measures and reports plans that find nothing to do. Further steps are taken in turn with them.
func (t subjects) plans(ctx context.Context, r *report, runs int, warm bool, further ...step) ([]spent, error) {
	t.world.ForgetRequests()

	if _, err := t.codefresh.do(ctx, plan); err != nil {
		return nil, err
	}

	asked := len(t.world.Requests())

	plans, err := measure(ctx, runs, warm, append([]step{t.codefresh.runs(plan), t.idle.runs(plan)}, further...)...)
	if err != nil {
		return nil, err
	}

	of := fmt.Sprintf("plan of %d", t.world.resources)
	r.times(of, plans[0], plans[1], planGoal)
	r.memory(of, plans[0], plans[1])
	r.number(of+": HTTP requests", float64(asked))

	return plans, nil
}
