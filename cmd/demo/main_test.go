package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDemo plays the whole demonstration, with the Terraform or OpenTofu that the other tests use.
func TestDemo(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	if err := run(t.Context(), &out, terraform(t)); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"7. Destroy", "admin:repo_hook", "was revoked", "Every step behaved"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in what the demo prints:\n%s", want, out.String())
		}
	}
}

// TestDemoNoticesMisbehaviour plays scenes that do not come true.
func TestDemoNoticesMisbehaviour(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	s, err := newStage(t.Context(), &out, terraform(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	token, err := s.mint("repo", "admin:repo_hook")
	if err != nil {
		t.Fatal(err)
	}
	scene := step{title: "plan", args: []string{"plan"}, runtime: token, user: token}

	wrongExit, wrongWords, wrongWorld := scene, scene, scene
	wrongExit.exit = exitChanges
	wrongWords.says = []string{"3 to add"}
	wrongWorld.check = s.holds(token, token)
	for name, tt := range map[string]struct {
		scene step
		want  string
	}{
		"exit code": {wrongExit, "exit code 0 instead of 2"},
		"words":     {wrongWords, `does not say "3 to add"`},
		"world":     {wrongWorld, "does not hold"},
	} {
		if err := s.steps(t.Context(), tt.scene); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	folder := s.folder
	s.close()
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s was left behind", folder)
	}
}

func TestRunNeedsTerraform(t *testing.T) {
	t.Parallel()

	if err := run(t.Context(), &bytes.Buffer{}, ""); err == nil || !strings.Contains(err.Error(), "make demo") {
		t.Errorf("got %v", err)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()

	printed := plain(strings.Join([]string{
		"\x1b[33m╷\x1b[0m",
		"│ Warning: Provider development overrides are in effect",
		"│ ",
		"│ The following overrides are set:",
		"╵",
		"  # codefresh_git_user_token.me will be created",
		"      + token = (sensitive value)",
		"Plan: 1 to add, 0 to change, 0 to destroy.",
		"╷",
		"│ Error: Git token lacks 1 of 2 scopes",
		"│ ",
		`│   on main.tf line 12, in resource "codefresh_git_runtime_token" "prod":`,
		`│   12:   runtime = "prod"`,
		"│ ",
		"│ It has repo.",
		"╵",
	}, "\n"))
	want := `   | # codefresh_git_user_token.me will be created
   | Plan: 1 to add, 0 to change, 0 to destroy.
   | Error: Git token lacks 1 of 2 scopes
   | on main.tf line 12, in resource "codefresh_git_runtime_token" "prod":
   | It has repo.
`
	if got := excerpt(printed); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
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
