package provider

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// checkConfig refuses what no value of an attribute makes right, and repositories that are not at the configured host.
// Whatever else is wrong with a value, or with two of them together, is left to the plan: Terraform shows a
// configuration here without regard to ignore_changes, and before a destroy, too.
func checkConfig(m *tokenModel, say reporter) {
	set := tokenAttributesSet(m)

	unknown := m.Token.IsUnknown() || m.TokenWO.IsUnknown() || m.TokenName.IsUnknown()
	if len(set) == 0 || len(set) > 1 && !unknown {
		say.say(tokencheck.Failure, message.TokenAttributes(set))

		return
	}

	if m.TokenWO.IsNull() && !m.TokenWOVersion.IsNull() {
		say.at("token_wo_version", message.VersionWithoutToken())
	}

	if host, err := writtenHost(m); err == nil && !host.IsZero() {
		allAtHost(m.Repositories, host, say)
	}
}

// tokenAttributesSet names the token attributes that have a value or will have one.
func tokenAttributesSet(m *tokenModel) []string {
	var set []string

	for _, attribute := range []struct {
		name  string
		value types.String
	}{{"token", m.Token}, {"token_wo", m.TokenWO}, {"token_name", m.TokenName}} {
		if !attribute.value.IsNull() {
			set = append(set, attribute.name)
		}
	}

	return set
}

// checkWritten refuses a token that is certain to be wrong, and settings that contradict each other, before anything is
// asked. m is a configuration as a plan has it, without what ignore_changes ignores. Every message about a token points
// at runtime.
func checkWritten(m *tokenModel, token source, say reporter) bool {
	host, err := writtenHost(m)
	if err != nil {
		say.host(err, m.Runtime.ValueString())
	}

	ok := err == nil && (host.IsZero() || allAtHost(m.Repositories, host, say))

	p, _ := gittoken.ParseProvider(m.GitProvider.ValueString())
	if err := checkShape(p, token.Secret); token.Known && err != nil {
		say.say(tokencheck.Failure, explainTokenIn(m, token.attribute, p, err))

		return false
	}

	return ok
}

// writtenHost returns the host of which provider and address are both configured. It is zero without one of them, which
// Codefresh may know, and the error is that of gittoken.NewHost.
func writtenHost(m *tokenModel) (gittoken.Host, error) {
	p, known := gittoken.ParseProvider(m.GitProvider.ValueString())
	if !known || m.APIURL.IsUnknown() || m.APIURL.IsNull() {
		return gittoken.Host{}, nil
	}

	return gittoken.NewHost(p, m.APIURL.ValueString())
}

// allAtHost refuses repositories that are not at the token's host, which nobody could ask with the token. It
// reports whether there are none. What is no address of a repository at all, the attribute's own validator refuses.
func allAtHost(repositories types.List, host gittoken.Host, say reporter) bool {
	for i, element := range repositories.Elements() {
		need, known := repositoryOf(element)
		if at, told := remote.At(host, need.URL); known && told && !at {
			say.at("repositories", message.RepositoryElsewhere(fmt.Sprintf("repositories[%d].url", i), host))

			return false
		}
	}

	return true
}

// checkMaterials refuses a token that cannot be one of the provider, or that lacks the user name which goes with it.
func checkMaterials(m *tokenModel, p gittoken.Provider, token source, say reporter) bool {
	if err := checkShape(p, token.Secret); err != nil {
		say.say(tokencheck.Failure, explainTokenIn(m, token.attribute, p, err))

		return false
	}

	if problem, found := checkUsername(p, token.Secret, m.Username); found {
		say.say(tokencheck.Failure, problem)

		return false
	}

	return true
}

// checkUsername finds what is wrong with the user name that such a token goes with. One that is not known before apply
// passes.
func checkUsername(
	p gittoken.Provider, token gittoken.Secret, username types.String,
) (problem message.Message, found bool) {
	k, text := gittoken.KindByPrefix(p, token), username.ValueString()

	switch {
	case k.UsernameForm() == gittoken.NoUsername, username.IsUnknown():
		return message.Message{}, false
	case strings.TrimSpace(text) == "":
		return message.UsernameMissing(k), true
	case strings.ContainsFunc(text, cannotBeInUsername), gittoken.IsQuoted(text):
		return message.UsernameUnusable(), true
	}

	return message.Message{}, false
}

// cannotBeInUsername reports whether no user name of Bitbucket has r. A colon would end it (RFC 7617), and characters
// that are not seen are such as the byte order mark with which a file may begin.
func cannotBeInUsername(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == ':'
}

// checkOwnKey refuses a user's own API key that cannot be one. before is the key of the state.
func checkOwnKey(key, before types.String, say reporter) bool {
	if key.IsNull() || key.IsUnknown() || key.Equal(before) ||
		gittoken.CheckShape("", gittoken.NewSecret(key.ValueString())) == nil {
		return true
	}

	say.say(tokencheck.Failure, message.APIKeyUnusable())

	return false
}

// checkShape is gittoken.CheckShape for a provider that may not be known yet: then a token of any of them will do.
func checkShape(p gittoken.Provider, token gittoken.Secret) error {
	err := gittoken.CheckShape(p, token)

	shape := (*gittoken.ShapeError)(nil)
	if p == "" && errors.As(err, &shape) && shape.Problem == gittoken.ShapeOtherProvider {
		return nil
	}

	return err
}

// explainTokenIn words the problem of a token that comes from an attribute of m.
func explainTokenIn(m *tokenModel, attribute string, p gittoken.Provider, err error) message.Message {
	return message.ExplainToken(p, source{attribute: attribute}.standsIn(m), err)
}
