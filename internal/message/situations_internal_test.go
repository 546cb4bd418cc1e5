package message

import (
	"slices"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// situations lists one of every kind.
func situations(t *testing.T) []judged {
	t.Helper()

	return slices.Concat(shortfalls(t), refusedOnes(t), unprovenOnes(t), uncheckedOnes())
}

func shortfalls(t *testing.T) []judged {
	t.Helper()
	gitlab := hostOf(t, gittoken.GitLab, "")
	server := hostOf(t, gittoken.BitbucketServer, "https://bitbucket.example.com")
	cloud := hostOf(t, gittoken.BitbucketCloud, "")
	expiring := live(gittoken.KindClassic, "repo")
	expiring.ExpiresAt = time.Date(2027, time.January, 31, 0, 0, 0, 0, time.UTC)

	return []judged{
		{name: "valid", status: gittoken.StatusValid, verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook")},
		{
			name: "a GitHub classic token lacks a scope", status: gittoken.StatusUnderScoped, verdict: expiring,
			says: []string{"lacks 1 of 2 scopes", `classic token of "ci-bot" at https://api.github.com, which expires on ` +
				"2027-01-31, has repo.", "A runtime token also needs admin:repo_hook", "/settings/tokens/new?scopes="},
		},
		{
			name: "a GitHub classic token has no scope", status: gittoken.StatusUnderScoped, use: gittoken.User,
			verdict: live(gittoken.KindClassic),
			says:    []string{"lacks its only required scope", "has no scope. A user token needs repo: without it"},
		},
		{
			name: "a GitLab personal token lacks scopes", status: gittoken.StatusUnderScoped, host: gitlab, use: gittoken.User,
			verdict: live(gittoken.KindPersonal, "read_user"),
			says: []string{
				"lacks 2 of 2 scopes", "write_repository", "read_api (api would also do)",
				"https://gitlab.com/-/",
			},
		},
		{
			name: "a Bitbucket Data Center token lacks permissions", status: gittoken.StatusUnderScoped, host: server,
			verdict: live(gittoken.KindHTTPAccess, "PROJECT_READ", "REPO_WRITE"),
			says:    []string{"HTTP access token", "PROJECT_ADMIN", "https://bitbucket.example.com/plugins/servlet/"},
		},
		{
			name: "a Bitbucket Cloud app password lacks scopes", status: gittoken.StatusUnderScoped, host: cloud,
			verdict: live(gittoken.KindAppPassword, "account", "team", "repository:admin"),
			says: []string{
				"The app password of", "webhook to manage webhooks; repository:write (pullrequest:write would also do) to commit",
				"ended on 2026-07-28", "Create an API token with read:user:bitbucket, ",
			},
		},
		{
			name: "a GitLab project token for a runtime", status: gittoken.StatusUnderScoped, host: gitlab,
			verdict: live(gittoken.KindProject, "api"),
			says:    []string{"A GitLab project token cannot be a Git runtime token", "personal or group token"},
		},
		{
			name: "a GitHub App installation token for a runtime", status: gittoken.StatusUnderScoped,
			verdict: live(gittoken.KindAppInstallation),
			says: []string{
				"A GitHub App installation token cannot be a Git runtime token", "after an hour",
				"Create a fine-grained token with administration:write, ",
			},
		},
		{
			name: "a GitHub App user token for a user", status: gittoken.StatusUnderScoped, use: gittoken.User,
			verdict: live(gittoken.KindAppUser),
			says: []string{
				"A GitHub App user token cannot be a Git user token", "after eight hours",
				"Create a fine-grained token with contents:write, metadata:read, put",
			},
		},
		{
			name: "a Bitbucket Cloud access token", status: gittoken.StatusUnderScoped, host: cloud, use: gittoken.User,
			verdict: live(gittoken.KindAccessToken, "repository:write", "webhook"),
			says: []string{
				"A Bitbucket Cloud access token cannot be a Git user token", "neither account nor team", "Codefresh's validator",
				"Create an API token with read:user:bitbucket, ", "https://id.atlassian.com/",
			},
		},
		{
			name: "a Bitbucket Data Center token of a project for a runtime", status: gittoken.StatusUnderScoped, host: server,
			verdict: gittoken.Verdict{
				Standing: gittoken.Live, Kind: gittoken.KindHTTPAccess, Owner: "access-token-user/1/7", ScopesKnown: true,
				Scopes: []gittoken.Scope{"PROJECT_ADMIN"},
			},
			says: []string{
				"Data Center project or repository token cannot be a Git runtime token", "nobody's account", "personal project",
				"Create an HTTP access token of a person's account with PROJECT_ADMIN, ",
			},
		},
		{
			name: "a GitHub OAuth token lacks a scope", status: gittoken.StatusUnderScoped,
			verdict: live(gittoken.KindOAuth, "repo"),
			says:    []string{"The OAuth token of", "Create a classic token with repo, admin:repo_hook, put"},
		},
		{
			name: "a Bitbucket Cloud API token lacks what only the validator asks for", status: gittoken.StatusUnderScoped,
			host: cloud, use: gittoken.User, verdict: live(gittoken.KindAPIToken, "read:user:bitbucket",
				"read:workspace:bitbucket", "read:repository:bitbucket", "write:repository:bitbucket"),
			says: []string{"also needs read:project:bitbucket: Codefresh's validator asks for it."},
		},
		{
			name: "a GitLab granular token may not push", status: gittoken.StatusUnderScoped, host: gitlab, use: gittoken.User,
			verdict: granular(
				gittoken.GrantEntry{Access: gittoken.GrantUser, Permissions: []gittoken.Scope{"read_user"}},
				gittoken.GrantEntry{
					Access: gittoken.GrantSelected, GroupID: 5, Permissions: []gittoken.Scope{"download_code", "read_project"},
				}),
			probes: []gittoken.ProbeResult{placed("https://gitlab.com/acme/gitops")},
			says: []string{
				`has "User: Read", "Code: Download", "Project: Read".`, `also needs "Code: Push": without it`,
			},
		},
		{
			name: "a GitLab granular token may push elsewhere", status: gittoken.StatusUnderScoped, host: gitlab,
			use: gittoken.User,
			verdict: granular(
				gittoken.GrantEntry{Access: gittoken.GrantUser, Permissions: []gittoken.Scope{"read_user"}},
				gittoken.GrantEntry{
					Access: gittoken.GrantSelected, GroupID: 5, Permissions: []gittoken.Scope{"download_code", "read_project"},
				},
				gittoken.GrantEntry{Access: gittoken.GrantSelected, ProjectID: 4, Permissions: []gittoken.Scope{"push_code"}}),
			probes: []gittoken.ProbeResult{placed("https://gitlab.com/acme/gitops")},
			says:   []string{`At https://gitlab.com/acme/gitops it was refused "Code: Push".`},
		},
		{
			name: "a scoped token is refused access", status: gittoken.StatusUnderScoped,
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"),
			probes: []gittoken.ProbeResult{
				accessTo(repositoryA, gittoken.Write, gittoken.Denied, "", "the repository is archived"),
				accessTo(repositoryB, gittoken.Admin, gittoken.Denied, "", ""),
			},
			says: []string{"is refused access to 2 repositories", "no write access to " + repositoryA +
				" (the repository is archived).", "no admin access to " + repositoryB + "."},
		},
		{
			name: "a fine-grained token does not see a repository", status: gittoken.StatusUnderScoped, use: gittoken.User,
			verdict: live(gittoken.KindFineGrained),
			probes:  permissionAt(repositoryA, gittoken.Denied, gittoken.CauseHidden, "metadata:read", "contents:write"),
			says:    []string{"is refused access to 1 repository", "It has no access to " + repositoryA},
		},
		{
			name: "a fine-grained token is refused permissions", status: gittoken.StatusUnderScoped, use: gittoken.User,
			verdict: live(gittoken.KindFineGrained),
			probes: slices.Concat(permissionAt(repositoryA, gittoken.Proven, "", "metadata:read", "contents:write"),
				permissionAt(repositoryB, gittoken.Proven, "", "metadata:read"),
				permissionAt(repositoryB, gittoken.Denied, "", "contents:write")),
			says: []string{
				"lacks 1 of 2 scopes", "has metadata:read.", "also needs contents:write: without it",
				"At " + repositoryB + " it was refused contents:write.", "/settings/personal-access-tokens/new",
			},
		},
		{
			name: "a Bitbucket Cloud API token lacks nearly everything", status: gittoken.StatusUnderScoped, host: cloud,
			verdict: live(gittoken.KindAPIToken, "read:user:bitbucket"),
			says: []string{
				"lacks 9 of 10 scopes",
				"; read:project:bitbucket, admin:project:bitbucket to pass Codefresh's validator; ",
				"; read:webhook:bitbucket, write:webhook:bitbucket, delete:webhook:bitbucket to manage webhooks.",
			},
		},
		{
			name: "a fine-grained token proves nothing and is refused all", status: gittoken.StatusUnderScoped,
			use: gittoken.User, verdict: live(gittoken.KindFineGrained),
			probes: permissionAt(repositoryA, gittoken.Denied, "", "metadata:read", "contents:write"),
			says: []string{"lacks 2 of 2 scopes", "has no permission that could be proved", "it was refused metadata:read, " +
				"contents:write."},
		},
	}
}

func refusedOnes(t *testing.T) []judged {
	t.Helper()

	rejected := gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindUnknown, Detail: "Bad credentials"}
	rejected.RequestID = "C0DE:2F0DAB:65D0A7C1"
	past := messageNow().AddDate(0, 0, -2)
	owned := func(s *tokencheck.Request) { s.LastOwner = "ci-bot" }
	blocked := func(c gittoken.Cause, help string) gittoken.Verdict {
		return gittoken.Verdict{
			Standing: gittoken.Blocked, Cause: c, Kind: gittoken.KindClassic, Owner: "ci-bot",
			HelpURL: help, Detail: "Forbidden.",
		}
	}

	return []judged{
		{
			name: "rejected, and never seen working", status: gittoken.StatusInvalid, verdict: rejected,
			says: []string{
				"not valid at https://api.github.com", "Check git_provider and api_url, or",
				`"Bad credentials". Request id: C0DE:2F0DAB:65D0A7C1.`,
			},
		},
		{
			name: "rejected by a Data Center that may have seen no token", status: gittoken.StatusInvalid, verdict: rejected,
			host: hostOf(t, gittoken.BitbucketServer, "https://bitbucket.example.com"),
			says: []string{"looks the same if something on the way takes the Authorization header away"},
		},
		{
			name: "rejected by a GitLab that may have seen no token", status: gittoken.StatusRevoked, verdict: rejected,
			host: hostOf(t, gittoken.GitLab, "https://gitlab.example.com"), memory: gittoken.Memory{Accepted: true},
			says: []string{"was revoked", "takes the Authorization header away"},
		},
		{
			name: "rejected by Bitbucket Cloud, and never seen working", status: gittoken.StatusInvalid, verdict: rejected,
			host: hostOf(t, gittoken.BitbucketCloud, ""), says: []string{"Check git_provider, api_url and username, or"},
		},
		{
			name: "rejected by Bitbucket Cloud with a user name that is none", status: gittoken.StatusInvalid,
			verdict: gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindAPIToken, Detail: "Token is invalid"},
			host:    hostOf(t, gittoken.BitbucketCloud, ""), request: func(s *tokencheck.Request) { s.Username = "ci-bot" },
			says: []string{"username is no e-mail address", "Set username to the e-mail address of its Atlassian account, or"},
		},
		{
			name: "rejected by Bitbucket Cloud after the user name was changed", status: gittoken.StatusRevoked,
			verdict: gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindAPIToken},
			memory:  gittoken.Memory{Accepted: true},
			host:    hostOf(t, gittoken.BitbucketCloud, ""), request: func(s *tokencheck.Request) { s.Username = "ci-bot" },
			says: []string{"username is no e-mail address", "Set username to"},
		},
		{
			name: "an app password, which ended", status: gittoken.StatusInvalid,
			verdict: gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindAppPassword},
			host:    hostOf(t, gittoken.BitbucketCloud, ""), request: func(s *tokencheck.Request) { s.Username = "ci-bot" },
			says: []string{"Tokens of this kind (app password) ended on 2026-07-28.", "Create an API token with read:user"},
		},
		{
			name: "rejected, and past its expiry", status: gittoken.StatusExpired, verdict: rejected,
			memory: gittoken.Memory{Accepted: true, ExpiresAt: past},
			request: func(s *tokencheck.Request) {
				s.LastOwner, s.Memory.ExpiresAt = "ci-bot", past
			},
			says: []string{"expired on 2026-07-30", `token of "ci-bot"`, "2026-07-30T12:00:00Z"},
		},
		{
			name: "rejected, and past the expiry that the user gave", status: gittoken.StatusExpired, verdict: rejected,
			memory:  gittoken.Memory{ExpiresAt: past},
			request: func(s *tokencheck.Request) { s.ExpiryHint = past }, says: []string{"expired on 2026-07-30"},
		},
		{
			name: "expired, by the host's word", status: gittoken.StatusExpired,
			verdict: gittoken.Verdict{Standing: gittoken.Expired, Kind: gittoken.KindPersonal, Detail: "Token is expired."},
			host:    hostOf(t, gittoken.GitLab, ""),
			// Which the host has shortened.
			request: func(s *tokencheck.Request) { s.Memory.ExpiresAt = messageNow().AddDate(0, 1, 0) },
			says:    []string{"Git token has expired", "The host says that the personal token"},
		},
		{
			name: "expired, by the expiry that the host told", status: gittoken.StatusExpired,
			verdict: gittoken.Verdict{Standing: gittoken.Expired, Kind: gittoken.KindPersonal, ExpiresAt: past},
			host:    hostOf(t, gittoken.GitLab, ""), says: []string{"expired on 2026-07-30"},
		},
		{
			name: "rejected, and it worked earlier", status: gittoken.StatusRevoked, verdict: rejected,
			memory: gittoken.Memory{Accepted: true, ExpiresAt: messageNow().AddDate(0, 1, 0)}, request: owned,
			says: []string{"was revoked", `rejects the token of "ci-bot"`, "worked earlier"},
		},
		{
			name: "revoked, by the host's word", status: gittoken.StatusRevoked, host: hostOf(t, gittoken.GitLab, ""),
			verdict: gittoken.Verdict{Standing: gittoken.Revoked, Kind: gittoken.KindPersonal, Detail: "Token was revoked."},
			says:    []string{"was revoked", "The host says"},
		},
		{
			name: "blocked by single sign-on", status: gittoken.StatusBlocked,
			verdict: blocked(gittoken.CauseSSO, "https://github.com/orgs/acme/sso?authorization_request=A"),
			says:    []string{"single sign-on", "https://github.com/orgs/acme/sso?authorization_request=A", "an hour"},
		},
		{
			name: "blocked by single sign-on, without a link", status: gittoken.StatusBlocked,
			verdict: blocked(gittoken.CauseSSO, ""), says: []string{"single sign-on", "the host's token settings"},
		},
		{
			name: "blocked with its owner", status: gittoken.StatusBlocked,
			verdict: blocked(gittoken.CauseAccountBlocked, ""), says: []string{"Owner of the Git token is blocked", "restore"},
		},
		{
			name: "blocked by a GitLab that takes granular tokens only", status: gittoken.StatusBlocked, use: gittoken.User,
			host: hostOf(t, gittoken.GitLab, ""), verdict: gittoken.Verdict{
				Standing: gittoken.Blocked, Cause: gittoken.CauseFineGrainedOnly, Kind: gittoken.KindPersonal, Owner: "ci-bot",
			},
			says: []string{
				"takes fine-grained tokens only", `Create a granular token with "Code: Download", "Code: Push", "Project: Read", `,
				"https://gitlab.com/-/user_settings/personal_access_tokens",
			},
		},
		{
			name: "blocked by an organisation that takes fine-grained tokens only", status: gittoken.StatusBlocked,
			verdict: blocked(gittoken.CauseFineGrainedOnly, ""), use: gittoken.User, says: []string{
				"Create a fine-grained token with contents:write, metadata:read, put",
				"https://github.com/settings/personal-access-tokens/new",
			},
		},
		{
			name: "blocked by single sign-on at the shared configuration repository", status: gittoken.StatusBlocked,
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"), probes: []gittoken.ProbeResult{
				gittoken.ProbeBlocked(gittoken.CauseSSO, "Resource protected by organization SAML enforcement.",
					"https://github.com/orgs/acme/sso?authorization_request=A").Of(sharedRepository),
			},
			says: []string{"single sign-on", "It was refused at " + repositoryA + ", the account's shared configuration " +
				"repository.", "https://github.com/orgs/acme/sso?authorization_request=A"},
		},
		{
			name: "kept out by an IP allow list at a Git Source", status: gittoken.StatusBlocked,
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"), probes: []gittoken.ProbeResult{
				gittoken.ProbeBlocked(gittoken.CauseIPAllowList, "", "").Of(gittoken.Probe{
					Repository: repositoryB, Access: gittoken.Read, Source: gittoken.SourceGitSource,
				}),
			},
			says: []string{"IP allow list", repositoryB + `, a Git Source of runtime "prod".`, "put on the list"},
		},
		{
			name: "a role that is too low at the shared configuration repository", status: gittoken.StatusUnderScoped,
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"), probes: []gittoken.ProbeResult{
				{Probe: sharedRepository, Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: "the account may read"},
			},
			says: []string{"is refused access to 1 repository", "no write access to " + repositoryA +
				" (the account may read), the account's shared configuration repository."},
		},
		{
			name: "blocked by a policy", status: gittoken.StatusBlocked,
			verdict: blocked(gittoken.CausePolicy, ""), says: []string{"policy", "https://github.com/settings/tokens/new"},
		},
	}
}

func unprovenOnes(t *testing.T) []judged {
	t.Helper()
	server := hostOf(t, gittoken.BitbucketServer, "https://bitbucket.example.com")
	partly := live(gittoken.KindHTTPAccess, "PROJECT_READ")
	partly.Unsettled = []gittoken.Scope{"REPO_WRITE"}
	named := func(s *tokencheck.Request) {
		s.Repositories = []gittoken.RepositoryNeed{{URL: repositoryA, Access: gittoken.Write}}
	}

	return []judged{
		{
			name: "a fine-grained token without repositories", status: gittoken.StatusUnproven,
			verdict: live(gittoken.KindFineGrained), says: []string{
				"fine-grained token", "Not proved: administration:write",
				"Name private repositories",
			},
		},
		{
			name: "a fine-grained token that only writing could prove", status: gittoken.StatusUnproven, use: gittoken.User,
			verdict: live(gittoken.KindFineGrained), request: named,
			probes: slices.Concat(permissionAt(repositoryA, gittoken.Proven, "", "metadata:read"),
				permissionAt(repositoryA, gittoken.Undetermined, gittoken.CauseNotReadOnly, "contents:write")),
			says: []string{"Not proved: contents:write.", "write_probes = true"},
		},
		{
			name: "a fine-grained token and a public repository", status: gittoken.StatusUnproven, use: gittoken.User,
			verdict: live(gittoken.KindFineGrained), request: named,
			probes: permissionAt(repositoryA, gittoken.Undetermined, gittoken.CausePublic, "metadata:read", "contents:write"),
			says: []string{
				"At " + repositoryA + " metadata:read, contents:write could not be tried (it is public",
				"Name a private repository in the attribute repositories instead.",
			},
		},
		{
			name: "a scoped token and a repository that does not answer", status: gittoken.StatusUnproven,
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"), request: named,
			probes: []gittoken.ProbeResult{
				accessTo(repositoryA, gittoken.Write, gittoken.Undetermined, gittoken.CauseTimeout, "after 30s."),
				accessTo(repositoryB, gittoken.Read, gittoken.Undetermined, gittoken.CauseServerError, ""),
			},
			says: []string{"has every required scope", "Write access to " + repositoryA +
				" could not be proved (no answer came in time: after 30s).", "Try again once the host answers."},
		},
		{
			name: "a GitLab granular token", status: gittoken.StatusUnproven, host: hostOf(t, gittoken.GitLab, ""),
			verdict: live(gittoken.KindGranular), says: []string{
				"granular token", `Not proved: "Code: Download", "Code: Push"`,
				`Create it with "Personal Access Token: Read" as well`, "compare its permissions",
			},
		},
		{
			name: "a GitLab granular token for selected projects", status: gittoken.StatusUnproven, use: gittoken.User,
			host: hostOf(t, gittoken.GitLab, ""),
			verdict: granular(
				gittoken.GrantEntry{Access: gittoken.GrantUser, Permissions: []gittoken.Scope{"read_user"}},
				gittoken.GrantEntry{
					Access: gittoken.GrantSelected, GroupID: 5,
					Permissions: []gittoken.Scope{"download_code", "push_code", "read_project"},
				}),
			says: []string{"granted different things at different places", `Not proved: "Code: Download", "Code: Push", ` +
				`"Project: Read".`, "Name its repositories"},
		},
		{
			name: "a host that tells a part", status: gittoken.StatusUnproven, use: gittoken.User, host: server,
			verdict: partly, says: []string{"only a part", "Not proved: REPO_WRITE.", "host's settings"},
		},
	}
}

func uncheckedOnes() []judged {
	var all []judged

	for _, c := range []struct {
		cause  gittoken.Cause
		detail string
		says   []string
	}{
		{gittoken.CauseSkipped, "", nil},
		{gittoken.CauseTokenUnknown, "", []string{"token is not known before apply", "at apply"}},
		{gittoken.CauseHostUnknown, "", []string{"host is not known before apply", "Set git_provider and api_url"}},
		{gittoken.CauseTokenWithheld, "", []string{"not the registered one", "Change token_wo_version"}},
		{gittoken.CauseTimeout, "the server did not answer within 30s", []string{"no answer came in time", "within 30s"}},
		{gittoken.CauseNetwork, "api.github.com: no such host", []string{"no connection", "no such host", `"skip"`}},
		{
			gittoken.CauseTLS, "the server's certificate is signed by an authority that this machine does not trust",
			[]string{"certificate is not trusted", "set ca_certificate"},
		},
		{
			gittoken.CauseProxy, "the proxy proxy.example.com:3128, set in HTTPS_PROXY, answered 407 Proxy Authentication " +
				"Required in place of api.github.com:443",
			[]string{"a proxy on the way", "set in HTTPS_PROXY, answered 407", "proxy settings"},
		},
		{gittoken.CauseScheme, "the server does not speak TLS at this address", []string{"mixed up", "scheme and the port"}},
		{gittoken.CauseClientCert, "the server wants a client certificate", []string{"client certificate", "none to show"}},
		{
			gittoken.CauseTokenLost, "Requires authentication",
			[]string{"as if no token had been sent", "Requires authentication", "removes the Authorization header"},
		},
		{gittoken.CauseRedirect, "the server points to https://elsewhere.example.com", []string{"redirect", "Set api_url"}},
		{gittoken.CauseInsecure, "the address is http://", []string{"http://", "allow_http = true"}},
		{gittoken.CauseRateLimited, "API rate limit exceeded", []string{"rate limiting", "2026-08-01T12:30:00Z"}},
		{gittoken.CauseLoginLockout, "Maximum number of login attempts exceeded", []string{"locked logins", "Sign in"}},
		{gittoken.CauseAddressBanned, "Forbidden", []string{"this machine's address", "wait until it ends", "firewall"}},
		{
			gittoken.CauseIPAllowList, "the organization has an IP allow list enabled",
			[]string{"IP allow list", "on the list"},
		},
		{gittoken.CauseServerError, "HTTP status 503", []string{"in trouble", "HTTP status 503", "Try again"}},
		{gittoken.CauseTooLarge, "more than 4 MiB", []string{"larger", "Check git_provider and api_url"}},
		{gittoken.CauseNotUnderstood, "the answer is HTML", []string{"not be understood", "Check git_provider and api_url"}},
		{gittoken.CauseNotPermitted, "insufficient_scope", []string{"may not ask", "host's settings"}},
		{gittoken.CauseNotReadOnly, "", []string{"write verb", "write_probes = true"}},
		{gittoken.CausePublic, "", []string{"public", "private repository"}},
		{gittoken.CauseOtherHost, "", []string{"another host", "own host"}},
		{gittoken.CauseReadOnly, "the repository is archived", []string{"nobody can write", "can be written to"}},
		{"", "", []string{"the reason is not known", "Try again"}},
	} {
		v := gittoken.Verdict{Kind: gittoken.KindUnknown, Cause: c.cause, Detail: c.detail}
		if c.cause == gittoken.CauseRateLimited {
			v.RetryAt = messageNow().Add(30 * time.Minute)
		}

		all = append(all, judged{
			name: "unchecked: " + string(c.cause), status: gittoken.StatusUnchecked, verdict: v, says: c.says,
			unknown: c.cause == gittoken.CauseTokenUnknown,
		})
	}

	return all
}
