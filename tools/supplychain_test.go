// Package tools_test holds what the repository promises of its supply chain against the files that decide on it.
package tools_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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

// What SECURITY.md says of advisories holds only for versions that are not older than those it names.
func TestNoModuleIsOlderThanItsAdvisories(t *testing.T) {
	t.Parallel()

	have := required(t, "go.mod")
	have["Go"] = first(t, read(t, ".goreleaser.yml"), `GOTOOLCHAIN=go([\d.]+)`)

	inTools := map[string]bool{}

	for _, file := range toolModules(t) {
		for module := range required(t, file) {
			inTools[module] = true
		}
	}

	for _, a := range advisories(t) {
		switch version, isRequired := have[a.module]; {
		case !isRequired && !inTools[a.module]:
			t.Errorf("SECURITY.md has an advisory on %s, which nothing requires", a.module)
		case isRequired && a.covers(t, version):
			t.Errorf("%s is required in version %s: %s", a.module, version, a.row)
		}
	}
}

// The programs that build and check the provider are held to the same table.
func TestNoToolIsOlderThanItsAdvisories(t *testing.T) {
	t.Parallel()

	all := advisories(t)

	for _, file := range toolModules(t) {
		have := required(t, file)
		if len(have) == 0 {
			t.Errorf("%s requires nothing", file)
		}

		for _, a := range all {
			if version := have[a.module]; version != "" && a.covers(t, version) {
				t.Errorf("%s requires %s in version %s: %s", file, a.module, version, a.row)
			}
		}
	}
}

// toolModules returns the go.mod of each tool, but for that of OpenTofu: only tests run it, and it consists of what its
// own release does.
func toolModules(t *testing.T) []string {
	t.Helper()

	var files []string

	for _, file := range glob(t, "tools/*/go.mod") {
		if filepath.Base(filepath.Dir(file)) != "opentofu" {
			files = append(files, strings.TrimPrefix(filepath.ToSlash(file), root))
		}
	}

	return files
}

// required returns the versions of the modules that a go.mod requires.
func required(t *testing.T, file string) map[string]string {
	t.Helper()

	have := map[string]string{}

	requirement := regexp.MustCompile(`(?m)^(?:\t|require )(\S+) v([\d.]+)\S*( // indirect)?$`)
	for _, m := range requirement.FindAllStringSubmatch(read(t, file), -1) {
		have[m[1]] = m[2]
	}

	return have
}

// advisory is a row of SECURITY.md about one module.
type advisory struct {
	module, fixed string // the version that mends it; empty for none
	row           string
}

// covers reports whether a version is older than the one that mends it.
func (a advisory) covers(t *testing.T, version string) bool {
	t.Helper()

	return a.fixed != "" && slices.Compare(numbers(t, version), numbers(t, a.fixed)) < 0
}

// advisories returns the table of SECURITY.md.
func advisories(t *testing.T) []advisory {
	t.Helper()

	_, table, found := strings.Cut(read(t, "SECURITY.md"), "\n| Advisory | Concerns | Here |\n|---|---|---|\n")
	if !found {
		t.Fatal("SECURITY.md has no table of advisories")
	}

	var all []advisory

	concern := regexp.MustCompile("^(?:`(\\S+)`|(Go))(?:, all versions| before v?([\\d.]+\\d))")

	for row := range strings.Lines(table) {
		cells := strings.Split(row, " | ")
		if !strings.HasPrefix(row, "| ") {
			break
		}

		for _, part := range strings.Split(cells[1], "; ") {
			m := concern.FindStringSubmatch(part)
			if m == nil {
				t.Errorf("SECURITY.md: %q is neither \"`module` before v1.2.3\" nor \"`module`, all versions\"", part)

				continue
			}

			all = append(all, advisory{m[1] + m[2], m[3], strings.Trim(row, "| \n")})
		}
	}

	return all
}

// first returns what the group of pattern matches first in text.
func first(t *testing.T, text, pattern string) string {
	t.Helper()

	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("nothing matches %s", pattern)
	}

	return m[1]
}

// numbers returns the parts of a version such as 1.2.3.
func numbers(t *testing.T, version string) []int {
	t.Helper()

	var parts []int

	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("version %q: %v", version, err)
		}

		parts = append(parts, n)
	}

	return parts
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
