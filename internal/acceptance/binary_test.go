package acceptance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// stage is a folder with a configuration and a state, and a Terraform that starts the provider's binary.
type stage struct {
	*world

	folder, settings string
}

// TestBinary is about what only a real process shows: exit codes, warnings, saved plans and what is printed.
func TestBinary(t *testing.T) {
	t.Parallel()

	folder := providerFolder(t)
	for name, test := range map[string]func(t *testing.T, s *stage){
		"saved plan":      savedPlan,
		"revoked":         revokedAtTheTerminal,
		"soft":            softAtTheTerminal,
		"out of reach":    outOfReachAtTheTerminal,
		"other account":   otherAccountAtTheTerminal,
		"user moved away": userMovedAway,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newLifeStage(t, folder))
		})
	}
}

func newLifeStage(t *testing.T, binaries string) *stage {
	t.Helper()
	s := &stage{world: lifeWorld(t, sandbox.Runtime{}), folder: t.TempDir()}
	s.settings = filepath.Join(s.folder, "settings")
	address := strings.SplitN(provider.Address, "/", 2)[1] // Terraform and OpenTofu put their own registry before it
	s.write("settings",
		fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", address, binaries))
	s.write("versions.tf", fmt.Sprintf("terraform {\n  required_providers {\n    codefresh = { source = %q }\n  }\n}\n",
		address))

	return s
}

func (s *stage) write(name, text string) {
	s.t.Helper()
	s.must(os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600))
}

// terraform runs Terraform, which must end with this exit code and say texts. It returns what was printed.
func (s *stage) terraform(exit int, args []string, texts ...string) string {
	s.t.Helper()

	path := "terraform"
	if chosen := os.Getenv("TF_ACC_TERRAFORM_PATH"); chosen != "" {
		path = chosen
	}

	command := exec.CommandContext(s.t.Context(), path,
		append([]string{args[0], "-input=false", "-no-color"}, args[1:]...)...)
	command.Dir = s.folder
	command.Env = []string{
		"TF_CLI_CONFIG_FILE=" + s.settings, "CHECKPOINT_DISABLE=1", "HOME=" + s.folder, "PATH=" + os.Getenv("PATH"),
		"TMPDIR=" + os.TempDir(),
	}
	printed, err := command.CombinedOutput()

	exited := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &exited) {
		s.t.Fatalf("running terraform: %v", err)
	}

	if code := command.ProcessState.ExitCode(); code != exit {
		s.t.Fatalf("terraform %v ended with %d, want %d:\n%s", args, code, exit, printed)
	}

	for _, text := range texts {
		if !says(text).Match(printed) {
			s.t.Errorf("terraform %v does not say %q:\n%s", args, text, printed)
		}
	}

	return string(printed)
}

// plan plans and finds changes; apply applies what is configured.
func (s *stage) plan(texts ...string) string {
	s.t.Helper()

	return s.terraform(2, []string{"plan", "-detailed-exitcode"}, texts...)
}

func (s *stage) apply(texts ...string) {
	s.t.Helper()
	s.terraform(0, []string{"apply", "-auto-approve"}, texts...)
}

func savedPlan(t *testing.T, s *stage) {
	t.Helper()

	good, next := s.mint("repo", "admin:repo_hook"), s.mint("repo", "admin:repo_hook")

	with := func(text string) string {
		return s.config(runtimeToken, set("token", text)) + block(userToken, set("token", text))
	}
	for i, text := range []string{good, next} {
		s.write("main.tf", with(text))
		before, sent := s.attributes(), s.sent()
		s.terraform(0, []string{"plan", "-out=plan"})
		s.must(s.SetScopes(text, "read:org"))
		printed := s.terraform(1, []string{"apply", "plan"},
			"Git token lacks 2 of 2 scopes", "Git token lacks its only required scope")
		s.wantSent(sent)

		if strings.Contains(printed, text) {
			t.Error("terraform printed the token")
		}

		if diff := cmp.Diff(before, s.attributes()); diff != "" {
			t.Errorf("the state changed (-before +after):\n%s", diff)
		}

		if i == 0 {
			s.must(s.SetScopes(text, "repo", "admin:repo_hook"))
			s.apply("2 added")
			s.wantSent(2)
		}
	}
}

// attributes returns what the state holds, by the resources' addresses.
func (s *stage) attributes() map[string]any {
	s.t.Helper()

	text, err := os.ReadFile(filepath.Join(s.folder, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}

	s.must(err)

	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes any }
		}
	}
	s.must(json.Unmarshal(text, &state))

	var found map[string]any

	for _, r := range state.Resources {
		for _, i := range r.Instances { // a create that failed leaves none
			if found == nil {
				found = map[string]any{}
			}

			found[r.Type+"."+r.Name] = i.Attributes
		}
	}

	return found
}

func revokedAtTheTerminal(t *testing.T, s *stage) {
	t.Helper()

	text := s.mint("repo", "admin:repo_hook")
	s.write("main.tf", s.config(runtimeToken, set("token", text)))
	s.apply("1 added")
	s.must(s.RevokeToken(text))

	s.write("main.tf", s.config(runtimeToken, set("token", text))+later("other", "1"))
	printed := s.plan("Warning: Git token was revoked", `"ci-bot"`, "/settings/tokens/new?scopes=repo,admin:repo_hook",
		"1 to add, 1 to change, 0 to destroy")
	// The refresh and the plan both come upon it, and it is told once.
	if n := strings.Count(printed, "Git token was revoked"); n != 1 {
		t.Errorf("the warning is given %d times:\n%s", n, printed)
	}

	if strings.Contains(printed, text) {
		t.Error("terraform printed the token")
	}

	s.terraform(1, []string{"apply", "-auto-approve"}, "Error: Git token was revoked")

	if s.attributes()["terraform_data.other"] == nil {
		t.Error("the other resource was not applied")
	}

	s.terraform(0, []string{"destroy", "-auto-approve"}, "Git runtime token stays in Codefresh", "2 destroyed")
	s.wantHeld(lifeKinds()[0], text)
}

func softAtTheTerminal(t *testing.T, s *stage) {
	t.Helper()

	fine := s.token(sandbox.Token{
		Service: lifeHost, Kind: "fine_grained", Owner: "ci-bot",
		ExpiresAt: time.Now().Add(80 * time.Hour),
	}).Text
	s.write("main.tf", s.config(runtimeToken, set("token", fine)))
	s.plan("Warning: Git token works, but its permissions are not proved", "Warning: Git token expires in 3 days")
	s.apply("Warning: Git token works, but its permissions are not proved", "1 added")
	s.wantHeld(lifeKinds()[0], fine)

	s.write("main.tf",
		s.provider("expiry_warning_days = 2", set("validation", "skip"))+block(runtimeToken, set("token", fine)))

	printed := s.terraform(0, []string{"plan", "-detailed-exitcode"}, "No changes.")
	if strings.Contains(printed, "Warning: Git token") {
		t.Errorf("a check that is skipped has something to say:\n%s", printed)
	}

	narrow := s.mint("repo")
	s.write("main.tf", s.config(runtimeToken, set("token", narrow), set("validation", "warn")))
	s.plan("Warning: Git token lacks 1 of 2 scopes", "admin:repo_hook")
	// Codefresh's own check has the last word.
	s.terraform(1, []string{"apply", "-auto-approve"}, "Codefresh refuses the Git token")
	s.wantHeld(lifeKinds()[0], fine)
}

func outOfReachAtTheTerminal(t *testing.T, s *stage) {
	t.Helper()

	text := s.mint("repo", "admin:repo_hook")
	s.write("main.tf", s.config(userToken, set("token", text)))
	s.apply("1 added")
	s.must(s.Break(lifeHost, sandbox.Fault{Mode: "refuse"}))
	s.must(s.SetReach(runtimeName, sandbox.ReachTunnelDown))

	unchanged := []string{"plan", "-detailed-exitcode"}

	printed := s.terraform(0, unchanged, "Warning: Codefresh could not be reached", "app_proxy_url",
		"Warning: Git token could not be checked", "No changes.")
	if n := strings.Count(printed, "Warning: Codefresh could not be reached"); n != 1 {
		t.Errorf("the warning is given %d times:\n%s", n, printed)
	}

	s.write("main.tf", s.config(userToken, set("token", s.mint("repo"))))
	s.plan("Warning: Git token could not be checked")
	s.terraform(1, []string{"apply", "-auto-approve"}, "Error: Codefresh could not be reached")
	s.must(s.SetReach(runtimeName, sandbox.ReachUp))
	s.terraform(1, []string{"apply", "-auto-approve"}, "Error: Git token could not be checked",
		"Nothing was sent to Codefresh")
	s.wantHeld(lifeKinds()[1], text)
}

// Without a refresh nothing notices the other account before the last moment.
func otherAccountAtTheTerminal(t *testing.T, s *stage) {
	t.Helper()
	elsewhere := newWorld(t)
	text, next := s.mint("repo"), s.mint("repo")
	s.write("main.tf", s.config(userToken, set("token", text)))
	s.apply("1 added")
	before := s.attributes()

	for _, args := range [][]string{{"apply"}, {"destroy"}} {
		s.write("main.tf", elsewhere.provider()+block(userToken, append(s.setHost(), set("token", next))...))
		s.terraform(1, append(args, "-auto-approve", "-refresh=false"), "API key belongs to another Codefresh account")
	}

	elsewhere.wantSent(0)

	if diff := cmp.Diff(before, s.attributes()); diff != "" {
		t.Errorf("the state changed (-before +after):\n%s", diff)
	}

	s.wantHeld(lifeKinds()[1], text)
}

// Somebody else's key deregisters somebody else: a destroy with it does nothing.
func userMovedAway(t *testing.T, s *stage) {
	t.Helper()

	text := s.mint("repo")
	s.write("main.tf", s.config(userToken, set("token", text)))
	s.apply("1 added")
	bob, key, err := s.AddUser("bob", true)
	s.must(err)
	ours := s.providerWith(key) + block(userToken, set("token", text))
	s.write("main.tf", ours)
	s.terraform(1, []string{"destroy", "-auto-approve"}, "Git user token is another user's", bob)
	s.wantHeld(lifeKinds()[1], text)

	s.plan("Warning: API key is another user's", "0 to add, 1 to change")
	s.apply("1 changed")

	if held, _ := s.UserToken(runtimeName, "default", bob); held != text {
		t.Error("the token is not registered for the user whose key is in use")
	}
}
