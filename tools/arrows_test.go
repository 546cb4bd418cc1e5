//go:build arrows

package tools_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/codefresh-gitops/terraform-provider-codefresh"

// mayKnow says for each room of the house which others it may import. It follows the drawing in CONTRIBUTING.md and not
// .golangci.yml, so that the two can be held against each other.
func mayKnow() map[string][]string {
	words := []string{"gittoken", "gittoken/remote"}
	layers := append([]string{"memo", "transport"}, words...)
	host := append([]string{"githost/rest"}, layers...)

	return map[string][]string{
		"gittoken":        nil,
		"gittoken/remote": {"gittoken"},
		"memo":            words,
		"redact":          words,
		"transport":       append([]string{"redact"}, words...),

		"githost": append([]string{
			"redact", "githost/bitbucketcloud", "githost/bitbucketserver", "githost/github", "githost/gitlab", "githost/rest",
		}, layers...),
		"githost/bitbucketcloud":  host,
		"githost/bitbucketserver": host,
		"githost/github":          host,
		"githost/gitlab":          host,
		"githost/rest":            append([]string{"transport"}, words...),
		"githost/hosttest":        append([]string{"transport"}, words...),

		"codefresh":    append([]string{"redact"}, layers...),
		"tokencheck":   words,
		"registration": append([]string{"codefresh"}, layers...),
		"message":      append([]string{"codefresh", "registration", "tokencheck"}, words...),
		"provider": append([]string{
			"redact", "githost", "codefresh", "tokencheck", "registration", "message",
		}, layers...),

		"sandbox":         nil,
		"acceptance/core": nil,
	}
}

// terraform are the modules that none but the provider may know, and those that only tests may.
func terraform() []string {
	return []string{
		"github.com/hashicorp/terraform-plugin-framework/types",
		"github.com/hashicorp/terraform-plugin-go/tfprotov6",
		"github.com/hashicorp/terraform-plugin-log/tflog",
		"github.com/hashicorp/terraform-plugin-testing/helper/resource",
	}
}

// allowed reports whether the room may import the package of that path.
func allowed(room, path string) bool {
	if strings.HasPrefix(path, "github.com/hashicorp/") {
		protocol := strings.Contains(path, "/terraform-plugin-go/")
		onlyTests := strings.Contains(path, "/terraform-plugin-testing/")

		return room == "provider" && !onlyTests || room == "acceptance/core" && protocol
	}

	return slices.Contains(mayKnow()[room], strings.TrimPrefix(path, module+"/internal/"))
}

// Every arrow that there could be is drawn in an empty house: the linter refuses those that the house must not have and
// no other. Since Go refuses circles, the arrows to rooms further on in the alphabet are drawn first, then the others.
func TestTheLinterRefusesEveryWrongArrow(t *testing.T) {
	t.Parallel()

	rooms := slices.Sorted(maps.Keys(mayKnow()))
	wrong, refused := make(map[string]bool), make(map[string]bool)

	for i, room := range rooms {
		for _, path := range slices.Concat(internal(rooms[:i]), internal(rooms[i+1:]), terraform()) {
			if !allowed(room, path) {
				wrong[room+" → "+path] = true
			}
		}
	}

	for _, onwards := range []bool{true, false} {
		house := t.TempDir()
		for _, name := range []string{"go.mod", "go.sum", ".golangci.yml"} {
			write(t, filepath.Join(house, name), read(t, name))
		}

		for i, room := range rooms {
			paths := slices.Concat(internal(rooms[i+1:]), terraform())
			if !onwards {
				paths = internal(rooms[:i])
			}

			write(t, filepath.Join(house, "internal", room, "room.go"), roomOf(room, paths))
		}

		maps.Copy(refused, lintArrows(t, house))
	}

	for arrow := range wrong {
		if !refused[arrow] {
			t.Errorf("depguard does not refuse %s", arrow)
		}
	}

	for arrow := range refused {
		if !wrong[arrow] {
			t.Errorf("depguard refuses %s, which the house has", arrow)
		}
	}

	t.Logf("%d arrows that the house must not have, %d refused", len(wrong), len(refused))
}

// The house that stands has no other rooms than those in the drawing, and no arrows but those that it may have.
func TestTheHouseIsAsDrawn(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./internal/...")
	list.Dir = root

	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	// Nothing but tests, and parts of codefresh that it alone sees.
	apart := []string{"acceptance", "faultmatrix", "codefresh/appproxyapi", "codefresh/platformapi", "codefresh/wire"}

	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)

		room := strings.TrimPrefix(fields[0], module+"/internal/")
		if slices.Contains(apart, room) {
			continue
		}

		if _, drawn := mayKnow()[room]; !drawn {
			t.Errorf("internal/%s is not drawn", room)
		}

		for _, path := range fields[1:] {
			house := strings.HasPrefix(path, module) || strings.HasPrefix(path, "github.com/hashicorp/terraform-plugin")

			part := strings.HasPrefix(path, module+"/internal/"+room+"/")
			if house && !part && !allowed(room, path) {
				t.Errorf("internal/%s imports %s", room, path)
			}
		}
	}
}

// The provider's files stand above one another: whoever reads one need not know what stands above it.
func TestTheProvidersFilesAreInNoCircle(t *testing.T) {
	t.Parallel()

	files := token.NewFileSet()

	var syntax []*ast.File

	for _, name := range glob(t, "internal/provider/*.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}

		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}

		syntax = append(syntax, file)
	}
	// What other packages have is left out, and no error: only names of this package are followed.
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	checker := types.Config{Error: func(error) {}, Importer: nowhere{}}
	inside, _ := checker.Check("provider", files, syntax, info)
	uses := make(map[string]map[string]bool)

	for name, object := range info.Uses {
		function, isFunction := object.(*types.Func)

		isMethod := isFunction && function.Signature().Recv() != nil
		if object.Pkg() != inside || object.Parent() != inside.Scope() && !isMethod {
			continue
		}

		from, to := filepath.Base(files.Position(name.Pos()).Filename), filepath.Base(files.Position(object.Pos()).Filename)
		if from != to {
			if uses[from] == nil {
				uses[from] = make(map[string]bool)
			}

			uses[from][to] = true
		}
	}

	if len(uses) < 20 {
		t.Fatalf("only %d files use others", len(uses))
	}

	for file := range uses {
		if way := wayBack(uses, file, file, make(map[string]bool)); way != "" {
			t.Errorf("a circle: %s", way)
		}
	}
}

// nowhere finds no package.
type nowhere struct{}

func (nowhere) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not looked at", path)
}

// wayBack returns a way by which a file uses another one, empty if it does not.
func wayBack(uses map[string]map[string]bool, from, to string, seen map[string]bool) string {
	for next := range uses[from] {
		if next == to {
			return from + " → " + to
		}

		if seen[next] {
			continue
		}

		seen[next] = true
		if way := wayBack(uses, next, to, seen); way != "" {
			return from + " → " + way
		}
	}

	return ""
}

func write(t *testing.T, name, text string) {
	t.Helper()

	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// roomOf is a file that imports those packages, for nothing.
func roomOf(room string, paths []string) string {
	var imports strings.Builder
	for _, path := range paths {
		fmt.Fprintf(&imports, "\t_ %q\n", path)
	}

	return fmt.Sprintf("package %s\n\nimport (\n%s)\n", filepath.Base(room), &imports)
}

func internal(rooms []string) []string {
	paths := make([]string, 0, len(rooms))
	for _, room := range rooms {
		paths = append(paths, module+"/internal/"+room)
	}

	return paths
}

// lintArrows returns the arrows that depguard refuses in that house.
func lintArrows(t *testing.T, house string) map[string]bool {
	t.Helper()

	modfile, err := filepath.Abs(root + "tools/golangci-lint/go.mod")
	if err != nil {
		t.Fatal(err)
	}

	lint := exec.CommandContext(t.Context(), "go", "tool", "-modfile="+modfile, "golangci-lint", "run",
		"--enable-only=depguard", "--output.json.path=stdout", "--show-stats=false", "--allow-parallel-runners", "./...")
	lint.Dir = house
	out, err := lint.Output()

	var report struct {
		Issues []struct {
			Text string
			Pos  struct{ Filename string }
		}
	}
	if decoding := json.Unmarshal(out, &report); decoding != nil {
		t.Fatalf("golangci-lint: %v (%v)\n%s", decoding, err, out)
	}

	refused := make(map[string]bool)

	for _, issue := range report.Issues {
		path, about := strings.CutPrefix(issue.Text, "import '")

		path, _, quoted := strings.Cut(path, "'")
		if !about || !quoted {
			t.Fatalf("golangci-lint finds something else: %s: %s", issue.Pos.Filename, issue.Text)
		}

		room := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(issue.Pos.Filename)), "internal/")
		refused[room+" → "+path] = true
	}

	return refused
}
