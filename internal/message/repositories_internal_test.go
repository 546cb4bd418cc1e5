package message

import (
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// gitSource is the question to a Git Source.
var gitSource = gittoken.Probe{Repository: repositoryB, Access: gittoken.Read, Source: gittoken.SourceGitSource}

func repositoryMessages(t *testing.T) []shown {
	t.Helper()
	r := tokencheck.Request{Type: gittoken.User, Runtime: "prod", Host: hostOf(t, gittoken.GitHub, "")}
	hidden := gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseHidden, RequestID: "65D0A7C1"}
	advised := func(results ...gittoken.ProbeResult) Message {
		return RefusedRepositories(r, gittoken.Judgement{
			Verdict: live(gittoken.KindClassic, "repo"), Advised: results,
		})
	}
	in := func(when string, m Message, says ...string) shown {
		return shown{section: "repositories that Codefresh uses", when: when, messages: m, says: says}
	}

	return []shown{
		in("warning: not visible", advised(hidden.Of(gitSource)), repositoryB+
			`, a Git Source of runtime "prod": the host does not show it`, "Request id: 65D0A7C1."),
		in("warning: two", advised(hidden.Of(gitSource),
			gittoken.ProbeDenied(gittoken.CauseRole, "the account may not read").Of(sharedRepository)),
			repositoryB+", a Git Source",
			"shared configuration repository: the account may not read."),
		in("warning: single sign-on", advised(gittoken.ProbeBlocked(gittoken.CauseSSO, "",
			"https://github.com/orgs/acme/sso").Of(gitSource)), "https://github.com/orgs/acme/sso"),
	}
}

func TestAccessReason(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		access gittoken.RepositoryAccess
		want   string
	}{
		{gittoken.RepositoryAccess{Outcome: gittoken.Proven}, ""},
		{gittoken.RepositoryAccess{Outcome: gittoken.Denied, Detail: "the account may read."}, "the account may read"},
		{gittoken.RepositoryAccess{Outcome: gittoken.Denied}, "the host refuses it"},
		{
			gittoken.RepositoryAccess{Outcome: gittoken.Denied, Cause: gittoken.CauseSSO, Detail: "Forbidden"},
			"it is not authorised for its organisation's single sign-on",
		},
		{gittoken.RepositoryAccess{Cause: gittoken.CauseTimeout}, "no answer came in time"},
	} {
		if got := AccessReason(test.access); got != test.want {
			t.Errorf("%+v: %q", test.access, got)
		}
	}
}

// What is good but refused somewhere, or not tried everywhere, says so in the state.
func TestStatusReasonTellsOfRepositories(t *testing.T) {
	t.Parallel()

	for want, j := range map[string]gittoken.Judgement{
		"has every required scope": {Status: gittoken.StatusValid},
		"has every required scope; is refused at " + repositoryB: {
			Status:  gittoken.StatusValid,
			Advised: []gittoken.ProbeResult{gittoken.ProbeDenied(gittoken.CauseHidden, "").Of(gitSource)},
		},
		"has every required scope; not tried at 7 more repositories": {Status: gittoken.StatusValid, LeftOut: 7},
		"is refused access at " + repositoryA + ", the account's shared configuration repository": {
			Status:  gittoken.StatusUnderScoped,
			Refused: []gittoken.ProbeResult{gittoken.ProbeDenied(gittoken.CauseHidden, "").Of(sharedRepository)},
		},
	} {
		if got := StatusReason(j); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
