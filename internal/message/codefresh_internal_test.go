package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// codefreshErrors lists an error of every kind that codefresh has.
func codefreshErrors() []struct {
	err  error
	says []string
} {
	proxy := func(k codefresh.ErrorKind, op string, c gittoken.Cause, detail string) error {
		return fmt.Errorf("wrapped: %w", &codefresh.Error{
			Kind: k, Op: op, Service: codefresh.AppProxy, Runtime: "prod",
			Address: "https://prod.example.com", Cause: c, Detail: detail,
		})
	}
	platform := func(k codefresh.ErrorKind, op string, c gittoken.Cause, detail string) error {
		return &codefresh.Error{
			Kind: k, Op: op, Service: codefresh.Platform, Address: "https://g.codefresh.io", Cause: c,
			Detail: detail,
		}
	}

	return []struct {
		err  error
		says []string
	}{
		{registration.ErrKeyMissing, []string{"API key is missing", "api_key", "CODEFRESH_API_KEY"}},
		{registration.ErrSettingsUnknown, []string{"not known before apply", "api_key"}},
		{errors.New("boom"), []string{"could not be asked", `"prod"`}},
		{platform(codefresh.KeyMissing, "runtimes", "", ""), []string{"API key is missing"}},
		{
			platform(codefresh.KeyRefused, "runtimes", "", "Unauthorized."),
			[]string{"refuses the API key", "https://g.codefresh.io", "(Unauthorized)"},
		},
		{
			&codefresh.Error{
				Kind: codefresh.Unreachable, Op: "runtimes", Service: codefresh.Platform, Address: "https://g.codefresh.io",
				Cause: gittoken.CauseServerError, Detail: "HTTP status 503", RequestID: "9f1c-7a",
			},
			[]string{"(HTTP status 503; request id 9f1c-7a)"},
		},
		{proxy(codefresh.KeyRefused, "gitIntegrations", "", ""), []string{"The app-proxy of runtime \"prod\" at"}},
		{
			platform(codefresh.Unreachable, "runtimes", gittoken.CauseNetwork, "g.codefresh.io: no such host"),
			[]string{"could not be reached", "no such host", "Check url"},
		},
		{
			platform(codefresh.Unreachable, "runtimes", gittoken.CauseTLS, "signed by an unknown authority"),
			[]string{"certificate", "ca_certificate"},
		},
		{platform(codefresh.Unreachable, "runtimes", gittoken.CauseServerError, "HTTP status 502"), []string{"502"}},
		{platform(codefresh.Unreachable, "runtimes", "", ""), []string{"the reason is not known"}},
		{
			proxy(codefresh.Unreachable, "gitIntegrations", gittoken.CauseTimeout, "no answer within 30s"),
			[]string{"app-proxy", "no answer within 30s", "app_proxy_url"},
		},
		{platform(codefresh.RateLimited, "runtimes", "", "Too many requests."), []string{"rate limiting", "later"}},
		{platform(codefresh.RuntimeNotFound, "runtime", "", ""), []string{`Runtime "prod" does not exist`, "API key"}},
		{
			proxy(codefresh.NoAppProxy, "gitIntegrations", "", "the runtime has no ingress host"),
			[]string{"no address", "(the runtime has no ingress host)", "app_proxy_url"},
		},
		{
			proxy(codefresh.NoSuchOperation, "updateRuntimeGitToken", "", ""),
			[]string{"Runtime is too old", "updateRuntimeGitToken", "Upgrade the runtime"},
		},
		{platform(codefresh.NoSuchOperation, "runtimes", "", ""), []string{"Platform is too old", "Upgrade the platform"}},
		{
			proxy(codefresh.Refused, "registerToGitIntegration", "", "ValidationError: missing scopes: repo."),
			[]string{"refuses the Git token", "(ValidationError: missing scopes: repo)", "required_scopes", "git_provider"},
		},
		{
			proxy(codefresh.Refused, "deregisterFromGitIntegration", "", "Forbidden"),
			[]string{"refuses a request", "Forbidden"},
		},
		{proxy(codefresh.Insecure, "gitIntegrations", gittoken.CauseInsecure, ""), []string{"http://", "allow_http"}},
		{
			platform(codefresh.Incomplete, "registerToGitIntegration", "", "the integration's name and a token are needed"),
			[]string{"the integration's name and a token are needed"},
		},
		{
			proxy(codefresh.NotUnderstood, "gitIntegrations", gittoken.CauseNotUnderstood, "the answer is HTML"),
			[]string{"not be understood", "HTML"},
		},
	}
}

func codefreshMessages() []shown {
	var all []shown

	for _, c := range codefreshErrors() {
		section := "Codefresh: " + strings.TrimPrefix(strings.TrimPrefix(c.err.Error(), "wrapped: "), "codefresh: ")
		add := func(when string, m Message, says ...string) {
			all = append(all, shown{section: section, when: when, messages: m, says: append(slices.Clone(c.says), says...)})
		}
		add("whenever it is asked", ExplainCodefresh(c.err, "prod"))

		const end = "The state was left as it is."

		put := ExplainWrite(c.err, tokencheck.Request{Runtime: "prod"}, gittoken.Judgement{}, true)
		if !strings.HasSuffix(put.Detail, end) {
			add("sending a token", put, "an end that tells of the state")
		}
	}

	lost := &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.AppProxy, Cause: gittoken.CauseTimeout}
	prod := tokencheck.Request{Runtime: "prod"}
	refusal := &codefresh.Error{Kind: codefresh.Refused, Service: codefresh.AppProxy, Op: "registerToGitIntegration"}

	return append(all,
		shown{
			section: "Codefresh: sending a token, and no answer", when: "error: apply",
			messages: ExplainWrite(lost, tokencheck.Request{Runtime: "prod"}, gittoken.Judgement{}, true),
			says:     []string{"Whether Codefresh took the token is not known", "The state was left as it is."},
		},
		shown{
			section: "Codefresh: sending a token that it refuses", when: "error: apply",
			messages: ExplainWrite(refusal, prod, gittoken.Judgement{}, true), says: []string{"The state was left as it is."},
		},
		shown{
			section: "Codefresh: sending a runtime token that it refuses, by somebody who is no administrator",
			when:    "error: apply",
			messages: ExplainWrite(refusal, tokencheck.Request{Type: gittoken.Runtime, Runtime: "prod"}, gittoken.Judgement{},
				false),
			says: []string{"does not administer the account", "use the key of one who does"},
		},
		shown{
			section: "Codefresh: sending a token that its Git host calls good", when: "error: apply",
			messages: ExplainWrite(&codefresh.Error{
				Kind: codefresh.Refused, Service: codefresh.AppProxy, Op: "registerToGitIntegration",
				Detail: "ValidationError: failed asserting api scopes",
			}, prod, gittoken.Judgement{Status: gittoken.StatusValid}, true),
			says: []string{"has just called the token good", "try again in a few minutes"},
		},
		whenTried("cannot push with", gittoken.GitLab, "check your token permissions, failed assert write scopes",
			"pushes a tag to the account's shared configuration repository, https://gitlab.com/acme/shared, and",
			"is not archived"),
		whenTried("cannot create a project with", gittoken.GitLab, "failed to get project, expected Project Admin",
			"new project without a name", "has just called the token good"),
		whenTried("cannot create a repository with", gittoken.BitbucketServer,
			"failed to get project, expected Project Admin", "personal project of the token's owner",
			"try again in a few minutes"),
		whenTriedOf("ci@example.com", "cannot create a repository with, by its owner's name", gittoken.BitbucketServer,
			"failed to get project, expected Project Admin", `the owner's name, "ci@example.com"`,
			"an account whose name has nothing but letters"),
		whenTried("sees no scopes of", gittoken.GitHub, "missing scopes: repo_read,repo_write",
			"names of Codefresh's own", "check what stands between"),
		shown{
			section: "Codefresh: sent, and not read back", when: "warning: apply",
			messages: RegistrationUnseen(ExplainCodefresh(lost, "prod")), says: []string{"accepted the token"},
		})
}

// whenTried is a refusal of a good token in the words of Codefresh's validator.
func whenTried(what string, p gittoken.Provider, words string, says ...string) shown {
	return whenTriedOf("ci.bot_1-a", what, p, words, says...)
}

func whenTriedOf(owner, what string, p gittoken.Provider, words string, says ...string) shown {
	api := map[gittoken.Provider]string{gittoken.BitbucketServer: "https://git.example.com"}[p]
	host, _ := gittoken.NewHost(p, api) // a zero host says nothing of itself

	return shown{
		section: "Codefresh: sending a good token that it " + what, when: "error: apply",
		messages: ExplainWrite(&codefresh.Error{
			Kind: codefresh.Refused, Service: codefresh.AppProxy, Op: "registerToGitIntegration",
			Detail: "ValidationError: " + words,
		}, tokencheck.Request{
			Type: gittoken.User, Runtime: "prod", Host: host, Repositories: []gittoken.RepositoryNeed{
				{URL: "https://gitlab.com/acme/apps", Source: gittoken.SourceGitSource},
				{URL: "https://gitlab.com/acme/shared", Source: gittoken.SourceSharedConfiguration},
			},
		}, gittoken.Judgement{Status: gittoken.StatusValid, Verdict: gittoken.Verdict{Owner: owner}}, true),
		says: says,
	}
}

func slotMessages() []shown {
	runtimes := registration.View{Missing: registration.MissingRuntime, Runtimes: []string{"dev", "test"}}
	many := registration.View{Missing: registration.MissingRuntime, Runtimes: strings.Split("abcdefghijkl", "")}
	other := registration.View{Missing: registration.MissingRuntime, Runtimes: []string{"dev", "prod"}}
	similar := registration.View{Missing: registration.MissingRuntime, Runtimes: []string{"dev", "prod", "prod-eu"}}
	integration := registration.View{Missing: registration.MissingIntegration}
	integrations := registration.View{
		Missing: registration.MissingIntegration, Integrations: []string{"default", "labs"},
	}
	unlisted := registration.View{Missing: registration.MissingRuntime}
	refusedKey := &codefresh.Error{
		Kind: codefresh.KeyRefused, Service: codefresh.Platform, Address: "https://g.codefresh.io",
	}
	gone := &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.AppProxy, Cause: gittoken.CauseNetwork}
	in := func(when string, m Message, says ...string) shown {
		return shown{section: "places in Codefresh", when: when, messages: m, says: says}
	}

	return []shown{
		in("warning: plan", MissingInCodefresh(runtimes, "prod", "", tokencheck.PlanChanged, 0),
			`Runtime "prod" does not exist`, "It has: dev, test.", "same apply"),
		in("warning: plan", MissingInCodefresh(other, "prod-eu", "", tokencheck.PlanChanged, 10*time.Minute),
			`Did you mean "prod"? It has: dev, prod.`),
		in("warning: plan", MissingInCodefresh(similar, "prod-euw", "", tokencheck.PlanChanged, 10*time.Minute),
			`Did you mean "prod-eu" or "prod"? It has: dev, prod, prod-eu.`, "waits for it, 10m at most."),
		in("error: apply", MissingInCodefresh(runtimes, "prod", "", tokencheck.Apply, 0), "Nothing was sent to Codefresh."),
		in("error: apply", MissingInCodefresh(many, "prod", "", tokencheck.Apply, 0), "h, i, j and 2 more."),
		in("warning: plan", MissingInCodefresh(unlisted, "prod", "", tokencheck.PlanChanged, 0), "prod"),
		in("warning: plan", MissingInCodefresh(integration, "prod", "lab", tokencheck.PlanChanged, 0),
			`no Git integration "lab"`),
		in("warning: plan", MissingInCodefresh(integrations, "prod", "lab", tokencheck.PlanChanged, 90*time.Second),
			`Did you mean "labs"? It lists: default, labs.`, "waits for it, 1m30s at most."),
		in("error: apply", MissingInCodefresh(integration, "prod", "lab", tokencheck.Apply, 0),
			"Nothing was sent to Codefresh."),
		in("error: apply", AfterWaiting(MissingInCodefresh(integrations, "prod", "lab", tokencheck.Apply, 0),
			registration.Waited{
				For: []registration.Part{registration.PartAppProxy, registration.PartIntegration}, Time: 10 * time.Minute,
			}, "lab"), "waited 10m, as long as wait_for_runtime says: its app-proxy did not answer, then it had no"),
		in("error: apply", AfterWaiting(MissingInCodefresh(unlisted, "prod", "", tokencheck.Apply, 0), registration.Waited{
			For: []registration.Part{registration.PartRuntime}, Time: 2*time.Minute + 3*time.Second, Cancelled: true,
		}, "default"), "cancelled after it had waited 2m3s: the platform did not know it. The Codefresh account"),
		in("error: apply, after another resource waited", AfterWaiting(
			MissingInCodefresh(unlisted, "prod", "", tokencheck.Apply, 0), registration.Waited{Time: time.Hour}, "default",
		), "waited 1h, as long as wait_for_runtime says. The Codefresh account"),
		in("error: apply, without waiting", AfterWaiting(ExplainCodefresh(gone, "prod"), registration.Waited{}, "default"),
			`The app-proxy of runtime "prod" could not be asked`),
		in("warning: apply", WaitedFor(registration.Waited{
			For: []registration.Part{
				registration.PartRuntime, registration.PartAddress, registration.PartAppProxy, registration.PartIntegration,
			}, Time: 3*time.Minute + 29*time.Second + 400*time.Millisecond,
		}, "prod", "default"), `Runtime "prod" was waited for`, "waited 3m29s until",
			"did not know it, then its app-proxy had"),
		in("warning: refresh", GoneFromCodefresh(runtimes, "prod", "default", gittoken.Runtime), `Runtime "prod" is gone`),
		in("warning: refresh", GoneFromCodefresh(integration, "prod", "lab", gittoken.User), "integration is gone"),
		in("warning: refresh", GoneFromCodefresh(registration.View{}, "prod", "default", gittoken.User),
			"no longer registered"),
		in("error: refresh", OtherAccount("prod"), "another Codefresh account"),
		in("warning: plan", RefusedByCodefresh("prod", "bad token."), "calls the Git token invalid", "(bad token)"),
		in("warning: plan", RefusedByCodefresh("prod", ""), "as failed, but"),
		in("warning: plan", RefusedAnyway("prod"), "right after the token was sent"),
		in("error: plan", KeyFrom(ExplainCodefresh(refusedKey, "prod"), "CODEFRESH_API_KEY", ""),
			"that of CODEFRESH_API_KEY."),
		in("error: plan, address from elsewhere", KeyFrom(ExplainCodefresh(refusedKey, "prod"), "api_key", "CF_URL"),
			"that of api_key, and the URL that of CF_URL."),
		in("error: plan, no address", KeyFrom(ExplainCodefresh(refusedKey, "prod"), "CODEFRESH_API_KEY", "default"),
			"that of CODEFRESH_API_KEY, and no URL is set."),
		in("error: plan", KeyPassedOver(ExplainCodefresh(registration.ErrKeyMissing, "prod"), "the key of context \"x\" "+
			"belongs to another URL"), "The key of context"),
		in("warning: destroy", Forgotten("prod"), "stays in Codefresh", "Revoke it"),
		in("warning: plan", HandedOver("prod", "u1", "u2"), "another user's", "user u1", "user u2"),
		in("error: destroy", AnotherUsersKey("prod", "u1", "u2"), "another user's", "nothing was changed"),
		in("plan", ManagedTwice(gittoken.User, "prod", "default"), "managed twice",
			`integration "default" of runtime "prod"`),
		in("plan", ManagedTwice(gittoken.Runtime, "prod", ""), "managed twice", `Git runtime token of runtime "prod"`),
		in("plan", UsernameMissing(gittoken.KindAPIToken), "Set username to the e-mail address"),
		in("plan", UsernameUnusable(), "byte order mark", "use trimspace()"),
		in("plan", UsernameMissing(gittoken.KindAppPassword), "Set username to the name of its Bitbucket user"),
		in("plan", TakenAway("prod", "default"), "destroy = false", "terraform state rm"),
		in("warning: plan", Reasserted("prod", "default"), "registers the token once more", "Nothing needs to be done"),
		in("warning: apply", FormerUserStays("prod", "default", "u1", "u2"), "user u2 now", "User u1"),
		in("warning: destroy", ImportedStays("prod", "default", "u1"), "user u1 keeps it", "<user id>"),
		in("warning: destroy", LeftToNewer("prod", "default", "u1"), "terraform import with the id prod/default/u1"),
		in("error: destroy", RegistrationHidden("prod", "default", "u1"), "does not see", "terraform state rm"),
		in("warning: destroy", RegistrationStays("prod", "default", "u1"), "refuses the API key of user u1"),
		in("error: destroy", NotDeregistered(gone, "prod", true), "The state was left as it is.", "terraform state rm"),
		in("error: destroy", NotDeregistered(refusedKey, "prod", false), "no key of this user any more", "state rm"),
		in("error: destroy", NotDeregistered(refusedKey, "prod", true), "apply that before you destroy", "state rm"),
		in("plan", OwnKeyGone(ExplainCodefresh(refusedKey, "prod")), "apply that before you destroy", "terraform state rm"),
		in("warning: refresh", StateKept(ExplainCodefresh(gone, "prod")), "The state was left as it is."),
		in("error: data source", IncompleteOverview(), "not listed"),
	}
}
