package gittoken

// BitbucketCloud is Bitbucket Cloud.
const BitbucketCloud Provider = "bitbucket"

// Bitbucket Cloud's kinds of token.
const (
	KindAPIToken    Kind = "api_token"
	KindAccessToken Kind = "access_token" // repository, project and workspace access tokens
	KindAppPassword Kind = "app_password"
)

// Sources: Atlassian Support, Using API tokens and Access tokens. The pages that make tokens are not at the host.
var bitbucketCloud = facts{
	provider:  BitbucketCloud,
	name:      "Bitbucket Cloud",
	covers:    "Bitbucket Cloud",
	publicAPI: "https://api.bitbucket.org/2.0",
	complete:  completeBitbucketCloud,
	site:      bitbucketCloudSite,
	prefixes: []prefix{
		{text: "ATATT3x", kind: KindAPIToken},
		{text: "ATCTT3x", kind: KindAccessToken},
		{text: "ATBB", kind: KindAppPassword},
	},
	kinds: []kindFacts{
		{
			kind: KindAPIToken, name: "API token", vocabulary: bitbucketCloudScopes, tellsScopes: true,
			source:   "Atlassian Support, API token permissions",
			username: UsernameEmail, page: atlassianAPIPage,
		},
		{
			// Made in the settings of a repository, project or workspace, and unfit for anything here.
			kind: KindAccessToken, name: "access token", vocabulary: bitbucketCloudLegacyScopes, tellsScopes: true,
			lacks: []Scope{
				"account", "account:write", "email", "team", "team:write", "issue", "issue:write", "wiki", "snippet",
				"snippet:write",
			},
			source: "Atlassian Support, Repository, Project and Workspace Access Token permissions",
		},
		{
			kind: KindAppPassword, name: "app password", vocabulary: bitbucketCloudLegacyScopes, tellsScopes: true,
			source:   "Atlassian Support, App password permissions",
			username: UsernameName, ended: "2026-07-28",
		},
	},
	rows: []row{
		{
			use: Runtime, kinds: []Kind{KindAPIToken},
			scopes: []Scope{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
				"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
			},
			validator: []Scope{"read:project:bitbucket", "admin:project:bitbucket"},
			source:    sourceAtlassian,
		},
		{
			use: Runtime, kinds: []Kind{KindAppPassword},
			scopes: bitbucketCloudRuntimeScopes,
			source: sourceCodefresh,
		},
		{
			use: Runtime, kinds: []Kind{KindAccessToken},
			scopes: bitbucketCloudRuntimeScopes,
			source: sourceNoAccount,
			unfit:  UnfitNoAccount,
		},
		{
			use: User, kinds: []Kind{KindAPIToken},
			scopes: []Scope{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket",
			},
			validator: []Scope{"read:project:bitbucket"},
			source:    sourceAtlassian,
		},
		{
			use: User, kinds: []Kind{KindAppPassword},
			scopes: bitbucketCloudUserScopes,
			source: sourceCodefresh,
		},
		{
			use: User, kinds: []Kind{KindAccessToken},
			scopes: bitbucketCloudUserScopes,
			source: sourceNoAccount,
			unfit:  UnfitNoAccount,
		},
	},
}

// In the names that app passwords had.
var (
	bitbucketCloudRuntimeScopes = []Scope{"account", "team", "webhook", "repository:write", "repository:admin"}
	bitbucketCloudUserScopes    = []Scope{"account", "team", "repository:write", "repository:admin"}
)

const (
	bitbucketCloudPath       = "/2.0" // under which the service keeps its API
	bitbucketCloudLegacyPath = "/api/2.0"
	sourceAtlassian          = sourceCodefresh + ", in the names of Atlassian Support, API token permissions; project " +
		"scopes: " + sourceValidator
	// GET /2.0/user answers 403 to every access token, and the validator asks that first.
	sourceNoAccount = "Atlassian Support, Workspace Access Token permissions; " + sourceValidator
)

func completeBitbucketCloud(a address) (address, bool) {
	switch {
	case a.host == "bitbucket.org", a.host == "www.bitbucket.org":
		if a.path != "" && a.path != bitbucketCloudPath && a.path != bitbucketCloudLegacyPath {
			return a, false
		}

		return address{scheme: a.scheme, host: "api.bitbucket.org", path: bitbucketCloudPath}, true
	case a.path == "":
		a.path = bitbucketCloudPath
	}

	return a, true
}

func bitbucketCloudSite(a address) address {
	a.path = ""
	if a.host == "api.bitbucket.org" {
		a.host = "bitbucket.org"
	}

	return a
}

func atlassianAPIPage(string, Requirement) string {
	return "https://id.atlassian.com/manage-profile/security/api-tokens"
}

// bitbucketCloudScopes are the scopes of API tokens. None implies another, not even write read.
//
// Source: Atlassian Support, Bitbucket Cloud, API token permissions.
var bitbucketCloudScopes = newVocabulary([]word{
	{"read:user:bitbucket", nil},
	{"write:user:bitbucket", nil},
	{"read:workspace:bitbucket", nil},
	{"admin:workspace:bitbucket", nil},
	{"read:project:bitbucket", nil},
	{"admin:project:bitbucket", nil},
	{"read:repository:bitbucket", nil},
	{"write:repository:bitbucket", nil},
	{"admin:repository:bitbucket", nil},
	{"delete:repository:bitbucket", nil},
	{"read:pullrequest:bitbucket", nil},
	{"write:pullrequest:bitbucket", nil},
	{"read:webhook:bitbucket", nil},
	{"write:webhook:bitbucket", nil},
	{"delete:webhook:bitbucket", nil},
	{"read:pipeline:bitbucket", nil},
	{"write:pipeline:bitbucket", nil},
	{"admin:pipeline:bitbucket", nil},
	{"read:runner:bitbucket", nil},
	{"write:runner:bitbucket", nil},
	{"read:issue:bitbucket", nil},
	{"write:issue:bitbucket", nil},
	{"delete:issue:bitbucket", nil},
	{"read:snippet:bitbucket", nil},
	{"write:snippet:bitbucket", nil},
	{"delete:snippet:bitbucket", nil},
	{"read:ssh-key:bitbucket", nil},
	{"write:ssh-key:bitbucket", nil},
	{"delete:ssh-key:bitbucket", nil},
	{"read:gpg-key:bitbucket", nil},
	{"write:gpg-key:bitbucket", nil},
	{"delete:gpg-key:bitbucket", nil},
	{"read:permission:bitbucket", nil},
	{"write:permission:bitbucket", nil},
	{"delete:permission:bitbucket", nil},
	{"read:me", nil},
	{"read:account", nil},
}, map[string]Scope{
	// Without the suffix, which all but Atlassian's own two share.
	"read:user":        "read:user:bitbucket",
	"read:workspace":   "read:workspace:bitbucket",
	"read:project":     "read:project:bitbucket",
	"admin:project":    "admin:project:bitbucket",
	"read:repository":  "read:repository:bitbucket",
	"write:repository": "write:repository:bitbucket",
	"admin:repository": "admin:repository:bitbucket",
	"read:webhook":     "read:webhook:bitbucket",
	"write:webhook":    "write:webhook:bitbucket",
	"delete:webhook":   "delete:webhook:bitbucket",
	// The legacy names that have one successor. "webhook" has three, and stays as it is.
	"account":          "read:user:bitbucket",
	"team":             "read:workspace:bitbucket",
	"repository":       "read:repository:bitbucket",
	"repository:write": "write:repository:bitbucket",
	"repository:admin": "admin:repository:bitbucket",
	// As Codefresh docs, Git tokens, has them.
	"Account: Read":              "read:user:bitbucket",
	"Workspace membership: Read": "read:workspace:bitbucket",
	"Webhooks: Read":             "read:webhook:bitbucket",
	"Webhooks: Write":            "write:webhook:bitbucket",
	"Repositories: Read":         "read:repository:bitbucket",
	"Repositories: Write":        "write:repository:bitbucket",
	"Repositories: Admin":        "admin:repository:bitbucket",
})

// bitbucketCloudLegacyScopes are the scopes of access tokens and app passwords. The admin scopes imply neither reading
// nor writing.
//
// Sources: Atlassian Developer, Scopes for the Bitbucket Cloud REST API; Atlassian Support, App password permissions.
var bitbucketCloudLegacyScopes = newVocabulary([]word{
	{"account", []Scope{"email"}},
	{"account:write", []Scope{"account"}},
	{"email", nil},
	{"team", nil},
	{"team:write", []Scope{"team"}},
	{"webhook", nil},
	{"project", []Scope{"repository"}},
	{"project:admin", nil},
	{"repository", nil},
	{"repository:write", []Scope{"repository"}},
	{"repository:admin", nil},
	{"repository:delete", nil},
	{"pullrequest", []Scope{"repository"}},
	{"pullrequest:write", []Scope{"pullrequest", "repository:write"}},
	{"issue", nil},
	{"issue:write", []Scope{"issue"}},
	{"wiki", nil},
	{"snippet", nil},
	{"snippet:write", []Scope{"snippet"}},
	{"pipeline", nil},
	{"pipeline:write", []Scope{"pipeline"}},
	{"pipeline:variable", []Scope{"pipeline:write"}},
	{"runner", nil},
	{"runner:write", []Scope{"runner"}},
}, map[string]Scope{
	// The successors' names, with and without their suffix.
	"read:user:bitbucket":        "account",
	"read:user":                  "account",
	"read:workspace:bitbucket":   "team",
	"read:workspace":             "team",
	"read:webhook:bitbucket":     "webhook",
	"read:webhook":               "webhook",
	"write:webhook:bitbucket":    "webhook",
	"write:webhook":              "webhook",
	"delete:webhook:bitbucket":   "webhook",
	"delete:webhook":             "webhook",
	"read:repository:bitbucket":  "repository",
	"read:repository":            "repository",
	"write:repository:bitbucket": "repository:write",
	"write:repository":           "repository:write",
	"admin:repository:bitbucket": "repository:admin",
	"admin:repository":           "repository:admin",
	// As Codefresh docs, Git tokens, has them.
	"Account: Read":              "account",
	"Workspace membership: Read": "team",
	"Webhooks: Read":             "webhook",
	"Webhooks: Read and write":   "webhook",
	"Repositories: Read":         "repository",
	"Repositories: Write":        "repository:write",
	"Repositories: Admin":        "repository:admin",
})
