package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
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
		{errKeyMissing, []string{"API key is missing", "api_key", "CODEFRESH_API_KEY"}},
		{errSettingsUnknown, []string{"not known before apply", "api_key"}},
		{errors.New("boom"), []string{"could not be asked", `"prod"`}},
		{platform(codefresh.KeyMissing, "runtimes", "", ""), []string{"API key is missing"}},
		{
			platform(codefresh.KeyRefused, "runtimes", "", "Unauthorized."),
			[]string{"refuses the API key", "https://g.codefresh.io", "(Unauthorized)"},
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
		add := func(when string, m message, says ...string) {
			all = append(all, shown{section: section, when: when, messages: m, says: append(slices.Clone(c.says), says...)})
		}
		add("whenever it is asked", explainCodefresh(c.err, "prod"))
		const end = "The state was left as it is."
		if put := explainPut(c.err, subject{runtime: "prod"}, true); !strings.HasSuffix(put.detail, end) {
			add("sending a token", put, "an end that tells of the state")
		}
	}
	lost := &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.AppProxy, Cause: gittoken.CauseTimeout}
	refusal := &codefresh.Error{Kind: codefresh.Refused, Service: codefresh.AppProxy, Op: "registerToGitIntegration"}

	return append(all,
		shown{
			section: "Codefresh: sending a token, and no answer", when: "error: apply",
			messages: explainPut(lost, subject{runtime: "prod"}, true),
			says:     []string{"Whether Codefresh took the token is not known", "The state was left as it is."},
		},
		shown{
			section: "Codefresh: sending a token that it refuses", when: "error: apply",
			messages: explainPut(refusal, subject{runtime: "prod"}, true), says: []string{"The state was left as it is."},
		},
		shown{
			section: "Codefresh: sending a runtime token that it refuses, by somebody who is no administrator",
			when:    "error: apply", messages: explainPut(refusal, subject{tokenType: gittoken.Runtime, runtime: "prod"}, false),
			says: []string{"does not administer the account", "use the key of one who does"},
		},
		shown{
			section: "Codefresh: sent, and not read back", when: "warning: apply",
			messages: registrationUnseen(explainCodefresh(lost, "prod")), says: []string{"accepted the token"},
		})
}

func slotMessages() []shown {
	runtimes := slotView{missing: missingRuntime, runtimes: []string{"dev", "test"}}
	many := slotView{missing: missingRuntime, runtimes: strings.Split("abcdefghijkl", "")}
	integration := slotView{missing: missingIntegration}
	in := func(when string, m message, says ...string) shown {
		return shown{section: "places in Codefresh", when: when, messages: m, says: says}
	}

	return []shown{
		in("warning: plan", missingInCodefresh(runtimes, "prod", "", walkPlanChanged), `Runtime "prod" does not exist`,
			"It has: dev, test.", "same apply"),
		in("error: apply", missingInCodefresh(runtimes, "prod", "", walkApply), "Nothing was sent to Codefresh."),
		in("error: apply", missingInCodefresh(many, "prod", "", walkApply), "h, i, j and 2 more."),
		in("warning: plan", missingInCodefresh(slotView{missing: missingRuntime}, "prod", "", walkPlanChanged), "prod"),
		in("warning: plan", missingInCodefresh(integration, "prod", "lab", walkPlanChanged), `no Git integration "lab"`),
		in("error: apply", missingInCodefresh(integration, "prod", "lab", walkApply), "Nothing was sent to Codefresh."),
		in("warning: refresh", goneFromCodefresh(runtimes, "prod", "default", gittoken.Runtime), `Runtime "prod" is gone`),
		in("warning: refresh", goneFromCodefresh(integration, "prod", "lab", gittoken.User), "integration is gone"),
		in("warning: refresh", goneFromCodefresh(slotView{}, "prod", "default", gittoken.User), "no longer registered"),
		in("error: refresh", otherAccount("prod"), "another Codefresh account"),
		in("warning: plan", refusedByCodefreshNotice("prod", "bad token."), "calls the Git token invalid", "(bad token)"),
		in("warning: plan", refusedByCodefreshNotice("prod", ""), "as failed, but"),
		in("warning: destroy", forgotten("prod"), "stays in Codefresh", "Revoke it"),
		in("warning: plan", handedOver("prod", "u1", "u2"), "another user's", "user u1", "user u2"),
		in("error: destroy", anotherUsersKey("prod", "u1", "u2"), "another user's", "nothing was changed"),
		in("plan", claimedTwice(gittoken.User, "prod", "default"), "managed twice",
			`integration "default" of runtime "prod"`),
		in("plan", claimedTwice(gittoken.Runtime, "prod", ""), "managed twice", `Git runtime token of runtime "prod"`),
		in("plan", usernameMissing(gittoken.KindAPIToken), "Set username to the e-mail address"),
		in("plan", usernameMissing(gittoken.KindAppPassword), "Set username to the name of its Bitbucket user"),
		in("warning: data source", incompleteOverview(), "not listed"),
	}
}
