package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// control calls the control API with a body of JSON, and decodes the answer if there is one.
func control(t *testing.T, s *sandbox.Sandbox, verb, body string) (status int, answer any) {
	t.Helper()

	method, path, _ := strings.Cut(verb, " ")

	resp, text := cfSend(t, method, s.URL(sandbox.Control)+path, body)
	if text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%s answered %q: %v", verb, text, err)
		}
	}

	return resp.StatusCode, answer
}

// controlOK wants success.
func controlOK(t *testing.T, s *sandbox.Sandbox, verb, body string) any {
	t.Helper()

	status, answer := control(t, s, verb, body)
	if status != http.StatusOK && status != http.StatusNoContent {
		t.Fatalf("%s: %d %v", verb, status, answer)
	}

	return answer
}

func str(t *testing.T, value any, path ...any) string {
	t.Helper()

	text, ok := dig(t, value, path...).(string)
	if !ok {
		t.Fatalf("no text at %v of %v", path, value)
	}

	return text
}

func TestControlTokens(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	accepted := func(text string) bool {
		return asAdmin(t, s, updateQuery, args("token", text)).problem(t) == ""
	}
	made := controlOK(t, s, "POST /tokens",
		`{"service":"github.com","kind":"classic","scopes":["admin:repo_hook","repo"],"expires_at":"2999-01-02T03:04:05Z"}`)
	text := str(t, made, "text")

	want := map[string]any{
		"service": "github.com", "kind": "classic", "text": text, "owner": "ci-bot", "email": "ci-bot@example.com",
		"scopes": []any{"admin:repo_hook", "repo"}, "expires_at": "2999-01-02T03:04:05Z",
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}

	for _, step := range []struct {
		verb, fields string
		accepted     bool
	}{
		{"scopes", `,"scopes":["repo"]`, false},
		{"scopes", `,"scopes":["repo","admin:repo_hook"]`, true},
		{"block", `,"how":"suspended"`, false},
		{"unblock", ``, true},
		{"expire", ``, false},
		{"expiry", `,"expires_at":"2999-01-02T03:04:05Z"`, true},
		{"revoke", ``, false},
	} {
		controlOK(t, s, "POST /tokens/"+step.verb, `{"text":"`+text+`"`+step.fields+`}`)

		if got := accepted(text); got != step.accepted {
			t.Errorf("after %s: accepted %t, want %t", step.verb, got, step.accepted)
		}
	}

	fine := str(t, controlOK(t, s, "POST /tokens",
		`{"service":"github.com","kind":"fine_grained","permissions":{"contents":"read"}}`), "text")
	controlOK(t, s, "POST /tokens/permissions", `{"text":"`+fine+`","permissions":{"contents":"write"}}`)
}

func TestControlRefusals(t *testing.T) {
	t.Parallel()

	s := cfStart(t)
	for name, c := range map[string]struct {
		verb, body string
		status     int
		problem    string
	}{
		"unknown token":    {"POST /tokens/revoke", `{"text":"x"}`, 404, "no such token"},
		"unknown field":    {"POST /tokens/revoke", `{"token":"x"}`, 400, `unknown field "token"`},
		"two values":       {"POST /tokens/revoke", `{"text":"x"}{}`, 400, "goes on after"},
		"no JSON":          {"POST /tokens", `x`, 400, "not what this takes"},
		"unknown service":  {"POST /tokens", `{"service":"gitea","kind":"personal"}`, 400, "gitea"},
		"unknown kind":     {"POST /tokens", `{"service":"gitlab.com","kind":"classic"}`, 400, "no such kind"},
		"unknown verb":     {"POST /nothing", `{}`, 404, "the control API has no POST /nothing"},
		"wrong method":     {"GET /tokens", ``, 404, "the control API has no GET /tokens"},
		"unknown runtime":  {"DELETE /runtimes/one", ``, 400, `no runtime "one"`},
		"fault of nothing": {"POST /faults", `{"service":"gitea","status":500}`, 400, "gitea"},
		"healed nothing":   {"DELETE /faults/gitea", ``, 400, "gitea"},
		"bad provider":     {"POST /account-git", `{"provider":"gitea"}`, 400, "gitea"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			status, answer := control(t, s, c.verb, c.body)
			if status != c.status || !strings.Contains(str(t, answer, "error"), c.problem) {
				t.Errorf("%d %v, want %d with %q", status, answer, c.status, c.problem)
			}
		})
	}
}

func TestControlWorld(t *testing.T) {
	t.Parallel()
	s := cfStart(t)
	user := controlOK(t, s, "POST /users", `{"name":"reader","admin":false}`)
	id, key := str(t, user, "id"), str(t, user, "api_key")
	controlOK(t, s, "POST /account-git",
		`{"provider":"GITLAB","api_url":"https://gitlab.com/api/v4","shared_config_repo":"r"}`)

	runtime := controlOK(t, s, "POST /runtimes", `{"name":"one","skip_validation":true,"available":false}`)
	if got := str(t, runtime, "app_proxy"); got != s.URL("app-proxy:one") || got == "" {
		t.Errorf("app-proxy at %q", got)
	}

	controlOK(t, s, "POST /integrations",
		`{"runtime":"one","name":"other","provider":"GITHUB","api_url":"https://ghe.example.com"}`)

	list := dig(t, proxyQuery(t, s, key, "{ gitIntegrations { name provider apiUrl } }", nil).Data, "gitIntegrations")
	if diff := cmp.Diff([]any{
		map[string]any{"name": "default", "provider": "GITLAB", "apiUrl": "https://gitlab.com/api/v4"},
		map[string]any{"name": "other", "provider": "GITHUB", "apiUrl": "https://ghe.example.com"},
	}, list); diff != "" {
		t.Error(diff)
	}

	proxyQuery(t, s, key, registerQuery, args("token", "x"))
	controlOK(t, s, "POST /user-token-valid", `{"runtime":"one","integration":"default","user_id":"`+id+`","valid":true}`)

	if got := cfUsers(t, s); !got[id] {
		t.Errorf("users are %v", got)
	}

	controlOK(t, s, "POST /unregister", `{"runtime":"one","integration":"default","user_id":"`+id+`"}`)

	if got := cfUsers(t, s); len(got) > 0 {
		t.Errorf("users are %v, want none", got)
	}

	controlOK(t, s, "POST /runtimes/token-status", `{"runtime":"one","status":"FAILED"}`)

	const query = `{ runtime(name: "one") { available status { runtimeGitToken { status } } } }`
	if diff := cmp.Diff(map[string]any{
		"available": false, "status": map[string]any{"runtimeGitToken": map[string]any{"status": "FAILED"}},
	}, cfPlatform(t, s, query)["runtime"]); diff != "" {
		t.Error(diff)
	}

	controlOK(t, s, "POST /platform", `{"old":true,"page_size":1}`)

	if reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, query, nil); reply.Status != 400 {
		t.Errorf("the platform is not old: %s", reply.Body)
	}

	controlOK(t, s, "POST /runtimes/lose-answers", `{"runtime":"one","times":0}`)
	controlOK(t, s, "POST /runtimes/reach", `{"runtime":"one","reach":"down"}`)

	if resp, _ := cfSend(t, http.MethodGet, s.URL("app-proxy:one")+"/app-proxy/api/readyz", ""); resp.StatusCode != 502 {
		t.Errorf("the runtime answers %d", resp.StatusCode)
	}

	controlOK(t, s, "DELETE /runtimes/one", "")
	controlOK(t, s, "POST /users/revoke-key", `{"api_key":"`+key+`"}`)

	resp, _ := cfSend(t, http.MethodGet, s.URL(sandbox.Codefresh)+"/api/user", "", "Authorization", key)
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the revoked key gets %d", resp.StatusCode)
	}

	clone := controlOK(t, s, "POST /repositories",
		`{"service":"github.com","path":"acme/app","private":true,"roles":{"ci-bot":"write"}}`)
	if !strings.HasSuffix(str(t, clone, "clone_url"), "/acme/app.git") {
		t.Errorf("clone URL is %v", clone)
	}

	controlOK(t, s, "POST /repositories/role",
		`{"service":"github.com","path":"acme/app","login":"ci-bot","role":"admin"}`)
	controlOK(t, s, "POST /behaviours", `{"service":"github-enterprise","behaviour":"private_mode","on":true}`)
}

func TestControlFaultsAndRequests(t *testing.T) {
	t.Parallel()
	s := cfStart(t)
	ask := func() int {
		resp, _ := cfSend(t, http.MethodGet, s.URL(sandbox.Codefresh)+"/api/user", "",
			"Authorization", adminKey, "User-Agent", "me")

		return resp.StatusCode
	}

	controlOK(t, s, "POST /faults",
		`{"service":"codefresh","status":503,"body":"busy","header":{"Retry-After":"1"},"match":"/api/user"}`)

	first := ask()

	controlOK(t, s, "DELETE /faults/codefresh", "")

	if second := ask(); first != 503 || second != 200 {
		t.Errorf("answers %d, %d; want 503, 200", first, second)
	}

	list, ok := controlOK(t, s, "GET /requests?service=codefresh", "").([]any)
	if !ok || len(list) != 2 {
		t.Fatalf("requests are %v", list)
	}

	at, err := time.Parse(time.RFC3339, str(t, list, 0, "at"))
	if err != nil || time.Since(at) > time.Hour {
		t.Errorf("at %v: %v", at, err)
	}

	if diff := cmp.Diff(map[string]any{
		"service": "codefresh", "method": "GET", "path": "/api/user", "authorization": "key known", "user_agent": "me",
		"status": 503.0, "at": str(t, list, 0, "at"),
	}, list[0]); diff != "" {
		t.Error(diff)
	}

	controlOK(t, s, "DELETE /requests", "")

	if diff := cmp.Diff([]any{}, controlOK(t, s, "GET /requests", "")); diff != "" {
		t.Error(diff)
	}
}

func TestControlSettings(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	_, body := cfSend(t, http.MethodGet, s.URL(sandbox.Control)+"/settings", "")

	var got sandbox.Settings
	cfDo(t, json.Unmarshal([]byte(body), &got))

	if diff := cmp.Diff(s.Settings(), got); diff != "" {
		t.Error(diff)
	}

	for _, service := range append(sandbox.GitHosts(), sandbox.Codefresh, sandbox.Control, "app-proxy:one") {
		if !strings.HasPrefix(got.Services[service], "http://127.0.0.1:") {
			t.Errorf("%s is at %q", service, got.Services[service])
		}
	}

	if id, key := s.DefaultUser(); got.DefaultKey != key || got.DefaultUserID != id || got.Proxy == "" ||
		!strings.Contains(got.CACertificate, "BEGIN CERTIFICATE") {
		t.Errorf("settings are %+v", got)
	}
}

// The control API is what people's own tests call: what it takes may grow, and nothing of it goes away. What is new
// joins testdata/control-api.txt.
func TestControlAPIStays(t *testing.T) {
	t.Parallel()
	s := cfStart(t)

	listed, ok := controlOK(t, s, "GET /", "").(map[string]any)
	if !ok {
		t.Fatal("GET / lists no verbs")
	}

	text, err := os.ReadFile("testdata/control-api.txt")
	cfDo(t, err)

	promised := map[string]bool{}

	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		words := strings.Fields(line)
		name := words[0] + " " + words[1]
		promised[name] = true

		fields, exists := listed[name].([]any)
		if !exists {
			t.Errorf("there is no %s any more", name)
		}

		for _, want := range words[2:] {
			if !slices.Contains(fields, any(want)) {
				t.Errorf("%s does not take %q any more", name, want)
			}
		}

		if len(fields) != len(words)-2 {
			t.Errorf("%s takes %v, which is not all in the list", name, fields)
		}
	}

	for name := range listed {
		if !promised[name] {
			t.Errorf("%s is not in the list", name)
		}
	}
}

// Every verb about places does what the method of its name does.
func TestControlPlaces(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})

	const at = `"service":"github.com","path":"acme/app"`
	controlOK(t, s, "POST /repositories", `{`+at+`,"private":true,"roles":{"ci-bot":"admin"}}`)
	text := str(t, controlOK(t, s, "POST /tokens",
		`{"service":"github.com","kind":"classic","scopes":["repo"]}`), "text")

	status := func(path string) int {
		t.Helper()

		return ask(t, "GET", s.URL(sandbox.GitHub)+"/repos/"+path, bearer(text)).status
	}
	for _, c := range []struct {
		verb, body, path string
		want             int
	}{
		{"POST /rules", `{"service":"github.com","owner":"acme","rule":"sso","on":true}`, "acme/app", 403},
		{"POST /tokens/authorize", `{"text":"` + text + `","organisation":"acme"}`, "acme/app", 200},
		{"POST /repositories/archived", `{` + at + `,"archived":true}`, "acme/app", 200},
		{"POST /repositories/role", `{` + at + `,"login":"ci-bot","role":""}`, "acme/app", 404},
		{"POST /repositories/private", `{` + at + `,"private":false}`, "acme/app", 200},
		{"POST /repositories/rename", `{` + at + `,"to":"acme/new"}`, "acme/new", 200},
		{"POST /repositories/remove", `{"service":"github.com","path":"acme/new"}`, "acme/new", 404},
	} {
		controlOK(t, s, c.verb, c.body)

		if got := status(c.path); got != c.want {
			t.Errorf("after %s: %d, want %d", c.verb, got, c.want)
		}
	}

	lab := str(t, controlOK(t, s, "POST /tokens", `{"service":"gitlab.com","kind":"granular",`+
		`"grants":[{"access":"user","permissions":["read_user"]}]}`), "text")
	user := s.URL(sandbox.GitLab) + "/user"
	ask(t, "GET", user, bearer(lab)).check(t, 200, "ci-bot")
	controlOK(t, s, "POST /tokens/grants", `{"text":"`+lab+`","grants":[]}`)
	ask(t, "GET", user, bearer(lab)).check(t, 403, "[User: Read]")

	controlOK(t, s, "POST /projects/role", `{"key":"PLAT","login":"ci-bot","role":"read"}`)
	server := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
	}).Text
	ask(t, "GET", s.URL(sandbox.BitbucketServer)+"/rest/api/latest/projects?permission=PROJECT_ADMIN", bearer(server)).
		check(t, 200, `"size":0`)

	told := func() any {
		return dig(t, cfPlatform(t, s, `{ runtime(name: "one") { ingressHost }
			gitSources { edges { node { self { path } } } } }`))
	}

	controlOK(t, s, "POST /git-sources", `{"runtime":"one","name":"apps","repo_url":"https://example.com/a","path":"p"}`)
	controlOK(t, s, "POST /runtimes/ingress", `{"runtime":"one","ingress":"https://new.invalid"}`)

	source := map[string]any{"node": map[string]any{"self": map[string]any{"path": "p"}}}
	if diff := cmp.Diff(any(map[string]any{
		"runtime":    map[string]any{"ingressHost": "https://new.invalid"},
		"gitSources": map[string]any{"edges": []any{source}},
	}), told()); diff != "" {
		t.Error(diff)
	}

	controlOK(t, s, "POST /runtimes/stage", `{"runtime":"one","stage":"listed"}`)
	controlOK(t, s, "DELETE /git-sources/one/apps", "")

	if diff := cmp.Diff(any(map[string]any{
		"runtime": map[string]any{"ingressHost": nil}, "gitSources": map[string]any{"edges": []any{}},
	}), told()); diff != "" {
		t.Error(diff)
	}

	moved := str(t, controlOK(t, s, "POST /runtimes/move", `{"runtime":"one"}`), "app_proxy")
	if moved != s.URL("app-proxy:one") {
		t.Errorf("moved to %s", moved)
	}

	if code, _ := control(t, s, "POST /platform", `{"git_sources":"half"}`); code != 400 {
		t.Errorf("half of the Git Sources: %d", code)
	}

	controlOK(t, s, "POST /platform", `{"git_sources":"refused","no_pagination":true,"page_size":1}`)
	controlOK(t, s, "POST /faults", `{"service":"codefresh","null":"data.me.name","times":1}`)

	if got := dig(t, cfPlatform(t, s, `{ me { name } }`), "me", "name"); got != nil {
		t.Errorf("me.name is %v", got)
	}
}
