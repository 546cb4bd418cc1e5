package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// One provider block serves many users on many runtimes: each registration is its own user's, and what does not depend
// on a user is asked once.
func TestManyUsersOnManyRuntimes(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()

	runtimes := []string{runtimeName, "emea", "apac"}
	for _, name := range runtimes[1:] {
		w.must(w.AddRuntime(sandbox.Runtime{Name: name}))
	}

	ids, tokens := map[string]string{}, map[string]string{}

	var entries []string

	for _, name := range []string{"ann", "ben", "cay"} {
		id, key, err := w.AddUser(name, false)
		w.must(err)
		ids[name], tokens[name] = id, c.secret(w.mint("repo"))
		entries = append(entries, fmt.Sprintf("%s = { key = %q, token = %q }", name, c.secret(key), tokens[name]))
	}

	c.configure(w.provider(), `
locals {
  users = {
    `+strings.Join(entries, "\n    ")+`
  }
  pairs = { for p in setproduct(keys(local.users), ["`+strings.Join(runtimes, `", "`)+`"]) : "${p[0]}-${p[1]}" => p }
}

resource "codefresh_git_user_token" "all" {
  for_each = local.pairs

  runtime = each.value[1]
  api_key = local.users[each.value[0]].key
  token   = local.users[each.value[0]].token
}
`)
	w.ForgetRequests()

	if got := c.plan().wantExit(2); len(got.diagnostics) > 0 {
		t.Errorf("the plan says %v", got.diagnostics)
	}
	// Nobody's own key is used before the apply.
	want := map[string]int{
		"codefresh me,runtimes": 1, "codefresh gitSources": 1, string(lifeHost) + " GET /api/v3/user": len(ids),
	}
	for _, runtime := range runtimes {
		want["app-proxy:"+runtime+" gitIntegrations"] = 1
	}

	if asked := w.operations(); !cmp.Equal(asked, want) {
		t.Errorf("requests of the plan (-want +got):\n%s", cmp.Diff(want, asked))
	}

	w.ForgetRequests()
	c.apply().wantExit(0)

	if me := w.operations()["codefresh me"]; me != len(ids) {
		t.Errorf("the apply asked %d times who a user is, not once for each of %d", me, len(ids))
	}

	w.wantSent(len(ids) * len(runtimes))

	state := c.state()

	for name, id := range ids {
		for _, runtime := range runtimes {
			if held, _ := w.UserToken(runtime, "default", id); held != tokens[name] {
				t.Errorf("%s has another token on %s", name, runtime)
			}

			address := fmt.Sprintf("codefresh_git_user_token.all[%q]", name+"-"+runtime)

			got := state[address]
			if got["user_id"] != id || got["status"] != "valid" || got["codefresh_status"] != "successful" {
				t.Errorf("%s is %v", address, got)
			}
		}
	}

	w.ForgetRequests()

	if again := c.plan().wantExit(0); len(again.diagnostics) > 0 {
		t.Errorf("the next plan says %v", again.diagnostics)
	}

	if asked := w.operations(); !cmp.Equal(asked, want) {
		t.Errorf("requests of the next plan (-want +got):\n%s", cmp.Diff(want, asked))
	}

	// Each resource speaks for itself, although those of one runtime have the same id and say the same.
	for _, text := range tokens {
		w.must(w.RevokeToken(text))
	}

	again := c.plan().wantExit(2)

	for name := range ids {
		for _, runtime := range runtimes {
			again.only(t, "warning", fmt.Sprintf("%s.all[%q]", userToken, name+"-"+runtime)).wants(t, "was revoked", runtime)
		}
	}
}

// Two resources for one place would overwrite each other's token. The provider alone can see that they are two.
func TestTwoResourcesForOnePlace(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.AddIntegration(runtimeName, "extra", "GITHUB", w.api()))
	_, annsKey, err := w.AddUser("ann", false)
	w.must(err)
	c := w.cli()
	text := c.secret(w.mint("repo", "admin:repo_hook"))
	user := func(name string, lines ...string) string {
		return provided(userToken, name, append(lines, set("runtime", runtimeName), set("token", text))...)
	}
	runtime := func(name string) string {
		return provided(runtimeToken, name, set("runtime", runtimeName), set("token", text))
	}
	_, ourKey := w.DefaultUser()
	ann, ours, extra := set("api_key", c.secret(annsKey)), set("api_key", ourKey), set("integration", "extra")

	for name, tt := range map[string]struct {
		blocks []string
		errors int
	}{
		"one each": {[]string{
			user("a"), user("b", ann), user("c", extra), user("d", ann, extra), runtime("e"),
		}, 0},
		"the same user":       {[]string{user("a"), user("b")}, 1},
		"thrice":              {[]string{user("a"), user("b"), user("c")}, 2},
		"another user":        {[]string{user("a", ann), user("b", ann)}, 1},
		"the same key given":  {[]string{user("a"), user("b", ours)}, 1},
		"another integration": {[]string{user("a", extra), user("b", extra)}, 1},
		"the runtime":         {[]string{runtime("a"), runtime("b")}, 1},
	} {
		c.configure(append(tt.blocks, w.provider())...)

		exit := 2
		if tt.errors > 0 {
			exit = 1
		}

		got := c.plan().wantExit(exit)
		if n := severities(got.diagnostics)["error"]; n != tt.errors || len(got.diagnostics) != tt.errors {
			t.Errorf("%s: %v; want %d errors", name, got.diagnostics, tt.errors)
		}

		for _, d := range got.diagnostics {
			d.wants(t, "is managed twice", `runtime "`+runtimeName+`"`)
		}
	}

	w.wantSent(0)

	// Beside one that is there already it may be the same, about to be replaced: that is a warning.
	c.configure(w.provider(), user("a"))
	c.apply().wantExit(0)
	c.configure(w.provider(), user("a"), user("b"))

	got := c.plan().wantExit(2)
	if len(got.diagnostics) != 1 || got.diagnostics[0].Severity != "warning" {
		t.Fatalf("diagnostics are %v", got.diagnostics)
	}

	got.diagnostics[0].wants(t, "managed twice")

	// A resource that moves within the configuration is one.
	c.configure(w.provider(), user("b"),
		"moved {\n  from = codefresh_git_user_token.a\n  to = codefresh_git_user_token.b\n}\n")

	if got := c.apply().wantExit(0); len(got.diagnostics) > 0 {
		t.Errorf("a moved resource: %v", got.diagnostics)
	}

	w.wantSent(1)

	// So is one that is replaced, which Terraform plans twice: that is no error, before its first apply either.
	c.configure(w.provider(), user("b"))

	for _, state := range []string{"applied", "imported"} {
		got := c.plan("-replace=" + userToken + ".b").wantExit(2)
		if n := severities(got.diagnostics)["error"]; n > 0 {
			t.Errorf("replacing what was %s: %v", state, got.diagnostics)
		}

		c.forgetState()

		if _, problems, exit := c.execute("import", userToken+".b", runtimeName+"/default"); exit != 0 {
			t.Fatal(problems)
		}
	}
	// Two imports of one place are two.
	block := func(name string) string {
		return "import {\n  to = " + userToken + "." + name + "\n  id = \"" + runtimeName + "\"\n}\n" + user(name)
	}

	c.forgetState()
	c.configure(w.provider(), block("a"), block("b"))

	if got := c.plan().wantExit(2); len(got.diagnostics) != 1 || got.diagnostics[0].Severity != "warning" {
		t.Errorf("two imports: %v", got.diagnostics)
	}
}

// Data sources and resources that look at the same things ask about them once.
func TestOneQuestionForAll(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.AddRuntime(sandbox.Runtime{Name: "emea"}))
	c := w.session()
	text := c.secret(w.mint("repo", "admin:repo_hook"))

	var blocks []string
	for _, runtime := range []string{runtimeName, "emea"} {
		blocks = append(blocks,
			provided(runtimeToken, runtime, set("runtime", runtime), set("token_name", "ci")),
			provided(userToken, runtime, set("runtime", runtime), set("token", text)))
	}

	resources := slices.Concat([]string{w.provider(namedTokens(map[string]string{"ci": text}))}, blocks)
	c.configure(resources...)
	c.apply().wantExit(0)

	w.ForgetRequests()
	c.plan().wantExit(0)

	want := w.operations()
	if len(want) != 5 || len(w.Requests()) != 5 {
		t.Errorf("a plan of the resources alone asks %v", want)
	}

	check := ""
	for _, use := range []string{"runtime", "user"} {
		check += fmt.Sprintf("data %q %q {\n  %s\n}\n", tokenCheck, use, strings.Join(append(w.setHost(),
			set("token_type", use), set("token", text)), "\n  "))
	}

	c.configure(append(resources, check, `
data "codefresh_runtimes" "all" {}
data "codefresh_runtimes" "github" { git_provider = "github" }
data "codefresh_git_tokens" "all" {}
data "codefresh_git_tokens" "some" { name_regex = "e" }
data "codefresh_required_scopes" "it" {
  git_provider = "github"
  token_type   = "runtime"
}
`)...)
	w.ForgetRequests()

	if got := c.plan().wantExit(0); len(got.diagnostics) > 0 {
		t.Errorf("unexpected %v", got.diagnostics)
	}

	if diff := cmp.Diff(want, w.operations()); diff != "" {
		t.Errorf("with data sources a plan asks otherwise (-resources alone +with data sources):\n%s", diff)
	}
}
