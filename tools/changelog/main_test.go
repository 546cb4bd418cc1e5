package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const head = "# Changelog\n\nWords.\n"

// lay writes a repository's changelog and fragments, and returns its folder.
func lay(t *testing.T, changelog string, fragments map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{"CHANGELOG.md": changelog, "changelog.d/README.md": "# No fragment\n"}
	for name, text := range fragments {
		files["changelog.d/"+name] = text
	}
	if err := os.Mkdir(filepath.Join(root, "changelog.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return root
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

func day() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func TestReleases(t *testing.T) {
	t.Parallel()
	root := lay(t, head, map[string]string{
		"fixed-b.md": "B works.\n", "added-z.md": "Z,\nin two lines.\n", "added-a.md": "A.",
	})
	const first = "### Added\n\n- A.\n- Z,\n  in two lines.\n\n### Fixed\n\n- B works.\n"

	var shown strings.Builder
	if err := run(root, nil, day(), &shown); err != nil || shown.String() != first {
		t.Errorf("shows %q, error %v", shown.String(), err)
	}
	if err := run(root, []string{"release", "0.1.0"}, day(), io.Discard); err != nil {
		t.Fatal(err)
	}
	want := head + "\n## 0.1.0 - 2026-03-01\n\n" + first
	if got := read(t, root, "CHANGELOG.md"); got != want {
		t.Errorf("the changelog is\n%s\nnot\n%s", got, want)
	}
	left, err := os.ReadDir(filepath.Join(root, "changelog.d"))
	if err != nil || len(left) != 1 || left[0].Name() != "README.md" {
		t.Errorf("left over: %v, error %v", left, err)
	}

	// The next release stands above the first.
	if err := os.WriteFile(filepath.Join(root, "changelog.d", "security-x.md"), []byte("X."), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(root, []string{"release", "0.2.0-rc.1"}, day(), io.Discard); err != nil {
		t.Fatal(err)
	}
	want = head + "\n## 0.2.0-rc.1 - 2026-03-01\n\n### Security\n\n- X.\n\n## 0.1.0 - 2026-03-01\n\n" + first
	if got := read(t, root, "CHANGELOG.md"); got != want {
		t.Errorf("the changelog is\n%s\nnot\n%s", got, want)
	}
	for version, want := range map[string]string{"0.1.0": first, "0.2.0-rc.1": "### Security\n\n- X.\n"} {
		var notes strings.Builder
		if err := run(root, []string{"notes", version}, day(), &notes); err != nil || notes.String() != want {
			t.Errorf("notes of %s: %q, error %v", version, notes.String(), err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := map[string]string{"added-a.md": "A."}
	released := head + "\n## 0.1.0 - 2026-03-01\n\n### Added\n\n- A.\n"
	tests := map[string]struct {
		changelog string
		fragments map[string]string
		args      []string
		want      string
	}{
		"unknown kind":   {head, map[string]string{"new-a.md": "A."}, nil, "new-a.md"},
		"no kind":        {head, map[string]string{"added.txt.md": "A."}, nil, "added.txt.md"},
		"empty":          {head, map[string]string{"added-a.md": " \n"}, nil, "sentence"},
		"list":           {head, map[string]string{"added-a.md": "- A.\n- B."}, nil, "dash"},
		"nothing":        {head, nil, []string{"release", "0.1.0"}, "nothing to release"},
		"no version":     {head, good, []string{"release", "v0.1"}, "no version"},
		"again":          {released, good, []string{"release", "0.1.0"}, "already"},
		"never released": {released, good, []string{"notes", "0.2.0"}, "no release 0.2.0"},
		"part of one":    {released, good, []string{"notes", "0.1.0-rc.1"}, "no release"},
		"usage":          {head, good, []string{"publish", "0.1.0"}, "usage"},
		"version only":   {head, good, []string{"0.1.0"}, "usage"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := lay(t, tt.changelog, maps.Clone(tt.fragments))
			err := run(root, tt.args, day(), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, not one with %q", err, tt.want)
			}
			if got := read(t, root, "CHANGELOG.md"); got != tt.changelog {
				t.Errorf("the changelog became %q", got)
			}
		})
	}
}

// The fragments of this repository can be released at any time.
func TestFragmentsOfTheRepository(t *testing.T) {
	t.Parallel()
	if err := run("../..", nil, day(), io.Discard); err != nil {
		t.Error(err)
	}
}
