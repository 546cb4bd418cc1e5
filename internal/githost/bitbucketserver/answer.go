package bitbucketserver

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// server is one Bitbucket Server, asked with one token.
type server struct {
	http  *http.Client
	git   *http.Client // reads the beginning of long answers
	api   string       // …/rest/api/1.0
	web   string
	asked int // how many questions, redirects and repetitions aside
}

func (i *Inspector) connect(c gittoken.Credential) (*server, error) {
	client, err := i.transport.Client(c.Host.APIURL(), transport.Bearer(c.Token), transport.ClientOptions{})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	git, err := i.transport.Client(c.Host.WebURL(), transport.Bearer(c.Token),
		transport.ClientOptions{MaxBody: maxAdvertisement, Truncate: true})
	if err != nil {
		return nil, fmt.Errorf("making a client for the Git side of %s: %w", c.Host, err)
	}

	return &server{http: client, git: git, api: c.Host.APIURL(), web: c.Host.WebURL()}, nil
}

// get asks for a path below the REST API, which starts with a slash and is escaped.
func (s *server) get(ctx context.Context, path string, query url.Values) answer {
	return s.fetch(ctx, s.api+path+"?"+query.Encode())
}

func (s *server) fetch(ctx context.Context, address string) answer {
	return s.ask(ctx, s.http, address, "application/json")
}

func (s *server) ask(ctx context.Context, client *http.Client, address, accept string) answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return failed(err)
	}

	req.Header.Set("Accept", accept)

	s.asked++

	resp, err := client.Do(req)
	if err != nil {
		return failed(err)
	}

	defer func() { _ = resp.Body.Close() }() // the body is in memory already

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return failed(err)
	}

	return answer{status: resp.StatusCode, header: resp.Header, body: body}
}

// answer is what came back: a response, or the cause why there is none.
type answer struct {
	status int
	header http.Header
	body   []byte

	cause  gittoken.Cause
	detail string
}

func failed(err error) answer {
	cause, detail := transport.CauseOf(err)

	return answer{cause: cause, detail: detail}
}

// user returns whom the server took the request to come from; empty for nobody.
func (a answer) user() string { return parseUser(a.header.Get("X-AUSERNAME")) }

func (a answer) mediaType() string {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return ""
	}

	return kind
}

func (a answer) isJSON() bool {
	kind := a.mediaType()

	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

func (a answer) isHTML() bool {
	kind := a.mediaType()

	return kind == "text/html" || kind == "application/xhtml+xml"
}

// errors returns the errors that the server lists in its answer; none if the answer is not of that form.
func (a answer) errors() []hostError {
	if a.status < http.StatusBadRequest || !a.isJSON() {
		return nil
	}

	return parseErrors(a.body)
}

// message returns the first of the host's own words, fit to print.
func (a answer) message() string {
	for _, e := range a.errors() {
		if text := transport.Printable(e.Message); text != "" {
			return text
		}
	}

	return ""
}

// notPermitted reports whether the server knows the token and refuses this question.
func (a answer) notPermitted() bool {
	return a.status == http.StatusUnauthorized && a.user() != "" && !a.isHTML() && a.hurdle() == hurdle{}
}

// noSuch reports whether the server says that what was asked for does not exist, for this token at least.
func (a answer) noSuch() bool {
	if a.status != http.StatusNotFound {
		return false
	}

	for _, e := range a.errors() {
		if strings.HasPrefix(e.class(), "NoSuch") { // NoSuchRepositoryException, NoSuchProjectException
			return true
		}
	}

	return false
}

// retryAt returns when a server that refused for the number of requests wants the next one; zero otherwise.
func (a answer) retryAt(now time.Time) time.Time {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return time.Time{}
	}

	return transport.RetryAt(a.header, now)
}

// failure says why an answer settles nothing.
func (a answer) failure() (gittoken.Cause, string) {
	if a.cause != "" {
		return a.cause, a.detail
	}

	if h := a.hurdle(); h.cause != "" && h.standing == gittoken.Unchecked {
		return h.cause, a.said()
	}

	switch {
	case a.status == http.StatusTooManyRequests:
		return gittoken.CauseRateLimited, a.said()
	case a.status >= http.StatusInternalServerError:
		return gittoken.CauseServerError, a.said()
	case a.status >= 300 && a.status < 400:
		return gittoken.CauseRedirect, a.said()
	case a.isHTML():
		return gittoken.CauseNotUnderstood, fmt.Sprintf("HTTP %d with a web page instead of JSON", a.status)
	}

	return gittoken.CauseNotUnderstood, a.said()
}

// said returns the status and the host's own words.
func (a answer) said() string {
	status := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", a.status, http.StatusText(a.status)))
	if text := a.message(); text != "" {
		return transport.Printable(status + ": " + text)
	}

	return status
}

// refusal returns the verdict of an answer to the first question that is neither a list nor a missing permission.
func (a answer) refusal(now time.Time, web string) gittoken.Verdict {
	if h := a.hurdle(); h != (hurdle{}) {
		return gittoken.Verdict{
			Standing: h.standing,
			Cause:    h.cause,
			Detail:   a.said(),
			HelpURL:  a.loginURL(web),
			RetryAt:  a.retryAt(now),
		}
	}

	if a.status == http.StatusUnauthorized && a.user() == "" && len(a.errors()) > 0 {
		return gittoken.Verdict{Standing: gittoken.Rejected, Detail: a.message()}
	}

	cause, detail := a.failure()

	return gittoken.Verdict{Cause: cause, Detail: detail, RetryAt: a.retryAt(now)}
}
