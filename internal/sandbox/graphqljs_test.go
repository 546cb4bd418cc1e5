package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestGraphQLWording(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one", UpdateAnswers: "object"})

	const (
		register = `mutation R($args: RegisterToGitIntegrationArgs!) { registerToGitIntegration(args: $args) { name } }`
		add      = `mutation A($args: AddGitIntegrationArgs!) { addGitIntegration(args: $args) { name } }`
	)

	vars := func(args any) map[string]any { return map[string]any{"args": args} }

	for name, c := range map[string]struct {
		query     string
		variables map[string]any
		code      string
		message   string
	}{
		"field": {
			"{ zebra }", nil, "GRAPHQL_VALIDATION_FAILED", `Cannot query field "zebra" on type "Query".`,
		},
		"no selection": {
			`mutation { updateRuntimeGitToken(args: {token: "x"}) }`, nil, "GRAPHQL_VALIDATION_FAILED",
			`Field "updateRuntimeGitToken" of type "GitIntegration!" must have a selection of subfields. ` +
				`Did you mean "updateRuntimeGitToken { ... }"?`,
		},
		"selection of a scalar": {
			`mutation { removeGitIntegration(name: "x") { __typename } }`, nil, "GRAPHQL_VALIDATION_FAILED",
			`Field "removeGitIntegration" must not have a selection since type "Boolean" has no subfields.`,
		},
		"argument": {
			`{ gitIntegration(zebra: "x") { name } }`, nil, "GRAPHQL_VALIDATION_FAILED",
			`Unknown argument "zebra" on field "Query.gitIntegration".`,
		},
		"input field": {
			`mutation { registerToGitIntegration(args: {token: "x", zebra: 1}) { name } }`, nil, "GRAPHQL_VALIDATION_FAILED",
			`Field "zebra" is not defined by type "RegisterToGitIntegrationArgs".`,
		},
		"enum": {
			`mutation { updateRuntimeGitToken(args: {token: "x", provider: ZEBRA}) { name } }`, nil, "GRAPHQL_VALIDATION_FAILED",
			`Value "ZEBRA" does not exist in "GitProviders" enum.`,
		},
		"input field of a variable": {
			register, vars(map[string]any{"token": "x", "zebra": 1}), "BAD_USER_INPUT",
			`Variable "$args" got invalid value { token: "x", zebra: 1 }; ` +
				`Field "zebra" is not defined by type "RegisterToGitIntegrationArgs".`,
		},
		"enum of a variable": {
			register, vars(map[string]any{"token": "x", "tokenType": "zebra"}), "BAD_USER_INPUT",
			`Variable "$args" got invalid value "zebra" at "args.tokenType"; Value "zebra" does not exist in "TokenType" enum.`,
		},
		"null in a variable": {
			register, vars(map[string]any{"token": nil}), "BAD_USER_INPUT",
			`Variable "$args" got invalid value null at "args.token"; Expected non-nullable type "String!" not to be null.`,
		},
		"field missing in a variable": {
			add, vars(map[string]any{"provider": "GITHUB"}), "BAD_USER_INPUT",
			`Variable "$args" got invalid value { provider: "GITHUB" }; ` +
				`Field "sharingPolicy" of required type "SharingPolicy!" was not provided.`,
		},
		"scalar of a variable": {
			register, vars(map[string]any{"token": 7}), "BAD_USER_INPUT",
			`Variables got invalid value { args: { token: 7 } }; String cannot represent a non string value.`,
		},
		"variable that is no object": {
			register, vars("x"), "BAD_USER_INPUT",
			`Variable "$args" got invalid value "x"; Expected type "RegisterToGitIntegrationArgs" to be an object.`,
		},
		"null variable": {
			register, vars(nil), "BAD_USER_INPUT",
			`Variable "$args" of non-null type "RegisterToGitIntegrationArgs!" must not be null.`,
		},
		"no variable": {
			register, nil, "BAD_USER_INPUT",
			`Variable "$args" of required type "RegisterToGitIntegrationArgs!" was not provided.`,
		},
		"nullable variable": {
			`mutation R($args: RegisterToGitIntegrationArgs) { registerToGitIntegration(args: $args) { name } }`, nil,
			"GRAPHQL_VALIDATION_FAILED",
			`Variable "$args" of type "RegisterToGitIntegrationArgs" used in position ` +
				`expecting type "RegisterToGitIntegrationArgs!".`,
		},
		"introspection": {
			"{ __schema { types { name } } }", nil, "GRAPHQL_VALIDATION_FAILED",
			"GraphQL introspection is not allowed by Apollo Server, but the query contained __schema or __type. " +
				"To enable introspection, pass introspection: true to ApolloServer in production",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			reply := cfQuery(t, s.URL("app-proxy:one")+"/app-proxy/api/graphql", adminKey, c.query, c.variables)
			if reply.Status != http.StatusBadRequest || reply.Data != nil {
				t.Errorf("%d %s", reply.Status, reply.Body)
			}

			if got := reply.problem(t); got != c.message {
				t.Errorf("message\n%s, want\n%s", got, c.message)
			}

			if got := reply.Errors[0].Extensions.Code; got != c.code {
				t.Errorf("code %s, want %s", got, c.code)
			}
		})
	}
}

func TestGraphQLEnvelope(t *testing.T) {
	t.Parallel()
	s := cfStart(t)

	const noBody = "POST body missing, invalid Content-Type, or JSON object has no keys."
	for name, c := range map[string]struct {
		method, contentType, body string
		status                    int
		answer                    string
	}{
		"ok": {
			"POST", "application/json; charset=utf-8", `{"query":"{ __typename }"}`, 200,
			`{"data":{"__typename":"Query"}}` + "\n",
		},
		"no media type": {"POST", "", `{"query":"{ __typename }"}`, 400, noBody},
		"form":          {"POST", "application/x-www-form-urlencoded", `{"query":"{ __typename }"}`, 400, noBody},
		"no JSON":       {"POST", "application/json", `query`, 400, noBody},
		"batch":         {"POST", "application/json", `[{"query":"{ __typename }"}]`, 400, noBody},
		"no query":      {"POST", "application/json", `{}`, 400, noBody},
		"get":           {"GET", "application/json", ``, 400, "GET query missing."},
		"put":           {"PUT", "application/json", `{}`, 405, "Apollo Server supports only GET/POST requests."},
		"operation name": {
			"POST", "application/json", `{"query":"query A { __typename }","operationName":"B"}`, 400,
			`{"errors":[{"message":"Unknown operation named \"B\".",` +
				`"extensions":{"code":"OPERATION_RESOLUTION_FAILURE"}}]}` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			resp, body := cfSend(t, c.method, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", c.body,
				"Content-Type", c.contentType, "Authorization", adminKey)
			if resp.StatusCode != c.status || body != c.answer {
				t.Errorf("%d %q, want %d %q", resp.StatusCode, body, c.status, c.answer)
			}
		})
	}

	reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, "{ me { id }", nil)
	if code := reply.Errors[0].Extensions.Code; reply.Status != 400 || code != "GRAPHQL_PARSE_FAILED" {
		t.Errorf("syntax error: %d %s", reply.Status, reply.Body)
	}
}

// What the journal says of a document shows what the sandbox took for its fields.
func TestGraphQLOperationInJournal(t *testing.T) {
	t.Parallel()

	for document, want := range map[string]string{
		"{ me { id } }": "me",
		"query Q { me { id } runtimes { edges { cursor } } }":                              "me,runtimes",
		`query ($n: String! = "}") @x(y: {z: 1}) { runtime(name: $n) { repo } me { id } }`: "runtime,me",
		"# { comment }\n{ # mutation\n me { id } }":                                        "me",
		`{ runtime(name: "a { b }") { repo } }`:                                            "runtime",
		`{ mine: me { id } r: runtime(name: "x") @include(if: true) { repo } }`:            "me,runtime",
		`{ ... on Query { me { id } } runtimes { edges { cursor } } }`:                     "runtimes",
		`{ ...F me { id } } fragment F on Query { runtimes { edges { cursor } } }`:         "me",
		`mutation updateCsdpSettings { __typename }`:                                       "__typename",
		`{ runtime(name: """x " } y""") { repo } }`:                                        "runtime",
		`}{ me`: "",
		`{`:     "",
	} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			s := cfStart(t)
			cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, document, nil)

			if diff := cmp.Diff(want, s.Requests(sandbox.Codefresh)[0].Operation); diff != "" {
				t.Error(diff)
			}
		})
	}
}
