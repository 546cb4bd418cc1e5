// Package tools_test holds what the repository promises of its supply chain against the files that decide on it.
package tools_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../"

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("nothing is found by %s: %v", pattern, err)
	}

	return found
}

// SECURITY.md says of each direct dependency why it is there, and of nothing that is not there.
func TestEveryDependencyIsExplained(t *testing.T) {
	t.Parallel()
	requirement := regexp.MustCompile(`(?m)^\t(\S+) v\S+( // indirect)?$`)
	row := regexp.MustCompile("(?m)^\\| `(\\S+\\.\\S+/\\S+)` \\| \\S.* \\|$")
	explained := make(map[string]bool)
	for _, m := range row.FindAllStringSubmatch(read(t, "SECURITY.md"), -1) {
		explained[m[1]] = true
	}
	direct := 0
	for _, m := range requirement.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		if m[2] == "" {
			direct++
			if !explained[m[1]] {
				t.Errorf("SECURITY.md does not say why there is %s", m[1])
			}
		}
		delete(explained, m[1])
	}
	for module := range explained {
		t.Errorf("SECURITY.md explains %s, which go.mod does not require", module)
	}
	if direct == 0 {
		t.Error("go.mod requires nothing")
	}
}

// Dependabot knows every module.
func TestEveryModuleIsUpdated(t *testing.T) {
	t.Parallel()
	settings := read(t, ".github/dependabot.yml")
	modules := append(glob(t, "go.mod"), glob(t, "tools/*/go.mod")...)
	for _, file := range modules {
		folder := "/" + strings.Trim(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), ".."), "/")
		if !strings.Contains(settings, "      - "+folder+"\n") {
			t.Errorf("dependabot.yml does not name %s", folder)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^      - (/\S*)$`).FindAllStringSubmatch(settings, -1) {
		read(t, filepath.Join(m[1], "go.mod"))
	}
}

// An action is what a commit says, and not what a tag points at today; and no job has a right that it does not name.
func TestWorkflowsArePinned(t *testing.T) {
	t.Parallel()
	uses := regexp.MustCompile(`(?m)^.*\buses:.*$`)
	pinned := regexp.MustCompile(`^ +(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	hash := make(map[string]string) // by action
	for _, file := range glob(t, ".github/workflows/*.yml") {
		text := read(t, strings.TrimPrefix(file, root))
		for _, line := range uses.FindAllString(text, -1) {
			if !pinned.MatchString(line) {
				t.Errorf("%s: not pinned by commit and version: %s", file, line)

				continue
			}
			action, commit, _ := strings.Cut(line[strings.Index(line, "uses: ")+len("uses: "):], "@")
			if before, seen := hash[action]; seen && before != commit {
				t.Errorf("%s: %s is used in two versions", file, action)
			}
			hash[action] = commit
		}
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s: jobs have rights by default", file)
		}
	}
	if len(hash) == 0 {
		t.Error("no action is used")
	}
}
