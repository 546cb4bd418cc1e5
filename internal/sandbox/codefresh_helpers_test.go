package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// adminKey is the API key of the default user of the sandboxes that cfStart starts.
const adminKey = "5f0c.admin"

// cfReply is an answer of one of Codefresh's GraphQL servers.
type cfReply struct {
	Status int            `json:"-"`
	Body   string         `json:"-"`
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// problem is the message of the only error, or "".
func (r cfReply) problem(t *testing.T) string {
	t.Helper()

	if len(r.Errors) == 0 {
		return ""
	}

	if len(r.Errors) > 1 {
		t.Errorf("%d errors, want one: %s", len(r.Errors), r.Body)
	}

	return r.Errors[0].Message
}

func cfStart(t *testing.T, runtimes ...sandbox.Runtime) *sandbox.Sandbox {
	t.Helper()

	s, err := sandbox.Start(sandbox.Options{DefaultKey: adminKey})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(s.Close)
	cfDo(t, s.SetAccountGit("GITHUB", s.URL(sandbox.GitHub)))

	for _, r := range runtimes {
		cfDo(t, s.AddRuntime(r))
	}

	return s
}

func cfDo(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}

// cfSend sends a request with headers given in pairs.
func cfSend(t *testing.T, method, address, body string, headers ...string) (*http.Response, string) {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}

	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = resp.Body.Close() }()

	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	return resp, string(text)
}

// cfQuery asks a GraphQL server.
func cfQuery(t *testing.T, address, key, query string, variables map[string]any) cfReply {
	t.Helper()

	body := &bytes.Buffer{}
	if err := json.NewEncoder(body).Encode(map[string]any{"query": query, "variables": variables}); err != nil {
		t.Fatal(err)
	}

	resp, text := cfSend(t, http.MethodPost, address, body.String(),
		"Content-Type", "application/json", "Authorization", key)

	reply := cfReply{Status: resp.StatusCode, Body: text}
	if err := json.Unmarshal([]byte(text), &reply); err != nil {
		t.Fatalf("%s answered %d with %q: %v", address, resp.StatusCode, text, err)
	}

	return reply
}

// cfPlatform asks the platform as the default user and wants data without errors.
func cfPlatform(t *testing.T, s *sandbox.Sandbox, query string) map[string]any {
	t.Helper()

	reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, query, nil)
	if reply.Status != http.StatusOK || len(reply.Errors) > 0 {
		t.Fatalf("%s: %d %s", query, reply.Status, reply.Body)
	}

	return reply.Data
}

// dig walks into decoded JSON: names select fields, numbers elements.
func dig(t *testing.T, value any, path ...any) any {
	t.Helper()

	for _, step := range path {
		switch at := step.(type) {
		case string:
			object, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("no object to take %v of %v from: %v", step, path, value)
			}

			value = object[at]
		case int:
			list, ok := value.([]any)
			if !ok || at >= len(list) {
				t.Fatalf("no element %v of %v in %v", step, path, value)
			}

			value = list[at]
		}
	}

	return value
}

const (
	registerQuery   = `mutation($args: RegisterToGitIntegrationArgs!) { registerToGitIntegration(args: $args) { name } }`
	updateQuery     = `mutation($args: UpdateRuntimeGitTokenArgs!) { updateRuntimeGitToken(args: $args) }`
	deregisterQuery = `mutation($name: String) { deregisterFromGitIntegration(name: $name) { name users { userId } } }`
	listQuery       = `{ gitIntegrations { name provider apiUrl sharingPolicy registeredUsers users { userId isValid } } }`
)

// proxyQuery asks the app-proxy of runtime "one".
func proxyQuery(t *testing.T, s *sandbox.Sandbox, key, query string, variables map[string]any) cfReply {
	t.Helper()

	return cfQuery(t, s.URL(sandbox.AppProxy("one"))+"/app-proxy/api/graphql", key, query, variables)
}

// asAdmin asks it as the default user.
func asAdmin(t *testing.T, s *sandbox.Sandbox, query string, variables map[string]any) cfReply {
	t.Helper()

	return proxyQuery(t, s, adminKey, query, variables)
}

func args(pairs ...string) map[string]any {
	a := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		a[pairs[i]] = pairs[i+1]
	}

	return map[string]any{"args": a}
}

func cfToken(t *testing.T, s *sandbox.Sandbox, service sandbox.Service, kind string, scopes ...string) string {
	t.Helper()

	made, err := s.CreateToken(sandbox.Token{Service: service, Kind: kind, Scopes: scopes})
	cfDo(t, err)

	return made.Text
}

// cfUsers reads who is registered with the default integration of runtime "one": user id → isValid.
func cfUsers(t *testing.T, s *sandbox.Sandbox) map[string]bool {
	t.Helper()
	reply := asAdmin(t, s, "{ gitIntegration { users { userId isValid } } }", nil)

	users, ok := dig(t, reply.Data, "gitIntegration", "users").([]any)
	if !ok {
		t.Fatal(reply.Body)
	}

	found := map[string]bool{}

	for _, u := range users {
		id, _ := dig(t, u, "userId").(string)
		found[id], _ = dig(t, u, "isValid").(bool)
	}

	return found
}
