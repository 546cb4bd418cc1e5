package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// figure is one thing that was measured.
type figure struct {
	Codefresh float64 `json:"codefresh"`
	// Other is the same of what it is compared with: of the provider that does nothing, mostly. 0 for nothing.
	Other float64 `json:"other,omitempty"`
}

// ratio returns what the figure says by itself: a ratio where there is one.
func (f figure) ratio() float64 {
	if f.Other == 0 {
		return f.Codefresh
	}

	return f.Codefresh / f.Other
}

// release is the file with the figures of a release, by name.
type release struct {
	Version string            `json:"version"`
	Figures map[string]figure `json:"figures"`
}

// readRelease reads the file; without one there is nothing to compare with.
func readRelease(file string) (release, error) {
	var r release

	text, err := os.ReadFile(file) //nolint:gosec // the user names it
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}

	if err != nil {
		return r, err
	}

	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", file, err)
	}

	return r, nil
}

func writeRelease(file, version string, figures map[string]figure) error {
	text, err := json.MarshalIndent(release{Version: version, Figures: figures}, "", "  ")
	if err != nil {
		return err
	}

	return os.WriteFile(file, append(text, '\n'), 0o600)
}

// report prints figures as they come, beside those of the last release.
type report struct {
	out     io.Writer
	before  release
	figures map[string]figure
	missed  []string
}

// section begins a table. other is what the provider is compared with.
func (r *report) section(other, title string, args ...any) {
	then := r.before.Version
	if then == "" {
		then = "before"
	}

	fmt.Fprintf(r.out, "\n%-44s %11s %11s %8s %10s %8s\n", fmt.Sprintf(title, args...), "codefresh", other, "ratio",
		"goal", then)
}

// row prints one figure. A goal of 0 is none.
func (r *report) row(name string, f figure, show func(float64) string, goal string, missed bool) {
	if r.figures == nil {
		r.figures = map[string]figure{}
	}

	r.figures[name] = f

	idle, ratio, then := "", "", "-"
	if f.Other != 0 {
		idle, ratio = show(f.Other), fmt.Sprintf("%.3f", f.ratio())
	}

	if old, known := r.before.Figures[name]; known {
		then = show(old.Codefresh)
		if old.Other != 0 {
			then = fmt.Sprintf("%.3f", old.ratio())
		}
	}

	if missed {
		r.missed = append(r.missed, name)
		then += "  MISSED"
	}

	fmt.Fprintf(r.out, "%-44s %11s %11s %8s %10s %8s\n", name, show(f.Codefresh), idle, ratio, goal, then)
}

func (r *report) ratioRow(name string, f figure, show func(float64) string, goal float64) {
	if goal == 0 {
		r.row(name, f, show, "", false)

		return
	}

	r.row(name, f, show, fmt.Sprintf("<= %.2f", goal), f.ratio() > goal)
}

// times prints what a command took. The goal is one for the whole of it, by the clock and in CPU time.
func (r *report) times(what string, codefresh, idle spent, goal float64) {
	of := func(pick func(spent) time.Duration) figure {
		return figure{pick(codefresh).Seconds(), pick(idle).Seconds()}
	}
	r.ratioRow(what+": wall", of(func(s spent) time.Duration { return s.wall }), seconds, goal)
	r.ratioRow(what+": CPU", of(func(s spent) time.Duration { return s.cpu }), seconds, goal)
	r.ratioRow(what+": CPU, provider only", of(func(s spent) time.Duration { return s.provider }), seconds, 0)
}

func (r *report) memory(what string, codefresh, idle spent) {
	r.row(what+": memory of the provider", figure{float64(codefresh.memory), float64(idle.memory)}, mebibytes,
		fmt.Sprintf("< %d MiB", memoryGoal>>20), codefresh.memory >= memoryGoal)
}

// share prints what of the ratio is due to the repositories that Codefresh uses: the ratio with them, less that without
// them. plans are those of the provider and of the one that does nothing, with and without.
func (r *report) share(what string, plans []spent) {
	part := plans[0].cpu.Seconds()/plans[1].cpu.Seconds() - plans[2].cpu.Seconds()/plans[3].cpu.Seconds()
	r.row(what+": share of the repositories, CPU", figure{Codefresh: part}, plain, fmt.Sprintf("<= %.2f", shareGoal),
		part > shareGoal)
}

// growth prints what one resource costs among many, beside what it costs among few.
func (r *report) growth(few, many int, fewPlans, manyPlans []spent) {
	r.section("do-nothing", "One resource among %d, beside one among %d", many, few)

	of := func(pick func(spent) time.Duration, i int) float64 {
		return pick(manyPlans[i]).Seconds() / float64(many) / (pick(fewPlans[i]).Seconds() / float64(few))
	}
	for _, one := range []struct {
		name string
		pick func(spent) time.Duration
		goal float64
	}{
		{"wall", func(s spent) time.Duration { return s.wall }, 0},
		{"CPU", func(s spent) time.Duration { return s.cpu }, 0},
		{"CPU, provider only", func(s spent) time.Duration { return s.provider }, growthGoal},
	} {
		codefresh, goal := of(one.pick, 0), ""
		if one.goal != 0 {
			goal = fmt.Sprintf("<= %.2f", one.goal)
		}

		r.row("growth: "+one.name, figure{Codefresh: codefresh}, plain, goal, one.goal != 0 && codefresh > one.goal)
	}

	r.row("growth: CPU, do-nothing provider only",
		figure{Codefresh: of(func(s spent) time.Duration { return s.provider }, 1)}, plain, "", false)
}

// ideal prints what a plan takes beside what its round trips take at least.
func (r *report) ideal(name string, took, least, goal float64) {
	r.ratioRow(name, figure{took, least}, seconds, goal)
}

// compared prints a figure beside another one of this run.
func (r *report) compared(name string, is, other float64) {
	r.ratioRow(name, figure{is, other}, seconds, 0)
}

func (r *report) number(name string, n float64) { r.row(name, figure{Codefresh: n}, plain, "", false) }

// conclude says which goals were missed.
func (r *report) conclude() {
	if len(r.missed) == 0 {
		fmt.Fprintln(r.out, "\nAll goals are met.")

		return
	}

	fmt.Fprintln(r.out, "\nGoals that were missed:")

	for _, name := range r.missed {
		fmt.Fprintln(r.out, " ", name)
	}
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

func mebibytes(bytes float64) string { return fmt.Sprintf("%.1f MiB", bytes/(1<<20)) }

func plain(n float64) string {
	if n == float64(int(n)) {
		return fmt.Sprintf("%.0f", n)
	}

	return fmt.Sprintf("%.3f", n)
}
