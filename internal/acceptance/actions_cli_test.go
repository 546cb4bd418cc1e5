package acceptance_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// knowsActions reports whether the CLI has actions, as Terraform does since 1.14.
func (c *cli) knowsActions() bool { return c.isAtLeast(14, 0) }

func (c *cli) invoke(action string) said {
	c.t.Helper()

	return c.run("apply", "-json", "-input=false", "-auto-approve", "-invoke=action."+action)
}

// wants says what the run printed lacks.
func (s said) wants(texts ...string) {
	s.t.Helper()

	for _, text := range texts {
		if !strings.Contains(s.text, text) {
			s.t.Errorf("it does not say %q:\n%s", text, s.text)
		}
	}
}

const verifyTrigger = `
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.codefresh_git_token_verify.it]
    }
  }`

// TestActionsInTerraform follows tokens from their registration to their revocation, with the Terraform at hand: one
// with actions invokes them, any other manages the tokens all the same.
func TestActionsInTerraform(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.cli()

	first, second, third := w.mint("repo", "admin:repo_hook"), w.mint("repo", "admin:repo_hook"),
		w.mint("repo", "admin:repo_hook")
	for _, text := range []string{first, second, third} {
		c.secret(text)
	}

	host := strings.Join(w.setHost(), "\n    ")
	tokens := `
variable "ci" { ephemeral = true }
variable "ci_old" { ephemeral = true }
`
	// Terraform 1.16 lets the configuration of an action refer to no resource that triggers it.
	actions := func(trigger string) string {
		unused := "codefresh_git_runtime_token.it.id"
		if strings.Contains(trigger, "_revoke") {
			unused = strconv.Quote(runtimeName)
		}

		return fmt.Sprintf(`
action "codefresh_git_token_verify" "it" {
  config {
    %[1]s
    token_type = "runtime"
    token_name = "ci"
  }
}
action "codefresh_git_token_revoke" "it" {
  config {
    %[1]s
    token_name = "ci-old"
    unused_by  = [%[2]s]
  }
}
`, host, unused)
	}

	configure := func(current, previous, trigger string) {
		values, err := json.Marshal(map[string]string{"ci": current, "ci_old": previous})
		c.must(err)
		c.write("terraform.tfvars.json", string(values))
		c.configure(w.provider("git_tokens = { ci = var.ci, ci-old = var.ci_old }"), tokens, actions(trigger),
			block(runtimeToken, set("token_name", "ci"), trigger))
	}
	if !c.knowsActions() {
		configure(first, second, "")

		if _, problems, exit := c.execute("validate"); exit != 1 || !strings.Contains(problems, "Unsupported block type") {
			t.Errorf("an action leads to %d: %s", exit, problems)
		}

		c.configure(w.provider("git_tokens = { ci = var.ci, ci-old = var.ci_old }"), tokens,
			block(runtimeToken, set("token_name", "ci")))
		c.apply().wantExit(0)
		c.plan().wantExit(0)

		return
	}

	revokeTrigger := strings.ReplaceAll(verifyTrigger, "_verify", "_revoke")

	// A create asks once more, by the trigger; a pipeline does so at any time.
	configure(first, second, verifyTrigger)
	c.apply().wantExit(0).wants("is valid: has every required scope")
	c.plan().wantExit(0)
	c.invoke("codefresh_git_token_verify.it").wantExit(0).wants("is valid: has every required scope")

	// What is in use is not revoked: an invocation reads the resource that the action refers to, and a trigger comes with
	// the plan that would replace the token.
	configure(second, first, verifyTrigger)
	c.invoke("codefresh_git_token_revoke.it").wantExit(1).wants("Git token is in use")
	configure(second, first, revokeTrigger)
	c.plan().wantExit(1).wants("Git token is in use")
	configure(first, first, "")
	c.invoke("codefresh_git_token_revoke.it").wantExit(1).wants("in use under another name")
	w.wantRevoked(t, lifeHost, false)

	// After the rotation it is, be it by the next one's trigger, and once more is no error.
	configure(second, first, verifyTrigger)
	c.apply().wantExit(0).wants("is valid: has every required scope")
	configure(third, first, revokeTrigger)
	c.plan().wantExit(2)
	c.wantsNoSecretInPlan()
	c.apply().wantExit(0).wants("is revoked: the host rejects it")
	w.wantRevoked(t, lifeHost, true)
	c.invoke("codefresh_git_token_revoke.it").wantExit(0).wants("Git token is rejected already")
	c.plan().wantExit(0)

	configure(third, second, "")
	c.invoke("codefresh_git_token_revoke.it").wantExit(0).wants("is revoked: the host rejects it")
	w.must(w.RevokeToken(third))
	c.invoke("codefresh_git_token_verify.it").wantExit(1).wants("Git token is not valid at")

	for _, secret := range c.secrets {
		if strings.Contains(readText(t, filepath.Join(c.folder, "terraform.tfstate")), secret) {
			t.Error("the state holds a secret")
		}
	}
}

// wantsNoSecretInPlan looks for the Git tokens in the saved plan: it has all that Terraform keeps of an action. The API
// key is in the configuration, which a plan has a copy of.
func (c *cli) wantsNoSecretInPlan() {
	c.t.Helper()
	saved, err := zip.OpenReader(filepath.Join(c.folder, "saved"))
	c.must(err)

	defer func() { _ = saved.Close() }()

	for _, file := range saved.File {
		opened, err := file.Open()
		c.must(err)
		text, err := io.ReadAll(opened)
		c.must(err)

		for _, secret := range c.secrets[1:] {
			if strings.Contains(string(text), secret) {
				c.t.Errorf("%s of the saved plan holds a token", file.Name)
			}
		}
	}

	if len(saved.File) < 3 {
		c.t.Errorf("the saved plan has %d files", len(saved.File))
	}
}

// The examples of actions can be invoked as they stand.
func TestActionExamples(t *testing.T) {
	t.Parallel()

	for name, says := range map[string]string{
		"codefresh_git_token_verify/action.tf": "is valid: has every required scope",
		"codefresh_git_token_revoke/action.tf": "is revoked: the host rejects it",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := exampleWorld(t)
			for _, other := range []string{"staging", "emea", "apac"} {
				w.must(w.RemoveRuntime(other))
			}

			values := exampleValues(w)
			values["ci_bot_old_token"] = w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic"}).Text

			c := exampleCLIGiven(w, values, filepath.Join(actionExamples, name))
			if !c.knowsActions() {
				return // TestActionsInTerraform says what becomes of them
			}

			c.apply().wantExit(0)

			command := regexp.MustCompile(`(?m)^# terraform apply -invoke=action\.(\S+)$`).FindStringSubmatch(
				readText(t, filepath.Join(actionExamples, name)))
			if command == nil {
				t.Fatal("it names no command")
			}

			c.invoke(command[1]).wantExit(0).wants(says)
		})
	}
}
