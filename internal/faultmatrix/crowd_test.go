//go:build faults

package faultmatrix_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// crowd is a number of user tokens, in several integrations of several runtimes, which Terraform handles at once.
type crowd struct {
	*world

	members []member
}

type member struct {
	config attributes
	state  instance
}

const latency = 10 * time.Millisecond

// gather makes a crowd whose members share so many tokens, and registers them if that is wanted.
func gather(t *testing.T, runtimes, integrations, tokens int, register bool) *crowd {
	t.Helper()

	schemas, err := typesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	names := make([]string, runtimes)
	for i := range names {
		names[i] = fmt.Sprintf("runtime-%d", i)
	}

	w, err := newPlainWorld(schemas, names...)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(w.close)
	w.tap.reset(0, false)

	minted := make([]sandbox.Token, tokens)
	for i := range minted {
		if minted[i], err = w.mint(); err != nil {
			t.Fatal(err)
		}
	}

	c := &crowd{world: w}

	for i, name := range names {
		for j := range integrations {
			integration := fmt.Sprintf("integration-%d", j)
			if err := w.AddIntegration(name, integration, w.host.reported, w.host.apiURL); err != nil {
				t.Fatal(err)
			}

			config := w.configured(minted[(i*integrations+j)%tokens])
			config["runtime"], config["integration"] = name, integration
			c.members = append(c.members, member{config: config})
		}
	}

	if register {
		c.register(t)
	}

	w.hangUp()
	w.tap.reset(0, false)
	w.tap.delay = latency

	return c
}

// register makes Codefresh hold every member's token, and the states that tell of it. The provider registers only the
// first one: the other states differ from its state in a few attributes.
func (c *crowd) register(t *testing.T) {
	t.Helper()
	p := c.start(t, nil)

	first, ok := p.plan(t.Context(), instance{}, c.members[0].config)
	if !ok {
		t.Fatal(words(p.told))
	}

	state, ok := p.carryOut(t.Context(), first)
	if !ok {
		t.Fatal(words(p.told))
	}

	for i, m := range c.members {
		var fields map[string]tftypes.Value
		if err := state.value.As(&fields); err != nil {
			t.Fatal(err)
		}

		fields = maps.Clone(fields)
		text := func(name, value string) { fields[name] = tftypes.NewValue(tftypes.String, value) }
		runtime, integration := fmt.Sprint(m.config["runtime"]), fmt.Sprint(m.config["integration"])
		text("runtime", runtime)
		text("integration", integration)
		text("id", runtime+"/"+integration)

		if err := c.mutate(t.Context(), runtime, registerMutation, map[string]string{
			"name": integration, "token": fmt.Sprint(m.config["token"]),
		}); err != nil {
			t.Fatal(err)
		}

		text("token", fmt.Sprint(m.config["token"]))

		c.members[i].state = instance{tftypes.NewValue(state.value.Type(), fields), state.private, nil}
	}
}

func (c *crowd) start(t *testing.T, more attributes) *process {
	t.Helper()

	p, err := c.launch(t.Context(), userToken, more)
	if err != nil {
		t.Fatal(err)
	}

	return p
}

// each does something for every member at once, with a process that has the provider in common with the others.
func (c *crowd) each(shared *process, do func(p *process, m member)) []*process {
	processes := make([]*process, len(c.members))

	var all sync.WaitGroup

	for i, m := range c.members {
		processes[i] = &process{server: shared.server, types: shared.types, resourceType: shared.resourceType}

		all.Go(func() { do(processes[i], m) })
	}

	all.Wait()

	return processes
}

// TestCrowdSharesOneQuestion refreshes up to 500 resources with one token, at a host that fails in several ways:
// the failure is shared like an answer, and so are the questions to Codefresh.
func TestCrowdSharesOneQuestion(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		runtimes, integrations int

		disturb  func(c *crowd) error
		settings attributes
		requests int
		status   string
	}{
		"all is well": {
			runtimes: 4, integrations: 10, disturb: func(*crowd) error { return nil }, requests: 1, status: "valid",
		},
		"revoked": {
			runtimes: 10, integrations: 50,
			disturb:  func(c *crowd) error { return c.RevokeToken(fmt.Sprint(c.members[0].config["token"])) },
			requests: 1, status: "revoked",
		},
		"in trouble": {
			runtimes: 4, integrations: 10,
			disturb: func(c *crowd) error {
				return c.Break(c.host.service, sandbox.Fault{Status: http.StatusServiceUnavailable})
			},
			requests: 1 + retries, status: "valid",
		},
		"hangs": {
			runtimes: 10, integrations: 50,
			disturb:  func(c *crowd) error { return c.Break(c.host.service, sandbox.Fault{Mode: "hang"}) },
			settings: attributes{"request_timeout": "10s"}, requests: 1 + retries, status: "valid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := gather(t, test.runtimes, test.integrations, 1, true)
			if err := test.disturb(c); err != nil {
				t.Fatal(err)
			}

			c.ForgetRequests()
			p := c.start(t, test.settings)
			c.each(p, func(p *process, m member) {
				after, ok := p.read(t.Context(), m.state)
				if !ok || after.text("status") != test.status {
					t.Errorf("%s: status %q, want %q: %s", m.state.text("id"), after.text("status"), test.status, words(p.told))
				}
			})

			if n := len(c.Requests(c.host.service)); n != test.requests {
				t.Errorf("the host got %d requests, want %d", n, test.requests)
			}

			if n := len(c.Requests(sandbox.Codefresh)); n != 2 { // the account, and its Git Sources
				t.Errorf("the platform got %d requests, want 2", n)
			}

			for i := range test.runtimes {
				if n := len(c.Requests(sandbox.AppProxy(fmt.Sprintf("runtime-%d", i)))); n != 1 {
					t.Errorf("app-proxy %d got %d requests, want 1", i, n)
				}
			}
		})
	}
}

// TestCrowdIsCapped checks 60 different tokens of one host: at most 8 requests are under way at a time, and there
// is more than one.
func TestCrowdIsCapped(t *testing.T) {
	t.Parallel()
	c := gather(t, 1, 60, 60, false)
	p := c.start(t, nil)
	c.each(p, func(p *process, m member) {
		if _, ok := p.plan(t.Context(), instance{}, m.config); !ok {
			t.Error(words(p.told))
		}
	})

	got := c.tap.seen(strings.TrimPrefix(c.URL(c.host.service), "http://"))
	if got.total != 60 || got.most > 8 || got.most < 2 {
		t.Errorf("%d requests, up to %d at a time; want 60, and between 2 and 8", got.total, got.most)
	}
}

// TestCrowdTakesTurns registers 60 tokens with 6 runtimes: one at a time with each, and with several at once.
func TestCrowdTakesTurns(t *testing.T) {
	t.Parallel()

	const runtimes, integrations = 6, 10

	c := gather(t, runtimes, integrations, 3, false)
	p := c.start(t, nil)
	c.each(p, func(p *process, m member) {
		plan, ok := p.plan(t.Context(), instance{}, m.config)
		if ok {
			_, ok = p.carryOut(t.Context(), plan)
		}

		if !ok || len(p.complaints) > 0 {
			t.Error(p.complaints, words(p.told))
		}
	})

	for i := range runtimes {
		address := strings.TrimPrefix(c.URL(sandbox.AppProxy(fmt.Sprintf("runtime-%d", i))), "http://")
		if got := c.tap.seen(address + " mutation"); got.total != integrations || got.most != 1 {
			t.Errorf("runtime %d: %d mutations, up to %d at a time; want %d, one at a time",
				i, got.total, got.most, integrations)
		}
	}

	if got := c.tap.seen(""); got.most < 2 {
		t.Errorf("no two runtimes were told anything at the same time")
	}

	if n := len(c.Requests(c.host.service)); n != 3 {
		t.Errorf("the host got %d requests for 3 tokens", n)
	}
}

// TestCrowdIsCancelled interrupts refreshes, plans and applies whose requests hang: all end within a second.
func TestCrowdIsCancelled(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		service func(c *crowd) sandbox.Service
		match   string
		do      func(ctx context.Context, p *process, m member)
	}{
		"refresh, Git host": {
			service: func(c *crowd) sandbox.Service { return c.host.service },
			do:      func(ctx context.Context, p *process, m member) { p.read(ctx, m.state) },
		},
		"refresh, platform": {
			service: func(*crowd) sandbox.Service { return sandbox.Codefresh },
			do:      func(ctx context.Context, p *process, m member) { p.read(ctx, m.state) },
		},
		"plan, app-proxy": {
			service: func(*crowd) sandbox.Service { return sandbox.AppProxy("runtime-0") },
			do:      func(ctx context.Context, p *process, m member) { p.plan(ctx, instance{}, m.config) },
		},
		"apply, mutations": {
			service: func(*crowd) sandbox.Service { return sandbox.AppProxy("runtime-0") }, match: "registerToGitIntegration",
			do: func(ctx context.Context, p *process, m member) {
				if plan, ok := p.plan(ctx, instance{}, m.config); ok {
					p.carryOut(ctx, plan)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := gather(t, 1, 20, 1, true)
			if err := c.Break(test.service(c), sandbox.Fault{Mode: "hang", Match: test.match}); err != nil {
				t.Fatal(err)
			}

			c.ForgetRequests()
			p := c.start(t, nil)

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			done := make(chan []*process, 1)
			go func() { done <- c.each(p, func(p *process, m member) { test.do(ctx, p, m) }) }()

			c.untilHanging(t, test.service(c), test.match)
			cancel()

			for _, p := range withinASecond(t, done) {
				if strings.Contains(words(p.told), "was revoked") || strings.Contains(words(p.told), "is not valid") {
					t.Error(words(p.told))
				}
			}
		})
	}
}

// withinASecond waits for a crowd to stop. It counts a second in short naps, so that what else the machine has to do,
// which delays the naps as well, is not held against the crowd. Without an interrupt nothing would stop for minutes.
func withinASecond(t *testing.T, done <-chan []*process) []*process {
	t.Helper()

	const nap = 10 * time.Millisecond
	for range time.Second / nap {
		select {
		case processes := <-done:
			return processes
		default:
			time.Sleep(nap)
		}
	}

	t.Error("it did not stop within a second")

	return <-done
}

// untilHanging waits until a request has reached what hangs.
func (c *crowd) untilHanging(t *testing.T, service sandbox.Service, match string) {
	t.Helper()

	for t.Context().Err() == nil {
		for _, r := range c.Requests(service) {
			if match == "" && r.Status == 0 || match != "" && c.tap.seen("").now > 0 {
				return
			}
		}

		time.Sleep(10 * time.Millisecond)
	}
}
