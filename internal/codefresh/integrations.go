package codefresh

import (
	"context"
	"maps"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/appproxyapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Integration is a Git integration of a runtime: a Git server with the users who registered a token for it.
type Integration struct {
	Name string
	// Provider is empty for one that this project does not know.
	Provider gittoken.Provider
	APIURL   string
	// Users holds the id of every registered user, with Codefresh's word on their token.
	Users map[string]TokenStatus
}

func (i Integration) clone() Integration {
	i.Users = maps.Clone(i.Users)

	return i
}

func validity(isValid *bool) TokenStatus {
	switch {
	case isValid == nil:
		return TokenUnknown
	case *isValid:
		return TokenSuccessful
	}

	return TokenFailed
}

// Integrations returns every Git integration of a runtime that the client's key may see. It asks each app-proxy once
// in the life of the client, and once more after a mutation there. An error is remembered for a moment only.
func (c *Client) Integrations(ctx context.Context, runtimeName, appProxyURL string) ([]Integration, error) {
	return c.recall(ctx, runtimeName, appProxyURL, c.integrations.get)
}

// FreshIntegrations asks again, and replaces what is remembered.
func (c *Client) FreshIntegrations(ctx context.Context, runtimeName, appProxyURL string) ([]Integration, error) {
	return c.recall(ctx, runtimeName, appProxyURL, c.integrations.renew)
}

type asking = func(context.Context) ([]Integration, error)

func (c *Client) recall(
	ctx context.Context, runtimeName, appProxyURL string,
	from func(ctx context.Context, key appProxyAddress, ask asking) ([]Integration, error),
) ([]Integration, error) {
	call, err := c.atAppProxy(c.settings.APIKey, runtimeName, appProxyURL, field{name: "gitIntegrations"})
	if err != nil {
		return nil, err
	}

	list, err := from(ctx, appProxyAddress(call.address), call.integrations)
	if err != nil {
		return nil, asError(call, err)
	}

	return convert(list, Integration.clone), nil
}

// integrations asks for the integrations that the call's key may see.
func (c *call) integrations(ctx context.Context) ([]Integration, error) {
	data, err := appproxyapi.GitIntegrations(ctx, c)
	if err != nil {
		return nil, err
	}

	list := make([]Integration, 0, len(data.GitIntegrations))

	for _, got := range data.GitIntegrations {
		// The schema rules these out. Taken for what is there they would prove that the rest is not.
		if got == nil || got.Name == "" {
			return nil, c.lacking("an integration")
		}

		if got.Users == nil {
			return nil, c.lacking("the users of an integration")
		}

		i := Integration{
			Name:     got.Name,
			Provider: providerOf(string(got.Provider)),
			APIURL:   got.ApiUrl,
			Users:    make(map[string]TokenStatus, len(got.Users)),
		}

		for _, user := range got.Users {
			if user == nil || user.UserId == "" {
				return nil, c.lacking("a user of an integration")
			}

			i.Users[user.UserId] = validity(user.IsValid)
		}

		list = append(list, i)
	}

	return list, nil
}
