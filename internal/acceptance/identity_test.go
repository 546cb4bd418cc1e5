package acceptance_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// Import by identity came with Terraform 1.12. The protocol below it is the same for every Terraform that this runs
// with.
func TestImportByIdentity(t *testing.T) {
	t.Parallel()

	w := auditWorld(t)
	me, _ := w.DefaultUser()
	other := w.userIDs["release-bot"]

	x := w.wire(map[string]any{"max_retries": 0})
	for name, tt := range map[string]struct {
		block    string
		identity map[string]any
		want     map[string]any // the identity after the import
		state    map[string]any // some of the state; nil if there is none
		says     string
	}{
		"runtime": {
			block: runtimeToken, identity: map[string]any{"runtime": runtimeName}, want: map[string]any{"runtime": runtimeName},
			state: map[string]any{
				"id": runtimeName, "runtime": runtimeName, "codefresh_status": "successful", "git_provider": "github",
				"api_url": w.api(), "status": nil, "token_fingerprint": nil,
			},
		},
		"no such runtime": {
			block: runtimeToken, identity: map[string]any{"runtime": "nowhere"}, want: map[string]any{"runtime": "nowhere"},
			says: `Runtime "nowhere" is gone`,
		},
		"runtime out of reach": {
			block: runtimeToken, identity: map[string]any{"runtime": "down"}, want: map[string]any{"runtime": "down"},
			state: map[string]any{"id": "down", "codefresh_status": "failed"},
		},
		"user, by the runtime alone": {
			block: userToken, identity: map[string]any{"runtime": runtimeName},
			want: map[string]any{"runtime": runtimeName, "integration": "default", "user_id": me},
			state: map[string]any{
				"id": runtimeName + "/default", "user_id": me, "integration": "default", "codefresh_status": "successful",
				"git_provider": "github", "api_url": w.api(),
			},
		},
		"another user": {
			block: userToken, identity: map[string]any{"runtime": runtimeName, "integration": "extra", "user_id": other},
			want: map[string]any{"runtime": runtimeName, "integration": "extra", "user_id": other},
			state: map[string]any{
				"id": runtimeName + "/extra", "user_id": other, "codefresh_status": "failed", "git_provider": "gitlab",
				"api_url": w.URL(sandbox.GitLabSelfManaged) + "/api/v4",
			},
		},
		"not registered": {
			block: userToken, identity: map[string]any{"runtime": runtimeName, "integration": "extra"},
			want: map[string]any{"runtime": runtimeName, "integration": "extra", "user_id": me},
			says: "Git user token is no longer registered",
		},
		"no such integration": {
			block: userToken, identity: map[string]any{"runtime": runtimeName, "integration": "none"},
			want: map[string]any{"runtime": runtimeName, "integration": "none", "user_id": me},
			says: "Git integration is gone",
		},
		"user, out of reach": {
			block: userToken, identity: map[string]any{"runtime": "down", "user_id": other},
			want:  map[string]any{"runtime": "down", "integration": "default", "user_id": other},
			state: map[string]any{"id": "down/default", "user_id": other, "codefresh_status": nil},
			says:  "Codefresh could not be reached",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := x.adopt(tt.block, tt.identity)
			if diff := cmp.Diff(tt.want, got.identity); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}

			if (got.state == nil) != (tt.state == nil) {
				t.Errorf("state is %v, want %v", got.state, tt.state)
			}

			for attribute, want := range tt.state {
				if got.state[attribute] != want {
					t.Errorf("%s is %v, want %v", attribute, got.state[attribute], want)
				}
			}

			switch {
			case tt.says == "" && len(got.diagnostics) > 0, tt.says != "" && len(got.diagnostics) != 1:
				t.Fatalf("diagnostics are %v", got.diagnostics)
			case tt.says != "":
				got.diagnostics[0].wants(t, tt.says)
			}
		})
	}

	t.Run("nothing", func(t *testing.T) {
		t.Parallel()

		for _, block := range []string{runtimeToken, userToken} {
			got := x.adopt(block, map[string]any{"runtime": ""})
			if got.state != nil || len(got.diagnostics) != 1 {
				t.Errorf("%s: an empty identity leads to %v, %v", block, got.state, got.diagnostics)
			}
		}
	})
}

// With Terraform 1.12 and later a token is found by its identity, and keeps it for life.
func TestIdentityInTerraform(t *testing.T) {
	t.Parallel()

	for _, k := range lifeKinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			me, _ := w.DefaultUser()

			identity := []check{identified(k.at(), "runtime", runtimeName)}
			if k.resourceType == userToken {
				identity = append(identity, identified(k.at(), "integration", "default"), identified(k.at(), "user_id", me))
			}

			first, second := w.mint(k.scopes...), w.mint(k.scopes...)
			w.runFrom([]tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
				applies(w.config(k.resourceType, set("token", first)), k.at(), create, identity...),
				applies(w.config(k.resourceType, set("token", second)), k.at(), update, identity...),
				// Codefresh does not give tokens away: the plan sends the configured one.
				step{walk: walkImport, at: k.at(), leaves: true},
			)
		})
	}
}

// Another user's key moves the registration, and with it the identity.
func TestIdentityMovesWithTheUser(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	me, _ := w.DefaultUser()
	other, key, err := w.AddUser("release-bot", false)
	w.must(err)

	k := lifeKinds()[1]
	text := set("token", w.mint(k.scopes...))
	is := func(user string) check { return identified(k.at(), "user_id", user) }
	w.runFrom([]tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		applies(w.config(k.resourceType, text), k.at(), create, is(me), has(k.at(), "user_id", me)),
		applies(w.config(k.resourceType, text, set("api_key", key)), k.at(), update,
			is(other), has(k.at(), "user_id", other)),
	)
}

// terraform plan -generate-config-out writes what Codefresh tells, and says which part it cannot know.
func TestImportGeneratesConfiguration(t *testing.T) {
	t.Parallel()

	for _, k := range lifeKinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			me, _ := w.DefaultUser()
			w.must(w.Register(runtimeName, "default", map[string]string{me: w.mint("repo")}))
			c := w.cli()
			block := "import {\n  to = " + k.at() + "\n  id = \"" + k.importID + "\"\n}\n"

			from := block
			if c.namesProviderToGenerate() {
				from = strings.Replace(block, "import {\n", importOfProvider, 1)
			}

			c.configure(w.provider(), from)

			written := c.plan("-generate-config-out=generated.tf").wantExit(1)
			for _, d := range written.diagnostics {
				if d.Severity == "error" {
					d.wants(t, "Git token is missing", "token_name")
				}
			}

			text := readText(t, filepath.Join(c.folder, "generated.tf"))
			// The token is left to fill in.
			filled := strings.Replace(text, "token_name ", "token_name = \"ci\" # ", 1)
			if filled == text {
				t.Fatalf("the generated configuration has no token_name:\n%s", text)
			}

			c.must(os.WriteFile(filepath.Join(c.folder, "generated.tf"), []byte(filled), 0o600))
			c.configure(w.provider(namedTokens(map[string]string{"ci": c.secret(w.mint(k.scopes...))})), block)
			c.wantsOneUpdate(t)
			c.apply().wantExit(0)
			c.configure(w.provider(namedTokens(map[string]string{"ci": k.held(w)})))
			c.plan().wantExit(0)

			if state := c.state()[k.at()]; state["status"] != "valid" {
				t.Errorf("status is %v: %v", state["status"], state["status_reason"])
			}
		})
	}
}
