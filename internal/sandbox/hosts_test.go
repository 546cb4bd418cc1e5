package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// noon is the time at which the worlds of these tests stand still.
var noon = time.Date(2026, 9, 15, 12, 0, 0, 0, time.UTC)

func begin(t *testing.T) *sandbox.Sandbox {
	t.Helper()

	s, err := sandbox.Start(sandbox.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(s.Close)

	return s
}

// do fails the test if something that prepares it failed.
func do(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}

func token(t *testing.T, s *sandbox.Sandbox, want sandbox.Token) sandbox.Token {
	t.Helper()

	made, err := s.CreateToken(want)
	do(t, err)

	return made
}

func repository(t *testing.T, s *sandbox.Sandbox, r sandbox.Repository) string {
	t.Helper()

	clone, err := s.AddRepository(r)
	do(t, err)

	return clone
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// field is a field of the JSON object that the body is.
func (r reply) field(t *testing.T, name string) any {
	t.Helper()

	var object map[string]any
	if err := json.Unmarshal([]byte(r.body), &object); err != nil {
		t.Fatalf("body %q is no object: %v", r.body, err)
	}

	return object[name]
}

// size is the length of the JSON list that the field, or with no name the body, is.
func (r reply) size(t *testing.T, name string) int {
	t.Helper()

	var list []any
	if name == "" {
		if err := json.Unmarshal([]byte(r.body), &list); err != nil {
			t.Fatalf("body %q is no list: %v", r.body, err)
		}

		return len(list)
	}

	list, ok := r.field(t, name).([]any)
	if !ok {
		t.Fatalf("%s of %q is no list", name, r.body)
	}

	return len(list)
}

func (r reply) check(t *testing.T, status int, contains string) {
	t.Helper()

	if r.status != status || !strings.Contains(r.body, contains) {
		t.Errorf("got %d %q, want %d and %q", r.status, r.body, status, contains)
	}
}

// ask sends a request. method may have a body after a space; headers are "Name: value".
func ask(t *testing.T, method, address string, headers ...string) reply {
	t.Helper()

	return askWith(t, http.DefaultClient, method, address, headers...)
}

func askWith(t *testing.T, client *http.Client, method, address string, headers ...string) reply {
	t.Helper()

	method, body, _ := strings.Cut(method, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	do(t, err)
	r.Header.Set("User-Agent", "test")

	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}

	resp, err := client.Do(r)
	do(t, err)

	defer func() { _ = resp.Body.Close() }()

	text, err := io.ReadAll(resp.Body)
	do(t, err)

	return reply{status: resp.StatusCode, header: resp.Header, body: string(text)}
}

func bearer(text string) string { return "Authorization: Bearer " + text }

func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func changes(t *testing.T, s *sandbox.Sandbox, service sandbox.Service) int {
	t.Helper()

	list, err := s.Changes(service)
	do(t, err)

	return len(list)
}
