package message

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file words what users are told about Codefresh itself and about what it holds.

// What ends a Message, where it is true.
const (
	nothingSent = " Nothing was sent to Codefresh."
	stateKept   = " The state was left as it is."
)

// MissingInCodefresh words that Codefresh has no such runtime or integration, as a plan or an apply finds it. wait is
// how long an apply would wait for it.
func MissingInCodefresh(
	v registration.View, runtime, integration string, w tokencheck.Walk, wait time.Duration,
) Message {
	sent, later := nothingSent, ""
	if w != tokencheck.Apply {
		sent, later = "", " If it is created in the same apply, let this resource depend on it: the apply looks again."
		if wait > 0 {
			later = sentence(" If it is created in the same apply, let this resource depend on it: the apply waits for it, "+
				"%s at most.", span(wait))
		}
	}

	if v.Missing == registration.MissingIntegration {
		known := didYouMean(integration, v.Integrations)
		if len(v.Integrations) > 0 {
			known += " It lists: " + firstOf(v.Integrations) + "."
		}

		return Message{
			fmt.Sprintf("Runtime %q has no Git integration %q", runtime, integration),
			fmt.Sprintf("The app-proxy of runtime %q lists no Git integration %q.%s One named \"default\" comes with the "+
				"Git runtime token.%s Correct the attribute integration, or add the integration to the runtime.%s",
				runtime, integration, known, sent, later),
		}
	}

	known := didYouMean(runtime, v.Runtimes)
	if len(v.Runtimes) > 0 {
		known += " It has: " + firstOf(v.Runtimes) + "."
	}

	return Message{
		fmt.Sprintf("Runtime %q does not exist", runtime),
		fmt.Sprintf("The Codefresh account of the API key in use has no runtime %q.%s%s Correct the attribute runtime, or "+
			"use an API key of the account that has it.%s", runtime, known, sent, later),
	}
}

// GoneFromCodefresh words that what is in the state is not in Codefresh any more.
func GoneFromCodefresh(v registration.View, runtime, integration string, t gittoken.Type) Message {
	where := fmt.Sprintf("Git integration %q of runtime %q", integration, runtime)

	switch v.Missing {
	case registration.MissingRuntime:
		return Message{
			fmt.Sprintf("Runtime %q is gone", runtime),
			fmt.Sprintf("Codefresh no longer has runtime %q, and its Git %s token is gone with it. The plan creates this "+
				"resource again, which needs the runtime: restore it, or remove this resource from the configuration.",
				runtime, t),
		}
	case registration.MissingIntegration:
		return Message{
			"Git integration is gone",
			fmt.Sprintf("Codefresh no longer has %s, and the user's token is gone with it. The plan registers the token "+
				"again, which needs the integration: restore it, or remove this resource from the configuration.", where),
		}
	}

	return Message{
		"Git user token is no longer registered",
		fmt.Sprintf("The user no longer has a token in %s: it was taken away in Codefresh, or by the destroy of another "+
			"resource for the same place. The plan registers it again: apply it, or remove this resource from the "+
			"configuration.", where),
	}
}

// OtherAccount words that an API key belongs to another account than the one that a token was registered in.
func OtherAccount(runtime string) Message {
	return Message{
		"API key belongs to another Codefresh account",
		fmt.Sprintf("The token of runtime %q was registered in another account than that of the API key in use, which "+
			"can tell nothing about it.%s Use an API key of the first account, or remove this resource from the state.",
			runtime, stateKept),
	}
}

// RefusedByCodefresh words that Codefresh calls a token invalid that its Git host calls good.
func RefusedByCodefresh(runtime, detail string) Message {
	return Message{"Codefresh calls the Git token invalid", joined([]string{
		sentence("Codefresh reports the token for runtime %q as failed%s, but nothing else speaks against it.",
			runtime, inParentheses(strings.TrimSuffix(detail, "."))),
		"The plan sends it again: apply it. If the token was set only a moment ago, Codefresh may not have noticed yet: " +
			"try again later.",
	})}
}

// RefusedAnyway words that Codefresh calls a token invalid that was just sent to it, and that nothing else speaks
// against.
func RefusedAnyway(runtime string) Message {
	return Message{"Codefresh calls the Git token invalid", fmt.Sprintf("Codefresh calls the token on runtime %q "+
		"invalid, as it did right after the token was sent, but nothing else speaks against it. Sending it once more would "+
		"change nothing. Compare required_scopes with what Codefresh asks for, or use another token.", runtime)}
}

// KeyFrom adds where the API key is from to a message that it is refused, and where the URL of the platform is from
// that does: empty for another server, codefresh.SourceDefault if none is set.
func KeyFrom(m Message, key, url string) Message {
	from := "The key is that of " + key

	switch url {
	case "", key:
	case codefresh.SourceDefault:
		from += ", and no URL is set"
	default:
		from += ", and the URL that of " + url
	}

	m.Detail = from + ". " + m.Detail

	return m
}

// KeyPassedOver adds why a key was passed over to a message that there is none.
func KeyPassedOver(m Message, hint string) Message {
	m.Detail = capitalised(strings.TrimSuffix(hint, ".")) + ". " + m.Detail

	return m
}

// RegistrationUnseen words that a token was sent, and why it could not be asked about afterwards.
func RegistrationUnseen(why Message) Message {
	return Message{
		"Git token was sent, but Codefresh could not be read back",
		"Codefresh accepted the token, and could not be asked about it afterwards. The next plan asks again. " + why.Detail,
	}
}

// StateKept adds that nothing was changed to a message about what could not be read.
func StateKept(m Message) Message {
	m.Detail += stateKept

	return m
}

// IncompleteOverview words that the platform told only a part of an account's runtimes.
func IncompleteOverview() Message {
	return Message{
		"Some runtimes are not listed",
		"The account has more runtimes than the platform tells, and what is made from a part of them would destroy what " +
			"belongs to the others. Try again later. If it stays so, name the runtimes in the configuration in place of this " +
			"list.",
	}
}

// ExplainWrite words why Codefresh did not take a token, or may not have taken it.
func ExplainWrite(err error, s tokencheck.Request, j gittoken.Judgement, admin bool) Message {
	m := ExplainCodefresh(err, s.Runtime)
	if j.Status.Class() == gittoken.Good && saysOnlyThatScopesFailed(err) {
		m.Detail += calledGood
	}

	m.Detail += whatCodefreshTried(err, s, j)

	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) && problem.Kind == codefresh.Refused &&
		s.Type == gittoken.Runtime && !admin {
		m.Detail += " The user of the API key does not administer the account, which setting a Git runtime token may need: " +
			"use the key of one who does."
	}

	if registration.MayHaveArrived(err) {
		m.Detail += " Whether Codefresh took the token is not known: apply again, which sends it once more."
	}

	m.Detail += stateKept

	return m
}

// saysOnlyThatScopesFailed reports whether Codefresh refused a token without a word of which scopes it saw. Its
// validator does so for a token without scopes, and as well when the Git host does not answer it
// (@codefresh-io/cf-git-providers).
func saysOnlyThatScopesFailed(err error) bool {
	problem := (*codefresh.Error)(nil)

	return errors.As(err, &problem) && problem.Kind == codefresh.Refused &&
		strings.Contains(problem.Detail, "failed asserting api scopes") &&
		!strings.Contains(problem.Detail, "scopes:") && !strings.Contains(problem.Detail, "got scopes")
}

// ExplainCodefresh words why Codefresh could not be asked or would not do something.
func ExplainCodefresh(err error, runtime string) Message {
	problem := (*codefresh.Error)(nil)
	if !errors.As(err, &problem) || problem.RequestID == "" || problem.Cause == "" && problem.Detail == "" {
		return whyNot(err, runtime)
	}

	named := *problem
	named.Detail = strings.TrimPrefix(strings.TrimSuffix(problem.Detail, ".")+"; request id "+problem.RequestID, "; ")

	return whyNot(&named, runtime)
}

// CodefreshReason words the same for a value: it is the same whenever the same is wrong.
func CodefreshReason(err error, runtime string) string { return whyNot(err, runtime).Detail }

func whyNot(err error, runtime string) Message {
	problem := (*codefresh.Error)(nil)
	switch {
	case errors.Is(err, registration.ErrKeyMissing):
		return apiKeyMissing()
	case errors.Is(err, registration.ErrSettingsUnknown):
		return Message{
			"Codefresh settings are not known before apply",
			"The url, api_key or context of the provider block comes from something that is not applied yet. Apply that " +
				"first, or let this block depend on it.",
		}
	case !errors.As(err, &problem):
		return Message{
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
		return Message{"Codefresh refuses the API key", fmt.Sprintf("%s refuses the API key%s. Check api_key (or "+
			"CODEFRESH_API_KEY) and url: the key may be revoked, belong to another platform, or belong to a user who may not "+
			"do this.", place, words)}
	case codefresh.RateLimited:
		return Message{
			"Codefresh is rate limiting",
			fmt.Sprintf("%s takes no more requests for now%s. Try again later.", place, words),
		}
	case codefresh.NoAppProxy:
		return Message{"App-proxy has no address", fmt.Sprintf("The platform reports no usable address for the app-proxy "+
			"of runtime %q%s. Complete the runtime's installation, or set app_proxy_url.", runtime, words)}
	case codefresh.NoSuchOperation:
		return tooOld(problem, place)
	case codefresh.Refused:
		return refused(problem, place, words)
	case codefresh.Insecure:
		return Message{"Address is http://", fmt.Sprintf("%s would get the API key over http://, where it could be read "+
			"on the way. Use https:// in %s, or set allow_http = true in the provider block.", place, addressOf(problem))}
	case codefresh.RuntimeNotFound:
		return MissingInCodefresh(registration.View{Missing: registration.MissingRuntime}, runtime, "", tokencheck.Apply, 0)
	case codefresh.Unreachable, codefresh.NotUnderstood, codefresh.Incomplete:
	}

	return Message{"Codefresh could not be reached", fmt.Sprintf("%s could not be asked: %s. %s", place,
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

func apiKeyMissing() Message {
	return Message{
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

func tooOld(problem *codefresh.Error, place string) Message {
	what := "platform"
	if problem.Service == codefresh.AppProxy {
		what = "runtime"
	}

	return Message{
		capitalised(what) + " is too old for this",
		fmt.Sprintf("%s does not know the operation %s. Upgrade the %s.", place, problem.Op, what),
	}
}

// refused words that Codefresh understood an operation and would not do it, which is about a token only where one was
// sent.
func refused(problem *codefresh.Error, place, words string) Message {
	switch problem.Op {
	case "registerToGitIntegration", "updateRuntimeGitToken":
		next := "If it speaks of scopes, compare them with required_scopes; if of the provider or the address, check " +
			"git_provider and api_url."
		if words == "" {
			next = "Compare the token's scopes with required_scopes, and check git_provider and api_url."
		}

		return Message{"Codefresh refuses the Git token", fmt.Sprintf("%s refused the token in %s%s. %s",
			place, problem.Op, words, next)}
	}

	return Message{"Codefresh refuses a request", fmt.Sprintf("%s refused %s%s. Check that the user of the API key may "+
		"do this, and that the runtime is healthy.", place, problem.Op, words)}
}

func adviceAt(problem *codefresh.Error) string {
	switch {
	case problem.Cause == gittoken.CauseTLS, problem.Cause == gittoken.CauseProxy, problem.Cause == gittoken.CauseScheme,
		problem.Cause == gittoken.CauseClientCert:
		return advice(problem.Cause)
	case problem.Service == codefresh.AppProxy:
		return "Check that the runtime is running. If this machine reaches it at another address, set app_proxy_url."
	}

	return "Check url and the network, or try again later."
}
