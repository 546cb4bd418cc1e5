package message

import (
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

func actionMessages(t *testing.T) []shown {
	t.Helper()

	in := func(when string, m Message, says ...string) shown {
		return shown{section: "actions", when: when, messages: m, says: says}
	}
	at := func(p gittoken.Provider, address string) tokencheck.Request {
		return tokencheck.Request{Type: gittoken.User, Host: hostOf(t, p, address)}
	}
	github, v := at(gittoken.GitHub, ""), live(gittoken.KindClassic, "repo")
	rejected := gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindClassic, Detail: "Bad credentials"}
	silent := gittoken.Verdict{Cause: gittoken.CauseTimeout, Detail: "no answer within 30s"}

	return []shown{
		in("rejected already", RejectedAlready(github, rejected), `"Bad credentials"`, "api_url"),
		in("GitLab OAuth", NotRevocable(at(gittoken.GitLab, ""), live(gittoken.KindOAuth)), "OAuth", "Nothing was revoked",
			"https://gitlab.com/-/user_settings/personal_access_tokens"),
		in("GitHub App", NotRevocable(github, gittoken.Verdict{Kind: gittoken.KindAppInstallation}), "this kind"),
		in("Data Center", NotRevocable(at(gittoken.BitbucketServer, "https://bitbucket.example.com"), gittoken.Verdict{}),
			"no tokens on request", "https://bitbucket.example.com/plugins/servlet/access-tokens/manage"),
		in("Bitbucket Cloud", NotRevocable(at(gittoken.BitbucketCloud, ""), gittoken.Verdict{}),
			"https://id.atlassian.com/manage-profile/security/api-tokens"),
		in("other name", RevokedUnderAnotherName("ci-old", []string{"ci"}), `git_tokens["ci-old"]`, `git_tokens["ci"]`),
		in("used", RevokedInUse("ci-old", []string{"prod", "prod/default"}), "prod, prod/default", "in a run after that"),
		in("used by a resource", RevocationPlanned("prod/default"), "prod/default"),
		in("registered", RevokedMaybeInUse("ci-old", gittoken.GitHub, []string{"prod", "prod/default/5f2"}),
			"prod, prod/default/5f2", "unused_by"),
		in("no administrator", RevocationNeedsAdministrator(), "administrator"),
		in("could not be asked", NothingRevoked(Message{"Codefresh could not be asked", "Try again later."}),
			"Nothing was revoked."),
		in("refused", RevocationRefused(github, v, gittoken.NotRevoked(gittoken.CauseServerError, "HTTP 500: oh")),
			"HTTP 500", "https://github.com/settings/tokens"),
		in("still taken", RevocationUnseen(github, v, v), "takes the token still"),
		in("not asked again", RevocationUnseen(github, v, silent), "no answer within 30s"),
	}
}

// What an action says while it runs is a line without a full stop.
func TestProgress(t *testing.T) {
	t.Parallel()

	r := tokencheck.Request{Type: gittoken.Runtime, Host: hostOf(t, gittoken.GitHub, "")}
	v := live(gittoken.KindClassic, "repo", "admin:repo_hook")

	j := gittoken.Judge(v, r.Requirement(v), nil, gittoken.Memory{}, time.Now())
	for got, want := range map[string]string{
		AskingAboutToken(r): "Asking https://api.github.com about the Git token",
		AskingCodefresh():   "Asking Codefresh where it holds Git tokens",
		Revoking(r, v):      `Revoking the classic token of "ci-bot" at https://api.github.com`,
		Revoked(r, v):       `The classic token of "ci-bot" at https://api.github.com is revoked: the host rejects it`,
		DeadAlready(r, gittoken.Verdict{Standing: gittoken.Expired}): "https://api.github.com says that the token has " +
			"expired already: nothing is left to revoke",
		DeadAlready(r, gittoken.Verdict{Standing: gittoken.Revoked}): "https://api.github.com says that the token was " +
			"revoked already: nothing is left to revoke",
		TokenFound(r, j): `The classic token of "ci-bot" at https://api.github.com is valid: has every required scope`,
	} {
		if got != want {
			t.Errorf("progress is %q, want %q", got, want)
		}
	}
}
