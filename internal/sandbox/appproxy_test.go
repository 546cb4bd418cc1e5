package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestAppProxyRegister(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	id, key := s.DefaultUser()
	other, otherKey, err := s.AddUser("reader", false)
	cfDo(t, err)
	first, second := cfToken(t, s, sandbox.GitHub, "classic", "repo"), cfToken(t, s, sandbox.GitHub, "classic", "repo")

	for _, step := range []struct {
		key, token string
		users      map[string]bool
	}{
		{key, first, map[string]bool{id: true}},
		{key, second, map[string]bool{id: true}}, // in place of the first
		{otherKey, first, map[string]bool{id: true, other: true}},
	} {
		variables := args("token", step.token, "userId", "ignored", "accountId", "ignored")
		if p := proxyQuery(t, s, step.key, registerQuery, variables).problem(t); p != "" {
			t.Fatal(p)
		}

		if diff := cmp.Diff(step.users, cfUsers(t, s)); diff != "" {
			t.Error(diff)
		}
	}

	if text, ok := s.UserToken("one", "default", id); !ok || text != second {
		t.Errorf("the first user's token is %q, want the second", text)
	}

	cfDo(t, s.RevokeToken(first))

	if diff := cmp.Diff(map[string]bool{id: true, other: false}, cfUsers(t, s)); diff != "" {
		t.Errorf("after the revocation: %s", diff)
	}

	yes, no := true, false
	cfDo(t, s.SetUserTokenValid("one", "default", other, &yes))
	cfDo(t, s.SetUserTokenValid("one", "default", id, &no))

	if diff := cmp.Diff(map[string]bool{id: false, other: true}, cfUsers(t, s)); diff != "" {
		t.Errorf("overridden: %s", diff)
	}

	cfDo(t, s.SetUserTokenValid("one", "default", id, nil))

	reply := proxyQuery(t, s, key, deregisterQuery, map[string]any{"name": "default"})
	if diff := cmp.Diff(map[string]any{
		"deregisterFromGitIntegration": map[string]any{"name": "default", "users": []any{map[string]any{"userId": other}}},
	}, reply.Data); diff != "" {
		t.Error(diff)
	}

	again := proxyQuery(t, s, key, deregisterQuery, nil)
	if p := again.problem(t); p != `user is not registered to git integration "default"` {
		t.Errorf("second time: %q", p)
	}

	cfDo(t, s.Unregister("one", "default", other))

	if got := cfUsers(t, s); len(got) != 0 {
		t.Errorf("users are %v, want none", got)
	}

	absent := proxyQuery(t, s, key, registerQuery, args("name", "other", "token", first))

	p := absent.problem(t)
	if absent.Status != http.StatusOK || p != `Git integration "other" does not exist` || absent.Data != nil {
		t.Errorf("absent integration: %d %s", absent.Status, absent.Body)
	}
}

func TestAppProxyIntegrations(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one", GitProvider: "GITLAB"})
	_, readerKey, err := s.AddUser("reader", false)
	cfDo(t, err)

	const (
		add    = `mutation($args: AddGitIntegrationArgs!) { addGitIntegration(args: $args) { name apiUrl } }`
		edit   = `mutation($args: EditGitIntegrationArgs!) { editGitIntegration(args: $args) { apiUrl sharingPolicy } }`
		remove = `mutation($name: String!) { removeGitIntegration(name: $name) }`
		names  = `{ gitIntegrations { name apiUrl } }`
		secret = `{ gitIntegration(name: "secret") { name } }`
	)

	private := args("name", "secret", "provider", "BITBUCKET", "sharingPolicy", "ACCOUNT_ADMINS")

	for _, step := range []struct {
		what, key, query string
		variables        map[string]any
		data             map[string]any
		problem          string
	}{
		{"add as no admin", readerKey, add, private, nil, "Forbidden: this needs an admin of the account"},
		{
			"add", adminKey, add, private,
			map[string]any{"addGitIntegration": map[string]any{
				"name": "secret", "apiUrl": "https://api.bitbucket.org/2.0",
			}},
			"",
		},
		{"add again", adminKey, add, private, nil, `Git integration "secret" already exists`},
		{
			"add without address", adminKey, add,
			args("name", "dc", "provider", "BITBUCKET_SERVER", "sharingPolicy", "ACCOUNT_ADMINS"), nil,
			"apiUrl is required for BITBUCKET_SERVER",
		},
		{
			"add of Gerrit", adminKey, add,
			args("name", "g", "provider", "GERRIT", "sharingPolicy", "ACCOUNT_ADMINS"), nil,
			"Git provider GERRIT is not supported",
		},
		{"hidden", readerKey, secret, nil, map[string]any{"gitIntegration": nil}, ""},
		{"shown", adminKey, secret, nil, map[string]any{"gitIntegration": map[string]any{"name": "secret"}}, ""},
		{
			"register with the hidden", readerKey, registerQuery, args("name", "secret", "token", "x"), nil,
			`Git integration "secret" does not exist`,
		},
		{
			"list without the hidden", readerKey, names, nil,
			map[string]any{"gitIntegrations": []any{
				map[string]any{"name": "default", "apiUrl": "https://gitlab.com/api/v4"},
			}},
			"",
		},
		{
			"edit", adminKey, edit,
			args("name", "secret", "apiUrl", "https://x.example.com", "sharingPolicy", "ALL_USERS_IN_ACCOUNT"),
			map[string]any{"editGitIntegration": map[string]any{
				"apiUrl": "https://x.example.com", "sharingPolicy": "ALL_USERS_IN_ACCOUNT",
			}},
			"",
		},
		{
			"edit of none", adminKey, edit, args("name", "x", "sharingPolicy", "ACCOUNT_ADMINS"), nil,
			`Git integration "x" does not exist`,
		},
		{"remove", adminKey, remove, map[string]any{"name": "secret"}, map[string]any{"removeGitIntegration": nil}, ""},
		{
			"remove again", adminKey, remove,
			map[string]any{"name": "secret"},
			nil,
			`Git integration "secret" does not exist`,
		},
		{"removed", adminKey, secret, nil, map[string]any{"gitIntegration": nil}, ""},
		{
			"version", readerKey, "{ versionInfo { version platformHost } }", nil,
			map[string]any{"versionInfo": map[string]any{"version": "1.3700.0", "platformHost": s.URL(sandbox.Codefresh)}},
			"",
		},
	} {
		reply := proxyQuery(t, s, step.key, step.query, step.variables)
		if p := reply.problem(t); p != step.problem {
			t.Errorf("%s: %q, want %q", step.what, p, step.problem)
		}

		if diff := cmp.Diff(step.data, reply.Data); step.problem == "" && diff != "" {
			t.Errorf("%s: %s", step.what, diff)
		}
	}
}

func TestAppProxyReach(t *testing.T) {
	t.Parallel()

	s := cfStart(t, sandbox.Runtime{Name: "one"})
	for reach, want := range map[sandbox.Reach]struct {
		status int
		body   string
	}{
		sandbox.ReachUp:         {http.StatusOK, "OK"},
		sandbox.ReachDown:       {http.StatusBadGateway, "502 Bad Gateway"},
		sandbox.ReachTunnelDown: {http.StatusNotFound, "<!DOCTYPE html>"},
	} {
		cfDo(t, s.SetReach("one", reach))
		resp, body := cfSend(t, http.MethodGet, s.URL("app-proxy:one")+"/app-proxy/api/readyz", "")

		isHTML := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
		if resp.StatusCode != want.status || !strings.Contains(body, want.body) || !isHTML {
			t.Errorf("%q: %d %s", reach, resp.StatusCode, body)
		}
	}

	cfDo(t, s.SetReach("one", sandbox.ReachUp))

	resp, _ := cfSend(t, http.MethodGet, s.URL("app-proxy:one")+"/api/graphql", "")
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("unknown path: %d", resp.StatusCode)
	}
}

func TestAppProxyLosesAnswers(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	id, key := s.DefaultUser()
	text := cfToken(t, s, sandbox.GitHub, "classic", "repo")
	cfDo(t, s.LoseAnswers("one", 1))

	if p := proxyQuery(t, s, key, listQuery, nil).problem(t); p != "" {
		t.Errorf("a query lost its answer: %s", p)
	}

	body := &bytes.Buffer{}
	cfDo(t, json.NewEncoder(body).Encode(map[string]any{"query": registerQuery, "variables": args("token", text)}))

	address := s.URL("app-proxy:one") + "/app-proxy/api/graphql"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, body)
	cfDo(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", key)

	if resp, err := http.DefaultClient.Do(r); err == nil {
		_ = resp.Body.Close()
		t.Errorf("there was an answer: %s", resp.Status)
	}

	if got, ok := s.UserToken("one", "default", id); !ok || got != text {
		t.Error("the mutation had no effect")
	}

	if got := s.Mutations(); len(got) != 1 || got[0].Status != 0 || got[0].Operation != "registerToGitIntegration" {
		t.Errorf("mutations are %+v", got)
	}

	if p := proxyQuery(t, s, key, deregisterQuery, nil).problem(t); p != "" {
		t.Errorf("the next mutation: %s", p)
	}
}
