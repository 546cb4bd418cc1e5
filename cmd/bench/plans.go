package main

import (
	"context"
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
	// many is how many resources are costly.
	many = 1000
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
	var plans [][]spent

	for i, resources := range o.resources {
		w, err := newWorld(resources, o.tokens)
		if err != nil {
			return err
		}

		of, err := measureSize(ctx, r, b, o, w, i == 0)
		w.Close()

		if err != nil {
			return err
		}

		plans = append(plans, of)
	}

	if last := len(plans) - 1; last > 0 {
		r.growth(o.resources[0], o.resources[last], plans[0], plans[last])
	}

	return nil
}

// measureSize measures one number of resources, and returns what plans with the provider and with the one that does
// nothing took. The first number also tells what does not depend on it: the start, and the share of the repositories.
func measureSize(ctx context.Context, r *report, b binaries, o options, w *world, first bool) ([]spent, error) {
	t, err := newSubjects(w, b)
	if err != nil {
		return nil, err
	}

	runs, creations := o.runs, 1
	if w.resources > many {
		runs = min(runs, fewRuns)
	}

	if first {
		creations = min(runs, fewRuns)
	}

	r.section("do-nothing", "%d resources that share %d token(s), median of %d runs", w.resources, o.tokens, runs)

	created, err := measure(ctx, creations, false, t.creates(t.codefresh), t.creates(t.idle))
	if err != nil {
		return nil, err
	}

	of := fmt.Sprintf("of %d", w.resources)
	if first {
		r.times("create "+of, created[0], created[1], createGoal)
	}

	w.ForgetRequests()

	if _, err := t.codefresh.do(ctx, plan); err != nil {
		return nil, err
	}

	asked := len(w.Requests())

	steps := []step{t.codefresh.runs(plan), t.idle.runs(plan)}
	if first {
		if _, err := measure(ctx, 1, false, t.creates(t.listed), t.creates(t.bare)); err != nil {
			return nil, err
		}

		steps = append(steps, t.listed.runs(plan), t.bare.runs(plan))
	}

	plans, err := measure(ctx, runs, first, steps...)
	if err != nil {
		return nil, err
	}

	r.times("plan "+of, plans[0], plans[1], planGoal)
	r.memory("plan "+of, plans[0], plans[1])
	r.number("plan "+of+": HTTP requests", float64(asked))

	if !first {
		return plans, nil
	}

	r.share("plan "+of, plans)

	starts, err := measure(ctx, startRuns*o.runs, true, t.codefresh.runs(schemas), t.idle.runs(schemas))
	if err != nil {
		return nil, err
	}

	r.times("start (schemas)", starts[0], starts[1], startGoal)

	return plans, nil
}
