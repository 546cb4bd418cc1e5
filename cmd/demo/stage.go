package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	runtimeName = "prod"
	gitHost     = sandbox.GitHubEnterprise
)

// stage is a folder with the provider, a configuration and a state, and the sandbox that they meet.
type stage struct {
	out       io.Writer
	terraform string
	folder    string
	sandbox   *sandbox.Sandbox
}

// step is one scene: a run of Terraform and what is to come of it.
type step struct {
	title, why    string
	first         func() error // what happens elsewhere before; may be nil
	args          []string
	runtime, user string // the tokens in the configuration
	exit          int
	says          []string // texts that Terraform must print
	check         func() error
}

// newStage builds the provider and sets everything up. Close it after use.
func newStage(ctx context.Context, out io.Writer, terraform string) (*stage, error) {
	folder, err := os.MkdirTemp("", "codefresh-demo-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	s := &stage{out: out, terraform: terraform, folder: folder}
	if err := s.prepare(ctx); err != nil {
		s.close()

		return nil, err
	}

	return s, nil
}

func (s *stage) prepare(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", s.folder+string(filepath.Separator),
		"github.com/codefresh-gitops/terraform-provider-codefresh")
	if printed, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, printed)
	}
	var err error
	if s.sandbox, err = sandbox.Start(sandbox.Options{}); err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	if err := s.sandbox.SetAccountGit("GITHUB", s.sandbox.URL(gitHost)+"/api/v3"); err != nil {
		return fmt.Errorf("choosing the account's Git host: %w", err)
	}
	if err := s.sandbox.AddRuntime(sandbox.Runtime{Name: runtimeName}); err != nil {
		return fmt.Errorf("adding a runtime: %w", err)
	}

	_, key := s.sandbox.DefaultUser()
	files := map[string]string{
		"main.tf": configuration,
		"provider.tf": fmt.Sprintf("provider \"codefresh\" {\n  url     = %q\n  api_key = %q\n}\n",
			s.sandbox.URL(sandbox.Codefresh), key),
		"terraformrc": fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n",
			provider.Address, s.folder),
	}
	files["versions.tf"] = fmt.Sprintf("terraform {\n  required_providers {\n    codefresh = { source = %q }\n  }\n}\n",
		provider.Address)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}

	return nil
}

// close ends the sandbox and leaves nothing behind.
func (s *stage) close() {
	if s.sandbox != nil {
		s.sandbox.Close()
	}
	if err := os.RemoveAll(s.folder); err != nil {
		fmt.Fprintln(s.out, "could not remove", s.folder+":", err)
	}
}

// steps plays scenes in order, and stops at the first that does not behave.
func (s *stage) steps(ctx context.Context, scenes ...step) error {
	fmt.Fprintf(s.out, "The configuration:\n\n%s\n", indent(configuration))
	for i, scene := range scenes {
		fmt.Fprintf(s.out, "%d. %s\n   %s\n", i+1, scene.title, scene.why)
		if err := s.step(ctx, scene); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, scene.title, err)
		}
	}
	fmt.Fprintln(s.out, "Every step behaved as it says.")

	return nil
}

func (s *stage) step(ctx context.Context, scene step) error {
	if scene.first != nil {
		if err := scene.first(); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "   $ terraform %s\n", strings.Join(scene.args, " "))
	printed, exit, err := s.run(ctx, scene)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s   (exit code %d)\n\n", excerpt(printed), exit)

	if exit != scene.exit {
		return fmt.Errorf("exit code %d instead of %d:\n%s", exit, scene.exit, printed)
	}
	flat := flatten(printed)
	for _, text := range scene.says {
		if !strings.Contains(flat, text) {
			return fmt.Errorf("terraform does not say %q:\n%s", text, printed)
		}
	}
	for _, token := range []string{scene.runtime, scene.user} {
		if strings.Contains(printed, token) {
			return errors.New("terraform printed a token")
		}
	}
	if scene.check == nil {
		return nil
	}

	return scene.check()
}

// run runs Terraform and returns what it printed and its exit code.
func (s *stage) run(ctx context.Context, scene step) (string, int, error) {
	args := append([]string{scene.args[0], "-input=false"}, scene.args[1:]...)
	command := exec.CommandContext(ctx, s.terraform, args...) //nolint:gosec // The user's own Terraform.
	command.Dir = s.folder
	command.Env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(s.folder, "terraformrc"), "CHECKPOINT_DISABLE=1",
		"TF_VAR_runtime_git_token="+scene.runtime, "TF_VAR_my_git_token="+scene.user)
	printed, err := command.CombinedOutput()
	exited := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &exited) {
		return "", 0, fmt.Errorf("running terraform: %w", err)
	}

	// With colours, Terraform frames its diagnostics, so that their end can be told.
	return plain(string(printed)), command.ProcessState.ExitCode(), nil
}
