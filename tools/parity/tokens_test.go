package parity_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// gitToken is a token to be judged: how it is made, and what becomes of it.
type gitToken struct {
	spec sandbox.Token
	name string // what it is, in a few words: the host's tokens go by it
	// fate is "", "revoked", "expired" or a block of the host.
	fate string
	// username goes with the token; "" is the one that the host asks for.
	username string
	// behaviour is on at the host while it is judged, and all others are off.
	behaviour sandbox.Behaviour
	// at is the repository where it is to be used; "" is one where nothing is in its way, and nobody looks.
	at string
}

// id names the token among all.
func (g gitToken) id() string { return string(g.spec.Service) + " " + g.name }

const (
	owner   = "ci-bot"
	revoked = "revoked"
	expired = "expired"
)

// place is the repository of a host at which writing is tried.
func place(service sandbox.Service) string {
	switch service {
	case sandbox.GitLab, sandbox.GitLabSelfManaged:
		return "acme/platform/gitops"
	case sandbox.BitbucketServer:
		return "PLAT/gitops" // which the sandbox has from the start
	default:
		return "acme/gitops"
	}
}

// tokens are all that are judged.
func tokens() []gitToken {
	var all []gitToken
	for _, service := range []sandbox.Service{sandbox.GitHub, sandbox.GitHubEnterprise} {
		all = append(all, githubTokens(service)...)
	}

	for _, service := range []sandbox.Service{sandbox.GitLab, sandbox.GitLabSelfManaged} {
		all = append(all, gitlabTokens(service)...)
	}

	all = append(all, dataCenterTokens()...)
	all = append(all, cloudTokens()...)

	return append(all, placedTokens()...)
}

// family makes tokens of one kind.
type family struct {
	kind  sandbox.Token
	name  string
	fates []string
	made  []gitToken
}

func (f *family) add(name string, change func(g *gitToken)) {
	g := gitToken{spec: f.kind, name: f.name + ": " + name}
	change(&g)
	f.made = append(f.made, g)
}

func (f *family) scopes(name string, scopes ...string) {
	f.add(name, func(g *gitToken) { g.spec.Scopes = scopes })
}

// each adds a token with all of scopes, one with more, and one without each of them.
func (f *family) each(of string, shorten func(string) string, scopes []string, more ...string) {
	f.scopes(of, scopes...)
	f.scopes(of+", and more", append(slices.Clone(scopes), more...)...)

	for _, left := range scopes {
		f.scopes(of+", lacks "+shorten(left), slices.DeleteFunc(slices.Clone(scopes), func(s string) bool {
			return s == left
		})...)
	}
}

// swapped adds a token with each of scopes' relatives in its place: one that allows more, or less, or something near.
func (f *family) swapped(of string, shorten func(string) string, scopes []string, relatives map[string][]string) {
	for _, needed := range scopes {
		for _, other := range relatives[needed] {
			swapped := append(slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == needed }), other)
			f.scopes(of+", "+shorten(other)+" for "+shorten(needed), swapped...)
		}
	}
}

// ends adds a token with these scopes or permissions for each fate.
func (f *family) ends(grant func(g *gitToken)) {
	for _, fate := range f.fates {
		f.add(strings.ReplaceAll(fate, "_", " "), func(g *gitToken) {
			grant(g)
			g.fate = fate
		})
	}
}

func same(s string) string { return s }

func without(permissions map[string]string, name string) map[string]string {
	left := maps.Clone(permissions)
	delete(left, name)

	return left
}

func githubTokens(service sandbox.Service) []gitToken {
	needed := []string{"repo", "admin:repo_hook"}
	fates := []string{
		revoked, expired, string(sandbox.BlockSuspended), string(sandbox.BlockLoginAttempts), string(sandbox.BlockSSO),
		string(sandbox.BlockPolicy), string(sandbox.BlockIPAllowList),
	}

	var made []gitToken

	for _, kind := range []string{"classic", "oauth"} {
		f := family{kind: sandbox.Token{Service: service, Kind: kind}, name: kind, fates: fates}
		f.each("whole", same, needed, "user", "delete_repo", "workflow")
		f.scopes("no scopes")
		f.scopes("public_repo for repo", "public_repo", "admin:repo_hook")
		f.scopes("write:repo_hook for admin:repo_hook", "repo", "write:repo_hook")
		f.scopes("admin:org_hook for admin:repo_hook", "repo", "admin:org_hook")
		f.swapped("whole", same, needed, map[string][]string{
			"repo":            {"repo:status", "repo_deployment", "repo:invite", "security_events", "delete_repo"},
			"admin:repo_hook": {"read:repo_hook", "admin:org"},
		})
		f.scopes("all but those", "public_repo", "write:repo_hook", "admin:org", "admin:org_hook", "user", "workflow",
			"delete_repo", "admin:enterprise", "project", "write:packages", "admin:public_key", "notifications")
		f.scopes("children beside their parents", "repo", "public_repo", "repo:status", "admin:repo_hook", "write:repo_hook")
		f.ends(func(g *gitToken) { g.spec.Scopes = needed })
		made = append(made, f.made...)
	}

	permissions := map[string]string{
		"administration": "write", "statuses": "write", "contents": "write", "metadata": "read",
		"pull_requests": "write", "webhooks": "write",
	}

	for _, kind := range []string{"fine_grained", "app_user", "app_installation"} {
		f := family{
			kind:  sandbox.Token{Service: service, Kind: kind, Repositories: []string{place(service)}},
			name:  strings.ReplaceAll(kind, "_", "-"),
			fates: fates,
		}
		grant := func(permissions map[string]string) func(g *gitToken) {
			return func(g *gitToken) { g.spec.Permissions = permissions }
		}
		f.add("whole", grant(permissions))

		if kind == "fine_grained" {
			more := maps.Clone(permissions)
			more["actions"] = "write"
			f.add("whole, and more", grant(more))
			f.add("no permissions", grant(nil))

			for _, name := range slices.Sorted(maps.Keys(permissions)) {
				f.add("whole, lacks "+name, grant(without(permissions, name)))
			}

			f.add("contents for reading", grant(map[string]string{"contents": "read"}))
			f.add("of another length", func(g *gitToken) {
				g.spec.Permissions = permissions
				g.spec.Text = "github_pat_" + strings.Repeat("sandbox", 13) + string(service[len(service)-3:])
			})
		}

		f.ends(grant(permissions))
		made = append(made, f.made...)
	}

	return made
}

func gitlabTokens(service sandbox.Service) []gitToken {
	fates := []string{revoked, expired, string(sandbox.BlockSuspended), string(sandbox.BlockDPoP)}
	if service == sandbox.GitLab {
		fates = append(fates, string(sandbox.BlockGranularEnforce))
	}

	var made []gitToken

	for _, kind := range []string{"personal", "oauth", "project", "group"} {
		f := family{kind: sandbox.Token{Service: service, Kind: kind}, name: kind, fates: fates}
		switch kind {
		case "project":
			f.kind.Repositories = []string{place(service)}
		case "group":
			f.kind.Repositories = []string{"acme"}
		default:
			f.scopes("read_user", "read_user")
			f.scopes("read_user and write_repository", "read_user", "write_repository")
		}

		f.scopes("api", "api")
		f.each("api and read_repository", same, []string{"api", "read_repository"}, "write_registry", "create_runner")
		f.each("read_api and write_repository", same, []string{"read_api", "write_repository"}, "read_registry")
		f.scopes("read_api and read_repository", "read_api", "read_repository")
		f.scopes("api and all that it includes", "api", "read_api", "read_repository", "write_repository")
		f.scopes("write_repository and read_repository", "write_repository", "read_repository")
		f.swapped("api and read_repository", same, []string{"api", "read_repository"}, map[string][]string{
			"api": {"write_repository"}, "read_repository": {"read_registry", "read_api"},
		})
		f.swapped("read_api and write_repository", same, []string{"read_api", "write_repository"}, map[string][]string{
			"read_api": {"api", "read_registry"}, "write_repository": {"api", "write_registry"},
		})
		f.ends(func(g *gitToken) { g.spec.Scopes = []string{"api"} })
		made = append(made, f.made...)
	}

	return append(made, granularTokens(service)...)
}

// granularTokens may do all that is needed everywhere, but for one permission, or in one place only.
func granularTokens(service sandbox.Service) []gitToken {
	f := family{
		kind: sandbox.Token{Service: service, Kind: "granular"}, name: "granular",
		fates: []string{revoked, expired, string(sandbox.BlockSuspended), string(sandbox.BlockDPoP)},
	}
	account := []string{"read_personal_access_token", "read_user", "read_project", "create_project"}
	code := []string{
		"download_code", "push_code", "read_project", "read_webhook", "create_webhook", "update_webhook", "delete_webhook",
	}
	grant := func(lacks string, at sandbox.Grant) func(g *gitToken) {
		left := func(permissions []string) []string {
			return slices.DeleteFunc(slices.Clone(permissions), func(p string) bool { return p == lacks })
		}
		at.Permissions = left(code)

		return func(g *gitToken) {
			g.spec.Grants = []sandbox.Grant{{Access: "user", Permissions: left(account)}, at}
		}
	}
	everywhere := sandbox.Grant{Access: "all_memberships"}

	f.add("whole", grant("", everywhere))
	f.add("nothing", func(*gitToken) {})

	for _, lacks := range slices.Compact(slices.Sorted(slices.Values(append(account, code...)))) {
		f.add("whole, lacks "+lacks, grant(lacks, everywhere))
	}

	f.add("whole, at the project", grant("", sandbox.Grant{Access: "selected_memberships", Project: place(service)}))
	f.add("whole, at the group", grant("", sandbox.Grant{Access: "selected_memberships", Group: "acme"}))
	f.add("whole, at personal projects", grant("", sandbox.Grant{Access: "personal_projects"}))
	f.ends(grant("", everywhere))

	return f.made
}

func dataCenterTokens() []gitToken {
	fates := []string{revoked, expired, string(sandbox.BlockSuspended)}

	var made []gitToken

	for _, kind := range []string{"http_access", "project_http_access", "repository_http_access"} {
		for _, behaviour := range []sandbox.Behaviour{"", sandbox.OwnTokenRecord} {
			f := family{
				kind: sandbox.Token{Service: sandbox.BitbucketServer, Kind: kind}, fates: fates,
				name: strings.ReplaceAll(strings.TrimSuffix(kind, "_http_access"), "_", " "),
			}
			if kind != "http_access" {
				f.kind.Repositories = []string{place(sandbox.BitbucketServer)}
			}

			if kind == "project_http_access" {
				f.kind.Repositories = []string{"PLAT"}
			}

			if behaviour != "" {
				f.name += " with a record"
			}

			levels := []string{"READ", "WRITE", "ADMIN"}
			for i, repositories := range levels {
				for _, project := range levels[:i+1] {
					scopes := []string{"PROJECT_" + project, "REPO_" + repositories}
					if kind == "repository_http_access" {
						scopes = scopes[1:]

						if project != "READ" {
							continue
						}
					}

					f.scopes(strings.Join(scopes, " and "), scopes...)
				}
			}

			f.ends(func(g *gitToken) {
				g.spec.Scopes = []string{"PROJECT_ADMIN", "REPO_ADMIN"}
				if kind == "repository_http_access" {
					g.spec.Scopes = g.spec.Scopes[1:]
				}
			})

			if kind == "http_access" {
				// Whose name is not what addresses call them.
				f.add("of an e-mail address", func(g *gitToken) {
					g.spec.Owner, g.spec.Scopes = "ci@example.com", []string{"PROJECT_ADMIN", "REPO_ADMIN"}
				})
			}

			for _, g := range f.made {
				g.behaviour = behaviour
				made = append(made, g)
			}
		}
	}

	return made
}

func cloudTokens() []gitToken {
	fates := []string{revoked, expired, string(sandbox.BlockSuspended)}
	of := func(kind, name string, repositories ...string) family {
		return family{
			kind: sandbox.Token{Service: sandbox.BitbucketCloud, Kind: kind, Repositories: repositories},
			name: name, fates: fates,
		}
	}
	modern := func(scopes ...string) []string {
		var spelled []string
		for _, s := range scopes {
			spelled = append(spelled, s+":bitbucket")
		}

		return spelled
	}
	shorten := func(scope string) string { return strings.TrimSuffix(scope, ":bitbucket") }

	api := of("api_token", "API token")
	user := modern("read:user", "read:workspace", "read:project", "read:repository", "write:repository")
	runtime := append(slices.Clone(user), modern(
		"admin:project", "admin:repository", "read:webhook", "write:webhook", "delete:webhook")...)
	api.each("runtime", shorten, runtime, modern("read:pullrequest", "write:pullrequest")...)
	api.each("user", shorten, user, modern("read:pullrequest")...)

	relatives := map[string][]string{}

	for needed, others := range map[string][]string{
		"read:user": {"write:user"}, "read:workspace": {"admin:workspace"},
		"read:project": {"admin:project"}, "admin:project": {"read:project"},
		"read:repository":  {"write:pullrequest", "admin:repository"},
		"write:repository": {"admin:repository", "write:pullrequest"},
		"admin:repository": {"delete:repository", "write:repository"},
		"read:webhook":     {"write:webhook"}, "write:webhook": {"read:webhook"}, "delete:webhook": {"write:webhook"},
	} {
		relatives[modern(needed)[0]] = modern(others...)
	}

	api.swapped("runtime", shorten, runtime, relatives)
	api.swapped("user", shorten, user, relatives)
	api.scopes("no scopes of the row", modern("read:issue")...)
	api.ends(func(g *gitToken) { g.spec.Scopes = runtime })
	api.add("user name in place of the e-mail", func(g *gitToken) {
		g.spec.Scopes, g.username = runtime, owner
	})
	made := api.made

	for _, f := range []family{
		of("access_token", "repository token", place(sandbox.BitbucketCloud)), of("access_token", "workspace token"),
	} {
		f.each("whole", same, []string{"repository:write", "repository:admin", "webhook"}, "pullrequest:write")
		f.ends(func(g *gitToken) { g.spec.Scopes = []string{"repository:write", "repository:admin", "webhook"} })
		made = append(made, f.made...)
	}

	legacy := []string{"account", "team", "webhook", "repository:write", "repository:admin"}
	swaps := map[string][]string{
		"account": {"account:write", "email"}, "team": {"team:write"}, "webhook": {"repository:delete"},
		"repository:write": {"pullrequest:write", "project"}, "repository:admin": {"project:admin", "repository:delete"},
	}
	application := of("oauth", "application's token")
	application.each("whole", same, legacy, "pullrequest:write")
	application.swapped("whole", same, legacy, swaps)
	application.scopes("no scopes")
	application.scopes("none of the row", "issue", "snippet")
	application.add("with the user name for Git", func(g *gitToken) {
		g.spec.Scopes, g.username = legacy, "x-token-auth"
	})
	application.ends(func(g *gitToken) { g.spec.Scopes = legacy })
	made = append(made, application.made...)

	password := of("app_password", "app password")
	password.each("whole", same, legacy, "pullrequest:write")
	password.scopes("write for reading", "account", "team", "webhook", "repository", "repository:admin")
	password.swapped("whole", same, legacy, swaps)
	password.ends(func(g *gitToken) { g.spec.Scopes = legacy })

	for _, g := range password.made {
		g.behaviour = sandbox.AppPasswords
		made = append(made, g)
	}

	password.made = nil
	password.scopes("after their end", legacy...)
	made = append(made, password.made...)

	return made
}
