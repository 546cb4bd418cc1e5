package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
		if got := median(tt.of, func(d time.Duration) time.Duration { return d }); got != tt.want {
			t.Errorf("median of %d is %d, want %d", tt.of, got, tt.want)
		}
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()

	var order strings.Builder

	counted := func(name string) step {
		n := time.Duration(0)

		return func(context.Context) (spent, error) {
			n++

			order.WriteString(name)

			return spent{wall: n, provider: 2 * n, memory: int64(n)}, nil
		}
	}

	got, err := measure(t.Context(), 3, true, counted("a"), counted("b"))
	if err != nil {
		t.Fatal(err)
	}
	// The first of four rounds does not count.
	want := spent{wall: 3, provider: 6, memory: 3}
	if len(got) != 2 || got[0] != want || got[1] != want || order.String() != "abababab" {
		t.Errorf("%v in the order %s", got, order.String())
	}

	if got, err := measure(t.Context(), 2, false, counted("a")); err != nil || got[0].wall != 1 {
		t.Errorf("without a round to warm up: %v, %v", got, err)
	}

	fails := func(context.Context) (spent, error) { return spent{}, errors.New("broken") }
	if _, err := measure(t.Context(), 1, false, fails); err == nil {
		t.Error("no error of a step that fails")
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()

	took := spent{wall: time.Second}
	if err := took.addUsage("100 20 4096\n5 0 8192\n"); err != nil {
		t.Fatal(err)
	}

	if want := (spent{wall: time.Second, provider: 125, memory: 8192}); took != want {
		t.Errorf("%+v, want %+v", took, want)
	}

	if err := took.addUsage("much\n"); err == nil {
		t.Error("no error of a line that is no usage")
	}
}

func TestReport(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	r := &report{out: &out, before: release{Version: "1.2.3", Figures: map[string]figure{
		"plan: wall": {Codefresh: 13, Other: 10},
	}}}
	r.section("do-nothing", "Some")

	took := func(wall, cpu time.Duration) spent {
		return spent{wall: wall, cpu: cpu, provider: cpu, memory: 61 << 20}
	}
	r.times("plan", took(3*time.Second, 3*time.Second), took(2*time.Second, time.Second), 1.5)
	r.memory("plan", took(0, 0), took(0, 0))
	r.share("plan", []spent{took(0, 111), took(0, 100), took(0, 110), took(0, 100)})
	r.growth(10, 20, []spent{took(10, 10), took(10, 10)}, []spent{took(22, 22), took(20, 20)})
	r.conclude()

	for line, want := range map[string][]string{
		"Some":               {"1.2.3"},
		"plan: wall":         {"3.00 s", "2.00 s", "1.500", "<= 1.50", "1.300"},
		"plan: CPU":          {"3.000", "MISSED"},
		"plan: memory":       {"61.0 MiB", "< 60 MiB", "MISSED"},
		"plan: share":        {"0.010", "<= 0.02"},
		"growth: CPU, prov":  {"1.100", "<= 1.05", "MISSED"},
		"growth: CPU, do-no": {" 1 "},
	} {
		_, rest, _ := strings.Cut(out.String(), "\n"+line)

		rest, _, _ = strings.Cut(rest, "\n")
		for _, part := range want {
			if !strings.Contains(rest, part) {
				t.Errorf("%q goes on %q, want %q", line, rest, part)
			}
		}

		if strings.Contains(rest, "MISSED") != (want[len(want)-1] == "MISSED") {
			t.Errorf("%q goes on %q", line, rest)
		}
	}

	if len(r.missed) != 3 || !strings.Contains(out.String(), "Goals that were missed:\n  plan: CPU\n") {
		t.Errorf("missed: %q", r.missed)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "release.json")
	if none, err := readRelease(file); err != nil || len(none.Figures) > 0 {
		t.Errorf("without a file: %v, %v", none, err)
	}

	want := release{"1.2.3", map[string]figure{"plan: wall": {3, 2}, "requests": {Codefresh: 12}}}
	if err := writeRelease(file, want.Version, want.Figures); err != nil {
		t.Fatal(err)
	}

	got, err := readRelease(file)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// What is committed is compared with every run, by the names of the figures.
func TestReleaseThatIsCommitted(t *testing.T) {
	t.Parallel()

	last, err := readRelease(filepath.Join("testdata", "release.json"))
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{
		"create of 1000: CPU",
	} {
		if last.Figures[name].Codefresh == 0 {
			t.Errorf("the last release has no %q", name)
		}
	}

	if last.Version == "" {
		t.Error("the last release has no version")
	}
}

func TestWorld(t *testing.T) {
	t.Parallel()

	w, err := newWorld(perRuntime+1, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()

	for _, want := range []string{
		"count       = 101", `api_key = "`, `source = "codefresh-gitops/codefresh"`, w.tokens[0] + `", "` + w.tokens[1],
		`check_repositories = "listed"`,
	} {
		if !strings.Contains(w.configuration("codefresh", `check_repositories = "listed"`), want) {
			t.Errorf("the configuration lacks %s", want)
		}
	}

	if strings.Contains(w.configuration("donothing"), "api_key") {
		t.Error("the do-nothing provider is configured")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()

	o, err := parse([]string{"-resources", "500, 100", "-runs", "3", "-parts", "plans"})
	if err != nil || !cmp.Equal(o.resources, []int{100, 500}) || o.runs != 3 || !cmp.Equal(o.parts, []string{partPlans}) {
		t.Errorf("%+v, %v", o, err)
	}

	if o, err = parse(nil); err != nil || !cmp.Equal(o.resources, []int{1000, 5000}) || !cmp.Equal(o.parts, parts()) {
		t.Errorf("without flags: %+v, %v", o, err)
	}

	if _, err := parse([]string{"-resources", "many"}); err == nil {
		t.Error("no error of what is no number")
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()

	for name, o := range map[string]options{
		"no terraform":  {resources: []int{1}, tokens: 1, runs: 1},
		"no resources":  {terraform: "terraform", tokens: 1, runs: 1},
		"few resources": {terraform: "terraform", resources: []int{1}, tokens: 2, runs: 1},
		"no runs":       {terraform: "terraform", resources: []int{1}, tokens: 1},
		"what part":     {terraform: "terraform", resources: []int{1}, tokens: 1, runs: 1, parts: []string{"all"}},
	} {
		if err := run(t.Context(), io.Discard, o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
