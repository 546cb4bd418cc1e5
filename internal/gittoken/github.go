package gittoken

import "strings"

// GitHub is GitHub.com, GitHub Enterprise Cloud and Server.
const GitHub Provider = "github"

// GitHub's kinds of token, beside KindOAuth.
const (
	KindClassic         Kind = "classic"
	KindFineGrained     Kind = "fine_grained"
	KindAppInstallation Kind = "app_installation"
	KindAppUser         Kind = "app_user"
)

// Sources: GitHub docs, About authentication to GitHub (prefixes), Scopes for OAuth apps and Managing your personal
// access tokens (the pages that make tokens; fine-grained ones cannot be prefilled).
var github = facts{
	provider:  GitHub,
	name:      "GitHub",
	covers:    "GitHub.com and GitHub Enterprise",
	publicAPI: "https://api.github.com",
	complete:  completeGitHub,
	site:      githubSite,
	prefixes: []prefix{
		{text: "ghp_", kind: KindClassic},
		{text: "github_pat_", kind: KindFineGrained},
		{text: "gho_", kind: KindOAuth},
		{text: "ghu_", kind: KindAppUser},
		{text: "ghs_", kind: KindAppInstallation},
		{text: "ghr_", kind: KindUnknown, thing: "a refresh token of a GitHub App"},
	},
	kinds: []kindFacts{
		{
			kind: KindClassic, name: "classic token", vocabulary: githubScopes, tellsScopes: true,
			source: "GitHub docs, Scopes for OAuth apps", page: githubClassicPage,
		},
		{
			kind: KindFineGrained, name: "fine-grained token", vocabulary: githubPermissions, triesPermissions: true,
			access: githubAccess,
			source: "GitHub docs, Permissions required for fine-grained personal access tokens",
			page:   githubFineGrainedPage,
		},
		{
			kind: KindOAuth, name: "OAuth token", vocabulary: githubScopes, tellsScopes: true,
			source: "GitHub docs, Scopes for OAuth apps",
		},
		{
			kind: KindAppInstallation, name: "App installation token", vocabulary: githubPermissions,
			triesPermissions: true, access: githubAccess,
			source: "GitHub docs, Permissions required for GitHub Apps",
		},
		{
			kind: KindAppUser, name: "App user token", vocabulary: githubPermissions, triesPermissions: true,
			access: githubAccess,
			source: "GitHub docs, Permissions required for GitHub Apps",
		},
	},
	rows: []row{
		{
			use: Runtime, kinds: []Kind{KindClassic, KindOAuth},
			scopes: []Scope{"repo", "admin:repo_hook"},
			// Codefresh reads the owner's e-mail address once, to initialise the shared configuration repository.
			advised: []Scope{"user:email"},
			source:  sourceCodefresh,
		},
		{
			use: Runtime, kinds: []Kind{KindFineGrained},
			scopes: githubRuntimePermissions,
			source: sourceFineGrained,
		},
		{
			use: Runtime, kinds: []Kind{KindAppInstallation, KindAppUser},
			scopes: githubRuntimePermissions,
			source: sourceShortLived,
			unfit:  UnfitShortLived,
		},
		{
			use: User, kinds: []Kind{KindClassic, KindOAuth},
			scopes: []Scope{"repo"},
			source: sourceCodefresh,
		},
		{
			use: User, kinds: []Kind{KindFineGrained},
			scopes: githubUserPermissions,
			source: sourceFineGrained,
		},
		{
			use: User, kinds: []Kind{KindAppInstallation, KindAppUser},
			scopes: githubUserPermissions,
			source: sourceShortLived,
			unfit:  UnfitShortLived,
		},
	},
	// Codefresh's validator completes any address without /api/v3 with it, which is a page of no API there.
	doubtful: func(a address) bool { return isGitHubTenant(a.host) },
}

var (
	githubRuntimePermissions = []Scope{
		"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write",
		"webhooks:write",
	}
	githubUserPermissions = []Scope{"contents:write", "metadata:read"}

	githubAccess = map[Access][]Scope{
		Read: {githubMetadata, "contents:read"}, Write: {"contents:write"}, Admin: {"administration:write"},
	}
)

const (
	githubPath        = "/api/v3" // under which GitHub Enterprise Server keeps its API
	sourceFineGrained = sourceCodefresh + " (fine-grained personal access tokens)"
	// An installation's token lives for one hour, a user's for eight. Neither tells its scopes, and the validator takes
	// what tells none only if it looks like a fine-grained token.
	sourceShortLived = "GitHub docs, About authentication with a GitHub App; " + sourceValidator
)

// isGitHubTenant reports whether host belongs to a tenant of GitHub Enterprise Cloud with data residency
// (TENANT.ghe.com, with its API at api.TENANT.ghe.com).
func isGitHubTenant(host string) bool { return strings.HasSuffix(host, ".ghe.com") }

func completeGitHub(a address) (address, bool) {
	switch {
	case a.host == "api.github.com", isGitHubTenant(a.host) && strings.HasPrefix(a.host, "api."):
		if a.path == githubPath {
			a.path = ""
		}

		return a, true
	case a.host == "github.com", a.host == "www.github.com", isGitHubTenant(a.host):
		if a.path != "" && a.path != githubPath {
			return a, false
		}

		return address{scheme: a.scheme, host: "api." + strings.TrimPrefix(a.host, "www.")}, true
	case a.path == "":
		a.path = githubPath
	}

	return a, true
}

func githubSite(a address) address {
	// A path that does not end as the API's says nothing of the site's.
	before, found := strings.CutSuffix(a.path, githubPath)
	if !found {
		before = ""
	}

	a.path = before

	if a.host == "api.github.com" || isGitHubTenant(a.host) {
		a.host = strings.TrimPrefix(a.host, "api.")
	}

	return a
}

func githubClassicPage(site string, r Requirement) string {
	return site + "/settings/tokens/new?scopes=" + r.scopesParameter() + "&description=" + r.tokenName()
}

func githubFineGrainedPage(site string, _ Requirement) string {
	return site + "/settings/personal-access-tokens/new"
}

// githubScopes are the scopes of classic and OAuth tokens. GitHub tells them without those that they imply, even if
// both were asked for. "repo" does let a token manage webhooks, but GitHub does not list the hook scopes under it, and
// Codefresh asks for them by name.
//
// Source: GitHub docs, Scopes for OAuth apps.
var githubScopes = newVocabulary([]word{
	{"repo", []Scope{"repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"}},
	{"repo:status", nil},
	{"repo_deployment", nil},
	{"public_repo", nil},
	{"repo:invite", nil},
	{"security_events", nil},
	{"workflow", nil},
	{"write:packages", []Scope{"read:packages"}},
	{"read:packages", nil},
	{"delete:packages", nil},
	{"admin:org", []Scope{"write:org", "manage_runners:org"}},
	{"write:org", []Scope{"read:org"}},
	{"read:org", nil},
	{"manage_runners:org", nil},
	{"admin:public_key", []Scope{"write:public_key"}},
	{"write:public_key", []Scope{"read:public_key"}},
	{"read:public_key", nil},
	{"admin:repo_hook", []Scope{"write:repo_hook"}},
	{"write:repo_hook", []Scope{"read:repo_hook"}},
	{"read:repo_hook", nil},
	{"admin:org_hook", nil},
	{"gist", nil},
	{"notifications", nil},
	{"user", []Scope{"read:user", "user:email", "user:follow"}},
	{"read:user", nil},
	{"user:email", nil},
	{"user:follow", nil},
	{"delete_repo", nil},
	{"write:discussion", []Scope{"read:discussion"}},
	{"read:discussion", nil},
	{"admin:enterprise", []Scope{"manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise"}},
	{"manage_runners:enterprise", nil},
	{"manage_billing:enterprise", []Scope{"read:enterprise"}},
	{"read:enterprise", nil},
	{"audit_log", []Scope{"read:audit_log"}},
	{"read:audit_log", nil},
	{"codespace", []Scope{"codespace:secrets"}},
	{"codespace:secrets", nil},
	{"copilot", []Scope{"manage_billing:copilot"}},
	{"manage_billing:copilot", nil},
	{"project", []Scope{"read:project"}},
	{"read:project", nil},
	{"admin:gpg_key", []Scope{"write:gpg_key"}},
	{"write:gpg_key", []Scope{"read:gpg_key"}},
	{"read:gpg_key", nil},
	{"admin:ssh_signing_key", []Scope{"write:ssh_signing_key"}},
	{"write:ssh_signing_key", []Scope{"read:ssh_signing_key"}},
	{"read:ssh_signing_key", nil},
	{"site_admin", nil},
}, nil)

// githubMetadata is what GitHub adds to whatever has a repository permission. Documented for GitHub Apps (GitHub docs,
// Permissions required for GitHub Apps, Metadata); the page that makes fine-grained tokens does the same.
const githubMetadata Scope = "metadata:read"

// githubPermissions are the repository permissions of fine-grained tokens and GitHub Apps, as "permission:level".
var githubPermissions = newGitHubPermissions()

// permission is a fine-grained permission with its levels, lowest first, and the names that GitHub's API and pages use
// for it beside its own.
type permission struct {
	name   string
	levels string
	other  []string
}

// repositoryPermissions returns the repository permissions that GitHub documents.
//
// Sources: GitHub docs, Permissions required for fine-grained personal access tokens, and the schema app-permissions of
// GitHub's OpenAPI description.
func repositoryPermissions() []permission {
	return []permission{
		{"actions", "read write", nil},
		{"administration", "read write", nil},
		{"artifact_metadata", "read write", nil},
		{"attestations", "read write", nil},
		{"checks", "read write", nil},
		{"code_quality", "read write", nil},
		{"codespaces", "read write", nil},
		{"codespaces_lifecycle_admin", "read write", nil},
		{"codespaces_metadata", "read", nil},
		{"codespaces_secrets", "read write", nil},
		{"contents", "read write", []string{"code"}},
		{"dependabot_secrets", "read write", nil},
		{"deployments", "read write", nil},
		{"discussions", "read write", nil},
		{"environments", "read write", nil},
		{"issues", "read write", nil},
		{"merge_queues", "read write", nil},
		{"metadata", "read", nil},
		{"packages", "read write", nil},
		{"pages", "read write", nil},
		{"pull_requests", "read write", nil},
		{"repository_advisories", "read write", []string{"repository_security_advisories"}},
		{"repository_announcement_banners", "read write", nil},
		{"repository_custom_properties", "read write", []string{"custom_properties"}},
		{"repository_projects", "read write admin", []string{"projects"}},
		{"secret_scanning_alerts", "read write", nil},
		{"secrets", "read write", nil},
		{"security_events", "read write", []string{"code_scanning_alerts"}},
		{"single_file", "read write", nil},
		{"statuses", "read write", []string{"commit_statuses"}},
		{"variables", "read write", []string{"actions_variables"}},
		{"vulnerability_alerts", "read write", []string{"dependabot_alerts"}},
		{"webhooks", "read write", []string{"repository_hooks"}},
		{"workflows", "write", nil},
	}
}

// newGitHubPermissions makes the vocabulary of repositoryPermissions. Each level implies those below it.
func newGitHubPermissions() Vocabulary {
	var list []word

	aliases := map[string]Scope{}

	for _, p := range repositoryPermissions() {
		var lower []Scope

		for level := range strings.FieldsSeq(p.levels) {
			s := Scope(p.name + ":" + level)
			list = append(list, word{scope: s, implies: lower})
			lower = []Scope{s}

			for _, name := range append([]string{p.name}, p.other...) {
				for _, spelling := range levelSpellings(level) {
					aliases[name+":"+spelling] = s
				}
			}
		}
	}

	return newVocabulary(list, aliases).withCompanion(githubMetadata)
}

// levelSpellings returns a level's own name, and what GitHub's and Codefresh's pages call it.
func levelSpellings(level string) []string {
	switch level {
	case "read":
		return []string{"read", "read-only"}
	case "write":
		return []string{"write", "read and write"}
	}

	return []string{level}
}
