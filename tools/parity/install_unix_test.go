//go:build unix

package parity_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const installer = "../../scripts/validator"

// TestValidatorWantsNode has the script that installs the validator find no Node.js, an old one, and one without npm.
func TestValidatorWantsNode(t *testing.T) {
	t.Parallel()

	const wanted = "npm and Node.js 20 or later"

	for name, tt := range map[string]struct {
		node string // its version; "" for none
		npm  bool
		says string
	}{
		"none":        {"", true, "there is no 'node' on PATH"},
		"an old one":  {"v18.20.4", true, "'node' on PATH is v18.20.4"},
		"one alone":   {"v22.1.0", false, "'node' on PATH is v22.1.0"},
		"another one": {"node", true, "there is no 'node' on PATH"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := t.TempDir()
			program := func(name, prints string) {
				script := "#!/bin/sh\necho '" + prints + "'\n"
				if err := os.WriteFile(filepath.Join(path, name), []byte(script), 0o700); err != nil { //nolint:gosec // runs
					t.Fatal(err)
				}
			}

			for _, tool := range []string{"dirname", "sed"} {
				real, err := exec.LookPath(tool)
				if err != nil {
					t.Fatal(err)
				}

				if err := os.Symlink(real, filepath.Join(path, tool)); err != nil {
					t.Fatal(err)
				}
			}

			if tt.node != "" {
				program("node", tt.node)
			}

			if tt.npm {
				program("npm", "")
			}

			script := exec.CommandContext(t.Context(), installer)
			script.Env = []string{"PATH=" + path}

			printed, err := script.CombinedOutput()
			if err == nil || !strings.Contains(string(printed), wanted) || !strings.Contains(string(printed), tt.says) {
				t.Errorf("%v: %s", err, printed)
			}
		})
	}
}

// TestValidatorIsPinned holds what is installed to the versions that the answers are of. From 1.32.3 on isomorphic-git
// fails every push that the validator tries, whatever the token.
func TestValidatorIsPinned(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}

	var lock struct {
		Packages map[string]struct{ Version, Integrity string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}

	for name, want := range map[string]string{"@codefresh-io/cf-git-providers": "0.18.1", "isomorphic-git": "1.30.1"} {
		if got := lock.Packages["node_modules/"+name]; got.Version != want || got.Integrity == "" {
			t.Errorf("%s is locked at %q (%q), want %s", name, got.Version, got.Integrity, want)
		}
	}

	script, err := os.ReadFile(installer)
	if err != nil || !strings.Contains(string(script), " ci --ignore-scripts ") {
		t.Errorf("packages may run scripts of theirs: %v\n%s", err, script)
	}
}
