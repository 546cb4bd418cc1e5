//go:build faults

package faultmatrix_test

import "github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"

// gitHost is a Git host of the sandbox, with a token that can do everything.
type gitHost struct {
	service  sandbox.Service
	speaker  speaker
	names    []string // under which it is reached
	provider string
	reported string // Codefresh's name of it
	apiURL   string
	kind     string
	scopes   []string
	username bool // goes with the token

	permissions map[string]string // of a fine-grained token
}

func gitHosts() []gitHost {
	github := []string{"repo", "admin:repo_hook"}

	return []gitHost{
		{
			service: sandbox.GitHub, speaker: speakerGitHub, names: []string{"api.github.com", "github.com"},
			provider: "github", reported: "GITHUB", apiURL: "https://api.github.com", kind: "classic", scopes: github,
		},
		{
			service: sandbox.GitHubEnterprise, speaker: speakerGitHub, names: []string{"github-enterprise.example.com"},
			provider: "github", reported: "GITHUB", apiURL: "https://github-enterprise.example.com/api/v3",
			kind: "classic", scopes: github,
		},
		{
			service: sandbox.GitLab, speaker: speakerGitLab, names: []string{"gitlab.com"},
			provider: "gitlab", reported: "GITLAB", apiURL: "https://gitlab.com/api/v4", kind: "personal",
			scopes: []string{"api"},
		},
		{
			service: sandbox.GitLabSelfManaged, speaker: speakerGitLab, names: []string{"gitlab-self-managed.example.com"},
			provider: "gitlab", reported: "GITLAB", apiURL: "https://gitlab-self-managed.example.com/gitlab/api/v4",
			kind: "personal", scopes: []string{"api"},
		},
		{
			service: sandbox.BitbucketServer, speaker: speakerBitbucketServer,
			names:    []string{"bitbucket-server.example.com"},
			provider: "bitbucket-server", reported: "BITBUCKET_SERVER",
			apiURL: "https://bitbucket-server.example.com/rest/api/1.0", kind: "http_access",
			scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
		},
		{
			service: sandbox.BitbucketCloud, speaker: speakerBitbucket, names: []string{"api.bitbucket.org", "bitbucket.org"},
			provider: "bitbucket", reported: "BITBUCKET", apiURL: "https://api.bitbucket.org/2.0", kind: "api_token",
			scopes: []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket",
				"admin:repository:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
			},
			username: true,
		},
	}
}

// allNames are the names under which anything is reached.
func allNames() []string {
	all := []string{"g.codefresh.io", appProxyName}
	for _, h := range gitHosts() {
		all = append(all, h.names...)
	}

	return all
}

// serviceAt tells which service a name leads to; empty if to none.
func serviceAt(name string) sandbox.Service {
	switch name {
	case "g.codefresh.io":
		return sandbox.Codefresh
	case appProxyName:
		return sandbox.AppProxy(runtimeName)
	}

	for _, h := range gitHosts() {
		for _, known := range h.names {
			if name == known {
				return h.service
			}
		}
	}

	return ""
}
