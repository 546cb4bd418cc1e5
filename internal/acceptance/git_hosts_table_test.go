package acceptance_test

import "github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"

// This table says, for each Git host and each type of token, what Codefresh's page "Git tokens" asks for and what the
// host can issue. It is spelled out by hand and shares nothing with the tables of the provider.

// matrixHost is a Git host with one kind of token.
type matrixHost struct {
	name     string // of the test
	service  sandbox.Service
	provider string // git_provider
	reported string // Codefresh's own name of it
	beyond   string // what the sandbox's address of the host has after that of the site
	usual    string // what Codefresh is to be sent after the address in the configuration
	kind     string // token_kind, and the sandbox's name of it
	called   string // what messages call such a token
	username bool   // such tokens go with a user name: of app passwords that of the user, else the e-mail address
	expiry   bool   // the host tells when a token expires
	unseen   endings
	seen     endings
	runtime  matrixRow
	user     matrixRow
}

// endings are the statuses of tokens that came to an end: unseen for those that Terraform never saw working, seen for
// those that it registered before. Only GitLab tells how a token ended.
type endings struct{ expired, revoked, blocked string }

// matrixRow is what one type of token needs at a host.
type matrixRow struct {
	required int
	good     map[string]matrixToken
	bad      map[string]matrixToken
	narrow   string // of bad: what the good one that is narrowed is left with
	page     string // where a better token is made: after the address of the site, or whole
}

// matrixToken is a token by what it holds.
type matrixToken struct {
	holds   []string
	told    []string // what the host tells of it, if that is not the same
	exceeds []string
	lacks   []string // the message names these, in this order
	owner   string   // a pattern, if it is not ci-bot
	kind    string   // the sandbox's name of it, if not the host's
	limited []string // to repositories
}

// matrixHosts lists the hosts that Codefresh's page names, and both kinds of token of Bitbucket Cloud.
func matrixHosts() []matrixHost {
	return []matrixHost{
		githubMatrix("github.com", sandbox.GitHub, "/api.github.com", ""),
		githubMatrix("GitHub Enterprise", sandbox.GitHubEnterprise, "", "/api/v3"),
		gitlabMatrix("gitlab.com", sandbox.GitLab, "/api/v4", ""),
		gitlabMatrix("GitLab self-managed", sandbox.GitLabSelfManaged, "", "/api/v4"),
		bitbucketServerMatrix(),
		bitbucketCloudMatrix(),
		bitbucketAppPasswordMatrix(),
	}
}

func githubMatrix(name string, service sandbox.Service, beyond, usual string) matrixHost {
	return matrixHost{
		name: name, service: service, provider: "github", reported: "GITHUB", beyond: beyond, usual: usual,
		kind: "classic", called: "classic token", expiry: true,
		unseen: endings{expired: "invalid", revoked: "invalid", blocked: "blocked"},
		seen:   endings{expired: "expired", revoked: "revoked", blocked: "blocked"},
		runtime: matrixRow{
			required: 2,
			good: map[string]matrixToken{
				"sufficient": {holds: []string{"repo", "admin:repo_hook"}},
				// Codefresh reads the address once: that is no excess.
				"advised": {holds: []string{"repo", "admin:repo_hook", "user:email"}},
				"wider": {
					holds:   []string{"repo", "admin:repo_hook", "workflow", "delete_repo"},
					exceeds: []string{"delete_repo", "workflow"},
				},
			},
			bad: map[string]matrixToken{
				"hookless":  {holds: []string{"repo"}, lacks: []string{"admin:repo_hook"}},
				"repoless":  {holds: []string{"admin:repo_hook"}, lacks: []string{"repo"}},
				"lesser":    {holds: []string{"public_repo", "write:repo_hook"}, lacks: []string{"repo", "admin:repo_hook"}},
				"scopeless": {lacks: []string{"repo", "admin:repo_hook"}},
			},
			narrow: "hookless",
			page:   "/settings/tokens/new?scopes=repo,admin:repo_hook&",
		},
		user: matrixRow{
			required: 1,
			good: map[string]matrixToken{
				"sufficient": {holds: []string{"repo"}},
				"wider":      {holds: []string{"repo", "admin:repo_hook"}, exceeds: []string{"admin:repo_hook"}},
			},
			bad:    map[string]matrixToken{"repoless": {holds: []string{"public_repo"}, lacks: []string{"repo"}}},
			narrow: "repoless",
			page:   "/settings/tokens/new?scopes=repo&",
		},
	}
}

func gitlabMatrix(name string, service sandbox.Service, beyond, usual string) matrixHost {
	return matrixHost{
		name: name, service: service, provider: "gitlab", reported: "GITLAB", beyond: beyond, usual: usual,
		kind: "personal", called: "personal token", expiry: true,
		unseen: endings{expired: "expired", revoked: "revoked", blocked: "blocked"},
		seen:   endings{expired: "expired", revoked: "revoked", blocked: "blocked"},
		runtime: matrixRow{
			required: 2,
			good: map[string]matrixToken{
				"sufficient": {holds: []string{"api", "read_repository"}},
				"implied":    {holds: []string{"api"}},
				"wider":      {holds: []string{"api", "write_registry"}, exceeds: []string{"write_registry"}},
			},
			bad: map[string]matrixToken{
				"apiless": {holds: []string{"read_api", "write_repository"}, lacks: []string{"api"}},
				// No token lacks read_repository alone: api includes it.
				"both": {holds: []string{"read_user"}, lacks: []string{"api", "read_repository"}},
			},
			narrow: "apiless",
			page:   "/-/user_settings/personal_access_tokens?scopes=api,read_repository&",
		},
		user: matrixRow{
			required: 2,
			good: map[string]matrixToken{
				"sufficient": {holds: []string{"write_repository", "read_api"}},
				"wider":      {holds: []string{"api"}, exceeds: []string{"api"}},
			},
			bad: map[string]matrixToken{
				"pushless": {holds: []string{"read_api", "read_repository"}, lacks: []string{"write_repository"}},
				"apiless":  {holds: []string{"write_repository"}, lacks: []string{"read_api"}, owner: userNumber},
			},
			narrow: "pushless",
			page:   "/-/user_settings/personal_access_tokens?scopes=write_repository,read_api&",
		},
	}
}

func bitbucketServerMatrix() matrixHost {
	// A token of one repository has no project level at all, and acts as an account of its own.
	const ofRepository = `access-token-user/2/\d+`
	// The server tells no permissions. Of the levels, these are what its answers prove.
	lower, lowest := []string{"PROJECT_READ", "REPO_WRITE"}, []string{"PROJECT_READ", "REPO_READ"}
	limited := []string{"PLAT/gitops"}

	return matrixHost{
		name: "Bitbucket Data Center", service: sandbox.BitbucketServer,
		provider: "bitbucket-server", reported: "BITBUCKET_SERVER", usual: "/rest/api/1.0",
		kind: "http_access", called: "HTTP access token",
		unseen: endings{expired: "invalid", revoked: "invalid", blocked: "invalid"},
		seen:   endings{expired: "expired", revoked: "revoked", blocked: "revoked"},
		runtime: matrixRow{
			required: 3,
			// PROJECT_ADMIN goes with REPO_ADMIN only, and there is nothing above.
			good: map[string]matrixToken{
				"sufficient": {holds: []string{"PROJECT_ADMIN", "REPO_ADMIN"}, told: []string{"PROJECT_ADMIN"}},
			},
			bad: map[string]matrixToken{
				"adminless": {holds: []string{"PROJECT_WRITE", "REPO_WRITE"}, told: lower, lacks: []string{"PROJECT_ADMIN"}},
				"writeless": {holds: lowest, lacks: []string{"PROJECT_ADMIN", "REPO_WRITE"}},
			},
			narrow: "adminless",
			page:   "/plugins/servlet/access-tokens/manage",
		},
		user: matrixRow{
			required: 2,
			good: map[string]matrixToken{
				"sufficient": {holds: lower},
				"wider": {
					holds: []string{"PROJECT_ADMIN", "REPO_ADMIN"}, told: []string{"PROJECT_ADMIN"},
					exceeds: []string{"PROJECT_ADMIN"},
				},
			},
			bad: map[string]matrixToken{
				"writeless": {holds: lowest, lacks: []string{"REPO_WRITE"}},
				"projectless": {
					holds: []string{"REPO_WRITE"}, lacks: []string{"PROJECT_READ"},
					kind: "repository_http_access", limited: limited, owner: ofRepository,
				},
			},
			narrow: "writeless",
			page:   "/plugins/servlet/access-tokens/manage",
		},
	}
}

func bitbucketCloudMatrix() matrixHost {
	runtime := []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
		"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
		"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
	}
	user := []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket",
		"read:repository:bitbucket", "write:repository:bitbucket",
	}

	const page = "https://id.atlassian.com/manage-profile/security/api-tokens"

	return matrixHost{
		name: "Bitbucket Cloud with API tokens", service: sandbox.BitbucketCloud,
		provider: "bitbucket", reported: "BITBUCKET", beyond: "/2.0",
		kind: "api_token", called: "API token", username: true,
		unseen: endings{expired: "invalid", revoked: "invalid", blocked: "invalid"},
		seen:   endings{expired: "expired", revoked: "revoked", blocked: "revoked"},
		runtime: matrixRow{
			required: 10,
			good: map[string]matrixToken{
				"sufficient": {holds: runtime},
				"wider": {
					holds: append([]string{"read:pullrequest:bitbucket"}, runtime...), exceeds: []string{"read:pullrequest:bitbucket"},
				},
			},
			bad:    nobodysWithout("read:user:bitbucket", runtime),
			narrow: "without-write-webhook-bitbucket",
			page:   page,
		},
		user: matrixRow{
			required: 5,
			good: map[string]matrixToken{
				"sufficient": {holds: user},
				"wider": {holds: runtime, exceeds: []string{
					"admin:project:bitbucket", "admin:repository:bitbucket", "delete:webhook:bitbucket",
					"read:webhook:bitbucket", "write:webhook:bitbucket",
				}},
			},
			bad:    nobodysWithout("read:user:bitbucket", user),
			narrow: "without-write-repository-bitbucket",
			page:   page,
		},
	}
}

// App passwords ended, but a Bitbucket that still took one would tell what it holds in these names.
func bitbucketAppPasswordMatrix() matrixHost {
	runtime := []string{"account", "team", "webhook", "repository:write", "repository:admin"}
	user := []string{"account", "team", "repository:write", "repository:admin"}

	const page = "https://id.atlassian.com/manage-profile/security/api-tokens"

	return matrixHost{
		name: "Bitbucket Cloud with app passwords", service: sandbox.BitbucketCloud,
		provider: "bitbucket", reported: "BITBUCKET", beyond: "/2.0",
		kind: "app_password", called: "app password", username: true,
		unseen: endings{expired: "invalid", revoked: "invalid", blocked: "invalid"},
		seen:   endings{expired: "expired", revoked: "revoked", blocked: "revoked"},
		runtime: matrixRow{
			required: 5,
			good: map[string]matrixToken{
				"sufficient": {holds: runtime},
				"wider":      {holds: append([]string{"pullrequest:write"}, runtime...), exceeds: []string{"pullrequest:write"}},
			},
			bad:    nobodysWithout("account", runtime),
			narrow: "without-webhook",
			page:   page,
		},
		user: matrixRow{
			required: 4,
			good: map[string]matrixToken{
				"sufficient": {holds: user},
				"wider":      {holds: runtime, exceeds: []string{"webhook"}},
			},
			bad:    nobodysWithout("account", user),
			narrow: "without-team",
			page:   page,
		},
	}
}
