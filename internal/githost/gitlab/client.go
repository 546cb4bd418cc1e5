package gitlab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/xanzy/go-gitlab"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// maxRecord bounds an answer in bytes. The grant of a fine-grained token names each of its permissions, of which there
// are hundreds, for each of its projects.
const maxRecord = 32 << 20

// server is one GitLab, asked with one token.
type server struct {
	api  *gitlab.Client //nolint:staticcheck // deprecated for its new name, not for what it does
	http *http.Client
	git  *http.Client // reads the beginning of long answers
	web  string       // without a trailing slash
}

// connect returns the server of a credential. GitLab's library gets no token: the transport sends it, as a bearer
// token, which personal, project, group and OAuth tokens all can be (GitLab docs, REST API authentication). Nor has
// the library a say in when to ask again, and how fast.
func (i *Inspector) connect(c gittoken.Credential) (*server, error) {
	client, err := i.transport.Client(c.Host.APIURL(), transport.Bearer(c.Token),
		transport.ClientOptions{Service: string(c.Host.Provider()), MaxBody: maxRecord})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	// Git knows Basic authentication only, with any user name (GitLab docs, Personal access tokens, Clone repository).
	git, err := i.transport.Client(c.Host.WebURL(), transport.Basic("oauth2", c.Token),
		transport.ClientOptions{Service: string(c.Host.Provider()), MaxBody: rest.MaxAdvertisement, Truncate: true})
	if err != nil {
		return nil, fmt.Errorf("making a client for the Git side of %s: %w", c.Host, err)
	}

	keeping := *client
	keeping.Transport = keeper{client.Transport}

	api, err := gitlab.NewOAuthClient("", //nolint:staticcheck // deprecated for its new name, not for what it does
		gitlab.WithBaseURL(c.Host.APIURL()+"/"),
		gitlab.WithHTTPClient(&keeping),
		gitlab.WithoutRetries(),
		gitlab.WithCustomLimiter(unlimited{}), // else one answer's RateLimit-Limit slows the next request down
	)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	return &server{api: api, http: client, git: git, web: c.Host.WebURL()}, nil
}

// unlimited is a gitlab.RateLimiter without a limit: the transport bounds what runs at once.
type unlimited struct{}

// Wait implements gitlab.RateLimiter.
func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }

// keeper keeps the body of each answer for whoever asked. The library drops that of a 404, which alone tells GitLab's
// own from a proxy's, and flattens those of other refusals.
type keeper struct{ http.RoundTripper }

// keptBody is the key under which a request's context has the place for its answer's body, a *[]byte.
type keptBody struct{}

// RoundTrip implements http.RoundTripper.
func (k keeper) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := k.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // the body is in memory already

	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}

	if kept, ok := req.Context().Value(keptBody{}).(*[]byte); ok {
		*kept = body
	}

	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.Header.Del("Link") // the library panics if one of its parameters has no value, and nobody turns pages

	return resp, nil
}

// get asks for a path below the API, which starts with a slash, is escaped and may have a query. The library's typed
// services are not used: they read some hundred fields where a few are needed, any of which could make a good answer
// unreadable.
func (s *server) get(ctx context.Context, path string) answer {
	var body []byte

	path, query, _ := strings.Cut(strings.TrimPrefix(path, "/"), "?")

	req, err := s.api.NewRequest(http.MethodGet, path, nil,
		[]gitlab.RequestOptionFunc{gitlab.WithContext(context.WithValue(ctx, keptBody{}, &body))})
	if err != nil {
		return failed(err)
	}

	req.URL.RawQuery = query

	resp, err := s.api.Do(req, io.Discard)
	if resp == nil {
		return failed(err)
	}

	return answer{rest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}}
}

// getWeb asks for a path of the site, where GitLab keeps OAuth. It starts with a slash.
func (s *server) getWeb(ctx context.Context, path string) answer {
	return answer{rest.Get(ctx, s.http, s.web+path, "application/json")}
}

// refs asks what Git asks a service before it pulls or pushes. segments is the way to the project.
func (s *server) refs(ctx context.Context, segments []string, service string) answer {
	return answer{rest.GitRefs(ctx, s.git, s.web+"/"+strings.Join(segments, "/")+".git", service)}
}

// projectPath returns the path at which the API has a project. segments is the way to it: groups and its own name.
func projectPath(segments []string) string {
	// A full stop is escaped, too: what follows one can pass for a format, such as .json.
	return "/projects/" + strings.ReplaceAll(url.PathEscape(strings.Join(segments, "/")), ".", "%2E")
}
