package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// githubWorld has a private and a public repository that ci-bot administers, and one that it only reads.
func githubWorld(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s := begin(t)

	for path, r := range map[string]sandbox.Repository{
		"acme/private": {Private: true, Roles: map[string]string{"ci-bot": "admin"}},
		"acme/public":  {Roles: map[string]string{"ci-bot": "admin"}},
		"acme/reader":  {Private: true, Roles: map[string]string{"ci-bot": "read"}},
		"acme/secret":  {Private: true},
		"acme/empty":   {Private: true, Empty: true, Roles: map[string]string{"ci-bot": "admin"}},
		"acme/old":     {Private: true, Archived: true, Roles: map[string]string{"ci-bot": "admin"}},
	} {
		r.Service, r.Path = sandbox.GitHub, path
		repository(t, s, r)
	}

	return s
}

// The invalid writes that prove a permission without a change.
const (
	badHook   = "PATCH {} hooks/4294967289"
	badStatus = "POST {} statuses/zzzz"
	badPull   = "POST {} pulls"
)

// probe sends "METHOD [body] path" to a repository.
func probe(t *testing.T, s *sandbox.Sandbox, text, repo, what string) reply {
	t.Helper()

	parts := strings.Split(what, " ")
	method, path := strings.Join(parts[:len(parts)-1], " "), parts[len(parts)-1]

	return ask(t, method, strings.TrimSuffix(s.URL(sandbox.GitHub)+"/repos/"+repo+"/"+path, "/"), bearer(text))
}

func TestGitHubFineGrainedProbes(t *testing.T) {
	t.Parallel()

	s := githubWorld(t)
	for _, c := range []struct {
		permission, level, probe string
		granted                  int
		accepted                 string
	}{
		{"administration", "read", "GET actions/permissions", 200, "administration=read"},
		{"administration", "write", "GET rulesets/rule-suites?per_page=1", 200, "administration=write"},
		{"webhooks", "read", "GET hooks?per_page=1", 200, "repository_hooks=read"},
		{"repository_hooks", "write", badHook, 404, "repository_hooks=write"},
		{"statuses", "read", "GET commits/nowhere/statuses", 404, "statuses=read"},
		{"statuses", "read", "GET commits/main/statuses", 200, "statuses=read"},
		{"statuses", "write", badStatus, 422, "statuses=write"},
		{"pull_requests", "read", "GET pulls?per_page=1", 200, "pull_requests=read"},
		{"pull_requests", "write", badPull, 422, "pull_requests=write"},
		{"contents", "read", "GET commits?per_page=1", 200, "contents=read"},
	} {
		granted := token(t, s, sandbox.Token{
			Service: sandbox.GitHub, Kind: "fine_grained", Permissions: map[string]string{c.permission: c.level},
			Repositories: []string{"acme/private"},
		})

		got := probe(t, s, granted.Text, "acme/private", c.probe)
		if got.status != c.granted || got.header.Get("X-Accepted-GitHub-Permissions") != c.accepted {
			t.Errorf("%s:%s %s: %d %v", c.permission, c.level, c.probe, got.status, got.header)
		}

		probe(t, s, granted.Text, "acme/secret", c.probe).check(t, 404, "Not Found")

		others := map[string]string{}
		if c.level == "write" {
			others[c.permission] = "read"
		}

		do(t, s.SetPermissions(granted.Text, others))
		denied := probe(t, s, granted.Text, "acme/private", c.probe)
		denied.check(t, 403, "Resource not accessible by personal access token")

		if denied.header.Get("X-Accepted-GitHub-Permissions") != c.accepted {
			t.Errorf("%s:%s denied: %v", c.permission, c.level, denied.header)
		}
	}

	if n := changes(t, s, sandbox.GitHub); n != 0 {
		t.Errorf("probes changed %d things", n)
	}
}

func TestGitHubReadsProveNothingOnPublicRepositories(t *testing.T) {
	t.Parallel()
	s := githubWorld(t)

	bare := token(t, s, sandbox.Token{
		Service: sandbox.GitHub, Kind: "fine_grained", Repositories: []string{"acme/private"},
	})
	for what, status := range map[string]int{
		"GET ": 200, "GET commits": 200, "GET pulls": 200, "GET commits/main/statuses": 200,
		"GET hooks": 403, "GET actions/permissions": 403, badStatus: 403, badPull: 403,
	} {
		if got := probe(t, s, bare.Text, "acme/public", what); got.status != status {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}

	ask(t, "GET", s.URL(sandbox.GitHub)+"/repos/acme/public").check(t, 200, "acme/public")
	ask(t, "GET", s.URL(sandbox.GitHub)+"/repos/acme/public/hooks").check(t, 401, "Requires authentication")
	ask(t, "GET", s.URL(sandbox.GitHub)+"/repos/acme/private").check(t, 404, "Not Found")
}

func TestGitHubClassicScopes(t *testing.T) {
	t.Parallel()
	s := githubWorld(t)

	const hookScopes = "admin:repo_hook, public_repo, read:repo_hook, repo, write:repo_hook"
	for _, c := range []struct {
		scopes      string
		repo, probe string
		status      int
		accepted    string
	}{
		{"repo", "acme/private", "GET ", 200, "repo"},
		{"", "acme/private", "GET ", 404, "repo"},
		{"public_repo", "acme/private", "GET ", 404, "repo"},
		{"", "acme/public", "GET ", 200, "repo"},
		{"repo", "acme/private", "GET hooks", 200, hookScopes},
		{"repo", "acme/reader", "GET hooks", 404, hookScopes},
		{"repo", "acme/reader", "GET actions/permissions", 403, "repo"},
		{"", "acme/public", "GET hooks", 404, hookScopes},
		{"read:repo_hook", "acme/public", "GET hooks", 200, hookScopes},
		{"read:repo_hook", "acme/public", badHook, 404, "admin:repo_hook, public_repo, repo, write:repo_hook"},
		{"repo", "acme/private", badStatus, 422, "repo, repo:status"},
		{"repo", "acme/reader", badStatus, 404, "repo, repo:status"},
		{"repo", "acme/empty", "GET commits", 409, "repo"},
		{"repo", "acme/old", badPull, 403, "repo"},
		{"repo", "acme/private", "GET nothing", 404, ""},
		{"repo", "acme/none", "GET ", 404, "repo"},
	} {
		made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: strings.Fields(c.scopes)})

		got := probe(t, s, made.Text, c.repo, c.probe)
		if accepted := got.header.Get("X-Accepted-OAuth-Scopes"); got.status != c.status || accepted != c.accepted {
			t.Errorf("%q %s %s: %d, accepts %q", c.scopes, c.repo, c.probe, got.status, accepted)
		}
	}
}

func TestGitHubPermissionsAreTheAccounts(t *testing.T) {
	t.Parallel()
	s := githubWorld(t)
	bare := token(t, s, sandbox.Token{
		Service: sandbox.GitHub, Kind: "fine_grained", Repositories: []string{"acme/private"},
	})
	probe(t, s, bare.Text, "acme/private", "GET ").
		check(t, 200, `"permissions":{"admin":true,"maintain":true,"pull":true,"push":true`)
	do(t, s.SetRole(sandbox.GitHub, "acme/private", "ci-bot", "read"))
	probe(t, s, bare.Text, "acme/private", "GET ").check(t, 200, `"admin":false,"maintain":false,"pull":true,"push":false`)
	do(t, s.SetRole(sandbox.GitHub, "acme/private", "ci-bot", ""))
	probe(t, s, bare.Text, "acme/private", "GET ").check(t, 404, "Not Found")

	if err := s.SetRole(sandbox.GitHub, "acme/nothing", "ci-bot", "read"); err == nil {
		t.Error("SetRole took an unknown repository")
	}
}

func TestGitHubValidWritesAreCounted(t *testing.T) {
	t.Parallel()
	s := githubWorld(t)
	made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text

	const repo = "acme/private"

	var commits []struct{ SHA string }
	do(t, json.Unmarshal([]byte(probe(t, s, made, repo, "GET commits").body), &commits))
	sha := commits[0].SHA

	probe(t, s, made, repo, `POST {} hooks`).check(t, 422, "Validation Failed")
	probe(t, s, made, repo, `POST {} statuses/`+sha).check(t, 422, `"field":"state"`)

	if n := changes(t, s, sandbox.GitHub); n != 0 {
		t.Fatalf("invalid writes changed %d things", n)
	}

	hook := probe(t, s, made, repo, `POST {"config":{"url":"https://example.com"}} hooks`)
	hook.check(t, 201, `"type":"Repository"`)
	_, id, _ := strings.Cut(hook.body, `"id":`)

	id, _, _ = strings.Cut(id, ",")
	for what, status := range map[string]int{
		`POST {"state":"success"} statuses/` + sha:          200,
		`POST {"head":"a","base":"main","title":"t"} pulls`: 200,
		`PUT contents/anything`:                             200,
		`PATCH {} hooks/` + id:                              200,
		`POST hooks/` + id + `/pings`:                       200,
	} {
		if got := probe(t, s, made, repo, what); got.status/100*100 != status {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}

	probe(t, s, made, repo, "DELETE hooks/"+id).check(t, 204, "")
	probe(t, s, made, repo, "DELETE hooks/"+id).check(t, 404, "")

	if n := changes(t, s, sandbox.GitHub); n != 7 {
		list, _ := s.Changes(sandbox.GitHub)
		t.Errorf("%d changes: %q", n, list)
	}
}

func TestGitHubGit(t *testing.T) {
	t.Parallel()
	s := githubWorld(t)
	fine := func(permissions map[string]string) string {
		return token(t, s, sandbox.Token{
			Service: sandbox.GitHub, Kind: "fine_grained", Permissions: permissions,
			Repositories: []string{"acme/private", "acme/reader"},
		}).Text
	}
	reads, writes := fine(map[string]string{"contents": "read"}), fine(map[string]string{"contents": "write"})
	classic := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
	weak := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"public_repo"}}).Text

	web := strings.TrimSuffix(s.URL(sandbox.GitHub), "/api.github.com")
	for _, c := range []struct {
		token, repo string
		write       bool
		status      int
		contains    string
	}{
		{reads, "acme/private", false, 200, "001e# service=git-upload-pack\n0000"},
		{reads, "acme/private", true, 403, "Write access to repository not granted."},
		{writes, "acme/private", true, 200, "001f# service=git-receive-pack\n0000"},
		{writes, "acme/reader", true, 403, "denied to ci-bot"},
		{writes, "acme/secret", true, 404, "Repository not found."},
		{fine(nil), "acme/private", false, 403, "denied"},
		{classic, "acme/private", true, 200, "refs/heads/main"},
		{classic, "acme/empty", true, 200, "capabilities^{}"},
		{classic, "acme/old", true, 403, "archived so it is read-only"},
		{weak, "acme/private", false, 404, "not found"},
		{weak, "acme/public", true, 200, "refs/heads/main"},
		{"ghp_unknown", "acme/public", false, 401, "Invalid username or token."},
		{"", "acme/public", false, 200, "refs/heads/main"},
		{"", "acme/public", true, 401, ""},
		{"", "acme/private", false, 401, ""},
	} {
		address, headers := web+"/"+c.repo+".git/info/refs?service=git-upload-pack", []string{}
		if c.write {
			address = strings.Replace(address, "upload", "receive", 1)
		}

		if c.token != "" {
			headers = append(headers, basic("x-access-token", c.token))
		}

		got := ask(t, "GET", address, headers...)
		if got.status != c.status || !strings.Contains(got.body, c.contains) {
			t.Errorf("%s write %t: %d %q, want %d %q", c.repo, c.write, got.status, got.body, c.status, c.contains)
		}

		if got.status == 401 && got.header.Get("Www-Authenticate") == "" {
			t.Errorf("%s: a 401 without a challenge", c.repo)
		}
	}

	ask(t, "GET", web+"/acme/public.git/info/refs?service=git-other").check(t, 404, "html")
}
