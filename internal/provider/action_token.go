package provider

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// tokenOfAction returns the token that an action names, or says why it can be none of the Git provider.
func (d *providerData) tokenOfAction(name, provider types.String, say reporter) (tokencheck.Token, bool) {
	token, err := d.namedToken(name)
	if errors.Is(err, errNoSuchName) {
		say.at("token_name", message.NoSuchTokenName(name.ValueString()))

		return token, false
	}

	p := gittoken.Provider(provider.ValueString())
	if err := checkShape(p, token.Secret); token.Known && err != nil {
		say.nowhere(tokencheck.Failure, explainTokenIn(&tokenModel{TokenName: name}, "token_name", p, err))

		return token, false
	}

	return token, true
}
