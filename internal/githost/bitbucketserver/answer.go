package bitbucketserver

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
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
	client, err := i.transport.Client(c.Host.APIURL(), transport.Bearer(c.Token),
		transport.ClientOptions{Service: string(c.Host.Provider())})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	git, err := i.transport.Client(c.Host.WebURL(), transport.Bearer(c.Token),
		transport.ClientOptions{Service: string(c.Host.Provider()), MaxBody: rest.MaxAdvertisement, Truncate: true})
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
	s.asked++

	return answer{rest.Get(ctx, s.http, address, "application/json")}
}

// answer is one of a Bitbucket Server.
type answer struct{ rest.Answer }

// user returns whom the server took the request to come from; empty for nobody.
func (a answer) user() string { return parseUser(a.Header.Get("X-AUSERNAME")) }

// errors returns the errors that the server lists in its answer; none if the answer is not of that form.
func (a answer) errors() []hostError {
	if a.Status < http.StatusBadRequest || !a.IsJSON() {
		return nil
	}

	return parseErrors(a.Body)
}

// own reports whether the errors are the server's, and not those of something in between.
func (a answer) own() bool {
	return slices.ContainsFunc(a.errors(), func(e hostError) bool { return e.class() != "" })
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
	return a.Status == http.StatusUnauthorized && a.user() != "" && !a.IsHTML() && a.hurdle().Cause == ""
}

// noSuch reports whether the server says that what was asked for does not exist, for this token at least.
func (a answer) noSuch() bool {
	if a.Status != http.StatusNotFound {
		return false
	}

	for _, e := range a.errors() {
		if strings.HasPrefix(e.class(), "NoSuch") { // NoSuchRepositoryException, NoSuchProjectException
			return true
		}
	}

	return false
}

// failure says why an answer settles nothing.
func (a answer) failure() (gittoken.Cause, string) {
	if h := a.hurdle(); h.Cause != "" && h.Standing == gittoken.Unchecked {
		return h.Cause, a.said()
	}

	return a.Failure(a.message())
}

// said returns the status and the server's own words.
func (a answer) said() string { return a.Said(a.message()) }

// refusal returns the verdict of an answer to the first question that is neither a list nor a missing permission.
func (a answer) refusal(now time.Time, web string) gittoken.Verdict {
	if h := a.hurdle(); h.Cause != "" {
		return gittoken.Verdict{
			Standing: h.Standing,
			Cause:    h.Cause,
			Detail:   a.said(),
			HelpURL:  a.loginURL(web),
			RetryAt:  a.RetryAt(now),
		}
	}

	if a.Status == http.StatusUnauthorized && a.user() == "" && a.own() {
		return gittoken.Verdict{Standing: gittoken.Rejected, Detail: a.message()}
	}

	cause, detail := a.failure()

	return gittoken.Verdict{Cause: cause, Detail: detail, RetryAt: a.RetryAt(now)}
}
