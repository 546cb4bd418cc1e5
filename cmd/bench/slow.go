package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	slowTokens  = 300
	slowUsers   = 3
	slowLatency = 300 * time.Millisecond
	// mostPerHost is how many requests a host gets at a time.
	mostPerHost = 8
	// slowGoal is what a plan may take, in the round trips that its requests need if the host always has as many as it
	// may.
	slowGoal = 1.3
	// hungTimeout is the request_timeout at a host that answers nothing. One more question is let through for each.
	hungTimeout = 10 * time.Second
)

// measureSlow plans tokens of several users at a host that takes its time, and at one that never answers.
func measureSlow(ctx context.Context, r *report, b binaries) error {
	r.section("at least", "%d new tokens of %d users; slow: %d ms", slowTokens, slowUsers, slowLatency.Milliseconds())

	for _, of := range []struct {
		name     string
		settings string
		fault    sandbox.Fault
	}{
		{"quick host", "", sandbox.Fault{}},
		{"slow host, tokens only", `check_repositories = "listed"`, sandbox.Fault{Mode: "slow", Pause: slowLatency}},
		{"slow host", "", sandbox.Fault{Mode: "slow", Pause: slowLatency}},
		{
			"host that hangs", fmt.Sprintf("request_timeout = %q\n  max_retries = 0", hungTimeout),
			sandbox.Fault{Mode: "hang"},
		},
	} {
		w, err := newWorld(slowTokens, slowTokens)
		if err != nil {
			return err
		}

		took, err := w.planAt(ctx, b, strings.ReplaceAll(of.name, " ", "-"), of.settings, of.fault)
		asked := len(w.Requests(benchHost))
		w.Close()

		if err != nil {
			return err
		}

		r.number(of.name+": requests", float64(asked))

		switch of.fault.Mode {
		case "slow":
			r.ideal(of.name+": wall", took.wall.Seconds(), float64(asked)/mostPerHost*slowLatency.Seconds(), slowGoal)
		case "hang":
			r.ideal(of.name+": wall", took.wall.Seconds(), hungTimeout.Seconds(), 0)
		default: // what all of them take anyway
			r.ideal(of.name+": wall", took.wall.Seconds(), 0, 0)
		}
	}

	return nil
}

// planAt plans the world's resources, each with a token of its own, at a host with a fault.
func (w *world) planAt(
	ctx context.Context, b binaries, name, settings string, fault sandbox.Fault,
) (spent, error) {
	users := make([]string, 0, slowUsers)
	for i := range slowUsers {
		_, key, err := w.AddUser(fmt.Sprintf("user-%d", i), false)
		if err != nil {
			return spent{}, err
		}

		users = append(users, key)
	}

	key := fmt.Sprintf("  api_key     = [\"%s\"][count.index %% %d]\n", strings.Join(users, `", "`), slowUsers)
	text := strings.Replace(w.configuration("codefresh", settings), "  token       =", key+"  token       =", 1)

	s, err := b.subject(name, "codefresh", text)
	if err != nil {
		return spent{}, err
	}

	if fault.Mode != "" {
		if err := w.Break(benchHost, fault); err != nil {
			return spent{}, err
		}
	}

	w.ForgetRequests()

	return s.do(ctx, []string{"plan", "-input=false", "-no-color"})
}
