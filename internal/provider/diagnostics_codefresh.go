package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// This file words what users are told about Codefresh itself and about what it holds.

// What ends a message, where it is true.
const (
	nothingSent = " Nothing was sent to Codefresh."
	stateKept   = " The state was left as it is."
)

func missingInCodefresh(v slotView, runtime, integration string, w walk) message {
	sent, later := nothingSent, ""
	if w != walkApply {
		sent, later = "", " If it is created in the same apply, let this resource depend on it: the apply looks again."
	}
	if v.missing == missingIntegration {
		return message{
			fmt.Sprintf("Runtime %q has no Git integration %q", runtime, integration),
			fmt.Sprintf("The app-proxy of runtime %q lists no Git integration %q. One named \"default\" comes with the "+
				"Git runtime token.%s Correct the attribute integration, or add the integration to the runtime.%s",
				runtime, integration, sent, later),
		}
	}
	known := ""
	if len(v.runtimes) > 0 {
		known = " It has: " + firstOf(v.runtimes) + "."
	}

	return message{
		fmt.Sprintf("Runtime %q does not exist", runtime),
		fmt.Sprintf("The Codefresh account of the API key in use has no runtime %q.%s%s Correct the attribute runtime, or "+
			"use an API key of the account that has it.%s", runtime, known, sent, later),
	}
}

func goneFromCodefresh(v slotView, runtime, integration string, t gittoken.Type) message {
	where := fmt.Sprintf("Git integration %q of runtime %q", integration, runtime)
	switch v.missing {
	case missingRuntime:
		return message{
			fmt.Sprintf("Runtime %q is gone", runtime),
			fmt.Sprintf("Codefresh no longer has runtime %q, and its Git %s token is gone with it. The plan creates this "+
				"resource again, which needs the runtime: restore it, or remove this resource from the configuration.",
				runtime, t),
		}
	case missingIntegration:
		return message{
			"Git integration is gone",
			fmt.Sprintf("Codefresh no longer has %s, and the user's token is gone with it. The plan registers the token "+
				"again, which needs the integration: restore it, or remove this resource from the configuration.", where),
		}
	}

	return message{
		"Git user token is no longer registered",
		fmt.Sprintf("The user no longer has a token in %s: it was taken away outside of Terraform. The plan registers it "+
			"again: apply it, or remove this resource from the configuration.", where),
	}
}

func otherAccount(runtime string) message {
	return message{
		"API key belongs to another Codefresh account",
		fmt.Sprintf("The token of runtime %q was registered in another account than that of the API key in use, which "+
			"can tell nothing about it.%s Use an API key of the first account, or remove this resource from the state.",
			runtime, stateKept),
	}
}

func refusedByCodefreshNotice(runtime, detail string) message {
	return message{"Codefresh calls the Git token invalid", joined([]string{
		sentence("Codefresh reports the token for runtime %q as failed%s, but nothing else speaks against it.",
			runtime, inParentheses(strings.TrimSuffix(detail, "."))),
		"The plan sends it again: apply it. If the token was set only a moment ago, Codefresh may not have noticed yet: " +
			"try again later.",
	})}
}

// registrationUnseen words that a token was sent, and why it could not be asked about afterwards.
func registrationUnseen(why message) message {
	return message{
		"Git token was sent, but Codefresh could not be read back",
		"Codefresh accepted the token, and could not be asked about it afterwards. The next plan asks again. " + why.detail,
	}
}

func forgotten(runtime string) message {
	return message{
		"Git runtime token stays in Codefresh",
		fmt.Sprintf("A runtime must have a Git runtime token, and Codefresh has no way to take it away: runtime %q keeps "+
			"it, and Terraform forgets it. Revoke it at its Git host once the runtime has another one.", runtime),
	}
}

func handedOver(runtime, before, now string) message {
	return message{
		"API key is another user's",
		fmt.Sprintf("The Git user token of runtime %q is registered for user %s, and the API key in use is that of user "+
			"%s. The plan registers the token for user %s; the registration of user %s stays. To keep the resource as it "+
			"is, use the API key of user %s.", runtime, before, now, now, before, before),
	}
}

func anotherUsersKey(runtime, owner, caller string) message {
	return message{
		"Git user token is another user's",
		fmt.Sprintf("The Git user token of runtime %q is registered for user %s, and the API key in use is that of user "+
			"%s. A user can deregister only their own token, so nothing was changed. Use the API key of user %s, or remove "+
			"this resource from the state.", runtime, owner, caller, owner),
	}
}

func incompleteOverview() message {
	return message{
		"Some runtimes are not listed",
		"The account has more runtimes than the platform tells in one answer. Resources can use the others all the same: " +
			"name them in the configuration, beside what is made from this list.",
	}
}

// explainPut words why Codefresh did not take a token, or may not have taken it.
func explainPut(err error, s subject, admin bool) message {
	m := explainCodefresh(err, s.runtime)
	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) && problem.Kind == codefresh.Refused &&
		s.tokenType == gittoken.Runtime && !admin {
		m.detail += " The user of the API key does not administer the account, which setting a Git runtime token may need: " +
			"use the key of one who does."
	}
	if mayHaveArrived(err) {
		m.detail += " Whether Codefresh took the token is not known: apply again, which sends it once more."
	}
	m.detail += stateKept

	return m
}

// explainCodefresh words why Codefresh could not be asked or would not do something.
func explainCodefresh(err error, runtime string) message {
	problem := (*codefresh.Error)(nil)
	switch {
	case errors.Is(err, errKeyMissing):
		return apiKeyMissing()
	case errors.Is(err, errSettingsUnknown):
		return message{
			"Codefresh settings are not known before apply",
			"The url, api_key or context of the provider block comes from something that is not applied yet. Apply that " +
				"first, or let this block depend on it.",
		}
	case !errors.As(err, &problem):
		return message{
			"Codefresh could not be asked",
			fmt.Sprintf("The request%s was not completed. Try again later.", about(runtime)),
		}
	}
	place := placeOf(problem, runtime)
	words := inParentheses(strings.TrimSuffix(problem.Detail, "."))

	switch problem.Kind {
	case codefresh.KeyMissing:
		return apiKeyMissing()
	case codefresh.KeyRefused:
		return message{"Codefresh refuses the API key", fmt.Sprintf("%s refuses the API key%s. Check api_key (or "+
			"CODEFRESH_API_KEY) and url: the key may be revoked, belong to another platform, or belong to a user who may not "+
			"do this.", place, words)}
	case codefresh.RateLimited:
		return message{
			"Codefresh is rate limiting",
			fmt.Sprintf("%s takes no more requests for now%s. Try again later.", place, words),
		}
	case codefresh.NoAppProxy:
		return message{"App-proxy has no address", fmt.Sprintf("The platform reports no usable address for the app-proxy "+
			"of runtime %q%s. Complete the runtime's installation, or set app_proxy_url.", runtime, words)}
	case codefresh.NoSuchOperation:
		return tooOld(problem, place)
	case codefresh.Refused:
		return refused(problem, place, words)
	case codefresh.Insecure:
		return message{"Address is http://", fmt.Sprintf("%s would get the API key over http://, where it could be read "+
			"on the way. Use https:// in %s, or set allow_http = true in the provider block.", place, addressOf(problem))}
	case codefresh.RuntimeNotFound:
		return missingInCodefresh(slotView{missing: missingRuntime}, runtime, "", walkApply)
	case codefresh.Unreachable, codefresh.NotUnderstood, codefresh.Incomplete:
	}

	return message{"Codefresh could not be reached", fmt.Sprintf("%s could not be asked: %s. %s", place,
		reasonAt(problem), adviceAt(problem))}
}

// about names the runtime that something is about, if it is about one.
func about(runtime string) string {
	if runtime == "" {
		return ""
	}

	return fmt.Sprintf(" about runtime %q", runtime)
}

// reasonAt words why Codefresh could not be asked, and what the network says of it.
func reasonAt(problem *codefresh.Error) string {
	if problem.Cause == "" {
		return reasonFor("", problem.Detail)
	}

	return reasonFor(problem.Cause, "") + inParentheses(strings.TrimSuffix(problem.Detail, "."))
}

func apiKeyMissing() message {
	return message{
		"Codefresh API key is missing",
		"Set api_key in the provider block or the environment variable CODEFRESH_API_KEY, or sign in with the Codefresh " +
			"CLI, whose configuration file is read too.",
	}
}

// addressOf names the attribute that the address of a service can be set in.
func addressOf(problem *codefresh.Error) string {
	if problem.Service == codefresh.AppProxy {
		return "app_proxy_url"
	}

	return "url"
}

func placeOf(problem *codefresh.Error, runtime string) string {
	place := "The Codefresh platform"
	if problem.Service == codefresh.AppProxy {
		place = fmt.Sprintf("The app-proxy of runtime %q", runtime)
	}
	if problem.Address != "" {
		place += " at " + problem.Address
	}

	return place
}

func tooOld(problem *codefresh.Error, place string) message {
	what := "platform"
	if problem.Service == codefresh.AppProxy {
		what = "runtime"
	}

	return message{
		capitalised(what) + " is too old for this",
		fmt.Sprintf("%s does not know the operation %s. Upgrade the %s.", place, problem.Op, what),
	}
}

// refused words that Codefresh understood an operation and would not do it, which is about a token only where one was
// sent.
func refused(problem *codefresh.Error, place, words string) message {
	switch problem.Op {
	case "registerToGitIntegration", "updateRuntimeGitToken":
		next := "If it speaks of scopes, compare them with required_scopes; if of the provider or the address, check " +
			"git_provider and api_url."
		if words == "" {
			next = "Compare the token's scopes with required_scopes, and check git_provider and api_url."
		}

		return message{"Codefresh refuses the Git token", fmt.Sprintf("%s refused the token in %s%s. %s",
			place, problem.Op, words, next)}
	}

	return message{"Codefresh refuses a request", fmt.Sprintf("%s refused %s%s. Check that the user of the API key may "+
		"do this, and that the runtime is healthy.", place, problem.Op, words)}
}

func adviceAt(problem *codefresh.Error) string {
	switch {
	case problem.Cause == gittoken.CauseTLS:
		return advice(gittoken.CauseTLS)
	case problem.Service == codefresh.AppProxy:
		return "Check that the runtime is running. If this machine reaches it at another address, set app_proxy_url."
	}

	return "Check url and the network, or try again later."
}
