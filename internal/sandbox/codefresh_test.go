package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestCodefreshGateway(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	_, revoked, err := s.AddUser("leaver", false)
	cfDo(t, err)
	cfDo(t, s.RevokeKey(revoked))

	for name, c := range map[string]struct {
		service       sandbox.Service
		authorization string
		status        int
		journal       string
	}{
		"raw key":                  {sandbox.Codefresh, adminKey, 200, "key known"},
		"bearer":                   {sandbox.Codefresh, "Bearer " + adminKey, 200, "Bearer known"},
		"other scheme":             {sandbox.Codefresh, "Token " + adminKey, 401, "Token known"},
		"no key":                   {sandbox.Codefresh, "", 401, ""},
		"unknown key":              {sandbox.Codefresh, "5f0c.other", 401, "key unknown"},
		"revoked key":              {sandbox.Codefresh, revoked, 401, "key unknown"},
		"app-proxy, raw key":       {sandbox.AppProxy("one"), adminKey, 200, "key known"},
		"app-proxy, bearer":        {sandbox.AppProxy("one"), "Bearer " + adminKey, 401, "Bearer known"},
		"app-proxy, unknown key":   {sandbox.AppProxy("one"), "nobody", 401, "key unknown"},
		"app-proxy without a key ": {sandbox.AppProxy("one"), "", 401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := "/2.0/api/graphql"
			if c.service != sandbox.Codefresh {
				path = "/app-proxy/api/graphql"
			}

			headers := []string{"Content-Type", "application/json", "User-Agent", name}
			if c.authorization != "" {
				headers = append(headers, "Authorization", c.authorization)
			}

			resp, body := cfSend(t, http.MethodPost, s.URL(c.service)+path, `{"query":"{__typename}"}`, headers...)
			if resp.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, c.status, body)
			}

			const refusal = `{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"Unauthorized","context":{}}`
			if c.status == 401 && body != refusal {
				t.Errorf("refused with %q", body)
			}

			for _, r := range s.Requests(c.service) {
				if r.UserAgent == name && (r.Authorization != c.journal || r.Status != c.status) {
					t.Errorf("journal has %+v", r)
				}
			}
		})
	}
}

func TestCodefreshGatewayAsHTML(t *testing.T) {
	t.Parallel()
	s := cfStart(t)
	s.SetPlatform(sandbox.Platform{HTMLGateway: true})

	for _, path := range []string{"/2.0/api/graphql", "/api/user"} {
		resp, body := cfSend(t, http.MethodPost, s.URL(sandbox.Codefresh)+path, "")
		if resp.StatusCode != 401 || resp.Header.Get("Content-Type") != "text/html" || !strings.Contains(body, "nginx") {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestCodefreshREST(t *testing.T) {
	t.Parallel()
	s := cfStart(t)
	id, key := s.DefaultUser()
	_, body := cfSend(t, http.MethodGet, s.URL(sandbox.Codefresh)+"/api/user", "", "Authorization", key)

	var user map[string]any
	cfDo(t, json.Unmarshal([]byte(body), &user))

	if user["_id"] != id || user["userName"] != "sandbox-admin" {
		t.Errorf("user is %v", user)
	}

	for _, path := range []string{"/", "/api/graphql", "/2.0/api/graphql/"} {
		resp, _ := cfSend(t, http.MethodPost, s.URL(sandbox.Codefresh)+path, "", "Authorization", key)
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}

func TestCodefreshMe(t *testing.T) {
	t.Parallel()
	s := cfStart(t)
	id, _ := s.DefaultUser()
	other, otherKey, err := s.AddUser("reader", false)
	cfDo(t, err)

	if _, _, err := s.AddUser("reader", true); err == nil {
		t.Error("two users of one name")
	}

	s.SetSharedConfigRepo("https://git.example.com/acme/config.git")

	const query = `{ me { id name isAdmin activeAccount {
		id name admins gitProvider gitApiUrl sharedConfigRepo users { id }
	} } }`

	me := dig(t, cfPlatform(t, s, query), "me")

	want := map[string]any{
		"id": id, "name": "sandbox-admin", "isAdmin": false,
		"activeAccount": map[string]any{
			"id": dig(t, me, "activeAccount", "id"), "name": "sandbox", "admins": []any{id},
			"gitProvider": "GITHUB", "gitApiUrl": s.URL(sandbox.GitHub),
			"sharedConfigRepo": "https://git.example.com/acme/config.git",
			"users":            []any{map[string]any{"id": id}, map[string]any{"id": other}},
		},
	}
	if diff := cmp.Diff(want, me); diff != "" {
		t.Error(diff)
	}

	reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", otherKey, "{ me { id } }", nil)
	if got := dig(t, reply.Data, "me", "id"); got != other {
		t.Errorf("the other key is %v, want %v", got, other)
	}

	cfDo(t, s.SetAccountGit("", ""))

	account := dig(t, cfPlatform(t, s, query), "me", "activeAccount")
	if dig(t, account, "gitProvider") != nil || dig(t, account, "gitApiUrl") != nil {
		t.Errorf("account is %v, want nulls", account)
	}

	s.SetPlatform(sandbox.Platform{Sparse: true})

	account = dig(t, cfPlatform(t, s, query), "me", "activeAccount")
	if dig(t, account, "admins") != nil || dig(t, account, "name") != nil || dig(t, account, "id") == nil {
		t.Errorf("sparse account is %v", account)
	}

	s.SetPlatform(sandbox.Platform{NoActiveAccount: true})

	if account := dig(t, cfPlatform(t, s, query), "me", "activeAccount"); account != nil {
		t.Errorf("account is %v, want null", account)
	}
}

func TestCodefreshRuntimes(t *testing.T) {
	t.Parallel()

	yes, no := true, false
	s := cfStart(t, sandbox.Runtime{Name: "plain", GitProvider: "GITLAB", Repo: "https://git.example.com/r.git"},
		sandbox.Runtime{Name: "hidden", NoIngress: true, Available: &no},
		sandbox.Runtime{Name: "inner", InternalIngress: true, Available: &yes},
		sandbox.Runtime{Name: "bare", Ingress: "bare.example.com/"})
	cfDo(t, s.SetReach("inner", sandbox.ReachDown))
	cfDo(t, s.SetReach("bare", sandbox.ReachDown))

	const (
		fields = `metadata { name } gitProvider repo ingressHost internalIngressHost available`
		query  = `{ runtimes { edges { node { ` + fields + ` } } pageInfo { hasNextPage endCursor } } }`
	)

	want := []map[string]any{
		{
			"gitProvider": "GITLAB", "repo": "https://git.example.com/r.git",
			"ingressHost": s.URL("app-proxy:plain"), "available": true,
		},
		{"available": false},
		{"ingressHost": "https://ingress.invalid", "internalIngressHost": s.URL("app-proxy:inner"), "available": true},
		{"ingressHost": "bare.example.com/", "available": false},
	}
	list := dig(t, cfPlatform(t, s, query), "runtimes")

	for i, name := range []string{"plain", "hidden", "inner", "bare"} {
		node := map[string]any{
			"metadata": map[string]any{"name": name}, "gitProvider": nil, "repo": nil,
			"ingressHost": nil, "internalIngressHost": nil,
		}
		for field, value := range want[i] {
			node[field] = value
		}

		if diff := cmp.Diff(node, dig(t, list, "edges", i, "node")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}

		single := dig(t, cfPlatform(t, s, `{ runtime(name: "`+name+`") { `+fields+` } }`), "runtime")
		if diff := cmp.Diff(node, single); diff != "" {
			t.Errorf("%s alone: %s", name, diff)
		}
	}

	if dig(t, list, "pageInfo", "hasNextPage") != false {
		t.Error("there is a next page")
	}

	s.SetPlatform(sandbox.Platform{PageSize: 3})

	list = dig(t, cfPlatform(t, s, query), "runtimes")
	if edges, _ := dig(t, list, "edges").([]any); len(edges) != 3 || dig(t, list, "pageInfo", "hasNextPage") != true {
		t.Errorf("page is %v", list)
	}

	cfDo(t, s.RemoveRuntime("bare"))

	if got := cfPlatform(t, s, `{ runtime(name: "bare") { repo } }`); dig(t, got, "runtime") != nil {
		t.Errorf("a removed runtime is %v, want null", got)
	}

	if s.RemoveRuntime("bare") == nil || s.URL("app-proxy:bare") != "" {
		t.Error("the removed runtime is still there")
	}
}

func TestCodefreshOldPlatform(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})

	const query = `{ runtime(name: "one") { status { runtimeGitToken { status description } syncMode } } }`

	got := dig(t, cfPlatform(t, s, query), "runtime", "status", "runtimeGitToken")
	if diff := cmp.Diff(map[string]any{"status": "UNKNOWN", "description": "Complete Installation"}, got); diff != "" {
		t.Error(diff)
	}

	s.SetPlatform(sandbox.Platform{Old: true})
	reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, query, nil)

	const want = `Cannot query field "status" on type "Runtime".`
	if p := reply.problem(t); reply.Status != 400 || !strings.HasPrefix(p, want) {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}

	cfPlatform(t, s, `{ runtime(name: "one") { available } }`)
}

func TestCodefreshSettingsOfAccount(t *testing.T) {
	t.Parallel()
	s := cfStart(t)
	_, readerKey, err := s.AddUser("reader", false)
	cfDo(t, err)

	const query = `mutation {
		updateCsdpSettings(gitProvider: GITLAB, gitApiUrl: "https://git.example.com", sharedConfigRepo: "r")
	}`

	address := s.URL(sandbox.Codefresh) + "/2.0/api/graphql"

	refused := cfQuery(t, address, readerKey, query, nil)
	if refused.Status != 200 || refused.problem(t) == "" || refused.Errors[0].Extensions.Code != "FORBIDDEN" {
		t.Errorf("%d %s", refused.Status, refused.Body)
	}

	cfPlatform(t, s, query)

	account := dig(t, cfPlatform(t, s, `{ me { activeAccount { gitProvider sharedConfigRepo } } }`), "me", "activeAccount")
	if diff := cmp.Diff(map[string]any{"gitProvider": "GITLAB", "sharedConfigRepo": "r"}, account); diff != "" {
		t.Error(diff)
	}

	got := s.Mutations()
	if len(got) != 2 || got[0].Operation != "updateCsdpSettings" || got[0].Service != sandbox.Codefresh {
		t.Errorf("mutations are %+v", got)
	}
}

func TestCodefreshMisuse(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	id, _ := s.DefaultUser()

	_, _, unnamed := s.AddUser("", false)
	for name, err := range map[string]error{
		"runtime twice":           s.AddRuntime(sandbox.Runtime{Name: "one"}),
		"runtime without a name":  s.AddRuntime(sandbox.Runtime{}),
		"runtime's provider":      s.AddRuntime(sandbox.Runtime{Name: "two", GitProvider: "github"}),
		"runtime's address":       s.AddRuntime(sandbox.Runtime{Name: "two", GitAPIURL: "github.com"}),
		"runtime's update shape":  s.AddRuntime(sandbox.Runtime{Name: "two", UpdateAnswers: "void"}),
		"account's provider":      s.SetAccountGit("GITEA", ""),
		"reach":                   s.SetReach("one", "gone"),
		"reach of no runtime":     s.SetReach("two", sandbox.ReachDown),
		"negative times":          s.LoseAnswers("one", -1),
		"unknown key":             s.RevokeKey(""),
		"user without a name":     unnamed,
		"integration twice":       s.AddIntegration("one", "default", "GITHUB", "https://api.github.com"),
		"integration unnamed":     s.AddIntegration("one", "", "GITHUB", "https://api.github.com"),
		"integration's address":   s.AddIntegration("one", "x", "GITHUB", "api.github.com"),
		"integration's provider":  s.AddIntegration("one", "x", "", "https://api.github.com"),
		"status":                  s.SetRuntimeTokenStatus("one", "successful"),
		"nobody registered":       s.Unregister("one", "default", id),
		"no such integration":     s.Unregister("one", "other", id),
		"validity of no one":      s.SetUserTokenValid("one", "default", id, nil),
		"validity of integration": s.SetUserTokenValid("one", "other", id, nil),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}

	if _, _, _, _, ok := s.RuntimeToken("two"); ok {
		t.Error("a runtime that does not exist has a token")
	}

	if _, ok := s.UserToken("one", "default", id); ok {
		t.Error("a user who did not register has a token")
	}
}
