package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func cloudToken(t *testing.T, s *sandbox.Sandbox, kind string, repositories []string, scopes ...string) string {
	t.Helper()

	return token(t, s, sandbox.Token{
		Service: sandbox.BitbucketCloud, Kind: kind, Scopes: scopes, Repositories: repositories, Email: "ci@corp.example",
	}).Text
}

func TestBitbucketCloudUser(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, true))
	repository(t, s, sandbox.Repository{Service: sandbox.BitbucketCloud, Path: "acme/app", Private: true})
	user := s.URL(sandbox.BitbucketCloud) + "/user"
	api := cloudToken(t, s, "api_token", nil, "read:user:bitbucket", "admin:repository:bitbucket")
	blind := cloudToken(t, s, "api_token", nil, "read:repository:bitbucket", "write:user:bitbucket")
	repo := cloudToken(t, s, "access_token", []string{"acme/app"}, "repository:admin", "webhook")
	workspace := cloudToken(t, s, "access_token", nil, "project")
	password := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketCloud, Kind: "app_password", Owner: "ci-bot", Scopes: []string{"account"},
	}).Text
	oauth, ended := cloudToken(t, s, "oauth", nil, "account"), cloudToken(t, s, "oauth", nil, "account")
	do(t, s.ExpireToken(ended))
	revoked := cloudToken(t, s, "api_token", nil)
	do(t, s.RevokeToken(revoked))

	const refused = `{"error":{"message":"Token is invalid, expired, or not supported for this endpoint."},"type":"error"}`
	for name, c := range map[string]struct {
		header                   string
		status                   int
		body, credential, scopes string
	}{
		"API token": {
			basic("ci@corp.example", api), 200, `"account_status":"active"`, "api_token",
			"read:user:bitbucket, admin:repository:bitbucket",
		},
		"API token without scope": {
			basic("ci@corp.example", blind), 403,
			`"detail":{"granted":["read:repository:bitbucket","write:user:bitbucket"],"required":["read:user:bitbucket"]}`,
			"api_token", "read:repository:bitbucket, write:user:bitbucket",
		},
		"API token by username": {basic("ci-bot", api), 401, refused, "", ""},
		"API token as bearer":   {bearer(api), 401, refused, "", ""},
		"repository token":      {bearer(repo), 403, "privilege scopes", "repo_access_token", "repository:admin, webhook"},
		"workspace token":       {bearer(workspace), 403, "privilege scopes", "workspace_access_token", "project"},
		"access token as basic": {basic("x-token-auth", repo), 401, "Login failed", "", ""},
		"application's token":   {bearer(oauth), 200, `"username":"ci-bot"`, "", "account"},
		"application's, basic":  {basic("ci-bot", oauth), 401, "Login failed", "", ""},
		"application's, ended":  {bearer(ended), 401, "Access token expired.", "", ""},
		"app password":          {basic("ci-bot", password), 200, `"username":"ci-bot"`, "app_password", "account"},
		"app password, e-mail":  {basic("ci@corp.example", password), 401, "Login failed", "", ""},
		"revoked":               {basic("ci@corp.example", revoked), 401, refused, "", ""},
		"unknown":               {bearer("ATCTT3xnone"), 401, refused, "", ""},
		"nothing":               {"X-Nothing: x", 401, refused, "", ""},
	} {
		got := ask(t, "GET", user, c.header)
		if got.status != c.status || !strings.Contains(got.body, c.body) {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, c.status, c.body)
		}

		accepted := map[bool]string{true: "", false: "account"}[c.scopes == ""]
		if got.header.Get("X-Credential-Type") != c.credential || got.header.Get("X-OAuth-Scopes") != c.scopes ||
			got.header.Get("X-Accepted-OAuth-Scopes") != accepted ||
			(got.header.Get("X-Token-Id") == "") != (c.scopes == "") {
			t.Errorf("%s: headers %v", name, got.header)
		}
	}

	do(t, s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, false))
	ask(t, "GET", user, basic("ci-bot", password)).check(t, 401, "Login failed")
}

func TestBitbucketCloudPaths(t *testing.T) {
	t.Parallel()
	s := begin(t)
	api := basic("ci@corp.example", cloudToken(t, s, "api_token", nil, "read:user:bitbucket"))

	root := s.URL(sandbox.BitbucketCloud)
	for _, path := range []string{
		"/repositories", "/workspaces", "/user/permissions/repositories", "/user/permissions/workspaces",
	} {
		ask(t, "GET", root+path, api).check(t, 410, "CHANGE-2770")
	}

	ask(t, "GET", root+"/nothing", api).check(t, 404, `"type":"error"`)
	ask(t, "POST {}", root+"/user", api).check(t, 405, "")
	ask(t, "GET", strings.TrimSuffix(root, "/2.0")+"/user", api).check(t, 403, "Forbidden")
}

func TestBitbucketCloudRepositories(t *testing.T) {
	t.Parallel()
	s := begin(t)

	for path, role := range map[string]string{"acme/r": "read", "acme/w": "write", "acme/a": "admin", "other/x": ""} {
		r := sandbox.Repository{Service: sandbox.BitbucketCloud, Path: path, Private: true}
		if role != "" {
			r.Roles = map[string]string{"ci-bot": role}
		}

		repository(t, s, r)
	}

	root := s.URL(sandbox.BitbucketCloud)
	api := basic("ci@corp.example", cloudToken(t, s, "api_token", nil, "read:repository:bitbucket"))
	admin := basic("ci@corp.example", cloudToken(t, s, "api_token", nil,
		"read:workspace:bitbucket", "admin:repository:bitbucket", "read:webhook:bitbucket"))
	access := bearer(cloudToken(t, s, "access_token", []string{"acme/r"}, "repository:admin", "repository:write"))
	legacy := bearer(cloudToken(t, s, "access_token", []string{"acme/r"}, "repository:admin"))

	named := func(name string) string { return "q=" + url.QueryEscape(`full_name="acme/`+name+`"`) }
	for _, c := range []struct {
		header, path string
		status, size int
	}{
		{api, "/repositories/acme", 200, 3},
		{api, "/repositories/acme?role=contributor", 200, 2},
		{api, "/repositories/acme?role=admin", 200, 1},
		{api, "/repositories/acme?role=contributor&" + named("w"), 200, 1},
		{api, "/repositories/acme?role=admin&" + named("w"), 200, 0},
		{api, "/repositories/acme?role=king", 400, -1},
		{api, "/repositories/acme?q=name~1", 400, -1},
		{api, "/repositories/acme/w", 200, -1},
		{api, "/repositories/other/x", 404, -1},
		{api, "/repositories/acme/none", 404, -1},
		{api, "/repositories/acme/a/permissions-config/users", 403, -1},
		{admin, "/repositories/acme/a/permissions-config/users?pagelen=1", 200, 0},
		{admin, "/repositories/acme/w/permissions-config/users", 403, -1},
		{admin, "/repositories/acme/a", 403, -1},
		{admin, "/repositories/acme/a/hooks", 200, 0},
		{admin, "/user/workspaces", 200, 1},
		{admin, "/workspaces/acme", 200, -1},
		{admin, "/workspaces/none", 404, -1},
		{access, "/repositories/acme/r", 200, -1},
		{access, "/repositories/acme/w", 404, -1},
		{access, "/repositories/acme?role=admin", 200, 1},
		{access, "/repositories/acme/r/permissions-config/users", 200, 0},
		{legacy, "/repositories/acme/r", 403, -1},
		{"X-Nothing: x", "/repositories/acme/r", 404, -1},
	} {
		got := ask(t, "GET", root+c.path, c.header)
		if got.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.path, got.status, got.body, c.status)
		} else if c.size >= 0 && got.size(t, "values") != c.size {
			t.Errorf("%s: %s, want %d", c.path, got.body, c.size)
		}
	}
}

func TestBitbucketCloudGit(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, true))
	clone := repository(t, s, sandbox.Repository{
		Service: sandbox.BitbucketCloud, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "write"},
	})
	other := repository(t, s, sandbox.Repository{Service: sandbox.BitbucketCloud, Path: "acme/other", Private: true})
	password := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketCloud, Kind: "app_password", Scopes: []string{"repository:write"},
	}).Text
	reads := cloudToken(t, s, "api_token", nil, "read:repository:bitbucket")
	writes := cloudToken(t, s, "api_token", nil, "write:repository:bitbucket")
	access := cloudToken(t, s, "access_token", []string{"acme/app"}, "repository:write")

	const up, receive = "/info/refs?service=git-upload-pack", "/info/refs?service=git-receive-pack"
	for _, c := range []struct {
		user, token, address string
		status               int
	}{
		{"x-bitbucket-api-token-auth", reads, clone + up, 200},
		{"ci-bot", reads, clone + up, 200},
		{"x-token-auth", reads, clone + up, 401},
		{"x-bitbucket-api-token-auth", reads, clone + receive, 403},
		{"x-bitbucket-api-token-auth", writes, clone + receive, 200},
		{"x-bitbucket-api-token-auth", writes, clone + up, 403},
		{"x-bitbucket-api-token-auth", writes, other + up, 404},
		{"x-token-auth", access, clone + receive, 200},
		{"ci-bot", access, clone + receive, 401},
		{"ci-bot", password, clone + receive, 200},
		{"", "", clone + up, 401},
	} {
		header := "X-Nothing: x"
		if c.token != "" {
			header = basic(c.user, c.token)
		}

		if got := ask(t, "GET", c.address, header); got.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.user, c.address, got.status, got.body, c.status)
		}
	}

	do(t, s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, false))
	ask(t, "GET", clone+up, basic("ci-bot", password)).check(t, 410, "CHANGE-2770")
}
