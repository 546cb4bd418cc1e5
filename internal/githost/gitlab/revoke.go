package gitlab

import (
	"context"
	"net/http"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Revoke has the token revoke itself: "self" is whoever asks, so that no other one can be meant (GitLab docs, Personal
// access tokens API). OAuth tokens cannot.
func (i *Inspector) Revoke(ctx context.Context, c gittoken.Credential) gittoken.Revocation {
	client, err := i.transport.Client(c.Host.APIURL(), transport.Bearer(c.Token), transport.ClientOptions{
		Service: string(c.Host.Provider()), Retry: transport.RetryNever, Verbs: []string{http.MethodDelete},
	})
	if err != nil {
		return gittoken.NotRevoked(failed(err).Failure(""))
	}

	a := answer{rest.Delete(ctx, client, c.Host.APIURL()+"/personal_access_tokens/self")}
	if a.Status == http.StatusNoContent {
		return gittoken.Revocation{Accepted: true}
	}

	return gittoken.NotRevoked(a.Failure(a.refusal().text()))
}
