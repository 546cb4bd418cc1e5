package message

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

// This file words what users are told about settings.

const (
	caUnusable = "CA certificate cannot be used"
	caFormat   = "certificates in PEM format, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
	caFile     = `Use file("ca.pem") to read them from a file.`
)

// CACertificateUnusable words that ca_certificate holds no certificate.
func CACertificateUnusable() Message {
	return Message{caUnusable, "ca_certificate must hold one or more " + caFormat + ". " + caFile}
}

// CACertificateIsKey words that ca_certificate holds a private key.
func CACertificateIsKey() Message {
	return Message{caUnusable, "ca_certificate holds a private key, which this provider has no use for and Terraform " +
		"may keep in clear. Take the key out, and replace it if others can read the configuration or a saved plan. " +
		"ca_certificate must hold nothing but " + caFormat + ". " + caFile}
}

// CACertificateMarked words that ca_certificate has a byte order mark in it.
func CACertificateMarked() Message {
	return Message{caUnusable, "ca_certificate has a byte order mark (U+FEFF) in it, as some editors put it at the " +
		"beginning of a file: the certificate behind it would not be found. Save the file as UTF-8 without a mark. " + caFile}
}

// CredentialMisplaced words that an attribute which is no place for a secret holds what looks like one. It does not
// repeat it.
func CredentialMisplaced(attribute string) Message {
	return Message{"Credential in the wrong attribute", fmt.Sprintf("The value of %s looks like a credential: a Git "+
		"token, an API key, or an address with a password. Terraform prints that attribute in plans and keeps it in clear: "+
		"if others can read what it printed before, revoke the credential. Correct %s. A Git token belongs into token, "+
		"token_wo or the provider's git_tokens. Set api_key to an API key.", attribute, attribute)}
}

// WordUnusable words that a value is none of those which an attribute can have; must names them.
func WordUnusable(attribute, must, value string) Message {
	return Message{attribute + " has an unknown value", fmt.Sprintf("The value of %s %s, and is %q. Correct it.",
		attribute, must, value)}
}

// MustBeOneOf describes an attribute that has one of a few values.
func MustBeOneOf(words []string) string {
	quoted := make([]string, 0, len(words))
	for _, word := range words {
		quoted = append(quoted, strconv.Quote(word))
	}

	return "must be one of " + strings.Join(quoted, ", ")
}

// APIKeyUnusable words that an API key cannot be one.
func APIKeyUnusable() Message {
	return Message{"Codefresh API key cannot be used", "The value of api_key is empty, an address, or has a name before " +
		"the key as a file of variables has it, or it holds white space, a line break, or a character that is not ASCII or " +
		"not printed, such as the byte order mark (U+FEFF) with which some editors begin a file. Pass text from a file " +
		"through trimspace(), save the file without a mark, or leave api_key out to use CODEFRESH_API_KEY."}
}

// NoRandomness words that no salt could be made.
func NoRandomness(err error) Message {
	return Message{"Token cannot be fingerprinted", capitalised(err.Error()) + ": this machine's source of random bytes " +
		"fails. Nothing was sent to Codefresh. Restore it and try again."}
}

// SettingsUnusable words that the settings of Codefresh cannot be read; err is that of package codefresh.
func SettingsUnusable(err error) Message {
	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) {
		return ExplainCodefresh(err, "")
	}

	return Message{"Codefresh settings cannot be used", "Cannot tell which Codefresh to ask: " + err.Error() +
		". Correct it, or set url and api_key in the provider block."}
}

// ValidationVariableUnusable words that an environment variable holds no mode.
func ValidationVariableUnusable(variable, value string) Message {
	return Message{
		"Validation mode is not known",
		fmt.Sprintf("The environment variable %s is %q. Set it to enforce, warn or skip, or unset it.",
			variable, value),
	}
}

// ExplainToken words the problem of a token that cannot be one of its provider.
func ExplainToken(p gittoken.Provider, attribute string, err error) Message {
	problem, remedy := err.Error(), "Check where its value comes from."

	shape := (*gittoken.ShapeError)(nil)
	if errors.As(err, &shape) {
		switch shape.Problem {
		case gittoken.ShapeEmpty:
			remedy = "Check where its value comes from: a variable, secret or file may be missing."
		case gittoken.ShapeTrailingNewline, gittoken.ShapeSpaceAround:
			remedy = "Pass it through trimspace()."
		case gittoken.ShapeQuoted:
			remedy = "Pass it without them."
		case gittoken.ShapeJSON:
			remedy = "Pass the field of it that holds the token, with jsondecode() for one."
		case gittoken.ShapeMasked:
			remedy = "Pass the token itself: a log or a page hides it."
		case gittoken.ShapePlaceholder:
			remedy = "Pass the value itself: Terraform reads variables of the environment that are called TF_VAR_ and the name."
		case gittoken.ShapeAssigned, gittoken.ShapeHeader, gittoken.ShapePair, gittoken.ShapeURL:
			remedy = "Pass the token alone."
		case gittoken.ShapeOtherProvider:
			problem = fmt.Sprintf("it is a token of %s, but git_provider is %q (%s)", shape.Belongs, p, p.DisplayName())
			remedy = "Correct git_provider, or use a token of that provider."
		case gittoken.ShapeNoCredential:
			remedy = "Use a personal access token."
		default:
		}
	}

	return Message{
		"Git token cannot be used",
		fmt.Sprintf("The value of %s cannot be a Git token: %s. %s", attribute, problem, remedy),
	}
}

// TokenAttributes words that none of the token attributes is set, or more than one.
func TokenAttributes(set []string) Message {
	const ways = "token (kept in the state as a sensitive value), token_wo (write-only, Terraform 1.11 or later) or " +
		"token_name (a key of the provider's git_tokens)"
	if len(set) == 0 {
		return Message{"Git token is missing", "Set one of " + ways + "."}
	}

	return Message{
		"More than one Git token",
		"The attributes " + strings.Join(set, " and ") + " are set. Keep one of " + ways + ".",
	}
}

// NoSuchTokenName words that the provider block has no token of a name.
func NoSuchTokenName(name string) Message {
	return Message{"Git token name is not known", fmt.Sprintf(
		"The provider's git_tokens has no value for token_name %q. Add it there, or correct token_name.", name)}
}

// TokenIgnored words that a token has to be sent and must not be, since ignore_changes stands before it.
func TokenIgnored() Message {
	return Message{"Git token is ignored", "The token has to be sent to Codefresh, for another user, host or user name, " +
		"or since it is registered no longer, but token_wo is under ignore_changes. Nothing was sent. Take token_wo out of " +
		"ignore_changes, and change token_wo_version if there is one."}
}

// DestroyAnyway adds the way out to a message that stops a plan, which Terraform makes before a destroy as well.
func DestroyAnyway(m Message) Message {
	m.Detail += "\n\nTo destroy the resource as it is, use terraform destroy -refresh=false."

	return m
}

// DestroyAll adds the way out to a message that stops such a plan and is not about one resource that was applied.
func DestroyAll(m Message) Message {
	m.Detail += "\n\nIf this stops a destroy of what was applied, use terraform destroy -refresh=false."

	return m
}

// TokenEmpty words that an attribute of a resource that is in the state holds no token any more.
func TokenEmpty(attribute string) Message {
	return Message{"Git token is empty", fmt.Sprintf(
		"The value of %s is empty. Codefresh keeps the token that is registered, which cannot be checked without its value, "+
			"and an apply that has to send one would fail. Check where its value comes from: a variable, secret or file may be "+
			"missing.", attribute)}
}

// TokenNameGone words that the provider block has no token for a resource that is in the state.
func TokenNameGone(name string) Message {
	return Message{"Git token name is not known", fmt.Sprintf(
		"The provider's git_tokens has no value for token_name %q. Codefresh keeps the token that is registered, which "+
			"cannot be checked without its value. Add it there, or correct token_name.", name)}
}

// ExplainHost words the problem of a Git host that cannot be told or used, and names the attribute to correct.
func ExplainHost(err error, runtime string) (attribute string, m Message) {
	switch {
	case errors.Is(err, registration.ErrNoGitProvider):
		return "git_provider", Message{
			"Git provider is not known",
			fmt.Sprintf("Neither runtime %q nor its account names a Git provider. Set git_provider and, for a self-managed "+
				"host, api_url.", runtime),
		}
	case errors.Is(err, registration.ErrForeignProvider):
		return "git_provider", Message{
			"Git provider is not known",
			fmt.Sprintf("Runtime %q has a Git provider in Codefresh that this version of the provider does not know, and the "+
				"token is sent to no other. Upgrade the provider, or set git_provider and api_url to those that the token is "+
				"of.", runtime),
		}
	case errors.Is(err, registration.ErrOwnServer):
		return "api_url", Message{"api_url is missing", fmt.Sprintf("Runtime %q was installed from a repository at another "+
			"Git host than the one that Codefresh or the Git provider would give, so the token is not sent there. Set api_url "+
			"to the address of the host that the token is of, such as https://git.example.com.", runtime)}
	case errors.Is(err, gittoken.ErrNoAPIURL):
		return "api_url", Message{"api_url is missing", "Bitbucket Data Center has no public address. Set api_url to " +
			"that of your server, such as https://bitbucket.example.com."}
	}

	return "api_url", Message{"api_url cannot be used", capitalised(err.Error()) +
		". Set api_url to the address of the host's API, such as https://gitlab.example.com."}
}

// UsernameMissing words that a kind of token needs a user name.
func UsernameMissing(k gittoken.Kind) Message {
	name := "the e-mail address of its Atlassian account"
	if k.UsernameForm() == gittoken.UsernameName {
		name = "the name of its Bitbucket user"
	}

	return Message{"username is missing", fmt.Sprintf("Bitbucket Cloud takes this kind of token (%s) only together "+
		"with a user name. Set username to %s.", k.DisplayName(), name)}
}

// UsernameUnusable words that a user name has something in it that none has.
func UsernameUnusable() Message {
	return Message{"username cannot be used", "It is in quotation marks, or has white space, a colon or a character " +
		"that is not seen in it (a byte order mark, for one), as what comes from a file may: the Git host would take it " +
		"for another name, and refuse the token. Set username without that, or use trimspace() for white space."}
}

// ImportIDUnusable words that an import id names no runtime.
func ImportIDUnusable() Message {
	return Message{"Import id cannot be used", "The import id of a Git user token is the runtime's name or " +
		"<runtime>/<integration> or <runtime>/<integration>/<user id>. Use one such as my-runtime/default."}
}

// KindElsewhere words that a Git provider has no tokens of a kind.
func KindElsewhere(p gittoken.Provider, k gittoken.Kind) Message {
	return Message{
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

// ManagedTwice words that two resources have the same place in Codefresh.
func ManagedTwice(t gittoken.Type, runtime, integration string) Message {
	const forget = "let Terraform forget the other one, with removed { lifecycle { destroy = false } } or terraform " +
		"state rm: destroying it would take the token of both away. If this plan replaces or renames the resource, there " +
		"is only one, and nothing needs to be done."

	if t == gittoken.Runtime {
		return Message{"Git runtime token is managed twice", fmt.Sprintf("Two resources manage the Git runtime token of "+
			"runtime %q, which has one: they would overwrite each other's. Keep one of them. If this plan replaces or renames "+
			"the resource, there is only one, and nothing needs to be done.", runtime)}
	}

	return Message{"Git user token is managed twice", fmt.Sprintf("Two resources register a token for the same user in "+
		"Git integration %q of runtime %q, which holds one: they would overwrite each other's. Give each the API key of "+
		"another user, or keep one of them and "+forget, integration, runtime)}
}

// What values must be, as validators describe them and as the messages below word it.
const (
	MustBeCertificates = "must hold " + caFormat
	MustBeWebAddress   = "must be an address that starts with https:// (or http://) and holds no user name or " +
		"password"
	MustBeRepositoryAddress = "must be the whole web or clone address of a repository, with its host, and without a " +
		"password, a token or a query"
	MustBeDuration       = `must be a duration with a unit, such as "30s" or "2m"`
	MustBeDurationOrZero = `must be a duration with a unit, such as "10m", or "0s"`
	MustBeExpression     = "must be a regular expression (RE2)"
	MustBeDayOrTime      = `must be a date such as "2027-01-31" or a time in RFC 3339 form such as ` +
		`"2027-01-31T12:00:00Z"`
	MustBeScopes = "must name at least one scope, each without white space around it"
)

// WebAddressUnusable does not repeat the address, which may hold a password.
func WebAddressUnusable(attribute string) Message {
	return Message{attribute + " is not a usable address", fmt.Sprintf(
		"The value of %s %s, and no query. Correct it. Example: https://git.example.com.", attribute, MustBeWebAddress)}
}

// RepositoryUnusable does not repeat the address, which may hold a password.
func RepositoryUnusable(attribute string) Message {
	return Message{attribute + " is not a usable address", fmt.Sprintf(
		"The value of %s %s. Correct it. Example: https://git.example.com/owner/repository.", attribute,
		MustBeRepositoryAddress)}
}

// RepositoryElsewhere words that an address names no repository of the Git host that the token is for.
func RepositoryElsewhere(attribute string, h gittoken.Host) Message {
	return Message{attribute + " is not at the token's Git host", fmt.Sprintf("The value of %s is not the address of a "+
		"repository at %s, where the token belongs: it is not sent anywhere else. Give the whole address, or correct "+
		"git_provider and api_url. Example: %s.", attribute, h.WebURL(), repositoryExample(h))}
}

// repositoryExample returns what the address of a repository looks like at a host.
func repositoryExample(h gittoken.Host) string {
	if h.Provider() == gittoken.BitbucketServer {
		return h.WebURL() + "/projects/KEY/repos/repository"
	}

	return h.WebURL() + "/owner/repository"
}

// DurationUnusable words that a value is no duration, or not what one must be.
func DurationUnusable(attribute, must, value string) Message {
	return Message{attribute + " is not a duration", fmt.Sprintf(
		"%s %s, and is %q. Set it to one of these, or leave it out for the default.", attribute, must, value)}
}

// ExpressionUnusable words that a value is no regular expression; err is the compiler's.
func ExpressionUnusable(attribute string, err error) Message {
	return Message{attribute + " is not a regular expression", fmt.Sprintf(
		"%s %s: %s. Correct it: https://github.com/google/re2/wiki/Syntax", attribute, MustBeExpression, err)}
}

// DayUnusable words that a value is neither a date nor a time.
func DayUnusable(attribute, value string) Message {
	return Message{attribute + " is not a date", fmt.Sprintf(
		"%s %s, and is %q. Set it to the day or the time at which the token expires.", attribute, MustBeDayOrTime, value)}
}

// ScopesUnusable words that a set does not name scopes.
func ScopesUnusable(attribute string) Message {
	return Message{attribute + " cannot be used", fmt.Sprintf(
		"%s %s. Leave it out for the scopes that Codefresh documents.", attribute, MustBeScopes)}
}

// VersionWithoutToken words that a version has nothing that it is the version of.
func VersionWithoutToken() Message {
	return Message{"token_wo_version has no token", "token_wo_version is the version of token_wo, which is not set. Set " +
		"token_wo, or remove token_wo_version."}
}
