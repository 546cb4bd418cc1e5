package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// A token that comes from something not applied yet is checked once it is there; nothing is asked before. What the
// ephemeral resource answers goes where ephemeral values may go: here, to a provider that shows what it gets.
func TestTokenCheckInTerraform(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.cli()

	const echo = "registry.terraform.io/hashicorp/echo"

	c.others = map[string]func() (tfprotov6.ProviderServer, error){echo: echoprovider.NewProviderServer()}
	c.write("versions.tf", fmt.Sprintf(`terraform {
  required_providers {
    codefresh = { source = %q }
    echo = { source = %q }
  }
}
`, provider.Address, echo))

	lines := append(w.setHost(), set("token_type", "runtime"), "token = terraform_data.token.output")
	attributes := strings.Join(lines, "\n  ")
	narrow := w.mint("repo")
	c.configure(w.provider(), later("token", narrow), fmt.Sprintf(`
data %[1]q "it" {
  %[2]s
}
ephemeral %[1]q "it" {
  %[2]s
}
provider "echo" {
  data = {
    ok      = ephemeral.%[1]s.it.ok
    status  = ephemeral.%[1]s.it.status
    missing = ephemeral.%[1]s.it.missing_scopes
  }
}
resource "echo" "it" {}
`, tokenCheck, attributes))

	if got := c.plan().wantExit(2); len(got.diagnostics) > 0 {
		t.Errorf("the plan says %v", got.diagnostics)
	}

	if asked := w.Requests(); len(asked) > 0 {
		t.Errorf("the plan asked %v", asked)
	}

	c.apply().wantExit(0)

	state := c.state()
	if got := state["data."+tokenCheck+".it"]; got["ok"] != false || got["status"] != "under_scoped" {
		t.Errorf("the data source says %v", got)
	}

	want := map[string]any{"ok": false, "status": "under_scoped", "missing": []any{"admin:repo_hook"}}
	if diff := cmp.Diff(any(want), state["echo.it"]["data"]); diff != "" {
		t.Errorf("the ephemeral resource says (-want +got):\n%s", diff)
	}

	if asked := w.operations(); !cmp.Equal(asked, map[string]int{string(lifeHost) + " GET /api/v3/user": 1}) {
		t.Errorf("the apply asked %v", asked)
	}
}
