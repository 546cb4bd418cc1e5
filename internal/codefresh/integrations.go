package codefresh

import (
	"context"
	"maps"
	"slices"
	"unique"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/appproxyapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Integration is a Git integration of a runtime: a Git server with the users who registered a token for it.
type Integration struct {
	Name string
	// Provider is empty for one that this project does not know.
	Provider gittoken.Provider
	APIURL   string
	// Users are those who registered a token, in the order of their ids.
	Users []IntegrationUser
}

// IntegrationUser is a user who registered a token, with Codefresh's word on it.
type IntegrationUser struct {
	ID    string
	Token TokenStatus
}

// TokenOf returns Codefresh's word on a user's token. It reports false for a user who registered none.
func (i Integration) TokenOf(userID string) (status TokenStatus, registered bool) {
	for _, user := range i.Users {
		if user.ID == userID {
			return user.Token, true
		}
	}

	return "", false
}

func (i Integration) clone() Integration {
	i.Users = slices.Clone(i.Users)

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
			APIURL:   shared(got.ApiUrl),
			Users:    make([]IntegrationUser, 0, len(got.Users)),
		}
		users := make(map[string]TokenStatus, len(got.Users))

		for _, user := range got.Users {
			if user == nil || user.UserId == "" {
				return nil, c.lacking("a user of an integration")
			}

			users[user.UserId] = validity(user.IsValid)
		}

		for _, id := range slices.Sorted(maps.Keys(users)) {
			i.Users = append(i.Users, IntegrationUser{shared(id), users[id]})
		}

		list = append(list, i)
	}

	return list, nil
}

// shared returns the one copy of a text that is remembered many times: integrations by the thousand are of few users
// and Git servers.
func shared(text string) string { return unique.Make(text).Value() }
