package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// errNoSuchName: token_name is not a key of the provider's git_tokens.
var errNoSuchName = errors.New("no such name in git_tokens")

// source is a token with the attribute that it comes from.
type source struct {
	tokencheck.Token

	attribute string // token, token_wo or token_name; empty for none
}

// tokenOf returns the token that m names or holds. In a refresh m is the state, which never holds a write-only token:
// that one is then not known.
func (d *providerData) tokenOf(m *tokenModel) (source, error) {
	switch {
	case !m.TokenName.IsNull():
		token, err := d.namedToken(m.TokenName)

		return source{token, "token_name"}, err
	case !m.Token.IsNull():
		return source{d.tokenIn(m.Token), "token"}, nil
	case !m.TokenWO.IsNull():
		return source{d.tokenIn(m.TokenWO), "token_wo"}, nil
	}

	return source{}, nil
}

// plannedToken returns the token of a plan. Everything comes from the planned values, in which ignore_changes counts,
// but for the write-only token, which no plan holds.
func (d *providerData) plannedToken(plan, config *tokenModel) (source, error) {
	m := *plan
	m.TokenWO = config.TokenWO

	return d.tokenOf(&m)
}

func (d *providerData) namedToken(name types.String) (tokencheck.Token, error) {
	if name.IsUnknown() || d.gitTokens.IsUnknown() {
		return tokencheck.Token{}, nil
	}

	element, ok := d.gitTokens.Elements()[name.ValueString()]
	if !ok {
		return tokencheck.Token{}, errNoSuchName
	}

	text, ok := element.(types.String)
	if !ok || text.IsNull() {
		return tokencheck.Token{}, errNoSuchName
	}

	return d.tokenIn(text), nil
}

// tokenIn returns the token in a value, which nothing that comes from outside may quote from now on.
func (d *providerData) tokenIn(text types.String) tokencheck.Token {
	secret := gittoken.NewSecret(text.ValueString())
	d.redactor.Add(secret)

	return tokencheck.Token{Secret: secret, Known: !text.IsUnknown()}
}

// registered reports whether the token is the one that the state describes.
func (s source) registered(state *tokenModel, p privateState) bool {
	return state != nil && s.Known && len(p.Salt) > 0 && !state.TokenFingerprint.IsNull() &&
		s.Secret.Fingerprint(p.Salt) == state.TokenFingerprint.ValueString()
}

// standsIn names where the token stands in the configuration of m.
func (s source) standsIn(m *tokenModel) string {
	if s.attribute == "token_name" {
		return fmt.Sprintf("git_tokens[%q]", m.TokenName.ValueString())
	}

	return s.attribute
}
