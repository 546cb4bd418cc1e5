package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// This file words what users are told about settings and about Codefresh itself.

// message is what a diagnostic says.
type message struct {
	summary string // what is wrong, in one line
	detail  string // why, and what to do next
}

const (
	caCertificateUnusable = "CA certificate cannot be used"
	caCertificateRemedy   = "ca_certificate must hold one or more certificates in PEM format, each from " +
		"-----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----. Use file(\"ca.pem\") to read them from a file."
)

func apiKeyUnusable() message {
	return message{"Codefresh API key cannot be used", "The value of api_key is empty or holds white space, a line " +
		"break or a control character, as text read from a file often does. Pass it through trimspace(), or leave " +
		"api_key out to use CODEFRESH_API_KEY."}
}

func settingsUnusable(err error) message {
	return message{"Codefresh settings cannot be used", "Cannot tell which Codefresh to ask: " + err.Error() +
		". Correct it, or set url and api_key in the provider block."}
}

func validationVariableUnusable(value string) message {
	return message{"Validation mode is not known", fmt.Sprintf("The environment variable %s is %q; it must be "+
		"enforce, warn or skip.",
		validationVariable, value)}
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

	return message{"Git token cannot be used", fmt.Sprintf("The value of %s cannot be a Git token: %s. %s", attribute, problem, remedy)}
}

func tokenAttributes(set []string) message {
	const ways = "token (kept in the state as a sensitive value), token_wo (write-only, Terraform 1.11 or later) or " +
		"token_name (a key of the provider's git_tokens)"
	if len(set) == 0 {
		return message{"Git token is missing", "Set one of " + ways + "."}
	}

	return message{"More than one Git token", "Both " + strings.Join(set, " and ") + " are set. Keep one of " + ways + "."}
}

func noSuchTokenName(name string) message {
	return message{"Git token name is not known", fmt.Sprintf(
		"The provider's git_tokens has no value for token_name %q. Add it there, or correct token_name.", name)}
}

// explainHost words the problem of a Git host that cannot be told or used.
func explainHost(err error, runtime string) (attribute string, m message) {
	switch {
	case errors.Is(err, errNoGitProvider):
		return "git_provider", message{"Git provider is not known", fmt.Sprintf(
			"Neither runtime %q nor its account names a Git provider. Set git_provider and, for a self-managed host, api_url.",
			runtime)}
	case errors.Is(err, gittoken.ErrNoAPIURL):
		return "api_url", message{"api_url is missing", "Bitbucket Data Center has no public address. Set api_url to " +
			"that of your server, such as https://bitbucket.example.com."}
	}

	return "api_url", message{"api_url cannot be used", capitalised(err.Error()) +
		". Set api_url to the address of the host's API, such as https://gitlab.example.com."}
}

func missingInCodefresh(v slotView, runtime, integration string, w walk) message {
	later := " Nothing was sent to Codefresh."
	if w != walkApply {
		later = " If it is made in the same apply, let this resource depend on it; it will be looked for again at apply."
	}
	if v.missing == missingIntegration {
		return message{fmt.Sprintf("Runtime %q has no Git integration %q", runtime, integration), fmt.Sprintf(
			"Codefresh knows no Git integration %q on runtime %q. Correct integration; the integration \"default\" comes "+
				"into being with "+
				"the runtime's Git runtime token.%s", integration, runtime, later)}
	}
	known := "The account has no runtime."
	if len(v.runtimes) > 0 {
		known = "It has: " + strings.Join(v.runtimes, ", ") + "."
	}

	return message{fmt.Sprintf("Runtime %q does not exist", runtime), fmt.Sprintf(
		"The Codefresh account of this API key has no runtime %q. %s Correct runtime, or use the key of another account.%s",
		runtime, known, later)}
}

func goneFromCodefresh(v slotView, runtime, integration string, t gittoken.Type) message {
	if v.missing == missingRuntime {
		return message{fmt.Sprintf("Runtime %q is gone", runtime), fmt.Sprintf(
			"Codefresh no longer has runtime %q, and with it went its Git %s token. The plan creates the resource anew; "+
				"remove it from the "+
				"configuration if the runtime is gone for good.", runtime, t)}
	}
	where := fmt.Sprintf("Git integration %q of runtime %q", integration, runtime)
	if v.missing == missingIntegration {
		return message{"Git integration is gone", fmt.Sprintf("Codefresh no longer has %s, and with it went the user's "+
			"token. The plan registers "+
			"it anew, which needs the integration.", where)}
	}

	return message{"Git user token is no longer registered", fmt.Sprintf("The user has no token in %s any more: it "+
		"was taken away outside "+
		"Terraform. The plan registers it anew.", where)}
}

func otherAccount(runtime string) message {
	return message{"API key belongs to another Codefresh account", fmt.Sprintf("The token of runtime %q was "+
		"registered in another account "+
		"than that of the API key in use, which can tell nothing about it. The state was left as it is: use a key of "+
		"the first account, "+
		"or remove the resource from the state.", runtime)}
}

func refusedByCodefreshNotice(runtime, detail string) message {
	return message{"Codefresh calls the Git token invalid", joined([]string{
		sentence("Codefresh reports the token for runtime %q as failed%s, while nothing else speaks against it.",
			runtime, inParentheses(detail)),
		"The plan sends it again. If it was set a moment ago, Codefresh may not have noticed yet.",
	})}
}

func registrationUnseen(runtime string, err error) message {
	return message{"Git token was sent, but Codefresh could not be read back", "Codefresh accepted the token. " + explainCodefresh(err, runtime).detail}
}

func forgotten(runtime string) message {
	return message{"Git runtime token stays in Codefresh", fmt.Sprintf("A runtime must have a Git runtime token, and "+
		"Codefresh has no way to take "+
		"it away: runtime %q keeps it, and Terraform forgets it. Revoke it at its host once the runtime has another "+
		"one.", runtime)}
}

// explainCodefresh words why Codefresh could not be asked or would not do something.
func explainCodefresh(err error, runtime string) message {
	if errors.Is(err, errKeyMissing) {
		return message{"Codefresh API key is missing", "Set api_key in the provider block, or the environment variable " +
			"CODEFRESH_API_KEY; or log in with the Codefresh CLI, whose configuration file is read too."}
	}
	problem := (*codefresh.Error)(nil)
	if !errors.As(err, &problem) {
		return message{"Codefresh could not be asked", fmt.Sprintf("Codefresh could not be asked about runtime %q: %s. "+
			"Try again later.",
			runtime, reasonFor(gittoken.CauseNetwork, ""))}
	}
	place := "The Codefresh platform"
	if problem.Service == codefresh.AppProxy {
		place = fmt.Sprintf("The app-proxy of runtime %q", runtime)
	}
	if problem.Address != "" {
		place += " at " + problem.Address
	}
	words := inParentheses(strings.TrimSuffix(problem.Detail, "."))

	switch problem.Kind {
	case codefresh.KeyMissing:
		return explainCodefresh(errKeyMissing, runtime)
	case codefresh.KeyRefused:
		return message{"Codefresh refuses the API key", fmt.Sprintf("%s refuses the API key%s. Check api_key (or "+
			"CODEFRESH_API_KEY) and url: the "+
			"key may be revoked, of another platform, or of a user without the rights. Nothing was changed, in Codefresh "+
			"or in the state.",
			place, words)}
	case codefresh.RateLimited:
		return message{"Codefresh is rate limiting", fmt.Sprintf("%s takes no more requests for now%s. Try again "+
			"later.", place, words)}
	case codefresh.NoAppProxy:
		return message{"App-proxy has no address", fmt.Sprintf("The platform reports no usable address for the "+
			"app-proxy of runtime %q%s. Complete "+
			"the runtime's installation, or set app_proxy_url.", runtime, words)}
	case codefresh.NoSuchOperation:
		return message{"Runtime is too old for this", fmt.Sprintf("%s does not know the operation %s. Upgrade the "+
			"runtime.", place, problem.Op)}
	case codefresh.Refused:
		return message{"Codefresh refuses the Git token", fmt.Sprintf("%s refused %s%s. If it speaks of scopes, compare "+
			"them with "+
			"required_scopes; if of the provider or address, check git_provider and api_url.", place, problem.Op, words)}
	case codefresh.Insecure:
		return message{"Address is http://", fmt.Sprintf("%s would get the API key over http://, where it could be read "+
			"on the way. Use https://, "+
			"or set allow_http = true.", place)}
	case codefresh.RuntimeNotFound:
		return missingInCodefresh(slotView{missing: missingRuntime}, runtime, "", walkApply)
	case codefresh.Unreachable, codefresh.NotUnderstood, codefresh.Incomplete:
	}

	advice := "Check url and the network."
	if problem.Service == codefresh.AppProxy {
		advice = "Check that the runtime is running. If this machine reaches it at another address, set app_proxy_url."
	}

	return message{"Codefresh could not be reached", fmt.Sprintf("%s could not be asked: %s. %s", place,
		reasonFor(problem.Cause, problem.Detail), advice)}
}

// stateKept ends a message about a resource that is in the state.
const stateKept = " What the state holds was kept."

func importIDUnusable() message {
	return message{"Import id cannot be used", "The import id of a Git user token is the runtime's name, or " +
		"<runtime>/<integration>. Example: terraform import codefresh_git_user_token.me my-runtime/default"}
}

// explainPut words why Codefresh did not take a token.
func explainPut(err error, runtime string) message {
	m := explainCodefresh(err, runtime)
	m.detail += " The state is unchanged."

	return m
}

func kindElsewhere(p gittoken.Provider, k gittoken.Kind) message {
	return message{"Kind of token is another provider's", fmt.Sprintf("%s has no tokens of kind %q. It has: %s.", p.DisplayName(), k,
		strings.Join(kindsOf(p), ", "))}
}

func kindsOf(p gittoken.Provider) []string {
	var names []string
	for _, k := range gittoken.Kinds(p) {
		names = append(names, string(k))
	}

	return names
}

func handedOver(runtime, before, now string) message {
	return message{"API key is another user's", fmt.Sprintf("The Git user token of runtime %q is registered for user "+
		"%s, and the API key in "+
		"use is that of user %s. The plan registers the token for the latter; the registration of the former stays. To "+
		"keep it, use "+
		"the key of user %s.", runtime, before, now, before)}
}

func anotherUsersKey(runtime, owner, caller string) message {
	return message{"Git user token is another user's", fmt.Sprintf("The Git user token of runtime %q is registered "+
		"for user %s, and the API "+
		"key in use is that of user %s, who can only deregister their own. Nothing was changed. Use the key of user %s, "+
		"or remove the "+
		"resource from the state.", runtime, owner, caller, owner)}
}
