package tools_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// fragment is a change that is not released yet, as changie writes it.
type fragment struct {
	Kind string    `yaml:"kind"`
	Body string    `yaml:"body"`
	Time time.Time `yaml:"time"`
}

// fault says what is wrong with a fragment. changie itself notices an unknown kind alone.
func (f fragment) fault(kinds map[string]bool) string {
	switch {
	case !kinds[f.Kind]:
		return "its kind is none of .changie.yaml: " + f.Kind
	case len(strings.TrimSpace(f.Body)) < 20:
		return "its body is not a sentence"
	case strings.HasPrefix(strings.TrimSpace(f.Body), "- "):
		return "its body begins with a dash, which changie adds"
	case f.Time.IsZero():
		return "it has no time, by which changie orders the changes"
	}

	return ""
}

func changelogKinds(t *testing.T) map[string]bool {
	t.Helper()

	var settings struct {
		Kinds []struct{ Label, Auto string }
	}
	if err := yaml.Unmarshal([]byte(read(t, ".changie.yaml")), &settings); err != nil {
		t.Fatal(err)
	}

	kinds := make(map[string]bool)

	for _, kind := range settings.Kinds {
		if kind.Auto == "" {
			t.Errorf(".changie.yaml: %s does not say what it asks of the next version", kind.Label)
		}

		kinds[kind.Label] = true
	}

	if len(kinds) == 0 {
		t.Fatal(".changie.yaml has no kinds")
	}

	return kinds
}

func TestFragmentsCanBeReleased(t *testing.T) {
	t.Parallel()
	kinds := changelogKinds(t)

	files, err := filepath.Glob(filepath.Join(root, ".changes/unreleased/*"))
	if err != nil {
		t.Fatal(err)
	}

	for _, file := range files {
		if filepath.Base(file) == ".gitkeep" {
			continue
		}

		if filepath.Ext(file) != ".yaml" {
			t.Errorf("%s: changie reads files that end in .yaml alone", file)
		}

		var f fragment
		if err := yaml.Unmarshal([]byte(read(t, strings.TrimPrefix(file, root))), &f); err != nil {
			t.Errorf("%s: %v", file, err)
		} else if fault := f.fault(kinds); fault != "" {
			t.Errorf("%s: %s", file, fault)
		}
	}
}

func TestFragmentFaults(t *testing.T) {
	t.Parallel()

	kinds := map[string]bool{"Fixed": true}

	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		f  fragment
		ok bool
	}{
		"good":         {fragment{"Fixed", "A plan with no token is quiet.", now}, true},
		"unknown kind": {fragment{"fixed", "A plan with no token is quiet.", now}, false},
		"no sentence":  {fragment{"Fixed", "Quiet. \n               ", now}, false},
		"a list":       {fragment{"Fixed", "- A plan with no token is quiet.", now}, false},
		"no time":      {fragment{"Fixed", "A plan with no token is quiet.", time.Time{}}, false},
	} {
		if fault := c.f.fault(kinds); (fault == "") != c.ok {
			t.Errorf("%s: %q", name, fault)
		}
	}
}

// CHANGELOG.md is what `changie merge` makes of .changes, and not written by hand.
func TestChangelogIsMerged(t *testing.T) {
	t.Parallel()

	changelog := read(t, "CHANGELOG.md")
	if !strings.HasPrefix(changelog, read(t, ".changes/header.md")) {
		t.Error("CHANGELOG.md does not begin with .changes/header.md")
	}

	releases, err := filepath.Glob(filepath.Join(root, ".changes/*.*.*.md"))
	if err != nil {
		t.Fatal(err)
	}

	for _, file := range releases {
		if !strings.Contains(changelog, strings.TrimSpace(read(t, strings.TrimPrefix(file, root)))) {
			t.Errorf("CHANGELOG.md does not hold %s as it is", file)
		}
	}

	if headings := strings.Count(changelog, "\n## "); headings != len(releases) {
		t.Errorf("CHANGELOG.md has %d releases, .changes has %d", headings, len(releases))
	}
}
