package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// A module gets what its provider block holds, as early as in a plan, and that of the block that it is passed alone: so
// SECURITY.md and the guide on passing tokens have it.
func TestModulesOfOthers(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.AddRuntime(sandbox.Runtime{Name: "theirs"}))

	proxy, host := sandbox.AppProxy("theirs"), sandbox.GitHub
	c := w.cli()
	w.must(os.Mkdir(filepath.Join(c.folder, "tokens"), 0o700))
	c.write("tokens/main.tf", readText(t, filepath.Join(c.folder, "versions.tf"))+
		block(userToken, set("app_proxy_url", w.URL(proxy)), set("git_provider", "github"),
			set("api_url", w.URL(host)), set("token_name", "ci-bot")))

	gitTokens := fmt.Sprintf("git_tokens = { ci-bot = %q }", c.secret(w.mint("repo")))
	module := func(lines ...string) string {
		return "module \"tokens\" {\n  source = \"./tokens\"\n  " + strings.Join(lines, "\n  ") + "\n}\n"
	}
	received := func(service sandbox.Service) (known int) {
		for _, r := range w.Requests(service) {
			if strings.HasSuffix(r.Authorization, " known") {
				known++
			}
		}

		return known
	}

	narrow := strings.Replace(w.aliased("narrow", "5f0c00000000000000000000.00000000000000000000000000000000"), "\n}",
		"\n  git_tokens = {}\n}", 1)
	c.configure(w.provider(gitTokens), narrow, module("providers = { codefresh = codefresh.narrow }"))
	c.plainly("get")
	c.plan().wantExit(1).wants("ci-bot")

	if atProxy, atHost := received(proxy), received(host); atProxy != 0 || atHost != 0 {
		t.Errorf("with a block of its own the module's app-proxy got the key %d times, its host the token %d times",
			atProxy, atHost)
	}

	c.configure(w.provider(gitTokens), module())
	c.plan()

	if atProxy, atHost := received(proxy), received(host); atProxy == 0 || atHost == 0 {
		t.Errorf("the module's app-proxy got the key %d times, its host the token %d times", atProxy, atHost)
	}
}
