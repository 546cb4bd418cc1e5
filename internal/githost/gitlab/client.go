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

// maxRecord bounds an answer in bytes. The grant of a fine-grained token names each of its permissions, of which there
// are hundreds, for each of its projects.
const maxRecord = 32 << 20

// server is one GitLab, asked with one token.
type server struct {
	http *http.Client
	git  *http.Client // reads the beginning of long answers
	api  string       // …/api/v4
	web  string       // without a trailing slash
}

// connect returns the server of a credential. The token goes as a bearer token, which personal, project, group and
// OAuth tokens all can be (GitLab docs, REST API authentication).
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

	return &server{http: client, git: git, api: c.Host.APIURL(), web: c.Host.WebURL()}, nil
}

// get asks for a path below the API, which starts with a slash and is escaped.
func (s *server) get(ctx context.Context, path string) answer {
	return answer{rest.Get(ctx, s.http, s.api+path, "application/json")}
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
