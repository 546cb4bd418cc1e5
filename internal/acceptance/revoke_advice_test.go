package acceptance_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// TestReplacementAdvisesNoRevocation replaces and renames the resource of a runtime token. Terraform destroys the old
// resource and the token stays in use: whatever is said of revoking it has to wait until the runtime has another one.
func TestReplacementAdvisesNoRevocation(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		after func(text string) string
		args  []string
	}{
		"replaced": {func(text string) string { return block(runtimeToken, set("token", text)) }, []string{
			"-replace=" + runtimeToken + ".it",
		}},
		"created first": {func(text string) string {
			return block(runtimeToken, set("token", text), "lifecycle { create_before_destroy = true }")
		}, []string{"-replace=" + runtimeToken + ".it"}},
		"renamed": {func(text string) string {
			return provided(runtimeToken, "renamed", set("runtime", runtimeName), set("token", text))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[0]
			text := c.secret(w.mint("repo", "admin:repo_hook"))

			c.configure(w.provider(), block(runtimeToken, set("token", text)))
			c.apply().wantExit(0)
			c.configure(w.provider(), test.after(text))

			planned := c.plan(test.args...).wantExit(2)
			applied := c.run(append([]string{"apply", "-json", "-input=false", "-auto-approve"}, test.args...)...).wantExit(0)

			w.wantHeld(k, text)

			waits := false

			for _, d := range append(planned.diagnostics, applied.diagnostics...) {
				switch whole := d.String(); {
				case !strings.Contains(strings.ToLower(whole), "revoke"):
				case strings.Contains(whole, "only once the runtime has another one"):
					waits = true
				default:
					t.Errorf("a token in use is to be revoked:\n%s", d)
				}
			}

			if !waits {
				t.Errorf("nothing is said of the token that stays:\n%v", applied.diagnostics)
			}

			c.wantSettled()
		})
	}
}
