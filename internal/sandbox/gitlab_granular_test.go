package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// granularWorld has three projects for ci-bot: in a group, in a group below it, and its own.
func granularWorld(t *testing.T) *sandbox.Sandbox {
	t.Helper()

	s := begin(t)
	for _, path := range []string{"acme/app", "acme/platform/gitops", "ci-bot/own"} {
		repository(t, s, sandbox.Repository{
			Service: sandbox.GitLab, Path: path, Private: true, Roles: map[string]string{"ci-bot": "admin"},
		})
	}

	return s
}

func granular(t *testing.T, s *sandbox.Sandbox, grants ...sandbox.Grant) string {
	t.Helper()

	return token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "granular", Grants: grants}).Text
}

// What a grant opens depends on where it counts.
func TestGitLabGranularPlaces(t *testing.T) {
	t.Parallel()
	s := granularWorld(t)
	api := s.URL(sandbox.GitLab)

	for _, c := range []struct {
		grant sandbox.Grant
		open  []string // the projects that it opens
	}{
		{sandbox.Grant{Access: "all_memberships"}, []string{"acme/app", "acme/platform/gitops", "ci-bot/own"}},
		{sandbox.Grant{Access: "personal_projects"}, []string{"ci-bot/own"}},
		{sandbox.Grant{Access: "selected_memberships", Project: "acme/app"}, []string{"acme/app"}},
		{sandbox.Grant{Access: "selected_memberships", Group: "acme"}, []string{"acme/app", "acme/platform/gitops"}},
		{sandbox.Grant{Access: "selected_memberships", Group: "acme/platform"}, []string{"acme/platform/gitops"}},
		{sandbox.Grant{Access: "user"}, nil},
		{sandbox.Grant{Access: "instance"}, nil},
	} {
		c.grant.Permissions = []string{"read_project", "download_code"}
		text := granular(t, s, c.grant)

		for _, path := range []string{"acme/app", "acme/platform/gitops", "ci-bot/own"} {
			want := 403

			for _, open := range c.open {
				if open == path {
					want = 200
				}
			}

			got := ask(t, "GET", api+"/projects/"+url.PathEscape(path), bearer(text))
			if got.status != want || (want == 403 && !strings.Contains(got.body, "project permissions: [Project: Read].")) {
				t.Errorf("%+v at %s: %d %s", c.grant, path, got.status, got.body)
			}

			clone := strings.TrimSuffix(api, "/api/v4") + "/" + path + ".git/info/refs?service="

			got = ask(t, "GET", clone+"git-upload-pack", basic("oauth2", text))
			if got.status != want || (want == 403 && !strings.Contains(got.body, "[Code: Download]")) {
				t.Errorf("%+v clones %s: %d %s", c.grant, path, got.status, got.body)
			}

			ask(t, "GET", clone+"git-receive-pack", basic("oauth2", text)).check(t, 403, "[Code: Push]")
		}
	}
}

// The grant is told to a token that may read it: with "self" since 19.5, with its number before.
func TestGitLabGranularTellsItself(t *testing.T) {
	t.Parallel()
	s := granularWorld(t)
	api := s.URL(sandbox.GitLab)
	silent := granular(t, s, sandbox.Grant{Access: "all_memberships", Permissions: []string{"push_code"}})
	ask(t, "GET", api+"/personal_access_tokens/self", bearer(silent)).
		check(t, 403, "user permissions: [Personal Access Token: Read].")
	ask(t, "GET", api+"/user", bearer(silent)).check(t, 403, "user permissions: [User: Read].")

	self := sandbox.Grant{Access: "user", Permissions: []string{"read_personal_access_token"}}
	none := granular(t, s, self)
	ask(t, "GET", api+"/personal_access_tokens/self", bearer(none)).check(t, 200, `"scopes":["granular"]`)
	do(t, s.SetGrants(none))
	ask(t, "GET", api+"/personal_access_tokens/self", bearer(none)).check(t, 403, "insufficient_granular_scope")

	text := granular(t, s, self,
		sandbox.Grant{Access: "selected_memberships", Project: "acme/app", Permissions: []string{"download_code"}},
		sandbox.Grant{Access: "selected_memberships", Group: "acme/platform", Permissions: []string{"push_code"}})
	read := func(path string) map[string]any {
		got := ask(t, "GET", api+"/personal_access_tokens/"+path, bearer(text))
		got.check(t, 200, "")

		var record map[string]any
		do(t, json.Unmarshal([]byte(got.body), &record))

		return record
	}

	var project struct {
		ID        int64
		Namespace struct {
			ID, ParentID int64
			FullPath     string `json:"full_path"`
			Kind         string
		}
	}

	wide := granular(t, s, sandbox.Grant{Access: "all_memberships", Permissions: []string{"read_project"}})
	do(t, json.Unmarshal([]byte(ask(t, "GET", api+"/projects/acme%2Fapp", bearer(wide)).body), &project))
	app := project.ID
	gitops := ask(t, "GET", api+"/projects/acme%2Fplatform%2Fgitops", bearer(wide)).body
	do(t, json.Unmarshal([]byte(gitops), &project))

	if project.Namespace.FullPath != "acme/platform" || project.Namespace.Kind != "group" {
		t.Errorf("namespace is %+v", project.Namespace)
	}

	want := []any{
		map[string]any{
			"access": "user", "permissions": []any{"read_personal_access_token"}, "project_id": nil, "group_id": nil,
		},
		map[string]any{
			"access": "selected_memberships", "permissions": []any{"download_code"},
			"project_id": float64(app), "group_id": nil,
		},
		map[string]any{
			"access": "selected_memberships", "permissions": []any{"push_code"},
			"project_id": nil, "group_id": float64(project.Namespace.ID),
		},
	}

	record := read("self")
	if diff := cmp.Diff(want, record["granular_scopes"]); diff != "" {
		t.Error(diff)
	}

	number := fmt.Sprintf("%.0f", record["id"])
	if diff := cmp.Diff(record, read(number)); diff != "" {
		t.Errorf("by number: %s", diff)
	}

	ask(t, "GET", api+"/personal_access_tokens/1", bearer(text)).check(t, 401, `{"message":"401 Unauthorized"}`)

	do(t, s.SetBehaviour(sandbox.GitLab, sandbox.GrantsByID, true))

	if got, told := read("self")["granular_scopes"]; told {
		t.Errorf("before 19.5 self tells %v", got)
	}

	if diff := cmp.Diff(want, read(number)["granular_scopes"]); diff != "" {
		t.Errorf("before 19.5, by number: %s", diff)
	}
}

// Permissions by resource and level stand for grants.
func TestGitLabGranularShorthand(t *testing.T) {
	t.Parallel()
	s := granularWorld(t)

	made := token(t, s, sandbox.Token{
		Service: sandbox.GitLab, Kind: "granular",
		Permissions: map[string]string{"user": "read", "project": "write", "repository": "read"},
	})
	if diff := cmp.Diff([]sandbox.Grant{
		{Access: "user", Permissions: []string{"read_project", "create_project", "read_user"}},
		{Access: "all_memberships", Permissions: []string{"read_project", "download_code"}},
	}, made.Grants); diff != "" {
		t.Error(diff)
	}

	api := s.URL(sandbox.GitLab)
	ask(t, "GET", api+"/user", bearer(made.Text)).check(t, 200, "ci-bot")
	ask(t, "POST", api+"/projects", bearer(made.Text)).check(t, 400, "name, path are missing")
	ask(t, "GET", api+"/projects/acme%2Fapp/hooks", bearer(made.Text)).check(t, 403, "[Webhook: Read]")
	do(t, s.SetPermissions(made.Text, map[string]string{"project": "read"}))
	ask(t, "POST", api+"/projects", bearer(made.Text)).check(t, 403, "user permissions: [Project: Create].")

	for name, grants := range map[string][]sandbox.Grant{
		"unknown access":     {{Access: "everything"}},
		"unknown permission": {{Access: "user", Permissions: []string{"write_code"}}},
		"selected nothing":   {{Access: "selected_memberships"}},
		"selected both":      {{Access: "selected_memberships", Project: "acme/app", Group: "acme"}},
		"selected, for all":  {{Access: "all_memberships", Project: "acme/app"}},
		"no such project":    {{Access: "selected_memberships", Project: "acme/nothing"}},
	} {
		if s.SetGrants(made.Text, grants...) == nil {
			t.Errorf("%s: GitLab would give no such grant", name)
		}
	}

	if s.SetGrants(token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}}).Text,
		sandbox.Grant{Access: "user"}) == nil {
		t.Error("a classic token has grants")
	}
}

// A top-level group that demands granular tokens turns classic ones away at its projects, and nowhere else.
func TestGitLabEnforcesGranularTokens(t *testing.T) {
	t.Parallel()
	s := granularWorld(t)
	api := s.URL(sandbox.GitLab)
	classic := token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}}).Text
	fine := granular(t, s, sandbox.Grant{
		Access: "all_memberships", Permissions: []string{"read_project", "download_code"},
	})
	root := strings.TrimSuffix(api, "/api/v4")
	check := func(project, clone int) {
		t.Helper()
		ask(t, "GET", api+"/projects/acme%2Fplatform%2Fgitops", bearer(classic)).check(t, project, "")
		ask(t, "GET", root+"/acme/platform/gitops.git/info/refs?service=git-upload-pack", basic("x", classic)).
			check(t, clone, "")
		ask(t, "GET", api+"/projects/acme%2Fplatform%2Fgitops", bearer(fine)).check(t, 200, "")
		ask(t, "GET", api+"/projects/ci-bot%2Fown", bearer(classic)).check(t, 200, "")
		ask(t, "GET", api+"/user", bearer(classic)).check(t, 200, "ci-bot")
		ask(t, "GET", api+"/personal_access_tokens/self", bearer(classic)).check(t, 200, "")
		ask(t, "POST", api+"/projects", bearer(classic)).check(t, 400, "missing")
	}
	check(200, 200)
	do(t, s.SetRule(sandbox.GitLab, "acme", sandbox.RuleGranular, true))
	check(403, 403)
	do(t, s.SetRule(sandbox.GitLab, "acme", sandbox.RuleGranular, false))
	do(t, s.BlockToken(classic, sandbox.BlockGranularEnforce))
	check(403, 403)

	if s.SetRule(sandbox.GitLabSelfManaged, "acme", sandbox.RuleGranular, true) == nil ||
		s.SetRule(sandbox.GitLab, "acme/platform", sandbox.RuleGranular, true) == nil {
		t.Error("only top-level groups of GitLab.com can demand that")
	}
}

func TestGitLabVersions(t *testing.T) {
	t.Parallel()
	s := begin(t)
	api := s.URL(sandbox.GitLab)
	made := labToken(t, s, "api")
	ask(t, "GET", api+"/version", bearer(made)).check(t, 200, `"version":"19.6.`)
	self := api + "/personal_access_tokens/self"

	do(t, s.SetBehaviour(sandbox.GitLab, sandbox.TokenSelfIsID, true))
	ask(t, "GET", self, bearer(made)).check(t, 401, `{"message":"401 Unauthorized"}`)
	do(t, s.SetBehaviour(sandbox.GitLab, sandbox.TokenSelfIsID, false))
	do(t, s.SetBehaviour(sandbox.GitLab, sandbox.NoTokenSelf, true))
	ask(t, "GET", self, bearer(made)).check(t, 404, "404 Not Found")
}

// A token can revoke itself, and nothing else can be revoked that way.
func TestGitLabRevokesItself(t *testing.T) {
	t.Parallel()
	s := begin(t)
	self := s.URL(sandbox.GitLab) + "/personal_access_tokens/self"
	made := labToken(t, s, "read_repository")
	ask(t, "DELETE", self, bearer(made)).check(t, 204, "")
	ask(t, "DELETE", self, bearer(made)).check(t, 401, "Token was revoked.")
	oauth := token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "oauth", Scopes: []string{"api"}}).Text
	ask(t, "DELETE", self, bearer(oauth)).check(t, 400, "personal access token")
	fine := granular(t, s, sandbox.Grant{Access: "user", Permissions: []string{"read_personal_access_token"}})
	ask(t, "DELETE", self, bearer(fine)).check(t, 403, "[Personal Access Token: Revoke]")

	if n := changes(t, s, sandbox.GitLab); n != 1 {
		t.Errorf("%d changes", n)
	}
}
