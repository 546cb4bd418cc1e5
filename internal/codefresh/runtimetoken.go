package codefresh

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/Khan/genqlient/graphql"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/wire"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// The mutation that replaces a runtime token. Codefresh's published models show its arguments and not what it
// returns: a scalar, which takes no selection, or an object, which must have one. genqlient generates code for one of
// them only, so both are written here, and tested against either schema. A server that expects the other form refuses
// the request at validation, before anything is done.
const (
	updateScalar = `mutation UpdateRuntimeGitToken($args: UpdateRuntimeGitTokenArgs!) {
  updateRuntimeGitToken(args: $args)
}`
	updateObject = `mutation UpdateRuntimeGitToken($args: UpdateRuntimeGitTokenArgs!) {
  updateRuntimeGitToken(args: $args) {
    __typename
  }
}`
)

// RuntimeToken is a runtime's Git token.
type RuntimeToken struct {
	Provider gittoken.Provider
	APIURL   string
	Token    gittoken.Secret
	// Username goes with tokens of Bitbucket: the account's e-mail address for API tokens of Bitbucket Cloud. Else empty.
	Username string
}

// updateArgs is the schema's UpdateRuntimeGitTokenArgs. Provider and API URL are always sent: what the server takes
// without them is GitHub's.
type updateArgs struct {
	Token    wire.Token `json:"token"`
	Provider string     `json:"provider"`
	APIURL   string     `json:"apiUrl"`
	Username string     `json:"username,omitempty"`
}

type updateVariables struct {
	Args updateArgs `json:"args"`
}

// UpdateRuntimeToken gives a runtime its Git token, in place of the one that it has, if any. The error's kind is
// Refused, with Codefresh's words, if its own validation of the token fails, and NoSuchOperation if the runtime's
// app-proxy cannot do this.
func (c *Client) UpdateRuntimeToken(ctx context.Context, runtimeName, appProxyURL string, t RuntimeToken) error {
	operation := field{name: "updateRuntimeGitToken", nullable: true}

	call, err := c.atAppProxy(c.settings.APIKey, runtimeName, appProxyURL, operation)
	if err != nil {
		return err
	}

	provider := nameOf(t.Provider)
	if provider == "" || t.APIURL == "" || t.Token.IsEmpty() {
		return call.fail(&Error{Kind: Incomplete, Detail: "a Git provider, its API URL and a token are needed"})
	}

	args := updateArgs{Token: call.token(t.Token), Provider: provider, APIURL: t.APIURL, Username: t.Username}

	return c.mutate(ctx, call, func() error {
		err := call.update(ctx, updateScalar, args)

		var e *Error
		if errors.As(err, &e) && e.lacks == lacksSelection {
			return call.update(ctx, updateObject, args)
		}

		return err
	})
}

func (c *call) update(ctx context.Context, operation string, args updateArgs) error {
	var data struct {
		Result json.RawMessage `json:"updateRuntimeGitToken"`
	}

	err := c.MakeRequest(ctx, &graphql.Request{
		OpName:    "UpdateRuntimeGitToken",
		Query:     operation,
		Variables: updateVariables{Args: args},
	}, &graphql.Response{Data: &data})
	if err != nil {
		return err
	}

	if string(data.Result) == "false" {
		return c.fail(&Error{Kind: Refused, Detail: "the app-proxy answered false and gave no reason"})
	}

	return nil
}
