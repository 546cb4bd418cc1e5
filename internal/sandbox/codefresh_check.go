package sandbox

import (
	"slices"
	"strings"
)

// checkGitToken is the app-proxy's own test of a Git token, in short: the token must be one that the Git host takes, at
// the address that came with it, and hold what Codefresh's Git client looks for. It is written against the emulators'
// state alone, apart from every table of the provider. mu must be held.
func (s *Sandbox) checkGitToken(held heldToken, tokenType string) error {
	service, ok := s.gitHostAt(held.apiURL)
	if !ok || providerOf(service) != held.provider {
		return validationError("failed to reach the git provider at " + held.apiURL)
	}
	t, ok := s.lookup(held.text)
	if !ok || t.Service != service || !t.accepted(s.now()) || !t.answersTo(held.username) {
		return validationError("token is invalid")
	}

	if missing := t.lacks(tokenType); len(missing) > 0 {
		switch held.provider {
		case "GITHUB":
			return validationError("failed asserting api scopes, got scopes " + strings.Join(t.Scopes, ", ") +
				" while expected: " + strings.Join(missing, ", "))
		case "BITBUCKET":
			return validationError("missing required scopes: " + strings.Join(missing, " & "))
		default:
			return validationError("failed to get project, check your token permissions, failed assert " +
				strings.Join(missing, ", ") + " scopes")
		}
	}

	return nil
}

// gitHostAt finds the host whose API has this address, given with the API's path or as the bare root.
func (s *Sandbox) gitHostAt(apiURL string) (Service, bool) {
	public := map[Service]string{
		GitHub: "https://api.github.com", GitLab: "https://gitlab.com", BitbucketCloud: "https://api.bitbucket.org",
		GitHubEnterprise: "https://github-enterprise.example.com", BitbucketServer: "https://bitbucket-server.example.com",
		GitLabSelfManaged: "https://gitlab-self-managed.example.com/gitlab",
	}
	paths := map[Service][]string{
		GitHub: {""}, GitHubEnterprise: {"/api/v3"}, GitLab: {"/api/v4"}, GitLabSelfManaged: {"/api/v4"},
		BitbucketServer: {"/rest/api/1.0", "/rest/api/latest"}, BitbucketCloud: {"/2.0"},
	}
	wanted := strings.TrimRight(apiURL, "/")
	for _, service := range GitHosts() {
		for _, root := range []string{s.URL(service), public[service]} {
			for _, path := range paths[service] {
				bare := strings.TrimSuffix(root, path)
				if root != "" && (wanted == bare || wanted == bare+path) {
					return service, true
				}
			}
		}
	}

	return "", false
}

func providerOf(service Service) string {
	switch service {
	case GitHub, GitHubEnterprise:
		return "GITHUB"
	case GitLab, GitLabSelfManaged:
		return "GITLAB"
	case BitbucketServer:
		return "BITBUCKET_SERVER"
	case BitbucketCloud:
		return "BITBUCKET"
	default:
		return ""
	}
}

// answersTo says whether the host takes the token together with a user name. Only Bitbucket Cloud looks at it: API
// tokens go by the account's e-mail address, app passwords by its login, access tokens by none.
func (t *tokenState) answersTo(username string) bool {
	if t.Service != BitbucketCloud {
		return true
	}
	switch t.Kind {
	case "api_token":
		return username == t.Email
	case "app_password":
		return username == t.Owner
	default:
		return username == "" || username == "x-token-auth"
	}
}

// lacks lists what Codefresh looks for in a token and does not find. Each need is met by any of its scopes, compared as
// the host spells them. Fine-grained tokens do not tell their permissions, so Codefresh does not look.
func (t *tokenState) lacks(tokenType string) []string {
	var needs [][]string
	switch {
	case t.Kind == "fine_grained" || t.Kind == "granular":
	case providerOf(t.Service) == "GITHUB":
		needs = [][]string{{"repo"}}
		if tokenType == runtimeTokenType {
			needs = append(needs, []string{"admin:repo_hook"})
		}
	case providerOf(t.Service) == "GITLAB":
		needs = [][]string{{"read_api", "api"}, {"write_repository", "api"}}
		if tokenType == runtimeTokenType {
			needs = [][]string{{"api"}}
		}
	case t.Service == BitbucketServer:
		needs = [][]string{
			{"PROJECT_READ", "PROJECT_WRITE", "PROJECT_ADMIN"},
			{"REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE", "PROJECT_ADMIN"},
		}
		if tokenType == runtimeTokenType {
			needs = [][]string{{"PROJECT_ADMIN"}}
		}
	case t.Kind == "api_token":
		needs = apiTokenNeeds(tokenType)
	default:
		needs = [][]string{
			{"repository", "repository:write", "repository:admin"}, {"account", "account:write"}, {"team", "team:write"},
		}
		if tokenType == runtimeTokenType {
			needs = append(needs, []string{"webhook"})
		}
	}

	var missing []string
	for _, anyOf := range needs {
		if !slices.ContainsFunc(anyOf, func(scope string) bool { return slices.Contains(t.Scopes, scope) }) {
			missing = append(missing, anyOf[0])
		}
	}

	return missing
}

// apiTokenNeeds are the scopes of Bitbucket Cloud's API tokens, of which none includes another.
func apiTokenNeeds(tokenType string) [][]string {
	needs := [][]string{
		{"read:user:bitbucket"}, {"read:workspace:bitbucket"}, {"read:repository:bitbucket"}, {"write:repository:bitbucket"},
	}
	if tokenType == runtimeTokenType {
		needs = append(needs, []string{"admin:repository:bitbucket"},
			[]string{"write:webhook:bitbucket"}, []string{"delete:webhook:bitbucket"})
	}

	return needs
}
