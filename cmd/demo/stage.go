package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// stepLimit is when a step that comes to no end has failed.
const stepLimit = 2 * time.Minute

// stage is a folder with the provider, a configuration and a state, and the sandbox that they meet.
type stage struct {
	page

	terraform string
	folder    string
	sandbox   *sandbox.Sandbox
	team      []member
}

// tokens are those in the configuration, by the name that resources have for them.
type tokens map[string]string

// step is one scene: a run of Terraform and what is to come of it.
type step struct {
	title, why string
	first      func() error                    // what happens elsewhere before; may be nil
	during     func(ctx context.Context) error // what happens elsewhere while Terraform runs; may be nil
	args       []string
	tokens     tokens
	exit       int
	means      string   // the exit code, in words
	says       []string // texts that Terraform must print
	check      func() error
}

// newStage builds the provider and sets everything up. Close it after use.
func newStage(ctx context.Context, p page, terraform string) (*stage, error) {
	folder, err := os.MkdirTemp("", "codefresh-demo-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}

	s := &stage{page: p, terraform: terraform, folder: folder}
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

	if s.team, err = s.hire(); err != nil {
		return err
	}

	files := map[string]string{
		"main.tf": configuration, "provider.tf": settings, "ca.pem": string(s.sandbox.CACertificate()),
		"versions.tf": fmt.Sprintf("terraform {\n  required_providers {\n    codefresh = { source = %q }\n  }\n}\n",
			provider.Address),
		"terraformrc": fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n",
			provider.Address, s.folder),
	}
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
		fmt.Fprintln(s, "could not remove", s.folder+":", err)
	}
}

// steps plays scenes in order, and stops at the first that does not behave.
func (s *stage) steps(ctx context.Context, scenes ...step) error {
	for i, scene := range scenes {
		fmt.Fprintf(s, "%s\n%s\n\n", heading(scene.title), wrap(scene.why))

		if err := s.step(ctx, scene); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, scene.title, err)
		}
	}

	return nil
}

func (s *stage) step(ctx context.Context, scene step) error {
	if scene.first != nil {
		if err := scene.first(); err != nil {
			return err
		}
	}

	fmt.Fprintln(s, bold("$ terraform "+strings.Join(scene.args, " ")))

	printed, exit, err := s.run(ctx, scene)
	if err != nil {
		return err
	}

	fmt.Fprintf(s, "%s%s\n\n", excerpt(printed), dim(fmt.Sprintf("exit code %d: %s", exit, scene.means)))

	if exit != scene.exit {
		return fmt.Errorf("exit code %d instead of %d:\n%s", exit, scene.exit, plain(printed))
	}

	flat := flatten(printed)
	for _, text := range scene.says {
		if !strings.Contains(flat, text) {
			return fmt.Errorf("terraform does not say %q:\n%s", text, plain(printed))
		}
	}

	for _, token := range scene.tokens {
		if strings.Contains(printed, token) {
			return errors.New("terraform printed a token")
		}
	}

	if scene.check == nil {
		return nil
	}

	return scene.check()
}

// run runs Terraform, and what happens elsewhere meanwhile. It returns what Terraform printed and its exit code.
func (s *stage) run(ctx context.Context, scene step) (printed string, exit int, err error) {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()

	command, err := s.command(ctx, scene)
	if err != nil {
		return "", 0, err
	}

	var out bytes.Buffer

	command.Stdout, command.Stderr = &out, &out

	elsewhere, end := context.WithCancel(ctx)
	defer end()

	happened := make(chan error, 1)

	go func() {
		if scene.during == nil {
			happened <- nil
		} else {
			happened <- scene.during(elsewhere)
		}
	}()

	err = command.Run()

	if ctx.Err() != nil {
		return "", 0, fmt.Errorf("terraform came to no end:\n%s", plain(out.String()))
	}

	end() // Terraform waits for all of it, unless it failed

	if elsewhereErr := <-happened; elsewhereErr != nil && !errors.Is(elsewhereErr, context.Canceled) {
		return "", 0, elsewhereErr
	}

	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		return "", 0, fmt.Errorf("running terraform: %w", err)
	}

	return out.String(), command.ProcessState.ExitCode(), nil
}

func (s *stage) command(ctx context.Context, scene step) (*exec.Cmd, error) {
	keys := make(map[string]string)
	for _, m := range s.team {
		keys[m.name] = m.apiKey
	}

	given, err := json.Marshal(scene.tokens)
	if err != nil {
		return nil, fmt.Errorf("writing tokens: %w", err)
	}

	givenKeys, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("writing keys: %w", err)
	}

	_, key := s.sandbox.DefaultUser()

	args := append([]string{scene.args[0], "-input=false"}, scene.args[1:]...)
	command := exec.CommandContext(ctx, s.terraform, args...) //nolint:gosec // The user's own Terraform.
	command.Dir = s.folder
	// By way of this proxy the sandbox answers in the place of api.github.com, gitlab.com and the others.
	command.Env = append(os.Environ(), "HTTPS_PROXY="+s.sandbox.ProxyURL(), "NO_PROXY=", "CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+filepath.Join(s.folder, "terraformrc"), "CODEFRESH_API_KEY="+key,
		"TF_VAR_git_tokens="+string(given), "TF_VAR_api_keys="+string(givenKeys))

	return command, nil
}
