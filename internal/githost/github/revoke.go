package github

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Revoke has GitHub revoke the token, which a token of an owner who is blocked can be, too. GitHub.com wants that said
// by nobody whom it knows, and an Enterprise Server by somebody whom it knows: it is told by the token itself. Accepted
// does not mean done: the answer comes before the revocation (GitHub docs, REST API endpoints for revocation).
func (i *Inspector) Revoke(ctx context.Context, c gittoken.Credential) gittoken.Revocation {
	auth := transport.Bearer(c.Token)
	if isCloud(c.Host) {
		auth = nil
	}

	client, err := i.clientWith(c, auth, []string{http.MethodPost})
	if err != nil {
		return gittoken.NotRevoked(failed(err).Failure(""))
	}

	// The one place beside the transport that a token's text leaves by: it is what the request is about.
	req, err := client.NewRequest(http.MethodPost, "credentials/revoke",
		map[string][]string{"credentials": {c.Token.Reveal()}})
	if err != nil {
		return gittoken.NotRevoked(failed(err).Failure(""))
	}

	resp, err := client.BareDo(ctx, req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }() // the body is in memory already
	}

	switch a := newAnswer(resp, err); {
	case a.Status == http.StatusAccepted && (a.IsJSON() || a.marked()):
		return gittoken.Revocation{Accepted: true}
	case a.Status == http.StatusNotFound && a.own && !isCloud(c.Host):
		return gittoken.NotRevoked(gittoken.CauseNotPermitted,
			"GitHub Enterprise Server revokes tokens since 3.19, and this one has nothing at that address")
	default:
		return gittoken.NotRevoked(a.Failure(a.message))
	}
}

// isCloud reports whether a host is GitHub's own service: GitHub.com, or a company's part of it.
func isCloud(h gittoken.Host) bool {
	u, err := url.Parse(h.APIURL())

	return h.IsPublic() || err == nil && strings.HasSuffix(u.Hostname(), ".ghe.com")
}
