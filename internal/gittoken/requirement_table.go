package gittoken

// row is what Codefresh needs of tokens of some kinds.
type row struct {
	provider Provider
	use      Type
	kinds    []Kind
	scopes   []Scope
	advised  []Scope
	source   string
	unfit    bool
}

// The documents that the rows rest on.
const (
	sourceCodefresh   = "Codefresh docs, Git tokens"
	sourceFineGrained = "Codefresh docs, Git tokens (fine-grained personal access tokens)"
	sourceAtlassian   = "Codefresh docs, Git tokens, in the names of Atlassian Support, API token permissions"
	sourceProjectBot  = "Codefresh CLI, internal/git/provider_gitlab.go: project tokens are refused for runtimes"
	sourceOneHour     = "GitHub docs, Generating an installation access token for a GitHub App (one hour)"
)

// requirementTable returns the whole table: for each provider, type and kind exactly one row.
func requirementTable() []row {
	return []row{
		{
			provider: GitHub, use: Runtime, kinds: []Kind{KindClassic, KindOAuth},
			scopes: []Scope{"repo", "admin:repo_hook"},
			// Codefresh reads the owner's e-mail address once, to initialise the shared configuration repository.
			advised: []Scope{"user:email"},
			source:  sourceCodefresh,
		},
		{
			provider: GitHub, use: Runtime, kinds: []Kind{KindFineGrained, KindAppUser},
			scopes: []Scope{
				"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write",
				"webhooks:write",
			},
			source: sourceFineGrained,
		},
		{
			provider: GitHub, use: Runtime, kinds: []Kind{KindAppInstallation},
			scopes: []Scope{
				"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write",
				"webhooks:write",
			},
			source: sourceOneHour,
			unfit:  true,
		},
		{
			provider: GitHub, use: User, kinds: []Kind{KindClassic, KindOAuth},
			scopes: []Scope{"repo"},
			source: sourceCodefresh,
		},
		{
			provider: GitHub, use: User, kinds: []Kind{KindFineGrained, KindAppUser, KindAppInstallation},
			scopes: []Scope{"contents:write", "metadata:read"},
			source: sourceFineGrained,
		},
		{
			provider: GitLab, use: Runtime, kinds: []Kind{KindPersonal, KindGroup, KindOAuth, KindGranular},
			scopes: []Scope{"api", "read_repository"},
			source: sourceCodefresh,
		},
		{
			provider: GitLab, use: Runtime, kinds: []Kind{KindProject},
			scopes: []Scope{"api", "read_repository"},
			source: sourceProjectBot,
			unfit:  true,
		},
		{
			provider: GitLab, use: User, kinds: []Kind{KindPersonal, KindProject, KindGroup, KindOAuth, KindGranular},
			scopes: []Scope{"write_repository", "read_api"},
			source: sourceCodefresh,
		},
		{
			provider: BitbucketServer, use: Runtime, kinds: []Kind{KindHTTPAccess},
			scopes: []Scope{"PROJECT_ADMIN", "REPO_WRITE", "PROJECT_READ"},
			source: sourceCodefresh,
		},
		{
			provider: BitbucketServer, use: User, kinds: []Kind{KindHTTPAccess},
			scopes: []Scope{"PROJECT_READ", "REPO_WRITE"},
			source: sourceCodefresh,
		},
		{
			provider: BitbucketCloud, use: Runtime, kinds: []Kind{KindAccessToken, KindAppPassword},
			scopes: []Scope{"account", "team", "webhook", "repository:write", "repository:admin"},
			source: sourceCodefresh,
		},
		{
			provider: BitbucketCloud, use: Runtime, kinds: []Kind{KindAPIToken},
			scopes: []Scope{
				"read:user:bitbucket", "read:workspace:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
				"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
			},
			source: sourceAtlassian,
		},
		{
			provider: BitbucketCloud, use: User, kinds: []Kind{KindAccessToken, KindAppPassword},
			scopes: []Scope{"account", "team", "repository:write", "repository:admin"},
			source: sourceCodefresh,
		},
		{
			provider: BitbucketCloud, use: User, kinds: []Kind{KindAPIToken},
			scopes: []Scope{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:repository:bitbucket",
				"write:repository:bitbucket",
			},
			source: sourceAtlassian,
		},
	}
}
