package codefresh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/wire"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	platformPath = "/2.0/api/graphql"
	appProxyPath = "/app-proxy/api/graphql"

	// mutationTimeout limits a mutation. Before it takes a token, the app-proxy tries it out, on some Git hosts by cloning
	// the shared configuration repository and pushing a tag to it.
	mutationTimeout = 5 * time.Minute
)

var errNoData = errors.New("the answer has no data")

// field is a root field of a request.
type field struct {
	name     string
	nullable bool
}

// call is one GraphQL request: where it goes, with which key, and what its answer must hold. It implements
// graphql.Client, for the generated code. It can be sent again, in another form of the same request.
type call struct {
	transport *transport.Transport
	service   string
	address   string
	runtime   string
	key       gittoken.Secret
	fields    []field // the first gives the operation its name
	mutation  bool
	tokens    []gittoken.Secret
	envelope  wire.Envelope
	requestID string // of the last answer
}

var _ graphql.Client = (*call)(nil)

// token returns what to put into the request's variables where the text of s is to go.
func (c *call) token(s gittoken.Secret) wire.Token {
	c.tokens = append(c.tokens, s)

	return c.envelope.Token(s)
}

// MakeRequest implements graphql.Client. Its error is an *Error.
func (c *call) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	if c.key.IsEmpty() {
		return c.fail(&Error{Kind: KeyMissing})
	}

	body, err := c.envelope.Encode(req)
	if err != nil {
		return c.fail(&Error{Kind: Incomplete, Detail: err.Error()})
	}

	ctx, trace := transport.Traced(ctx)
	status, text, err := c.post(ctx, req.OpName, body)
	c.requestID = trace.RequestID()

	if err != nil {
		return c.fail(unanswered(err))
	}

	got, ok := parseAnswer(text)

	switch {
	case !ok:
		return c.fail(notGraphQL(status, text))
	case len(got.errors) > 0:
		// Even if there is data beside them: an operation that was done in part was not done.
		return c.fail(got.refusal(status))
	case status != http.StatusOK:
		return c.fail(notGraphQL(status, text))
	}

	if err := got.check(c.fields); err != nil {
		return c.fail(&Error{Kind: NotUnderstood, Cause: gittoken.CauseNotUnderstood, Status: status, Detail: err.Error()})
	}

	if err := json.Unmarshal(got.data, resp.Data); err != nil {
		// The error's text would quote the answer.
		return c.fail(&Error{
			Kind: NotUnderstood, Cause: gittoken.CauseNotUnderstood, Status: status,
			Detail: "the answer's data is not in the form that the schema gives it",
		})
	}

	return nil
}

func (c *call) post(ctx context.Context, operation string, body []byte) (status int, text []byte, err error) {
	options := transport.ClientOptions{
		Service: c.serviceName(), Operation: operation, Retry: transport.RetryAlways, Redact: c.tokens,
		Verbs: []string{http.MethodPost},
	}
	if c.mutation {
		options.Retry, options.Timeout = transport.RetryNever, mutationTimeout
	}

	client, err := c.transport.Client(c.address, transport.Raw(c.key), options)
	if err != nil {
		return 0, nil, err
	}

	path := platformPath
	if c.service == AppProxy {
		path = appProxyPath
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("making the request: %w", err)
	}

	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")

	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing is lost if it fails: the body was read

	if text, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil, fmt.Errorf("reading the answer: %w", err)
	}

	return resp.StatusCode, text, nil
}

// serviceName names the service for whoever watches the requests.
func (c *call) serviceName() string {
	if c.service == AppProxy {
		return fmt.Sprintf("%s of runtime %q", AppProxy, c.runtime)
	}

	return c.service
}

// unanswered turns an error of the HTTP stack into an Error.
func unanswered(err error) *Error {
	e := &Error{Kind: Unreachable, err: err}
	e.Cause, e.Detail = transport.CauseOf(err)

	switch e.Cause {
	case gittoken.CauseInsecure:
		e.Kind = Insecure
	case gittoken.CauseTooLarge, gittoken.CauseNotUnderstood:
		e.Kind = NotUnderstood
	}

	return e
}

// fail completes e with what the call knows, and makes its detail safe to print.
func (c *call) fail(e *Error) *Error {
	e.Op, e.Service, e.Address, e.Runtime = c.fields[0].name, c.service, c.transport.Redactor().Text(c.address), c.runtime
	e.RequestID = c.requestID
	e.Detail = c.transport.Printable(e.Detail)

	return e
}

// lacking returns the error for an answer without something that the schema promises.
func (c *call) lacking(what string) *Error {
	return c.fail(&Error{
		Kind: NotUnderstood, Cause: gittoken.CauseNotUnderstood, Detail: errNoData.Error() + " for " + what,
	})
}
