package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// What a GitHub organisation demands concerns its own repositories, and the tokens that it is about.
func TestGitHubRules(t *testing.T) {
	t.Parallel()
	s := begin(t)
	clone := repository(t, s, sandbox.Repository{
		Service: sandbox.GitHub, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	repository(t, s, sandbox.Repository{
		Service: sandbox.GitHub, Path: "other/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	classic := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
	fine := func(expires time.Time) string {
		return token(t, s, sandbox.Token{
			Service: sandbox.GitHub, Kind: "fine_grained", Permissions: map[string]string{"contents": "write"},
			Repositories: []string{"acme/app"}, ExpiresAt: expires,
		}).Text
	}
	lasting, short := fine(time.Time{}), fine(noon.AddDate(0, 6, 0))

	root := s.URL(sandbox.GitHub)
	for rule, refused := range map[sandbox.Rule]map[string]string{
		sandbox.RuleSSO:         {classic: "organization SAML enforcement"},
		sandbox.RuleNoClassic:   {classic: "forbids access via a personal access token (classic)"},
		sandbox.RuleLifetime:    {lasting: "lifetime is greater than 366 days"},
		sandbox.RuleIPAllowList: {classic: "IP allow list", lasting: "IP allow list", short: "IP allow list"},
	} {
		do(t, s.SetRule(sandbox.GitHub, "acme", rule, true))

		for _, text := range []string{classic, lasting, short} {
			got := ask(t, "GET", root+"/repos/acme/app", bearer(text))
			pushed := ask(t, "GET", clone+"/info/refs?service=git-receive-pack", basic("x", text))

			want := 200
			if refused[text] != "" {
				want = 403
			}

			if got.status != want || pushed.status != want || !strings.Contains(got.body, refused[text]) {
				t.Errorf("%s: %d, %d %s", rule, got.status, pushed.status, got.body)
			}
		}

		ask(t, "GET", root+"/repos/other/app", bearer(classic)).check(t, 200, "")
		do(t, s.SetRule(sandbox.GitHub, "acme", rule, false))
	}

	do(t, s.SetRule(sandbox.GitHub, "acme", sandbox.RuleSSO, true))
	ask(t, "GET", root+"/repos/acme/app", bearer(classic)).check(t, 403, "")
	do(t, s.AuthorizeToken(classic, "acme"))
	ask(t, "GET", root+"/repos/acme/app", bearer(classic)).check(t, 200, "")

	for _, err := range []error{
		s.SetRule(sandbox.BitbucketCloud, "acme", sandbox.RuleSSO, true),
		s.SetRule(sandbox.GitHub, "", sandbox.RuleSSO, true),
		s.AuthorizeToken(labToken(t, s, "api"), "acme"), s.AuthorizeToken("ghp_none", "acme"),
	} {
		if err == nil {
			t.Error("what is impossible was done")
		}
	}
}

// once asks without following redirects.
func once(t *testing.T, method, address string, headers ...string) reply {
	t.Helper()

	return askWith(t, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, method, address, headers...)
}

func TestRenamedRepositories(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for _, c := range []struct {
		service         sandbox.Service
		kind, api, user string
		moved           int // the answer to Git at the former path
	}{
		{sandbox.GitHub, "classic", "/repos/acme/app", "x", 301},
		{sandbox.GitLab, "personal", "/projects/acme%2Fapp", "oauth2", 200},
	} {
		clone := repository(t, s, sandbox.Repository{
			Service: c.service, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
		})
		scope := map[sandbox.Service]string{sandbox.GitHub: "repo", sandbox.GitLab: "api"}[c.service]
		text := token(t, s, sandbox.Token{Service: c.service, Kind: c.kind, Scopes: []string{scope}}).Text
		stranger := token(t, s, sandbox.Token{
			Service: c.service, Kind: c.kind, Scopes: []string{scope}, Owner: "stranger",
		}).Text
		do(t, s.RenameRepository(c.service, "acme/app", "acme/new-app"))
		address := s.URL(c.service) + c.api
		got := once(t, "GET", address+"?x=y", bearer(text))
		got.check(t, 301, "Moved Permanently")
		location, err := url.Parse(got.header.Get("Location"))
		do(t, err)

		if location.RawQuery != "x=y" || !strings.HasPrefix(location.String(), s.URL(c.service)) {
			t.Errorf("%s: moved to %s", c.service, location)
		}

		ask(t, "GET", address, bearer(text)).check(t, 200, "acme/new-app")
		ask(t, "GET", address, bearer(stranger)).check(t, 404, "Not Found")
		once(t, "GET", address+"/hooks", bearer(text)).check(t, 301, "")
		ask(t, "GET", address+"/hooks", bearer(text)).check(t, 200, "[]")

		refs := "/info/refs?service=git-upload-pack"

		moved := once(t, "GET", clone+refs, basic(c.user, text))
		if moved.status != c.moved {
			t.Errorf("%s: Git answers %d", c.service, moved.status)
		}

		ask(t, "GET", clone+refs, basic(c.user, text)).check(t, 200, "refs/heads/main")

		// A new repository takes the path back.
		repository(t, s, sandbox.Repository{
			Service: c.service, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
		})
		once(t, "GET", address, bearer(text)).check(t, 200, "acme/app")

		if s.RenameRepository(c.service, "acme/app", "acme/new-app") == nil {
			t.Error("two repositories have one path")
		}
	}

	once(t, "PATCH", s.URL(sandbox.GitHub)+"/repos/acme/none/hooks/1").check(t, 404, "")

	if s.RenameRepository(sandbox.BitbucketServer, "PLAT/gitops", "PLAT/other") == nil ||
		s.RenameRepository(sandbox.GitHub, "acme/none", "acme/other") == nil ||
		s.RenameRepository(sandbox.GitHub, "acme/app", "acme") == nil {
		t.Error("an impossible rename was done")
	}
}

// Under a public name the way leads there, too.
func TestRenamedUnderItsPublicName(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "acme/app"})
	do(t, s.RenameRepository(sandbox.GitHub, "acme/app", "acme/new-app"))
	client := publicClient(t, s, false)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	const refs = ".git/info/refs?service="
	for address, want := range map[string]string{
		"https://api.github.com/repos/acme/app":                  "https://api.github.com/repositories/",
		"https://github.com/acme/app" + refs + "git-upload-pack": "https://github.com/acme/new-app" + refs,
	} {
		got := askWith(t, client, "GET", address)
		if location := got.header.Get("Location"); got.status != 301 || !strings.HasPrefix(location, want) {
			t.Errorf("%s: %d to %q", address, got.status, location)
		}
	}
}

func TestChangedRepositories(t *testing.T) {
	t.Parallel()
	s := begin(t)
	clone := repository(t, s, sandbox.Repository{
		Service: sandbox.GitHub, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	text := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
	push := clone + "/info/refs?service=git-receive-pack"
	address := s.URL(sandbox.GitHub) + "/repos/acme/app"
	do(t, s.SetArchived(sandbox.GitHub, "acme/app", true))
	ask(t, "GET", push, basic("x", text)).check(t, 403, "archived")
	ask(t, "GET", address, bearer(text)).check(t, 200, `"archived":true`)
	do(t, s.SetArchived(sandbox.GitHub, "acme/app", false))
	ask(t, "GET", push, basic("x", text)).check(t, 200, "")

	ask(t, "GET", address).check(t, 404, "Not Found")
	do(t, s.SetPrivate(sandbox.GitHub, "acme/app", false))
	ask(t, "GET", address).check(t, 200, `"private":false`)

	do(t, s.RenameRepository(sandbox.GitHub, "acme/app", "acme/new"))
	do(t, s.RemoveRepository(sandbox.GitHub, "acme/new"))
	ask(t, "GET", address, bearer(text)).check(t, 404, "Not Found")
	ask(t, "GET", clone+"/info/refs?service=git-upload-pack", basic("x", text)).check(t, 404, "not found")

	for _, err := range []error{
		s.RemoveRepository(sandbox.GitHub, "acme/app"), s.SetArchived(sandbox.GitHub, "acme/app", true),
		s.SetPrivate(sandbox.GitHub, "acme/app", true), s.SetArchived("sourcehut", "acme/app", true),
	} {
		if err == nil {
			t.Error("a repository changed that there is not")
		}
	}
}

func TestGitHubRevokesCredentials(t *testing.T) {
	t.Parallel()
	s := begin(t)
	root := s.URL(sandbox.GitHub)
	made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
	fine := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained"}).Text
	other := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic"}).Text
	ask(t, `POST {"credentials":["`+made+`","`+fine+`","ghp_unknown"]}`, root+"/credentials/revoke").check(t, 202, "{}")

	for text, want := range map[string]int{made: 401, fine: 401, other: 200} {
		ask(t, "GET", root+"/user", bearer(text)).check(t, want, "")
	}

	if n := changes(t, s, sandbox.GitHub); n != 2 {
		t.Errorf("%d changes, want 2", n)
	}

	for _, body := range []string{`{}`, `{"credentials":[]}`, `{"credentials":"x"}`, `x`} {
		ask(t, "POST "+body, root+"/credentials/revoke").check(t, 422, "Validation Failed")
	}
	// GitHub.com takes it from nobody whom it knows, and takes its time.
	named := `POST {"credentials":["` + other + `"]}`
	ask(t, named, root+"/credentials/revoke", bearer(other)).check(t, 403, "does not take authenticated requests")
	do(t, s.SetBehaviour(sandbox.GitHub, sandbox.SlowRevocation, true))
	ask(t, named, root+"/credentials/revoke").check(t, 202, "{}")
	ask(t, "GET", root+"/user", bearer(other)).check(t, 200, "")
}

// An Enterprise Server takes a revocation from those alone whom it knows, and not of every kind.
func TestGitHubEnterpriseRevokesCredentials(t *testing.T) {
	t.Parallel()
	s := begin(t)
	root := s.URL(sandbox.GitHubEnterprise) + "/api/v3"
	made := token(t, s, sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic"}).Text
	oauth := token(t, s, sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "oauth"}).Text
	both := `POST {"credentials":["` + made + `","` + oauth + `"]}`
	ask(t, both, root+"/credentials/revoke").check(t, 401, "Requires authentication")
	ask(t, "GET", root+"/user", bearer(made)).check(t, 200, "")
	ask(t, both, root+"/credentials/revoke", bearer(made)).check(t, 202, "{}")
	ask(t, "GET", root+"/user", bearer(made)).check(t, 401, "Bad credentials")
	ask(t, "GET", root+"/user", bearer(oauth)).check(t, 200, "")
	do(t, s.SetBehaviour(sandbox.GitHubEnterprise, sandbox.NoRevocation, true))
	ask(t, both, root+"/credentials/revoke", bearer(oauth)).check(t, 404, "Not Found")
}

func TestGitHubAPIVersions(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for _, c := range []struct {
		service         sandbox.Service
		asked, selected string
		status          int
	}{
		{sandbox.GitHub, "", "2022-11-28", 200},
		{sandbox.GitHub, "2022-11-28", "2022-11-28", 200},
		{sandbox.GitHub, "2026-03-10", "2026-03-10", 200},
		{sandbox.GitHub, "2030-01-01", "2030-01-01", 400},
		{sandbox.GitHubEnterprise, "2026-03-10", "2026-03-10", 400},
	} {
		address := s.URL(c.service) + "/meta"
		if c.service == sandbox.GitHubEnterprise {
			address = s.URL(c.service) + "/api/v3/meta"
		}

		headers := []string{}
		if c.asked != "" {
			headers = append(headers, "X-GitHub-Api-Version: "+c.asked)
		}

		got := ask(t, "GET", address, headers...)
		if got.status != c.status || got.header.Get("X-GitHub-Api-Version-Selected") != c.selected {
			t.Errorf("%s: %d %v", c.asked, got.status, got.header)
		}
	}
}
