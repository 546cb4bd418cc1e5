package acceptance_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// A resource that is not to be destroyed is forgotten without a word, and Codefresh keeps its token. OpenTofu has that
// since 1.12, Terraform since 1.16; earlier ones refuse the argument.
func TestForgetByLifecycle(t *testing.T) {
	t.Parallel()

	for _, k := range lifeKinds() {
		t.Run(k.resourceType, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c := w.cli()
			text := c.secret(w.mint(k.scopes...))
			c.configure(w.provider(namedTokens(map[string]string{"ci": text})),
				block(k.resourceType, set("token_name", "ci"), "lifecycle {\n    destroy = false\n  }"))

			if !c.isAtLeast(16, 12) {
				if _, problems, exit := c.execute("validate"); exit != 1 || !strings.Contains(problems, `"destroy"`) {
					t.Errorf("the argument leads to %d: %s", exit, problems)
				}

				return
			}

			c.apply().wantExit(0)

			command := []string{"apply", "-destroy", "-json", "-input=false", "-auto-approve"}
			if c.isAtLeast(0, 12) {
				command = append(command, "-suppress-forget-errors") // without it, OpenTofu exits with 1 once all is done
			}

			forgot := c.run(command...).wantExit(0)
			for _, d := range forgot.diagnostics {
				if d.Address != "" || d.Severity == "error" {
					t.Errorf("the provider is asked to destroy: %s", d)
				}
			}

			if state := c.state(); len(state) > 0 {
				t.Errorf("the state holds %v", state)
			}

			if got := k.held(w); got != text {
				t.Error("Codefresh does not hold the token any more")
			}
		})
	}
}
