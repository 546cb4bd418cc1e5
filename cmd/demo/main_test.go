package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// shown is the scene of the README's picture, as the demo printed it.
const shown = "testdata/revoked.ansi"

// requestIDs are the names that the host gives to requests, and never twice.
var requestIDs = regexp.MustCompile(`(id:\s)[0-9A-F]{4}(?::[0-9A-F]{6}){3}:[0-9A-F]{8}\b`)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write what the demo prints into testdata")
	flag.Parse()
	os.Exit(m.Run())
}

// TestDemo plays the whole demonstration, with the Terraform or OpenTofu that the other tests use.
func TestDemo(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	if err := run(t.Context(), page{&out, true}, terraform(t)); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}

	flat := flatten(out.String())
	for _, want := range []string{
		"The apply waited", `s until runtime "prod"`, "admin:repo_hook", "was revoked", "stays in Codefresh",
		"Every step behaved", "scheduled-checks.md",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is not in what the demo prints:\n%s", want, out.String())
		}
	}

	if strings.Contains(flat, "development overrides") {
		t.Error("the demo shows what is of no interest")
	}

	_, scene, _ := strings.Cut(out.String(), heading(revocation))
	scene, _, found := strings.Cut(scene, "\n\n"+heading("Rotate it"))

	scene = requestIDs.ReplaceAllString(heading(revocation)+scene+"\n", "${1}C0DE:2A5F1B:1B2C3D:4E5F60:6566A1B2")
	if !found {
		t.Fatalf("there is no scene %q", revocation)
	}

	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(shown, []byte(scene), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	recorded, err := os.ReadFile(shown)
	if err != nil {
		t.Fatal(err)
	}

	if scene != string(recorded) {
		t.Errorf("%s is not what the demo prints. 'go test ./cmd/demo -update' and 'make generate' correct that and the "+
			"pictures:\n%q\n%q", shown, recorded, scene)
	}
}

// TestDemoNoticesMisbehaviour plays scenes that do not come true.
func TestDemoNoticesMisbehaviour(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	s, err := newStage(t.Context(), page{out: &out}, terraform(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()

	if err := s.sandbox.AddRuntime(sandbox.Runtime{Name: runtimeName}); err != nil {
		t.Fatal(err)
	}

	token, err := s.mint(sandbox.GitHub, "classic", "ci-bot", "repo", "admin:repo_hook")
	if err != nil {
		t.Fatal(err)
	}

	scene := step{title: "plan", args: []string{"plan"}, tokens: s.with(token)}

	wrongExit, wrongWords, wrongWorld, wrongElsewhere := scene, scene, scene, scene
	wrongExit.exit = exitChanges
	wrongWords.says = []string{"9 to add"}
	wrongWorld.check = s.holds(token, true)

	wrongElsewhere.during = func(context.Context) error { return errors.New("no cluster") }
	for name, tt := range map[string]struct {
		scene step
		want  string
	}{
		"exit code": {wrongExit, "exit code 0 instead of 2"},
		"words":     {wrongWords, `does not say "9 to add"`},
		"world":     {wrongWorld, "does not hold"},
		"elsewhere": {wrongElsewhere, "no cluster"},
	} {
		if err := s.steps(t.Context(), tt.scene); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}

	if strings.Contains(out.String(), "\x1b") {
		t.Error("there are colours where none were asked for")
	}

	folder := s.folder
	s.close()

	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s was left behind", folder)
	}
}

func TestRunNeedsTerraform(t *testing.T) {
	t.Parallel()

	if err := run(t.Context(), page{out: &bytes.Buffer{}}, ""); err == nil || !strings.Contains(err.Error(), "make demo") {
		t.Errorf("got %v", err)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()

	printed := strings.Join([]string{
		"\x1b[33m╷\x1b[0m",
		"│ \x1b[1mWarning: Provider development overrides are in effect",
		"│ ",
		"│ The following overrides are set:",
		"╵",
		"Terraform will perform the following actions:",
		"  # codefresh_git_user_token.me will be created",
		"      + token = (sensitive value)",
		"  # codefresh_git_user_token.you will be created",
		"      + token = (sensitive value)",
		"",
		"\x1b[1mPlan:\x1b[0m 2 to add, 0 to change, 0 to destroy.",
		"codefresh_git_user_token.me: Creating...",
		"codefresh_git_user_token.me: Creation complete after 0s",
		"\x1b[31m╷",
		"│ Error: Git token lacks 1 of 2 scopes",
		"│ ",
		`│   12:   runtime = "prod"`,
		"│ It has repo.",
		"╵\x1b[0m",
	}, "\n")

	want := strings.Join([]string{
		"  # codefresh_git_user_token.me will be created",
		"  # codefresh_git_user_token.you will be created",
		dim(left),
		"\x1b[1mPlan:\x1b[0m 2 to add, 0 to change, 0 to destroy.",
		dim(left),
		"codefresh_git_user_token.me: Creation complete after 0s",
		"\x1b[31m╷",
		"│ Error: Git token lacks 1 of 2 scopes",
		"│ ",
		`│   12:   runtime = "prod"`,
		"│ It has repo.",
		"╵\x1b[0m",
		"",
	}, "\n")
	if got := excerpt(printed); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}

	if got := tidy("\x1b[0m\x1b[1ma\x1b[0m \x1b[0mb"); got != "\x1b[1ma\x1b[0m b" {
		t.Errorf("tidy gave %q", got)
	}

	if got := wrap(strings.Repeat("word ", 20)); len(strings.Split(got, "\n")) != 2 || strings.Contains(got, " \n") {
		t.Errorf("wrap gave %q", got)
	}

	if got := indent("a\n\nb\n"); got != "    a\n\n    b\n" {
		t.Errorf("indent gave %q", got)
	}

	if got := flatten("│ lacks 1\n│ of 2"); got != "lacks 1 of 2" {
		t.Errorf("flatten gave %q", got)
	}
}

func terraform(t *testing.T) string {
	t.Helper()

	for _, name := range []string{os.Getenv("TERRAFORM"), "terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}

	t.Fatal("neither terraform nor tofu is on PATH: run 'make test', which builds one")

	return ""
}
