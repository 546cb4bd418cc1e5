package gittoken

import "strings"

// GitLab is GitLab.com and self-managed.
const GitLab Provider = "gitlab"

// GitLab's kinds of token, beside KindOAuth.
const (
	KindPersonal Kind = "personal"
	KindProject  Kind = "project"
	KindGroup    Kind = "group"
	KindGranular Kind = "granular"
)

// The prefix glpat- is that of personal, project and group tokens alike, and can be configured, so that no prefix at
// all proves nothing.
//
// Sources: GitLab docs, Token overview (prefixes) and Personal access tokens (the page that makes them).
var gitlab = facts{
	provider:  GitLab,
	name:      "GitLab",
	publicAPI: "https://gitlab.com/api/v4",
	complete:  completeGitLab,
	site:      gitlabSite,
	prefixes: []prefix{
		{text: "glpat-", kind: KindUnknown},
		{text: "gldt-", kind: KindUnknown, thing: "a GitLab deploy token"},
		{text: "gloas-", kind: KindUnknown, thing: "the secret of a GitLab OAuth application"},
		{text: "glcbt-", kind: KindUnknown, thing: "a GitLab CI/CD job token"},
		{text: "glptt-", kind: KindUnknown, thing: "a GitLab pipeline trigger token"},
		{text: "glrt-", kind: KindUnknown, thing: "a GitLab runner token"},
		{text: "glrtr-", kind: KindUnknown, thing: "a GitLab runner registration token"},
		{text: "glft-", kind: KindUnknown, thing: "a GitLab feed token"},
		{text: "glagent-", kind: KindUnknown, thing: "a token of a GitLab agent for Kubernetes"},
		{text: "glsoat-", kind: KindUnknown, thing: "a GitLab SCIM token"},
		{text: "glwt-", kind: KindUnknown, thing: "a GitLab workspace token"},
		{text: "glffct-", kind: KindUnknown, thing: "a GitLab feature flags client token"},
	},
	kinds: []kindFacts{
		{
			kind: KindPersonal, name: "personal token", vocabulary: gitlabScopes, tellsScopes: true,
			page: gitlabPersonalPage,
		},
		{
			kind: KindProject, name: "project token", vocabulary: gitlabScopes, tellsScopes: true,
			page: gitlabPersonalPage,
		},
		{
			kind: KindGroup, name: "group token", vocabulary: gitlabScopes, tellsScopes: true,
			page: gitlabPersonalPage,
		},
		{
			kind: KindOAuth, name: "OAuth token", vocabulary: gitlabScopes, tellsScopes: true,
			page: gitlabPersonalPage,
		},
		{
			kind: KindGranular, name: "granular token", vocabulary: gitlabScopes,
			page: gitlabPersonalPage,
		},
	},
	rows: []row{
		{
			use: Runtime, kinds: []Kind{KindPersonal, KindGroup, KindOAuth, KindGranular},
			scopes: []Scope{"api", "read_repository"},
			source: sourceCodefresh,
		},
		{
			use: Runtime, kinds: []Kind{KindProject},
			scopes: []Scope{"api", "read_repository"},
			source: "Codefresh CLI, internal/git/provider_gitlab.go: project tokens are refused for runtimes",
			unfit:  true,
		},
		{
			use: User, kinds: []Kind{KindPersonal, KindProject, KindGroup, KindOAuth, KindGranular},
			scopes: []Scope{"write_repository", "read_api"},
			source: sourceCodefresh,
		},
	},
}

const gitlabPath = "/api/v4" // under which GitLab keeps its API, after a relative root if it has one

func completeGitLab(a address) (address, bool) {
	if !strings.HasSuffix(a.path, gitlabPath) {
		a.path += gitlabPath
	}

	return a, true
}

func gitlabSite(a address) address {
	a.path = strings.TrimSuffix(a.path, gitlabPath)

	return a
}

func gitlabPersonalPage(site string, r Requirement) string {
	return site + "/-/user_settings/personal_access_tokens?scopes=" + r.scopesParameter() + "&name=" + r.tokenName()
}

// gitlabScopes are the scopes of personal, project, group and OAuth tokens. "granular" alone marks a fine-grained
// token, whose authority GitLab does not tell in scopes.
//
// Sources: GitLab docs, Access token scopes; lib/gitlab/auth.rb (abilities_for_scopes) and lib/api/api.rb of GitLab.
var gitlabScopes = newVocabulary([]word{
	{"api", []Scope{"read_api", "read_user", "read_repository", "write_repository"}},
	{"read_api", []Scope{"read_user"}},
	{"read_user", nil},
	{"read_repository", nil},
	{"write_repository", []Scope{"read_repository"}},
	{"read_registry", nil},
	{"write_registry", nil}, // pushes only; pulling needs read_registry
	{"read_virtual_registry", nil},
	{"write_virtual_registry", nil},
	{"create_runner", nil},
	{"manage_runner", nil},
	{"ai_features", nil},
	{"k8s_proxy", nil},
	{"self_rotate", nil},
	{"read_service_ping", nil},
	{"read_observability", nil},
	{"write_observability", nil},
	{"sudo", nil},
	{"admin_mode", nil},
	{"openid", nil},
	{"profile", nil},
	{"email", nil},
	{"granular", nil},
}, map[string]Scope{
	// Codefresh docs, Git tokens, call it so. GitLab has no scope of that name.
	"api_read": "read_api",
})
