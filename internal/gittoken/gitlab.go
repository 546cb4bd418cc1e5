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
	covers:    "GitLab.com and self-managed",
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
		{text: "GR1348941", kind: KindUnknown, thing: "a GitLab runner registration token"}, // before 16.0
		{text: "glimt-", kind: KindUnknown, thing: "a GitLab token for incoming mail"},
		{text: "glft-", kind: KindUnknown, thing: "a GitLab feed token"},
		{text: "glagent-", kind: KindUnknown, thing: "a token of a GitLab agent for Kubernetes"},
		{text: "glsoat-", kind: KindUnknown, thing: "a GitLab SCIM token"},
		{text: "glwt-", kind: KindUnknown, thing: "a GitLab workspace token"},
		{text: "glffct-", kind: KindUnknown, thing: "a GitLab feature flags client token"},
	},
	kinds: []kindFacts{
		{
			kind: KindPersonal, name: "personal token", vocabulary: gitlabScopes, tellsScopes: true,
			lacks: []Scope{"openid", "profile", "email", "granular"}, source: sourceGitLabScopes,
			page: gitlabPersonalPage,
		},
		// Project and group tokens are made on pages of a project or group, whose name nobody knows here.
		{
			kind: KindProject, name: "project token", vocabulary: gitlabScopes, tellsScopes: true,
			lacks: gitlabBotsLack, source: sourceGitLabScopes,
		},
		{
			kind: KindGroup, name: "group token", vocabulary: gitlabScopes, tellsScopes: true,
			lacks: gitlabBotsLack, source: sourceGitLabScopes,
		},
		{
			kind: KindOAuth, name: "OAuth token", vocabulary: gitlabScopes, tellsScopes: true,
			lacks: []Scope{"granular"}, source: "GitLab docs, OAuth 2.0 identity provider API",
		},
		{
			kind: KindGranular, name: "granular token", vocabulary: gitlabPermissions,
			source: sourceGitLabPermissions, page: gitlabGranularPage,
			access:    map[Access][]Scope{Read: {"download_code", "read_project"}, Write: {"push_code"}},
			elsewhere: gitlabOwnersPermissions,
			// Git says so of the token itself, and lets push who may pull. Administering is proved by the owner's role.
			shown:  map[Access][]Scope{Read: {"download_code"}, Write: {"download_code", "push_code"}},
			placed: []Scope{"read_project"},
		},
	},
	rows: []row{
		{
			use: Runtime, kinds: []Kind{KindPersonal, KindGroup, KindOAuth},
			scopes: []Scope{"api", "read_repository"},
			source: sourceCodefresh,
		},
		{
			use: Runtime, kinds: []Kind{KindProject},
			scopes: []Scope{"api", "read_repository"},
			source: "Codefresh CLI, internal/git/provider_gitlab.go: project tokens are refused for runtimes",
			unfit:  UnfitOneProject,
		},
		{
			use: Runtime, kinds: []Kind{KindGranular},
			scopes: []Scope{
				"download_code", "push_code", "read_project",
				"read_webhook", "create_webhook", "update_webhook", "delete_webhook",
				"create_project",
			},
			validator: []Scope{"create_project"},
			source:    sourceGranular,
		},
		{
			use: User, kinds: []Kind{KindPersonal, KindProject, KindGroup, KindOAuth},
			scopes: []Scope{"write_repository", "read_api"},
			source: sourceCodefresh,
		},
		{
			use: User, kinds: []Kind{KindGranular},
			scopes: []Scope{"download_code", "push_code", "read_project", "read_user"},
			source: sourceGranular,
		},
	},
}

// gitlabBotsLack lists what project and group tokens cannot be given: what is a user's own or an administrator's.
var gitlabBotsLack = []Scope{
	"read_user", "sudo", "admin_mode", "read_service_ping", "openid", "profile", "email", "granular",
}

const (
	gitlabPath         = "/api/v4" // under which GitLab keeps its API, after a relative root if it has one
	sourceGitLabScopes = "GitLab docs, Access token scopes"
	// Each permission that can be given is a file there, with its name and the boundaries that it can be given for.
	sourceGitLabPermissions = "GitLab source, config/authz/permission_groups/assignable_permissions"
	sourceGranular          = sourceCodefresh + ", in the permissions of GitLab docs, Fine-grained permissions for Git " +
		"and other operations; " + sourceValidator
)

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

// gitlabGranularPage is where "Generate token" offers a fine-grained one. It cannot be filled in.
func gitlabGranularPage(site string, _ Requirement) string {
	return site + "/-/user_settings/personal_access_tokens"
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

// gitlabPermissions are the permissions of granular tokens that Codefresh's tokens need, or that GitLab asks for on the
// way. It has hundreds; the others are shown as it spells them. None implies another.
//
// Source: GitLab source, config/authz/permission_groups/assignable_permissions.
var gitlabPermissions = newGitLabPermissions(
	"download_code", "push_code", "read_code", "read_project", "create_project",
	"read_webhook", "create_webhook", "update_webhook", "delete_webhook",
	"read_user", "read_personal_access_token",
)

// gitlabOwnersPermissions are those of them that are given for the owner's account, and not for a project.
//
// Source: as gitlabPermissions, the boundaries in each file.
var gitlabOwnersPermissions = []Scope{"create_project", "read_user", "read_personal_access_token"}

func newGitLabPermissions(names ...Scope) Vocabulary {
	list := make([]word, 0, len(names))
	aliases := make(map[string]Scope, len(names))

	for _, name := range names {
		list = append(list, word{scope: name})
		aliases[permissionLabel(name)] = name
	}

	return newVocabulary(list, aliases).withLabels(permissionLabel)
}
