package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// This file words what users are told about settings.

// message is what a diagnostic says.
type message struct {
	summary string // what is wrong, in one line
	detail  string // why, and what to do next
}

func caCertificateUnusable() message {
	return message{"CA certificate cannot be used", "ca_certificate must hold one or more certificates in PEM format, " +
		"each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----. Use file(\"ca.pem\") to read them from a file."}
}

func apiKeyUnusable() message {
	return message{"Codefresh API key cannot be used", "The value of api_key is empty or holds white space, a line " +
		"break or a control character, as text read from a file often does. Pass it through trimspace(), or leave " +
		"api_key out to use CODEFRESH_API_KEY."}
}

func noRandomness(err error) message {
	return message{"Token cannot be fingerprinted", capitalised(err.Error()) + ": this machine's source of random bytes " +
		"fails. Nothing was sent to Codefresh. Restore it and try again."}
}

func settingsUnusable(err error) message {
	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) {
		return explainCodefresh(err, "")
	}

	return message{"Codefresh settings cannot be used", "Cannot tell which Codefresh to ask: " + err.Error() +
		". Correct it, or set url and api_key in the provider block."}
}

func validationVariableUnusable(value string) message {
	return message{
		"Validation mode is not known",
		fmt.Sprintf("The environment variable %s is %q. Set it to enforce, warn or skip, or unset it.",
			validationVariable, value),
	}
}

// explainToken words the problem of a token that cannot be one of its provider.
func explainToken(p gittoken.Provider, attribute string, err error) message {
	problem, remedy := err.Error(), "Check where its value comes from."

	shape := (*gittoken.ShapeError)(nil)
	if errors.As(err, &shape) {
		switch shape.Problem {
		case gittoken.ShapeEmpty:
			remedy = "Check where its value comes from: a variable, secret or file may be missing."
		case gittoken.ShapeTrailingNewline, gittoken.ShapeSpaceAround:
			remedy = "Pass it through trimspace()."
		case gittoken.ShapeOtherProvider:
			problem = fmt.Sprintf("it is a token of %s, but git_provider is %q (%s)", shape.Belongs, p, p.DisplayName())
			remedy = "Correct git_provider, or use a token of that provider."
		case gittoken.ShapeNoCredential:
			remedy = "Use a personal access token."
		default:
		}
	}

	return message{
		"Git token cannot be used",
		fmt.Sprintf("The value of %s cannot be a Git token: %s. %s", attribute, problem, remedy),
	}
}

func tokenAttributes(set []string) message {
	const ways = "token (kept in the state as a sensitive value), token_wo (write-only, Terraform 1.11 or later) or " +
		"token_name (a key of the provider's git_tokens)"
	if len(set) == 0 {
		return message{"Git token is missing", "Set one of " + ways + "."}
	}

	return message{
		"More than one Git token",
		"The attributes " + strings.Join(set, " and ") + " are set. Keep one of " + ways + ".",
	}
}

func noSuchTokenName(name string) message {
	return message{"Git token name is not known", fmt.Sprintf(
		"The provider's git_tokens has no value for token_name %q. Add it there, or correct token_name.", name)}
}

// explainHost words the problem of a Git host that cannot be told or used.
func explainHost(err error, runtime string) (attribute string, m message) {
	switch {
	case errors.Is(err, errNoGitProvider):
		return "git_provider", message{
			"Git provider is not known",
			fmt.Sprintf("Neither runtime %q nor its account names a Git provider. Set git_provider and, for a self-managed "+
				"host, api_url.", runtime),
		}
	case errors.Is(err, errOwnServer):
		return "api_url", message{"api_url is missing", fmt.Sprintf("Runtime %q was installed from a repository that is "+
			"not at the Git provider's public service, so the token is not sent there. Set api_url to the address of the "+
			"host that the token is of, such as https://git.example.com.", runtime)}
	case errors.Is(err, gittoken.ErrNoAPIURL):
		return "api_url", message{"api_url is missing", "Bitbucket Data Center has no public address. Set api_url to " +
			"that of your server, such as https://bitbucket.example.com."}
	}

	return "api_url", message{"api_url cannot be used", capitalised(err.Error()) +
		". Set api_url to the address of the host's API, such as https://gitlab.example.com."}
}

// usernameMissing words that a kind of token needs a user name.
func usernameMissing(k gittoken.Kind) message {
	name := "the e-mail address of its Atlassian account"
	if k == gittoken.KindAppPassword {
		name = "the name of its Bitbucket user"
	}

	return message{"username is missing", fmt.Sprintf("Bitbucket Cloud takes this kind of token (%s) only together "+
		"with a user name. Set username to %s.", kindWord(k), name)}
}

func importIDUnusable() message {
	return message{"Import id cannot be used", "The import id of a Git user token is the runtime's name or " +
		"<runtime>/<integration>. Use one such as my-runtime/default."}
}

func kindElsewhere(p gittoken.Provider, k gittoken.Kind) message {
	return message{
		"Kind of token is another provider's",
		fmt.Sprintf("%s has no tokens of kind %q. Use one of: %s.", p.DisplayName(), k, strings.Join(kindsOf(p), ", ")),
	}
}

func kindsOf(p gittoken.Provider) []string {
	var names []string
	for _, k := range gittoken.Kinds(p) {
		names = append(names, string(k))
	}

	return names
}

func claimedTwice(t gittoken.Type, runtime, integration string) message {
	const unless = " If this plan replaces the resource, there is only one, and nothing needs to be done."
	if t == gittoken.Runtime {
		return message{"Git runtime token is managed twice", fmt.Sprintf("Two resources manage the Git runtime token of "+
			"runtime %q, which has one: they would overwrite each other's. Keep one of them."+unless, runtime)}
	}

	return message{"Git user token is managed twice", fmt.Sprintf("Two resources register a token for the same user in "+
		"Git integration %q of runtime %q, which holds one: they would overwrite each other's. Keep one of them, or give "+
		"each the API key of another user."+unless, integration, runtime)}
}

// webAddressUnusable does not repeat the address, which may hold a password.
func webAddressUnusable(attribute, must string) message {
	return message{attribute + " is not a usable address", fmt.Sprintf(
		"The value of %s %s, and no query. Correct it. Example: https://git.example.com.", attribute, must)}
}

// repositoryUnusable does not repeat the address, which may hold a password.
func repositoryUnusable(attribute, must string) message {
	return message{attribute + " is not a usable address", fmt.Sprintf(
		"The value of %s %s. Correct it. Example: https://git.example.com/owner/repository.", attribute, must)}
}

func durationUnusable(attribute, must, value string) message {
	return message{attribute + " is not a duration", fmt.Sprintf(
		"%s %s, and is %q. Set it to one of these, or leave it out for the default.", attribute, must, value)}
}

func expressionUnusable(attribute, must string, err error) message {
	return message{attribute + " is not a regular expression", fmt.Sprintf(
		"%s %s: %s. Correct it: https://github.com/google/re2/wiki/Syntax", attribute, must, err)}
}

func dayUnusable(attribute, must, value string) message {
	return message{attribute + " is not a date", fmt.Sprintf(
		"%s %s, and is %q. Set it to the day or the time at which the token expires.", attribute, must, value)}
}

func scopesUnusable(attribute, must string) message {
	return message{attribute + " cannot be used", fmt.Sprintf(
		"%s %s. Leave it out for the scopes that Codefresh documents.", attribute, must)}
}

func versionWithoutToken() message {
	return message{"token_wo_version has no token", "token_wo_version is the version of token_wo, which is not set. Set " +
		"token_wo, or remove token_wo_version."}
}
