package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		of   []time.Duration
		want time.Duration
	}{
		{[]time.Duration{5}, 5},
		{[]time.Duration{9, 1, 5}, 5},
		{[]time.Duration{8, 2, 4, 100}, 6},
	} {
		if got := median(tt.of); got != tt.want {
			t.Errorf("median of %d is %d, want %d", tt.of, got, tt.want)
		}
	}
}

func TestHighWaterMark(t *testing.T) {
	t.Parallel()
	got, err := highWaterMark("Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1 kB\n")
	if err != nil || got != 2<<20 {
		t.Errorf("%d, %v, want 2 MiB", got, err)
	}
	for _, status := range []string{"", "VmHWM:\tmuch kB\n"} {
		if got, err := highWaterMark(status); err == nil {
			t.Errorf("%d from %q, want an error", got, status)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	times{codefresh: 3 * time.Second, idle: 2 * time.Second}.print(&out, "plan", 1.5)
	times{codefresh: 3 * time.Second, idle: 2 * time.Second}.print(&out, "plan", 1.4)
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[0], "1.50") || strings.Contains(lines[0], "MISSED") {
		t.Errorf("a goal that is met reads %q", lines[0])
	}
	if !strings.Contains(lines[1], "MISSED") {
		t.Errorf("a goal that is missed reads %q", lines[1])
	}
}

func TestWorld(t *testing.T) {
	t.Parallel()
	w, err := newWorld(perRuntime+1, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer w.sandbox.Close()
	for _, want := range []string{
		"count       = 101", `api_key = "`, `source = "codefresh-gitops/codefresh"`, w.tokens[0] + `", "` + w.tokens[1],
	} {
		if !strings.Contains(w.configuration("codefresh"), want) {
			t.Errorf("the configuration lacks %s", want)
		}
	}
	if strings.Contains(w.configuration("donothing"), "api_key") {
		t.Error("the do-nothing provider is configured")
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]options{
		"no terraform":  {resources: 1, tokens: 1, runs: 1},
		"no resources":  {terraform: "terraform", tokens: 1, runs: 1},
		"few resources": {terraform: "terraform", resources: 1, tokens: 2, runs: 1},
		"no runs":       {terraform: "terraform", resources: 1, tokens: 1},
	} {
		if err := run(t.Context(), io.Discard, o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
