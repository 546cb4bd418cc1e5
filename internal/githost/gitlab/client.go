package gitlab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/xanzy/go-gitlab"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// server is one GitLab, asked with one token.
type server struct {
	api *gitlab.Client //nolint:staticcheck // deprecated for its new name, not for what it does
	raw *http.Client
	web string // without a trailing slash
}

// connect returns the server of a credential. The library gets no token: the transport sends it, as a bearer token,
// which personal, project, group and OAuth tokens all can be (GitLab docs, REST API authentication). Nor has the
// library a say in when to ask again, and how fast.
func (i *Inspector) connect(c gittoken.Credential) (*server, error) {
	sender, err := i.transport.Client(c.Host.APIURL(), transport.Bearer(c.Token), transport.ClientOptions{})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host.APIURL(), err)
	}

	api, err := gitlab.NewOAuthClient("", //nolint:staticcheck // deprecated for its new name, not for what it does
		gitlab.WithBaseURL(c.Host.APIURL()+"/"),
		gitlab.WithHTTPClient(sender),
		gitlab.WithoutRetries(),
		gitlab.WithCustomLimiter(unlimited{}), // else one answer's RateLimit-Limit slows the next request down
	)
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host.APIURL(), err)
	}

	return &server{api: api, raw: sender, web: c.Host.WebURL()}, nil
}

// unlimited is a gitlab.RateLimiter without a limit: the transport bounds what runs at once.
type unlimited struct{}

// Wait implements gitlab.RateLimiter.
func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }

// get asks for a path below the API.
func (s *server) get(ctx context.Context, path string) answer {
	req, err := s.api.NewRequest(http.MethodGet, path, nil, []gitlab.RequestOptionFunc{gitlab.WithContext(ctx)})
	if err != nil {
		return failed(err)
	}

	var body bytes.Buffer

	resp, err := s.api.Do(req, &body)
	if resp == nil {
		return failed(err)
	}

	a := answer{status: resp.StatusCode, header: resp.Header, body: body.Bytes()}

	// The library's text of an error flattens GitLab's document, so its body is read. It gives none for a 404.
	var refusal *gitlab.ErrorResponse
	if errors.As(err, &refusal) {
		a.body = refusal.Body
	}

	return a
}

// getWeb asks for a path of the site, where GitLab keeps OAuth. It starts with a slash.
func (s *server) getWeb(ctx context.Context, path string) answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.web+path, nil)
	if err != nil {
		return failed(err)
	}

	req.Header.Set("Accept", "application/json")

	resp, err := s.raw.Do(req)
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

	cause gittoken.Cause
	why   string
}

func failed(err error) answer {
	if err == nil {
		err = errors.New("no response")
	}

	cause, detail := transport.CauseOf(err)

	return answer{cause: cause, why: detail}
}

func (a answer) mediaType() string {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return ""
	}

	return kind
}

func (a answer) isJSON() bool { return a.mediaType() == "application/json" }

// ok reports whether the answer is a document.
func (a answer) ok() bool { return a.status == http.StatusOK && a.isJSON() }

// detail returns the host's own words, or what stands in for them.
func (a answer) detail() string {
	if a.cause != "" {
		return a.why
	}

	if a.status >= http.StatusBadRequest && a.isJSON() {
		if text := transport.Printable(parseError(a.body).text()); text != "" {
			return text
		}
	}

	status := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", a.status, http.StatusText(a.status)))
	if strings.Contains(a.mediaType(), "html") {
		return status + " with a web page instead of JSON"
	}

	return status
}
