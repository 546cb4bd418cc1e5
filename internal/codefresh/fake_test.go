package codefresh_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	platformSDL = "platformapi/platform.graphql"
	appProxySDL = "appproxyapi/appproxy.graphql"

	keyText   = "6f3a0c1d2e4b5a6978.00aa11bb22cc33dd44ee55ff66778899"
	otherKey  = "aa3a0c1d2e4b5a6978.99aa11bb22cc33dd44ee55ff66778800"
	tokenText = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
)

// request is what a fake received.
type request struct {
	Op            string
	Query         string
	Variables     map[string]any
	Authorization string
	Header        http.Header
	Path          string
}

// reply is what a fake answers.
type reply struct {
	status int
	kind   string
	body   string
}

func data(body string) reply { return reply{200, "application/json", `{"data":` + body + `}`} }

func gqlErrors(status int, messages ...string) reply {
	list := make([]map[string]string, 0, len(messages))
	for _, message := range messages {
		list = append(list, map[string]string{"message": message})
	}

	body, _ := json.Marshal(map[string]any{"errors": list}) // strings always marshal

	return reply{status, "application/json", string(body)}
}

// fake is a GraphQL server as strict as a real one: it takes what its schema takes and nothing else.
type fake struct {
	URL    string
	schema *ast.Schema
	path   string
	answer func(context.Context, request) reply

	mu   sync.Mutex
	seen []request
}

func newFake(t *testing.T, path, sdl string, answer func(context.Context, request) reply) *fake {
	t.Helper()

	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: sdl})
	if err != nil {
		t.Fatalf("loading the schema: %v", err)
	}

	f := &fake{schema: schema, path: path, answer: answer}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)

	f.URL = server.URL

	return f
}

func sdl(t *testing.T, file string, replace ...string) string {
	t.Helper()

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	changed := strings.NewReplacer(replace...).Replace(string(text))
	if len(replace) > 0 && changed == string(text) {
		t.Fatalf("nothing to replace in %s", file)
	}

	return changed
}

func newPlatform(t *testing.T, answer func(context.Context, request) reply) *fake {
	t.Helper()

	return newFake(t, "/2.0/api/graphql", sdl(t, platformSDL), answer)
}

func newAppProxy(t *testing.T, answer func(context.Context, request) reply) *fake {
	t.Helper()

	return newFake(t, "/app-proxy/api/graphql", sdl(t, appProxySDL), answer)
}

// always answers every request alike.
func always(r reply) func(context.Context, request) reply {
	return func(context.Context, request) reply { return r }
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, refused := f.read(r)

	f.mu.Lock()
	f.seen = append(f.seen, got)
	f.mu.Unlock()

	if refused == nil {
		answer := f.answer(r.Context(), got)
		refused = &answer
	}

	if refused.kind != "" {
		w.Header().Set("Content-Type", refused.kind)
	}

	w.WriteHeader(refused.status)
	_, _ = io.WriteString(w, refused.body)
}

// read checks a request. The reply is nil if it is fit to be answered.
func (f *fake) read(r *http.Request) (request, *reply) {
	got := request{Authorization: r.Header.Get("Authorization"), Header: r.Header, Path: r.URL.Path}
	refuse := func(status int, messages ...string) (request, *reply) {
		answer := gqlErrors(status, messages...)

		return got, &answer
	}

	if r.URL.Path != f.path || r.URL.RawQuery != "" || r.Method != http.MethodPost {
		return got, &reply{404, "text/html", "<html>no such page</html>"}
	}

	if r.Header.Get("Content-Type") != "application/json" {
		return refuse(415, "Content-Type must be application/json")
	}

	body, _ := io.ReadAll(r.Body) // an incomplete body does not decode

	var envelope struct {
		Query         string         `json:"query"`
		Variables     map[string]any `json:"variables"`
		OperationName string         `json:"operationName"`
	}

	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&envelope); err != nil {
		return refuse(400, "not a GraphQL request: "+err.Error())
	}

	got.Op, got.Query, got.Variables = envelope.OperationName, envelope.Query, envelope.Variables

	document, invalid := gqlparser.LoadQueryWithRules(f.schema, envelope.Query, rules.NewDefaultRules())
	if len(invalid) > 0 {
		messages := make([]string, 0, len(invalid))
		for _, e := range invalid {
			messages = append(messages, e.Message)
		}

		return refuse(400, messages...)
	}

	operation := document.Operations.ForName(envelope.OperationName)
	if operation == nil {
		return refuse(400, "Unknown operation named "+envelope.OperationName)
	}

	if _, err := validator.VariableValues(f.schema, operation, envelope.Variables); err != nil {
		return refuse(400, err.Error())
	}

	return got, nil
}

// ops returns the names of the operations received, in order.
func (f *fake) ops() []string {
	f.mu.Lock()
	defer f.mu.Unlock()

	ops := make([]string, 0, len(f.seen))
	for _, r := range f.seen {
		ops = append(ops, r.Op)
	}

	return ops
}

func (f *fake) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()

	return append([]request(nil), f.seen...)
}

func newTransport(t *testing.T) *transport.Transport {
	t.Helper()

	tr, err := transport.New(transport.Config{
		RequestTimeout: 10 * time.Second,
		MaxRetries:     2,
		UserAgent:      "test/1",
		Wait:           func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}

	return tr
}

// nowhere is an address where nobody listens. A port that was free a moment ago can be another program's now.
const nowhere = "http://127.0.0.1:1"

// newClient returns a client for a platform. Without one, for nowhere.
func newClient(t *testing.T, platform *fake) *codefresh.Client {
	t.Helper()

	settings := codefresh.Settings{URL: nowhere, APIKey: gittoken.NewSecret(keyText)}
	if platform != nil {
		settings.URL = platform.URL
	}

	client, err := codefresh.NewClient(settings, newTransport(t), time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}

	return client
}

// asError returns err as the package's error, and fails the test if it is none or shows a secret.
func asError(t *testing.T, err error) *codefresh.Error {
	t.Helper()

	var e *codefresh.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %T (%v), want *codefresh.Error", err, err)
	}

	for _, secret := range []string{keyText, otherKey, tokenText} {
		if strings.Contains(err.Error(), secret) || strings.Contains(e.Detail, secret) {
			t.Fatalf("the error shows a secret: %v", err)
		}
	}

	return e
}

// errorOf is asError for an error that must be of that kind.
func errorOf(t *testing.T, err error, kind codefresh.ErrorKind) *codefresh.Error {
	t.Helper()

	e := asError(t, err)
	if e.Kind != kind {
		t.Fatalf("kind is %q, want %q: %v", e.Kind, kind, err)
	}

	return e
}

func wantKind(t *testing.T, err error, kind codefresh.ErrorKind) {
	t.Helper()

	_ = errorOf(t, err, kind)
}
