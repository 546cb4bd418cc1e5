package parity_test

import (
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// site is a repository with something in the way of a token, or something that must not be taken for that.
type site struct {
	name   string
	owner  string // of the repository, if it is not the usual one
	role   string // of the tokens' owner
	public bool
	hosts  []sandbox.Service // nil: all
	// befall happens to the repository once it is there.
	befall func(s *sandbox.Sandbox, service sandbox.Service, path string) error
}

func sites() []site {
	github, gitlab := []sandbox.Service{sandbox.GitHub, sandbox.GitHubEnterprise}, []sandbox.Service{sandbox.GitLab}
	moving := append(append([]sandbox.Service{}, github...), sandbox.GitLab, sandbox.GitLabSelfManaged)
	demands := func(rule sandbox.Rule) func(*sandbox.Sandbox, sandbox.Service, string) error {
		return func(s *sandbox.Sandbox, service sandbox.Service, path string) error {
			owner, _, _ := strings.Cut(path, "/")

			return s.SetRule(service, owner, rule, true)
		}
	}

	return []site{
		{name: "administered", role: "admin"},
		{name: "for writing", role: "write"},
		{name: "for reading", role: "read"},
		{name: "hidden"},
		{name: "public", public: true},
		{name: "archived", role: "admin", befall: func(s *sandbox.Sandbox, service sandbox.Service, path string) error {
			return s.SetArchived(service, path, true)
		}},
		{name: "deleted", role: "admin", befall: func(s *sandbox.Sandbox, service sandbox.Service, path string) error {
			return s.RemoveRepository(service, path)
		}},
		{
			name: "renamed", role: "admin", hosts: moving,
			befall: func(s *sandbox.Sandbox, service sandbox.Service, path string) error {
				return s.RenameRepository(service, path, path+"-now")
			},
		},
		{name: "with single sign-on", owner: "sso", role: "admin", hosts: github, befall: demands(sandbox.RuleSSO)},
		{name: "without classic tokens", owner: "new", role: "admin", hosts: github, befall: demands(sandbox.RuleNoClassic)},
		{name: "within a lifetime", owner: "mortal", role: "admin", hosts: github, befall: demands(sandbox.RuleLifetime)},
		{name: "behind an IP list", owner: "walled", role: "admin", hosts: github, befall: demands(sandbox.RuleIPAllowList)},
		{name: "for granular tokens", owner: "granular", role: "admin", hosts: gitlab, befall: demands(sandbox.RuleGranular)},
	}
}

func (x site) isAt(service sandbox.Service) bool {
	for _, host := range x.hosts {
		if host == service {
			return true
		}
	}

	return x.hosts == nil
}

// path is the repository's at a host. At Data Center its project is the tokens' own to administer, by role.
func (x site) path(service sandbox.Service) string {
	name := strings.ReplaceAll(x.name, " ", "-")
	switch {
	case service == sandbox.BitbucketServer:
		return fmt.Sprintf("P%d/%s", len(name), name)
	case x.owner != "":
		return x.owner + "/" + name
	}

	return "acme/" + name
}

// placedTokens may do everything, and are to be used at each of the sites.
func placedTokens() []gitToken {
	var made []gitToken

	for _, service := range sandbox.GitHosts() {
		for _, x := range sites() {
			if !x.isAt(service) {
				continue
			}

			for _, kind := range placedKinds(service, x) {
				name := strings.ReplaceAll(kind.Kind, "_", " ")
				made = append(made, gitToken{spec: kind, name: name + ", " + x.name, at: x.name})
			}
		}
	}

	return made
}

// placedKinds are tokens with every scope, and every permission at the site. Nobody can select a repository that is no
// more.
func placedKinds(service sandbox.Service, x site) []sandbox.Token {
	switch service {
	case sandbox.GitHub, sandbox.GitHubEnterprise:
		kinds := []sandbox.Token{{Service: service, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}}}
		if x.name != "deleted" && x.name != "renamed" {
			kinds = append(kinds, sandbox.Token{
				Service: service, Kind: "fine_grained", Repositories: []string{x.path(service)}, Permissions: map[string]string{
					"administration": "write", "statuses": "write", "contents": "write", "pull_requests": "write",
					"webhooks": "write",
				},
			})
		}

		return kinds
	case sandbox.GitLab, sandbox.GitLabSelfManaged:
		return []sandbox.Token{
			{Service: service, Kind: "personal", Scopes: []string{"api"}},
			{Service: service, Kind: "granular", Grants: []sandbox.Grant{
				{Access: "user", Permissions: []string{
					"read_personal_access_token", "read_user", "read_project", "create_project",
				}},
				{Access: "all_memberships", Permissions: []string{
					"download_code", "push_code", "read_project", "read_webhook", "create_webhook", "update_webhook",
					"delete_webhook",
				}},
			}},
		}
	case sandbox.BitbucketServer:
		return []sandbox.Token{{Service: service, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"}}}
	default:
		var scopes []string
		for _, s := range []string{
			"read:user", "read:workspace", "read:project", "admin:project", "read:repository", "write:repository",
			"admin:repository", "read:webhook", "write:webhook", "delete:webhook",
		} {
			scopes = append(scopes, s+":bitbucket")
		}

		return []sandbox.Token{{Service: service, Kind: "api_token", Scopes: scopes}}
	}
}

// open makes the site at every host that has it, and returns the clone URLs.
func (x site) open(s *sandbox.Sandbox) (map[sandbox.Service]string, error) {
	found := map[sandbox.Service]string{}

	for _, service := range sandbox.GitHosts() {
		if !x.isAt(service) {
			continue
		}

		r := sandbox.Repository{Service: service, Path: x.path(service), Private: !x.public}
		if x.role != "" {
			r.Roles = map[string]string{owner: x.role}
		}

		url, err := s.AddRepository(r)
		if err != nil {
			return nil, err
		}

		found[service] = url
		if x.befall != nil {
			if err := x.befall(s, service, r.Path); err != nil {
				return nil, err
			}
		}
	}

	return found, nil
}
