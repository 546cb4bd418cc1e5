//go:build faults

package faultmatrix_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// What Terraform knows since 1.14: actions, invoked by name and by a trigger, and lists.
const (
	canaryActions = `
variable "doomed" {
  ephemeral = true
}

action "codefresh_git_token_verify" "named" {
  config {
    git_provider = "bitbucket-server"
    api_url      = "https://bitbucket-server.example.com/rest/api/1.0"
    token_type   = "user"
    token_name   = "ci"
  }
}
action "codefresh_git_token_revoke" "doomed" {
  config {
    git_provider = "gitlab"
    api_url      = "https://gitlab-self-managed.example.com/gitlab/api/v4"
    token_name   = "doomed"
    unused_by    = ["prod"]
  }
}
`

	canaryTrigger = `
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.codefresh_git_token_verify.named]
    }
  }
}
`

	canaryLists = `
list "codefresh_git_runtime_token" "all" {
  provider = codefresh
}
list "codefresh_git_user_token" "all" {
  provider         = codefresh
  include_resource = true
}
`
)

// TestActionCanary has all services repeat secrets while a Terraform with actions invokes them and queries, and looks
// for them in all that it prints, logs and generates. One without actions knows neither.
func TestActionCanary(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hosts := map[sandbox.Service]gitHost{}

	for _, h := range gitHosts() {
		hosts[h.service] = h
	}

	doom := func() {
		t.Helper()

		made, err := s.world.CreateToken(sandbox.Token{
			Service: sandbox.GitLabSelfManaged, Kind: "personal", Owner: "ci-bot", Scopes: []string{"api"},
		})
		if err != nil {
			t.Fatal(err)
		}

		s.forget("the token to be revoked") // the one before
		s.all = append(s.all, canary{name: "the token to be revoked", text: made.Text, known: true})
		s.variables["TF_VAR_doomed"] = made.Text
	}
	doom()

	if printed := s.run("validate", "validate", "-no-color"); !strings.Contains(printed, "is valid") {
		t.Fatalf("without actions it is not valid:\n%s", printed)
	}

	named := `  token_name  = "ci"` + "\n"
	s.write("main.tf", strings.NewReplacer(
		"spare = var.spare }", "spare = var.spare, doomed = var.doomed }", named+"}\n", named+canaryTrigger,
	).Replace(canaryConfiguration)+canaryActions)

	if printed := s.run("validate", "validate", "-no-color"); strings.Contains(printed, "Unsupported block type") {
		return // this Terraform, or OpenTofu, has no actions
	}

	s.write("all.tfquery.hcl", canaryLists)

	s.repeat(texts)

	if printed := s.run("apply", "apply", "-no-color", "-auto-approve"); !strings.Contains(printed, "4 added") ||
		!strings.Contains(printed, "codefresh_git_token_verify.named") {
		t.Fatalf("the apply failed, or triggered nothing:\n%s", printed)
	}

	// Neither a query nor an invocation looks at resources: nobody tells the provider of their tokens.
	s.forget("the first token literal", "the first token variable", "the first token write_only")

	forms := []string{"-no-color", "-json"}

	const generated = "generated.tf"

	for i, answer := range []func(*chorus, question, speaker, *reply){texts, texts, failures, failures, texts, failures} {
		form := forms[i%2]

		s.repeat(answer)
		s.run("query", "query", form)
		s.repeat(answer)
		s.run("query for a configuration", "query", form, "-generate-config-out="+generated)

		content, err := os.ReadFile(filepath.Join(s.folder, generated))
		if i < 2 && (err != nil || !strings.Contains(string(content), "codefresh_git_user_token")) {
			t.Errorf("the query generates %q: %v", content, err)
		}

		if err == nil {
			if err := os.Remove(filepath.Join(s.folder, generated)); err != nil {
				t.Fatal(err)
			}
		}

		for _, action := range []string{"codefresh_git_token_verify.named", "codefresh_git_token_revoke.doomed"} {
			s.repeat(answer)

			printed := s.run("invocation", "apply", form, "-auto-approve", "-invoke=action."+action)
			if !strings.Contains(printed, action) {
				t.Errorf("%s was not invoked:\n%s", action, printed)
			}
		}

		doom()
	}

	s.refuses = true
	s.run("query without a proxy", "query", "-json")
	s.run("invocation without a proxy", "apply", "-json", "-auto-approve",
		"-invoke=action.codefresh_git_token_verify.named")
	s.refuses = false

	s.give(hosts, "second")
	s.forget("the first token named")

	for _, form := range forms {
		s.repeat(refusals)
		s.run("apply that is refused", "apply", "-auto-approve", form)
	}

	s.repeat(texts)
	s.run("plan with a trigger", "plan", "-no-color", "-out=saved")
	s.json("plan in JSON", "show", "-json", "saved")
	s.run("apply with a trigger", "apply", "-json", "saved")

	t.Logf("%d sinks, %d with a secret taken out, %d leaks", s.sinks, s.marked, s.leaks)

	if s.marked < 20 {
		t.Error("the services repeat next to nothing")
	}
}
