// Command bench measures the provider against one that does nothing and has a resource with the same attributes: what
// a plan of many unchanged user tokens takes, what their first create and the start take, and how much memory the
// provider needs. It also measures a plan of many tokens at a slow host, and at one that answers nothing, and what
// attributes of each type cost Terraform itself.
//
// Codefresh and the Git host run in memory in this process. The figures to hold against each other are ratios, since
// seconds belong to a machine. Wall time also belongs to what else the machine does; CPU time hardly does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

type options struct {
	terraform string
	resources []int
	tokens    int
	runs      int
	parts     []string
	codefresh string
	release   string
	update    string
}

// The parts of a run.
const (
	partPlans   = "plans"
	partSlow    = "slow"
	partSchemas = "schemas"
)

func parts() []string { return []string{partPlans, partSlow, partSchemas} }

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}

	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = run(ctx, os.Stdout, o)

		stop()
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	o := options{terraform: os.Getenv("TERRAFORM")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	resources := flags.String("resources", "1000,5000", "`numbers` of user token resources")
	flags.IntVar(&o.tokens, "tokens", 1, "`number` of distinct Git tokens that they share")
	flags.IntVar(&o.runs, "runs", 5, "`number` of runs of which the median counts; three for more than 1000 resources")
	only := flags.String("parts", strings.Join(parts(), ","), "`names` of what to measure")
	flags.StringVar(&o.codefresh, "codefresh", "", "built `provider` to measure, in place of one from this source")
	flags.StringVar(&o.release, "release", "cmd/bench/testdata/release.json",
		"`file` with the figures of the last release, which are printed beside those of this run")
	flags.StringVar(&o.update, "update", "", "`version` whose figures those of this run are: they go into that file")

	if err := flags.Parse(args); err != nil {
		return o, err
	}

	for text := range strings.SplitSeq(*resources, ",") {
		count, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || count < 1 {
			return o, fmt.Errorf("-resources: %q is no number of resources", text)
		}

		o.resources = append(o.resources, count)
	}

	slices.Sort(o.resources)
	o.parts = strings.Split(*only, ",")

	return o, nil
}

func (o options) check() error {
	switch {
	case o.terraform == "":
		return errors.New("TERRAFORM does not name a terraform or tofu binary: run 'make bench', which finds or builds one")
	case len(o.resources) == 0 || o.runs < 1 || o.tokens < 1 || o.tokens > o.resources[0]:
		return errors.New("there must be at least one run and one token, and as many resources as tokens")
	}

	for _, part := range o.parts {
		if !slices.Contains(parts(), part) {
			return fmt.Errorf("-parts: %q is none of %s", part, strings.Join(parts(), ", "))
		}
	}

	return nil
}

func run(ctx context.Context, out io.Writer, o options) error {
	if err := o.check(); err != nil {
		return err
	}

	before, err := readRelease(o.release)
	if err != nil {
		return err
	}

	folder, err := os.MkdirTemp("", "codefresh-bench-")
	if err != nil {
		return err
	}

	defer func() { _ = os.RemoveAll(folder) }()

	fmt.Fprintln(out, "Building the providers ...")

	b, err := build(ctx, folder, o)
	if err != nil {
		return err
	}

	r := &report{out: out, before: before}

	for _, part := range o.parts {
		switch part {
		case partPlans:
			err = measurePlans(ctx, r, b, o)
		case partSlow:
			err = measureSlow(ctx, r, b)
		case partSchemas:
			err = measureSchemas(ctx, r, b, o)
		}

		if err != nil {
			return err
		}
	}

	r.conclude()

	if o.update != "" {
		return writeRelease(o.release, o.update, r.figures)
	}

	return nil
}
