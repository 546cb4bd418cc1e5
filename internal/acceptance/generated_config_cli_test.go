package acceptance_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// What "terraform query" writes for everything that Codefresh holds is a configuration that lacks the tokens and
// nothing else: with them it is imported without a word, sent once, and settled then. Before Terraform 1.14 there is no
// query.
func TestGeneratedConfig(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})

	c := w.cli()
	if !c.isAtLeast(14, 0) {
		if _, _, exit := c.execute("query"); exit == 0 {
			t.Error("an older release has a query all the same")
		}

		return
	}

	text := c.secret(w.mint("repo", "admin:repo_hook"))
	registered := block(runtimeToken, set("token_name", "ci")) + block(userToken, set("token_name", "ci"))
	provider := w.provider(namedTokens(map[string]string{"ci": text}))
	c.configure(provider, registered)
	c.apply().wantExit(0)
	c.forgetState()

	c.configure(provider)

	lists := ""
	for _, name := range []string{runtimeToken, userToken} {
		lists += "list \"" + name + "\" \"all\" {\n  provider = codefresh\n}\n"
	}

	c.write("all.tfquery.hcl", lists)

	if _, problems, exit := c.execute("query", "-generate-config-out=generated.tf"); exit != 0 {
		t.Fatalf("the query fails: %s", problems)
	}

	generated := readText(t, filepath.Join(c.folder, "generated.tf"))
	if strings.Contains(generated, text) {
		t.Error("the configuration holds a token")
	}

	c.plan().wantExit(1).wants("Git token is missing")

	filled := strings.ReplaceAll(generated, "token_name         = null", `token_name         = "ci"`)
	if n := strings.Count(filled, `"ci"`); n != 2 {
		t.Fatalf("%d of 2 resources have a place for the token:\n%s", n, generated)
	}

	c.write("generated.tf", filled)

	planned := c.plan().wantExit(2)

	changes := c.changes()
	for address, ch := range changes {
		if !slices.Equal(ch.Actions, []string{"update"}) {
			t.Errorf("%s is to be %v", address, ch.Actions)
		}
	}

	if len(changes) != 2 {
		t.Errorf("the plan changes %v", changes)
	}

	applied, settled := c.apply().wantExit(0), c.plan().wantExit(0)
	for _, d := range slices.Concat(planned.diagnostics, applied.diagnostics, settled.diagnostics) {
		t.Errorf("unexpected %s", d)
	}
}
