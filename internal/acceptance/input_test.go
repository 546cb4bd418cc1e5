package acceptance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// Texts of the right shape that are nobody's.
const (
	inputGitHub   = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
	inputGitLab   = "glpat-0123456789abcdefghij"
	inputDeploy   = "gldt-0123456789abcdefghij"
	inputKey      = "5f0c0123456789abcdef0123.0123456789abcdef0123456789abcdef"
	inputPassword = "hunter2-correct-horse"
	inputKeyText  = "MC4CAQAwBQYDK2VwBCIEIBAdbiYPB5vGe"
)

// inputCase is a configuration that cannot be right, and what the one error about it has to say: which attribute, and
// what to do.
type inputCase struct {
	name  string // of the block
	kind  string // of the resource; empty for a provider block
	lines []string
	says  []string
}

func secretsOfInput() []string {
	return []string{inputGitHub, inputGitLab, inputDeploy, inputKey, inputPassword, inputKeyText}
}

// address returns how Terraform calls the block in diagnostics.
func (i inputCase) address() string {
	if i.kind == "" {
		return `provider["` + provider.Address + `"].` + i.name
	}

	return i.kind + "." + i.name
}

func (i inputCase) block() string {
	lines := strings.Join(i.lines, "\n  ")
	if i.kind == "" {
		// Terraform looks at no provider block that nothing uses.
		return "provider \"codefresh\" {\n  alias = \"" + i.name + "\"\n  " + lines + "\n}\n" +
			"data \"codefresh_required_scopes\" \"" + i.name + "\" {\n  provider = codefresh." + i.name +
			"\n  git_provider = \"github\"\n  token_type = \"user\"\n}\n"
	}

	if !strings.Contains(lines, "runtime = ") {
		lines = set("runtime", runtimeName) + "\n  " + lines
	}

	return provided(i.kind, i.name, lines)
}

// newInput starts a world in which nothing may change.
func newInput(t *testing.T) *cli {
	t.Helper()

	c := newWorld(t).cli()
	for _, secret := range secretsOfInput() {
		c.secret(secret)
	}

	t.Cleanup(func() {
		if sent := c.Mutations(); len(sent) != 0 {
			t.Errorf("Codefresh was sent %v", sent)
		}
	})

	return c
}

// wantErrors checks that each case got one error that says what it has to, and that there are no others.
func wantErrors(t *testing.T, got said, cases []inputCase) {
	t.Helper()
	got.wantExit(1)

	for _, i := range cases {
		found := got.of("error", i.address())
		if len(found) != 1 {
			t.Errorf("%s: %d errors instead of 1: %v", i.address(), len(found), found)

			continue
		}

		found[0].wants(t, i.says...)
	}

	for _, d := range got.diagnostics {
		if !slices.ContainsFunc(cases, func(i inputCase) bool { return i.address() == d.Address }) {
			t.Errorf("about %q, which is no case: %s", d.Address, d)
		}
	}
}

// TestBadInput gives every mistake that shows before anything is asked its own block, and has Terraform look at all of
// them at once.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c := newInput(t)

	for _, cases := range [][]inputCase{
		slices.Concat(badTokens(), badAddresses(), badWords(), strayedSecrets(), badProviderBlocks()), badValues(),
	} {
		blocks := []string{c.provider()}
		for _, i := range cases {
			blocks = append(blocks, i.block())
		}

		c.configure(blocks...)

		wantErrors(t, c.plan(), cases)
	}

	if asked := c.Requests(); len(asked) != 0 {
		t.Errorf("%d requests, such as %v, for configurations that cannot be right", len(asked), asked[0])
	}
}

// TestUnusableSettings has provider blocks that parse and cannot be used. Each has a run of its own: all blocks of one
// run would configure the one provider of this process.
func TestUnusableSettings(t *testing.T) {
	t.Parallel()
	c := newInput(t)
	key := set("api_key", inputKey)
	wholesome := set("validation", "warn") // the environment's has no say then
	pem := func(kind, text string) string {
		return "ca_certificate = <<-EOT\n-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\nEOT"
	}

	const remedy = `Use file("ca.pem")`

	c.env["CODEFRESH_GIT_VALIDATION"] = "strict"

	cases := []inputCase{
		{"ca_text", "", []string{key, wholesome, set("ca_certificate", "ca.pem")}, []string{
			"ca_certificate must hold one or more certificates in PEM format", remedy,
		}},
		{"ca_garbled", "", []string{key, wholesome, pem("CERTIFICATE", "AAAA")}, []string{"ca_certificate", remedy}},
		{"ca_key", "", []string{key, wholesome, pem("PRIVATE KEY", "AAAA")}, []string{"ca_certificate", remedy}},
		{"insecure", "", []string{key, wholesome, set("url", "http://codefresh.example.com")}, []string{
			"Address is http://", "Use https:// in url, or set allow_http = true",
		}},
		{"context", "", []string{wholesome, set("context", "staging")}, []string{
			"context", `"staging"`, "set url and api_key",
		}},
		{"environment", "", []string{key}, []string{
			"CODEFRESH_GIT_VALIDATION", `"strict"`, "enforce, warn or skip",
		}},
	}
	for _, i := range cases {
		c.configure(i.block())
		wantErrors(t, c.plan(), []inputCase{i})
	}
}

// TestUnusableTokens has what only the provider block and Codefresh show to be wrong.
func TestUnusableTokens(t *testing.T) {
	t.Parallel()
	c := newInput(t)
	c.must(c.AddRuntime(sandbox.Runtime{Name: "first"}))
	c.must(c.AddRuntime(sandbox.Runtime{Name: "second"}))
	c.must(c.AddRuntime(sandbox.Runtime{Name: "third"}))
	c.must(c.AddRuntime(sandbox.Runtime{Name: "fourth"}))
	c.must(c.AddRuntime(sandbox.Runtime{Name: "fifth"}))

	github := set("git_provider", "github")
	cases := []inputCase{
		{"no_such_name", runtimeToken, []string{set("runtime", "first"), github, set("token_name", "missing")}, []string{
			"git_tokens", `token_name "missing"`, "Add it there, or correct token_name",
		}},
		{"named_newline", runtimeToken, []string{set("runtime", "second"), github, set("token_name", "broken")}, []string{
			`git_tokens["broken"]`, "ends with a line break", "trimspace()",
		}},
		{"named_elsewhere", userToken, []string{
			set("runtime", "first"), set("git_provider", "gitlab"), set("token_name", "good"),
		}, []string{
			`git_tokens["good"]`, `it is a token of GitHub, but git_provider is "gitlab"`,
		}},
		{"named_empty", userToken, []string{set("runtime", "second"), github, set("token_name", "empty")}, []string{
			`git_tokens["empty"]`, "is empty", "a variable, secret or file may be missing",
		}},
		{"named_line", runtimeToken, []string{set("runtime", "third"), github, set("token_name", "line")}, []string{
			`git_tokens["line"]`, "the name of a variable before it", "Pass the token alone",
		}},
		{"address", runtimeToken, []string{
			set("runtime", "fourth"), github, set("token", "https://ci:"+inputGitHub+"@github.com/acme/app"),
		}, []string{"The value of token", "is an address", "Pass the token alone"}},
		{"empty", userToken, []string{set("runtime", "third"), github, set("token", "")}, []string{
			"The value of token", "is empty", "a variable, secret or file may be missing",
		}},
		// The sandbox's account is one of GitHub: its integration tells no address of another provider.
		{"no_address", userToken, []string{
			set("git_provider", "bitbucket-server"), set("token", "BBDC-"+inputPassword),
		}, []string{
			"api_url is missing", "Set api_url", "https://bitbucket.example.com",
		}},
		{"no_username", runtimeToken, []string{
			set("runtime", "fifth"), set("git_provider", "bitbucket"), set("token", "ATATT3x"+inputPassword),
		}, []string{"username", "e-mail address"}},
		{"no_address_runtime", runtimeToken, []string{
			set("git_provider", "bitbucket-server"), set("token", "BBDC-"+inputPassword),
		}, []string{"api_url is missing", "Set api_url"}},
	}

	blocks := []string{c.provider("git_tokens = {\n" + set("good", inputGitHub) + "\n" + set("broken", inputGitHub+"\n") +
		"\n" + set("empty", "") + "\n" + set("line", "GITHUB_TOKEN="+inputGitHub) + "\n}")}
	for _, i := range cases {
		blocks = append(blocks, i.block())
	}

	c.configure(blocks...)

	wantErrors(t, c.plan(), cases)

	for _, host := range sandbox.GitHosts() {
		if asked := c.Requests(host); len(asked) != 0 {
			t.Errorf("%s was asked about a token that cannot be one", host)
		}
	}
}

// goodToken makes a token that nothing is wrong with.
func (c *cli) goodToken() sandbox.Token {
	c.t.Helper()
	good := c.token(sandbox.Token{
		Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"},
	})
	c.secret(good.Text)

	return good
}

// TestUnusableKeys has provider blocks whose key is missing or refused: nothing can be trusted then.
func TestUnusableKeys(t *testing.T) {
	t.Parallel()
	c := newInput(t)
	good := c.goodToken()
	lines := []string{
		set("git_provider", "github"), set("api_url", c.URL(sandbox.GitHubEnterprise)), set("token", good.Text),
	}
	block := func(settings ...string) string {
		return "provider \"codefresh\" {\n  " + set("url", c.URL(sandbox.Codefresh)) + "\n  " +
			strings.Join(settings, "\n  ") + "\n}\n"
	}
	missing := []string{"Codefresh API key is missing", "Set api_key in the provider block", "CODEFRESH_API_KEY"}
	refused := []string{"Codefresh refuses the API key", "Check api_key (or CODEFRESH_API_KEY) and url"}
	cases := func(says []string) []inputCase {
		return []inputCase{{"it", runtimeToken, lines, says}, {"it", userToken, lines, says}}
	}
	both := cases(nil)[0].block() + cases(nil)[1].block()

	c.configure(block(), both)
	wantErrors(t, c.plan(), cases(missing))
	wantErrors(t, c.apply(), cases(missing))

	c.configure(block(set("api_key", inputKey)), both)
	wantErrors(t, c.plan(), cases(refused))
	wantErrors(t, c.apply(), cases(refused))

	// A user's own key is used only at apply, and there it is refused.
	own := inputCase{"it", userToken, append(lines, set("api_key", inputKey)), refused}
	c.configure(c.provider(), own.block())
	c.plan().wantExit(2)
	wantErrors(t, c.apply(), []inputCase{own})
}

// TestBadInputAtApply has what a plan may still come right, and an apply may not.
func TestBadInputAtApply(t *testing.T) {
	t.Parallel()
	c := newInput(t)
	good := c.goodToken()
	at := func(address string, more ...string) []string {
		return append(more, set("git_provider", "github"), set("api_url", address), set("token", good.Text))
	}
	enterprise := c.URL(sandbox.GitHubEnterprise)
	cases := []inputCase{
		{"nowhere", runtimeToken, at(enterprise, set("runtime", "prd")), []string{
			`Runtime "prd" does not exist`, `Did you mean "prod"? It has: prod`, "Correct the attribute runtime",
		}},
		{"nowhere", userToken, at(enterprise, set("runtime", "prd")), []string{
			`Runtime "prd" does not exist`, "It has: prod", "Correct the attribute runtime",
		}},
		{"no_integration", userToken, at(enterprise, set("integration", "other")), []string{
			`Runtime "prod" has no Git integration "other"`, "Correct the attribute integration",
		}},
		{"insecure", runtimeToken, at("http://git.example.com"), []string{"http://", "allow_http"}},
	}

	blocks := []string{c.provider()}
	for _, i := range cases {
		blocks = append(blocks, i.block())
	}

	c.configure(blocks...)

	planned := c.plan().wantExit(2)
	for _, i := range cases {
		planned.only(t, "warning", i.address()).wants(t, i.says...)
	}

	applied := c.apply()

	for i := range cases {
		cases[i].says = append(cases[i].says, "Nothing was sent to Codefresh")
	}

	errors := said{t: t, exit: applied.exit}
	for _, d := range applied.diagnostics {
		if d.Severity == "error" {
			errors.diagnostics = append(errors.diagnostics, d)
		}
	}

	wantErrors(t, errors, cases)

	if len(c.state()) != 0 {
		t.Error("something came into the state")
	}
}
