package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// credential says as whom a question is asked.
type credential string

const (
	given  credential = ""                            // with the token or key of the account
	madeUp credential = ", with a made-up credential" // with one of the same shape that nobody has
	none   credential = ", without a credential"
)

// question is one request. What stands in braces in it is each party's own: {owner}, {number}, {runtime}, {nobody}.
type question struct {
	as     credential
	path   string // below the API
	atSite bool   // path is below the site instead
	query  string // of GraphQL, which goes by POST; empty for GET
	// name is what the report calls a GraphQL query, and names its variable "name". Empty if it has none.
	name, argument string
	// headers are those that the provider reads, beside the media type.
	headers []string
	// words are those by which the provider tells errors that share a status. Each must be in both answers or in neither.
	words []*regexp.Regexp
	// ownWords says that the rest of what the server says is its own affair.
	ownWords bool
}

// String is the question as the report has it, with its braces.
func (q question) String() string {
	if q.query != "" {
		return q.name + string(q.as)
	}

	return "GET " + q.path + string(q.as)
}

// party is one of the two whom each question is put to: the real service or the sandbox.
type party struct {
	transport *transport.Transport
	api, site string // addresses, without a trailing slash
	auth      map[credential]transport.Auth
	names     *strings.Replacer // of what stands in braces
}

// answer is what came back, or the cause why nothing did.
type answer struct {
	status int
	media  string
	header http.Header
	json   any // the body, if it is JSON
	cause  gittoken.Cause
}

// ask sends a question once.
func (p party) ask(ctx context.Context, q question) answer {
	base := p.api
	if q.atSite {
		base = p.site
	}

	req, err := p.request(ctx, base, q)
	if err != nil {
		return unanswered(err)
	}

	client, err := p.transport.Client(base, p.auth[q.as], transport.ClientOptions{
		Retry: transport.RetryNever, Verbs: []string{http.MethodPost}, // in which GraphQL asks
	})
	if err != nil {
		return unanswered(err)
	}

	resp, err := client.Do(req)
	if err != nil {
		return unanswered(err)
	}

	defer func() { _ = resp.Body.Close() }() // the body is in memory already

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return unanswered(err)
	}

	a := answer{status: resp.StatusCode, header: resp.Header}

	a.media, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type")) // none is as good as an unreadable one
	if json.Unmarshal(body, &a.json) != nil {
		a.json = nil
	}

	return a
}

func (p party) request(ctx context.Context, base string, q question) (*http.Request, error) {
	address := base + p.names.Replace(q.path)
	if q.query == "" {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err == nil {
			req.Header.Set("Accept", "application/json")
		}

		return req, err
	}

	content := map[string]any{"query": q.query}
	if q.argument != "" {
		content["variables"] = map[string]string{"name": p.names.Replace(q.argument)}
	}

	body, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
	}

	return req, err
}

// unanswered keeps the cause alone: the sentence that belongs to it names hosts.
func unanswered(err error) answer {
	cause, _ := transport.CauseOf(err)

	return answer{cause: cause}
}

// put asks both parties and reports what the comparison says.
func (s *session) put(ctx context.Context, q question, live, twin party) {
	want := twin.ask(ctx, q)

	got := live.ask(ctx, q)
	switch {
	case want.cause != "":
		s.report.tell(failed, q.String(), "the sandbox gave no answer: "+string(want.cause))
	case got.cause != "":
		s.report.tell(failed, q.String(), "no answer: "+string(got.cause))
	case got.status != want.status && (got.status == http.StatusTooManyRequests || got.status >= 500):
		s.report.tell(failed, q.String(), fmt.Sprintf("status %d, which is no answer to the question", got.status))
	default:
		c := compare(q, want, got)
		if len(c.differences) > 0 {
			s.report.tell(refuted, q.String(), c.differences...)
		} else {
			s.report.tell(confirmed, q.String(), c.unseen...)
		}
	}
}
