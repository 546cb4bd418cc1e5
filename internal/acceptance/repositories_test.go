package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// sharedPath is the repository that the account keeps its shared configuration in.
const sharedPath = "acme/shared"

// withRepositories is a world whose account has a shared configuration repository, and whose runtime has Git Sources at
// these paths. ci-bot may write all of them.
func withRepositories(t *testing.T, sources ...string) *world {
	t.Helper()
	w := lifeWorld(t, sandbox.Runtime{})
	shared := w.repository(sharedPath)
	w.SetSharedConfigRepo(shared)

	for i, path := range sources {
		w.must(w.AddGitSource(sandbox.GitSource{
			Runtime: runtimeName, Name: fmt.Sprintf("source-%d", i), RepoURL: w.repository(path),
		}))
	}

	return w
}

// repository makes a private repository at lifeHost, which ci-bot may write, and returns its clone address.
func (w *world) repository(path string) string {
	w.t.Helper()
	url, err := w.AddRepository(sandbox.Repository{
		Service: lifeHost, Path: path, Private: true, Roles: map[string]string{"ci-bot": "write"},
	})
	w.must(err)

	return url
}

// A token that has every scope and is kept out of the shared configuration repository cannot do a runtime's job.
func TestSharedRepositoryRefusesARuntimeToken(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		refuse func(w *world)
		status string
		says   []string
	}{
		"single sign-on": {
			func(w *world) { w.must(w.SetRule(lifeHost, "acme", sandbox.RuleSSO, true)) }, "blocked",
			[]string{"not authorised for single sign-on", "shared configuration repository"},
		},
		"a policy": {
			func(w *world) { w.must(w.SetRule(lifeHost, "acme", sandbox.RuleNoClassic, true)) }, "blocked",
			[]string{"shared configuration repository"},
		},
		"an IP allow list": {
			func(w *world) { w.must(w.SetRule(lifeHost, "acme", sandbox.RuleIPAllowList, true)) }, "blocked",
			[]string{"IP allow list", "shared configuration repository"},
		},
		"a role that is too low": {
			func(w *world) { w.must(w.SetRole(lifeHost, sharedPath, "ci-bot", "read")) }, "under_scoped",
			[]string{"no write access", "shared configuration repository"},
		},
		"no access": {
			func(w *world) { w.must(w.SetRole(lifeHost, sharedPath, "ci-bot", "")) }, "under_scoped",
			[]string{"shared configuration repository"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withRepositories(t)
			c, k := w.session(), lifeKinds()[0]
			first, second := c.secret(w.mint(k.scopes...)), c.secret(w.mint(k.scopes...))

			// One that is applied drifts, and one that is new fails the plan.
			c.configure(w.config(k.resourceType, set("token", first)))
			c.apply().wantExit(0)
			test.refuse(w)
			c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, test.says...)

			got := c.changes()[k.at()].Before
			if got["status"] != test.status || got["help_url"] == nil {
				t.Errorf("status %v, help at %v", got["status"], got["help_url"])
			}

			result, source := listOf(got["repository_access"], "result"), listOf(got["repository_access"], "source")
			if !cmp.Equal(result, []any{"denied"}) || !cmp.Equal(source, []any{"shared_configuration"}) {
				t.Errorf("repository_access is %v", got["repository_access"])
			}

			c.configure(w.config(k.resourceType, set("token", second)))
			c.plan().wantExit(1).only(t, "error", k.at()).wants(t, test.says...)

			// Who does not want that says so.
			c.configure(w.config(k.resourceType, set("token", second), set("check_repositories", "listed")))

			if got := c.plan().wantExit(2); severities(got.diagnostics)["error"] != 0 {
				t.Errorf("the plan says %v", got.diagnostics)
			}
		})
	}
}

// Where the host gives the link that authorises the token, the message and the state give it too.
func TestSingleSignOnHasALink(t *testing.T) {
	t.Parallel()

	const api, shared = "https://api.github.com", "https://github.com/acme/shared"

	w := newWorld(t)
	w.must(w.AddRuntime(sandbox.Runtime{Name: "public", GitProvider: "GITHUB", GitAPIURL: api}))
	_, err := w.AddRepository(sandbox.Repository{
		Service: sandbox.GitHub, Path: sharedPath, Private: true, Roles: map[string]string{"ci-bot": "write"},
	})
	w.must(err)
	w.SetSharedConfigRepo(shared)
	w.must(w.SetRule(sandbox.GitHub, "acme", sandbox.RuleSSO, true))
	token := w.token(sandbox.Token{
		Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo", "admin:repo_hook"},
	}).Text
	c, at := w.session(), runtimeToken+".it"
	_, key := w.DefaultUser()
	c.configure("provider \"codefresh\" {\n  "+set("api_key", key)+"\n  ca_certificate = <<-EOT\n"+
		string(w.CACertificate())+"EOT\n}\n",
		provided(runtimeToken, "it", set("runtime", "public"), set("git_provider", "github"), set("api_url", api),
			set("token", c.secret(token))))
	c.plan().wantExit(1).only(t, "error", at).wants(t, "not authorised for single sign-on", shared,
		"https://github.com/orgs/acme/sso?authorization_request=")
	w.must(w.AuthorizeToken(token, "acme"))
	c.apply().wantExit(0)
	c.wantSettled()
}

// What is no matter of the token is held against no token.
func TestRepositoriesThatProveNothing(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		happens func(w *world)
		warns   string // of the runtime token; "" for silence
	}{
		"all is well":                 {func(*world) {}, ""},
		"a Git Source is deleted":     {func(w *world) { w.must(w.RemoveRepository(lifeHost, "team/a")) }, "team/a"},
		"a Git Source is another's":   {func(w *world) { w.must(w.SetRole(lifeHost, "team/a", "ci-bot", "")) }, "team/a"},
		"a Git Source is public":      {func(w *world) { w.must(w.SetPrivate(lifeHost, "team/a", false)) }, ""},
		"a Git Source is renamed":     {func(w *world) { w.must(w.RenameRepository(lifeHost, "team/a", "team/b")) }, ""},
		"the platform refuses":        {listing(sandbox.SourcesRefused), ""},
		"the platform has no such":    {listing(sandbox.SourcesAbsent), ""},
		"the platform tells a part":   {listing(sandbox.SourcesPartial), ""},
		"a Git Source elsewhere":      {func(w *world) { elsewhere(w, "https://git.example.com/o/r.git") }, ""},
		"an address that is none":     {func(w *world) { elsewhere(w, "not an address") }, ""},
		"the shared one is elsewhere": {func(w *world) { w.SetSharedConfigRepo("https://git.example.com/o/shared.git") }, ""},
		"repositories do not answer": {func(w *world) {
			w.must(w.Break(lifeHost, sandbox.Fault{Status: 503, Match: "/repos/"}))
		}, ""},
		"repositories are rate limited": {func(w *world) {
			w.must(w.Break(lifeHost, sandbox.Fault{
				Status: 403, Match: "/repos/", Body: `{"message":"API rate limit exceeded"}`,
				Header: map[string]string{"X-RateLimit-Remaining": "0", "Content-Type": "application/json"},
			}))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withRepositories(t, "team/a")
			c, k := w.session(), lifeKinds()[0]
			c.configure(w.config(k.resourceType, set("token", c.secret(w.mint(k.scopes...)))))
			test.happens(w)

			got := c.plan().wantExit(2)
			switch {
			case test.warns == "" && len(got.diagnostics) > 0:
				t.Errorf("the plan says %v", got.diagnostics)
			case test.warns != "":
				got.only(t, "warning", k.at()).wants(t, "refused at repositories that Codefresh uses", test.warns,
					`a Git Source of runtime "prod"`)
			}

			c.apply().wantExit(0)
			c.wantSettled()

			if status := c.state()[k.at()]["status"]; status != "valid" {
				t.Errorf("status %v", status)
			}
		})
	}
}

// listing makes the platform tell so much of the Git Sources.
func listing(list sandbox.SourceList) func(*world) {
	return func(w *world) { w.SetPlatform(sandbox.Platform{GitSources: list}) }
}

// elsewhere adds a Git Source whose repository is not at the token's host.
func elsewhere(w *world, url string) {
	w.must(w.AddGitSource(sandbox.GitSource{Runtime: runtimeName, Name: "elsewhere", RepoURL: url}))
}

// A user's token is warned of, and never failed, over repositories that the user did not name.
func TestRepositoriesOfAUserToken(t *testing.T) {
	t.Parallel()

	w := withRepositories(t, "team/a", "team/b")
	w.must(w.SetRole(lifeHost, sharedPath, "ci-bot", ""))
	w.must(w.SetRole(lifeHost, "team/b", "ci-bot", ""))
	c, k := w.session(), lifeKinds()[1]
	c.configure(w.config(k.resourceType, set("token", c.secret(w.mint("repo")))))
	c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, sharedPath, "team/b")
	c.apply().wantExit(0)
	c.wantSettled()

	if reason := fmt.Sprint(c.state()[k.at()]["status_reason"]); !strings.Contains(reason, "team/b") {
		t.Errorf("status_reason: %s", reason)
	}
}

// A fine-grained user token is proved at the repositories that Codefresh names, without a word of configuration.
func TestFineGrainedUserTokenIsProved(t *testing.T) {
	t.Parallel()

	w := withRepositories(t, "team/a")
	c, k := w.session(), lifeKinds()[1]
	mint := func(contents string) string {
		return c.secret(w.token(sandbox.Token{
			Service: lifeHost, Kind: "fine_grained", Owner: "ci-bot",
			Permissions: map[string]string{"contents": contents, "metadata": "read"},
		}).Text)
	}
	c.configure(w.config(k.resourceType, set("token", mint("read"))))
	c.plan().wantExit(1).only(t, "error", k.at()).wants(t, "Git token lacks 1 of 2 scopes", "contents:write")
	c.configure(w.config(k.resourceType, set("token", mint("write"))))

	if got := c.plan().wantExit(2); len(got.diagnostics) != 0 {
		t.Errorf("the plan says %v", got.diagnostics)
	}

	c.apply().wantExit(0)

	if status := c.state()[k.at()]["status"]; status != "valid" {
		t.Errorf("status %v: %v", status, c.state()[k.at()]["status_reason"])
	}
}

// However many resources share tokens and repositories, each pair is asked about once a plan.
func TestCostOfRepositories(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.SetSharedConfigRepo(w.repository(sharedPath))

	runtimes := []string{runtimeName, "r1", "r2", "r3", "r4"}
	for i, name := range runtimes {
		if i > 0 {
			w.must(w.AddRuntime(sandbox.Runtime{Name: name}))
		}

		for j := range 3 {
			w.must(w.AddGitSource(sandbox.GitSource{
				Runtime: name, Name: fmt.Sprintf("s%d", j), RepoURL: w.URL(lifeHost) + fmt.Sprintf("/team/r%d.git", (j*5+i)%12),
			}))
		}
	}

	for i := range 12 {
		w.repository(fmt.Sprintf("team/r%d", i))
	}

	c := w.session()

	var tokens, users []string
	for i := range 4 {
		tokens = append(tokens, fmt.Sprintf("t%d = %q", i, c.secret(w.mint("repo"))))
	}

	for i := range 10 {
		_, key, err := w.AddUser(fmt.Sprintf("u%d", i), false)
		w.must(err)

		users = append(users, fmt.Sprintf("u%d = %q", i, c.secret(key)))
	}

	c.configure(w.provider("git_tokens = { "+strings.Join(tokens, ", ")+" }"), `
locals {
  users = { `+strings.Join(users, ", ")+` }
  all   = { for i, p in setproduct(["`+strings.Join(runtimes, `", "`)+`"], keys(local.users)) : "${p[0]}-${p[1]}" => {
    runtime = p[0], key = local.users[p[1]], token = "t${i % 4}"
  } }
}

resource "codefresh_git_user_token" "all" {
  for_each = local.all

  runtime    = each.value.runtime
  api_key    = each.value.key
  token_name = each.value.token
}
`)
	w.ForgetRequests()
	c.plan().wantExit(2)

	repositories, sources := 0, 0

	for operation, n := range w.operations() {
		switch {
		case strings.Contains(operation, "/repos/"):
			repositories += n
			if n > 4 {
				t.Errorf("%s is asked %d times by 4 tokens", operation, n)
			}
		case strings.Contains(operation, "gitSources"):
			sources += n
		}
	}

	if want := 4 * 13; repositories > want {
		t.Errorf("%d requests to repositories, for 4 tokens and 13 repositories at most %d: %v", repositories, want,
			cmp.Diff(map[string]int{}, w.operations()))
	}

	if sources != 1 {
		t.Errorf("the Git Sources were asked for %d times", sources)
	}
}
