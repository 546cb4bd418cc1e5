package sandbox

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	graphql "github.com/graph-gophers/graphql-go"
	gqlerrors "github.com/graph-gophers/graphql-go/errors"
)

//go:embed platform.graphql
var platformSDL string

//go:embed appproxy.graphql
var appProxySDL string

// Shapes of schemas that Codefresh's servers may have.
type (
	platformShape struct{ old, unpaged, sourceless bool }
	appProxyShape string // Runtime.UpdateAnswers
)

// schemas are parsed once in a process, each when it is first asked for: that takes longer than all else that starts a
// sandbox. Their resolvers hold nothing: whose world they are about is in the context.
//
//nolint:gochecknoglobals // never changed
var schemas = parsedSchemas()

func parsedSchemas() map[any]func() (*graphql.Schema, error) {
	const (
		update = "  updateRuntimeGitToken(args: UpdateRuntimeGitTokenArgs!): "
		scalar = update + "Boolean\n"
		object = update + "GitIntegration!\n"
	)

	found := map[any]func() (*graphql.Schema, error){}
	add := func(shape any, sdl string, resolver any, deviations ...deviation) {
		found[shape] = sync.OnceValues(func() (*graphql.Schema, error) {
			return parseSchema(sdl, resolver, deviations...)
		})
	}
	add(appProxyShape("scalar"), appProxySDL, &appProxyScalar{})
	add(appProxyShape("object"), appProxySDL, &appProxyObject{}, deviation{scalar, object})
	add(appProxyShape("absent"), appProxySDL, &appProxyRoot{}, deviation{scalar, ""})

	found[appProxyShape("")] = found[appProxyShape("scalar")]

	for _, old := range []bool{false, true} {
		for _, unpaged := range []bool{false, true} {
			for _, sourceless := range []bool{false, true} {
				shape := platformShape{old, unpaged, sourceless}
				add(shape, platformSDL, shape.resolver(), shape.lacks()...)
			}
		}
	}

	return found
}

func (p Platform) shape() platformShape {
	return platformShape{p.Old, p.NoPagination, p.GitSources == SourcesAbsent}
}

func (p platformShape) resolver() any {
	if p.unpaged {
		return &platformUnpaged{}
	}

	return &platformRoot{}
}

// deviation is a change to a schema. What it replaces must be there.
type deviation struct{ from, to string }

func (p platformShape) lacks() []deviation {
	var lacks []deviation
	if p.old {
		lacks = append(lacks, deviation{"  status: RuntimeStatus!\n", ""})
	}

	if p.unpaged {
		lacks = append(lacks, deviation{"runtimes(pagination: SlicePaginationArgs)", "runtimes"})
	}

	if p.sourceless {
		lacks = append(lacks, deviation{
			"  gitSources(runtime: String, pagination: SlicePaginationArgs): GitSourceSlice!\n", "",
		})
	}

	return lacks
}

func parseSchema(sdl string, resolver any, deviations ...deviation) (*graphql.Schema, error) {
	for _, d := range deviations {
		if !strings.Contains(sdl, d.from) {
			return nil, fmt.Errorf("the schema lost its line %q", d.from)
		}

		sdl = strings.Replace(sdl, d.from, d.to, 1)
	}

	parsed, err := graphql.ParseSchema(sdl, resolver, graphql.UseFieldResolvers(),
		graphql.RestrictIntrospection(func(context.Context) bool { return false }))
	if err != nil {
		return nil, fmt.Errorf("parse a Codefresh schema: %w", err)
	}

	return parsed, nil
}

// gqlRequest is a request to a GraphQL server. Apollo Server ignores what else the body has.
type gqlRequest struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`

	isMutation bool
}

// readGraphQL takes a GraphQL request apart and writes its operation into the journal. Without a request there is an
// answer that says why.
func readGraphQL(r *http.Request) (gqlRequest, *answer) {
	if r.Method != http.MethodPost {
		a := answer{
			http.StatusMethodNotAllowed, http.Header{"Allow": {"POST"}}, "Apollo Server supports only GET/POST requests.",
		}
		if r.Method == http.MethodGet {
			a = answer{http.StatusBadRequest, nil, "GET query missing."}
		}

		return gqlRequest{}, &a
	}

	const noBody = "POST body missing, invalid Content-Type, or JSON object has no keys."

	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return gqlRequest{}, &answer{http.StatusBadRequest, nil, noBody}
	}

	body, err := io.ReadAll(r.Body)
	if err != nil {
		return gqlRequest{}, &answer{http.StatusBadRequest, nil, noBody}
	}

	var q gqlRequest
	if err := json.Unmarshal(body, &q); err != nil || q.Query == "" {
		return gqlRequest{}, &answer{http.StatusBadRequest, nil, noBody}
	}

	fields, isMutation := rootFields(q.Query)
	q.isMutation = isMutation

	annotate(r, strings.Join(fields, ","))

	return q, nil
}

// execute runs a request as Apollo Server does: what does not fit the schema is refused whole with 400, what a resolver
// refuses is an error in an answer with 200.
func (q gqlRequest) execute(ctx context.Context, shape any) answer {
	schema, err := schemas[shape]()
	if err != nil {
		return answer{http.StatusInternalServerError, nil, err.Error()}
	}

	if strings.Contains(q.Query, "__schema") || strings.Contains(q.Query, "__type(") {
		return gqlAnswer(http.StatusBadRequest, &graphql.Response{Errors: []*gqlerrors.QueryError{{
			Message: "GraphQL introspection is not allowed by Apollo Server, but the query contained __schema or __type. " +
				"To enable introspection, pass introspection: true to ApolloServer in production",
			Extensions: map[string]any{"code": codeInvalid},
		}}})
	}

	response := schema.Exec(ctx, q.Query, q.OperationName, q.Variables)
	if len(response.Data) == 0 || slices.ContainsFunc(response.Errors, isWrongScalar) { // nothing was executed
		for _, e := range response.Errors {
			asGraphQLJS(e, q)
		}

		response.Data = nil

		return gqlAnswer(http.StatusBadRequest, response)
	}

	for _, e := range response.Errors {
		if e.Extensions["code"] == nil {
			e.Extensions = map[string]any{"code": internalError}
		}
	}

	return gqlAnswer(http.StatusOK, response)
}

func gqlAnswer(status int, response *graphql.Response) answer {
	body, err := json.Marshal(response)
	if err != nil {
		return answer{http.StatusInternalServerError, nil, err.Error()}
	}

	return answer{status, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, string(body) + "\n"}
}

// cfError is an error that a resolver answers with.
type cfError struct{ code, message string }

func (e cfError) Error() string { return e.message }

// Extensions is what graphql-go writes beside the message.
func (e cfError) Extensions() map[string]any { return map[string]any{"code": e.code} }

// internalError is Apollo's code for an error that has none of its own.
const internalError = "INTERNAL_SERVER_ERROR"

// validationError is how Codefresh words a refused Git token; its own error classes reach Apollo without a code.
func validationError(text string) error {
	return cfError{internalError, "ValidationError: " + text}
}

func forbidden() error {
	return cfError{"FORBIDDEN", "Forbidden: this needs an admin of the account"}
}

// cfCall is which world is asked by whom, and at an app-proxy of which runtime. Resolvers find it in the context.
type cfCall struct {
	*Sandbox

	user    *cfUser
	runtime *cfRuntime
}

type cfCallKey struct{}

func withCall(ctx context.Context, c cfCall) context.Context {
	return context.WithValue(ctx, cfCallKey{}, c)
}

func callOf(ctx context.Context) cfCall {
	c, _ := ctx.Value(cfCallKey{}).(cfCall)

	return c
}

// caller returns the user whose API key r carries; Bearer before it is understood where bearer says so.
func (s *Sandbox) caller(r *http.Request, bearer bool) *cfUser {
	key := r.Header.Get("Authorization")
	if scheme, rest, found := strings.Cut(key, " "); found && bearer && scheme == "Bearer" {
		key = rest
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	return s.cf.userByKey(key)
}

// rejected is how Codefresh's gateway turns a request with a bad key away.
func rejected(html bool) answer {
	if html {
		return nginx(http.StatusUnauthorized)
	}

	return answer{
		http.StatusUnauthorized,
		http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		`{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"Unauthorized","context":{}}`,
	}
}

// nginx is the page that nginx answers with on its own.
func nginx(status int) answer {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	if status == http.StatusUnauthorized {
		title = "401 Authorization Required"
	}

	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

	return answer{status, http.Header{"Content-Type": {"text/html"}}, body}
}
