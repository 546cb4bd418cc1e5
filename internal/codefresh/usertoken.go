package codefresh

import (
	"context"
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/appproxyapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// UserToken is a user's Git token for one integration.
type UserToken struct {
	Integration string
	Token       gittoken.Secret
	// Username goes with tokens of Bitbucket: the account's e-mail address for API tokens of Bitbucket Cloud. Else empty.
	Username string
}

// RegisterUserToken hands a token to a runtime, for the user whom key belongs to (empty = the client's own). A token
// that the user registered before is replaced. The error's kind is Refused, with Codefresh's words, if its own
// validation of the token fails.
func (c *Client) RegisterUserToken(
	ctx context.Context, runtimeName, appProxyURL string, key gittoken.Secret, t UserToken,
) error {
	call, err := c.atAppProxy(c.keyOr(key), runtimeName, appProxyURL, field{name: "registerToGitIntegration"})
	if err != nil {
		return err
	}

	if t.Integration == "" || t.Token.IsEmpty() {
		return call.fail(&Error{Kind: Incomplete, Detail: "the integration's name and a token are needed"})
	}

	args := appproxyapi.RegisterToGitIntegrationArgs{Name: &t.Integration, Token: call.token(t.Token)}
	if t.Username != "" {
		args.Username = &t.Username
	}

	return c.mutate(ctx, call, func() error {
		_, err := appproxyapi.RegisterToGitIntegration(ctx, call, args)

		return err
	})
}

// DeregisterUserToken takes the token of the user whom key belongs to (empty = the client's own) away from a runtime's
// integration. It succeeds if there is none.
func (c *Client) DeregisterUserToken(
	ctx context.Context, runtimeName, appProxyURL string, key gittoken.Secret, integration string,
) error {
	key = c.keyOr(key)

	call, err := c.atAppProxy(key, runtimeName, appProxyURL, field{name: "deregisterFromGitIntegration", nullable: true})
	if err != nil {
		return err
	}

	if integration == "" {
		return call.fail(&Error{Kind: Incomplete, Detail: "the integration's name is needed"})
	}

	return c.mutate(ctx, call, func() error {
		_, err := appproxyapi.DeregisterFromGitIntegration(ctx, call, integration)

		var e *Error
		if !errors.As(err, &e) || e.Kind != Refused && e.Kind != NotUnderstood && e.Kind != Unreachable || ctx.Err() != nil {
			return err
		}

		// What Codefresh says to somebody who is not registered is not documented, and an answer that got lost may have been
		// that it is done: so it is asked whether the user is registered.
		absent, readErr := c.provesAbsence(ctx, runtimeName, appProxyURL, key, integration)
		if readErr != nil || !absent {
			return err // and not readErr: why the deregistration failed is of more use
		}

		return nil
	})
}

// provesAbsence reports whether Codefresh says that the user whom key belongs to is not registered.
func (c *Client) provesAbsence(
	ctx context.Context, runtimeName, appProxyURL string, key gittoken.Secret, integration string,
) (bool, error) {
	me, _, err := c.Me(ctx, key)
	if err != nil {
		return false, err
	}

	call, err := c.atAppProxy(key, runtimeName, appProxyURL, field{name: "gitIntegrations"})
	if err != nil {
		return false, err
	}

	// With the user's own key, and past the memory, which holds what the client's key may see.
	list, err := call.integrations(ctx)
	if err != nil {
		return false, err
	}

	for _, i := range list {
		if i.Name == integration {
			_, registered := i.TokenOf(me.ID)

			return !registered && me.ID != "", nil
		}
	}

	return true, nil // without the integration there is no registration with it
}
