package gitlab

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// server is one GitLab, asked with one token.
type server struct {
	http *http.Client
	api  string // …/api/v4
	web  string // without a trailing slash
}

// connect returns the server of a credential. The token goes as a bearer token, which personal, project, group and
// OAuth tokens all can be (GitLab docs, REST API authentication).
func (i *Inspector) connect(c gittoken.Credential) (*server, error) {
	client, err := i.transport.Client(c.Host.APIURL(), transport.Bearer(c.Token), transport.ClientOptions{})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", c.Host, err)
	}

	return &server{http: client, api: c.Host.APIURL(), web: c.Host.WebURL()}, nil
}

// get asks for a path below the API, which starts with a slash and is escaped.
func (s *server) get(ctx context.Context, path string) answer {
	return answer{rest.Get(ctx, s.http, s.api+path, "application/json")}
}

// getWeb asks for a path of the site, where GitLab keeps OAuth. It starts with a slash.
func (s *server) getWeb(ctx context.Context, path string) answer {
	return answer{rest.Get(ctx, s.http, s.web+path, "application/json")}
}

// projectPath returns the path at which the API has a project. segments is the way to it: groups and its own name.
func projectPath(segments []string) string {
	// A full stop is escaped, too: what follows one can pass for a format, such as .json.
	return "/projects/" + strings.ReplaceAll(url.PathEscape(strings.Join(segments, "/")), ".", "%2E")
}
