// Command bench measures the provider against one that does nothing and has a resource with the same attributes: how
// long a plan of many unchanged user tokens takes, how long the start, and how much memory the provider needs for it.
//
// Codefresh and the Git host run in memory in this process. The figures are ratios since seconds belong to a machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// The goals: what the provider may cost beside one that does nothing.
const (
	planGoal   = 1.3
	startGoal  = 1.2
	memoryGoal = 150 << 20 // bytes
)

// startRuns is how often the start is run for each run of a plan: it is short, and so varies more.
const startRuns = 5

type options struct {
	terraform string
	resources int
	tokens    int
	runs      int
}

func main() {
	o := options{terraform: os.Getenv("TERRAFORM")}
	flag.IntVar(&o.resources, "resources", 1000, "`number` of user token resources")
	flag.IntVar(&o.tokens, "tokens", 1, "`number` of distinct Git tokens that they share")
	flag.IntVar(&o.runs, "runs", 7, "`number` of runs of which the median counts")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o options) error {
	switch {
	case o.terraform == "":
		return errors.New("TERRAFORM does not name a terraform or tofu binary: run 'make bench', which finds or builds one")
	case o.resources < 1 || o.runs < 1 || o.tokens < 1 || o.tokens > o.resources:
		return errors.New("there must be at least one run and one token, and as many resources as tokens")
	}
	folder, err := os.MkdirTemp("", "codefresh-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	w, err := newWorld(o.resources, o.tokens)
	if err != nil {
		return fmt.Errorf("furnish the sandbox: %w", err)
	}
	defer w.sandbox.Close()
	fmt.Fprintf(out, "Building both providers, applying %d resources that share %d token(s) ...\n", o.resources, o.tokens)
	codefresh, err := newSubject(ctx, folder, o.terraform, "codefresh", ".", w.configuration("codefresh"))
	if err != nil {
		return err
	}
	idle, err := newSubject(ctx, folder, o.terraform, "donothing", "./cmd/bench/donothing", w.configuration("donothing"))
	if err != nil {
		return err
	}

	plan := []string{"plan", "-input=false", "-no-color", "-detailed-exitcode"}
	schemas := []string{"providers", "schema", "-json"}
	w.sandbox.ForgetRequests()
	memory, err := peakMemory(ctx, codefresh, plan)
	if err != nil {
		return err
	}
	asked := len(w.sandbox.Requests())
	idleMemory, err := peakMemory(ctx, idle, plan)
	if err != nil {
		return err
	}
	planTimes, err := compare(ctx, codefresh, idle, plan, o.runs)
	if err != nil {
		return err
	}
	startTimes, err := compare(ctx, codefresh, idle, schemas, startRuns*o.runs)
	if err != nil {
		return err
	}

	fmt.Fprintf(out, "\n%-24s %12s %12s %8s %10s\n", fmt.Sprintf("median of %d", o.runs), "codefresh", "do-nothing",
		"ratio", "goal")
	planTimes.print(out, fmt.Sprintf("plan, %d resources", o.resources), planGoal)
	startTimes.print(out, "start (schemas)", startGoal)
	fmt.Fprintf(out, "%-24s %8s MiB %8s MiB %8s %10s\n", "peak memory of a plan", mebibytes(memory), mebibytes(idleMemory),
		"", fmt.Sprintf("< %d%s", memoryGoal>>20, missed(memory >= memoryGoal)))
	fmt.Fprintf(out, "%-24s %12d\n", "HTTP requests of a plan", asked)

	return nil
}

// times are the medians of one command for both providers.
type times struct {
	codefresh, idle time.Duration
}

func (t times) print(out io.Writer, what string, goal float64) {
	ratio := t.codefresh.Seconds() / t.idle.Seconds()
	fmt.Fprintf(out, "%-24s %10.2f s %10.2f s %8.2f %10s\n", what, t.codefresh.Seconds(), t.idle.Seconds(), ratio,
		fmt.Sprintf("<= %.1f%s", goal, missed(ratio > goal)))
}

func mebibytes(bytes int64) string { return strconv.FormatInt(bytes>>20, 10) }

func missed(yes bool) string {
	if yes {
		return "  MISSED"
	}

	return ""
}

// compare times a command on both, in turn, so that both meet the same moods of the machine. A first run of each, which
// fills the machine's caches, does not count.
func compare(ctx context.Context, codefresh, idle *subject, args []string, runs int) (times, error) {
	var all [2][]time.Duration
	for i := range runs + 1 {
		for j, s := range []*subject{codefresh, idle} {
			begin := time.Now()
			if err := s.do(ctx, args...); err != nil {
				return times{}, err
			}
			if i > 0 {
				all[j] = append(all[j], time.Since(begin))
			}
		}
	}

	return times{codefresh: median(all[0]), idle: median(all[1])}, nil
}

func median(durations []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(durations))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}

	return (sorted[middle-1] + sorted[middle]) / 2
}

// binary is the path of a provider's binary in folder, named as Terraform looks for it.
func binary(folder, name string) string { return filepath.Join(folder, "terraform-provider-"+name) }
