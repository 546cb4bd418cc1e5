package main

import (
	"context"
	"slices"
	"time"
)

// step is what is measured of one subject.
type step func(ctx context.Context) (spent, error)

// runs is a step that runs Terraform.
func (s *subject) runs(args []string) step {
	return func(ctx context.Context) (spent, error) { return s.do(ctx, args) }
}

// measure takes the steps in turn, so that all meet the same moods of the machine, and returns the median of each. With
// warm, a round before those that count fills the machine's caches.
func measure(ctx context.Context, runs int, warm bool, steps ...step) ([]spent, error) {
	all := make([][]spent, len(steps))

	if warm {
		runs++
	}

	for i := range runs {
		for j, take := range steps {
			took, err := take(ctx)
			if err != nil {
				return nil, err
			}

			if !warm || i > 0 {
				all[j] = append(all[j], took)
			}
		}
	}

	medians := make([]spent, len(steps))
	for i, runs := range all {
		medians[i] = medianOf(runs)
	}

	return medians, nil
}

// medianOf returns the median of each figure by itself.
func medianOf(runs []spent) spent {
	return spent{
		wall:     median(runs, func(s spent) time.Duration { return s.wall }),
		cpu:      median(runs, func(s spent) time.Duration { return s.cpu }),
		provider: median(runs, func(s spent) time.Duration { return s.provider }),
		memory:   median(runs, func(s spent) int64 { return s.memory }),
	}
}

func median[Run any, Figure ~int64](runs []Run, of func(Run) Figure) Figure {
	all := make([]Figure, 0, len(runs))
	for _, run := range runs {
		all = append(all, of(run))
	}

	slices.Sort(all)

	middle := len(all) / 2
	if len(all)%2 == 1 {
		return all[middle]
	}

	return (all[middle-1] + all[middle]) / 2
}
