package main

import (
	"fmt"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// world is what the sandbox starts with.
type world struct {
	sandbox.Settings

	Hosts []host `json:"hosts"`
}

// host is one Git host, with a runtime that uses it and tokens to try there.
type host struct {
	Name        sandbox.Service `json:"name"`
	GitProvider string          `json:"git_provider"` // as the provider spells it
	APIURL      string          `json:"api_url"`
	Runtime     string          `json:"runtime"`
	Repository  string          `json:"repository"` // clone URL
	Username    string          `json:"username,omitempty"`
	Tokens      []token         `json:"tokens"`
}

// token is one to try.
type token struct {
	Name      string     `json:"name"` // runtime, user or expiring
	Text      string     `json:"text"`
	Scopes    []string   `json:"scopes"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

func (h host) token(name string) string {
	for _, t := range h.Tokens {
		if t.Name == name {
			return t.Text
		}
	}

	return ""
}

// plan says what a host of the starting world has.
type plan struct {
	service                 sandbox.Service
	provider, codefreshName string // in Terraform, in Codefresh's API
	runtime, kind, repo     string
	username                string // only Bitbucket Cloud's API tokens need one
	runtimeScopes           []string
	userScopes              []string
}

const (
	owner    = "ci-bot"
	email    = "ci-bot@example.com"
	soonDays = 5
)

func plans() []plan {
	github := []string{"repo", "admin:repo_hook"}
	gitlab := []string{"api", "read_repository"}
	gitlabUser := []string{"read_api", "write_repository"}
	user := []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
		"write:repository:bitbucket",
	}
	runtime := append([]string{
		"admin:project:bitbucket", "admin:repository:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket",
		"delete:webhook:bitbucket",
	}, user...)

	return []plan{
		{sandbox.GitHub, "github", "GITHUB", "github", "classic", "acme/gitops", "", github, github[:1]},
		{sandbox.GitHubEnterprise, "github", "GITHUB", "github-enterprise", "classic", "acme/gitops", "", github, github[:1]},
		{sandbox.GitLab, "gitlab", "GITLAB", "gitlab", "personal", "acme/platform/gitops", "", gitlab, gitlabUser},
		{
			sandbox.GitLabSelfManaged, "gitlab", "GITLAB", "gitlab-self-managed", "personal", "acme/platform/gitops", "",
			gitlab, gitlabUser,
		},
		{
			sandbox.BitbucketServer, "bitbucket-server", "BITBUCKET_SERVER", "bitbucket-server", "http_access",
			"ACME/gitops", "",
			[]string{"PROJECT_ADMIN", "REPO_ADMIN"},
			[]string{"PROJECT_READ", "REPO_WRITE"},
		},
		{
			sandbox.BitbucketCloud, "bitbucket", "BITBUCKET", "bitbucket", "api_token", "acme/gitops", email,
			runtime, user,
		},
	}
}

// furnish adds a runtime, a repository and three tokens for each Git host.
func furnish(s *sandbox.Sandbox) (world, error) {
	if err := s.SetAccountGit("GITHUB", s.URL(sandbox.GitHub)); err != nil {
		return world{}, err
	}

	w := world{}

	for _, p := range plans() {
		h, err := p.furnish(s)
		if err != nil {
			return world{}, fmt.Errorf("%s: %w", p.service, err)
		}

		w.Hosts = append(w.Hosts, h)
	}

	w.Settings = s.Settings()

	return w, nil
}

func (p plan) furnish(s *sandbox.Sandbox) (host, error) {
	h := host{
		Name: p.service, GitProvider: p.provider, APIURL: s.URL(p.service), Runtime: p.runtime, Username: p.username,
	}

	soon := time.Now().AddDate(0, 0, soonDays).UTC().Truncate(24 * time.Hour)
	for _, t := range []token{
		{Name: "runtime", Scopes: p.runtimeScopes},
		{Name: "user", Scopes: p.userScopes},
		{Name: "expiring", Scopes: p.runtimeScopes, ExpiresAt: &soon},
	} {
		wanted := sandbox.Token{Service: p.service, Kind: p.kind, Owner: owner, Email: p.username, Scopes: t.Scopes}
		if t.ExpiresAt != nil {
			wanted.ExpiresAt = *t.ExpiresAt
		}

		made, err := s.CreateToken(wanted)
		if err != nil {
			return host{}, err
		}

		t.Text = made.Text
		h.Tokens = append(h.Tokens, t)
	}

	cloneURL, err := s.AddRepository(sandbox.Repository{
		Service: p.service, Path: p.repo, Private: true, Roles: map[string]string{owner: "admin"},
	})
	if err != nil {
		return host{}, err
	}

	h.Repository = cloneURL

	return h, s.AddRuntime(sandbox.Runtime{
		Name: p.runtime, GitProvider: p.codefreshName, GitAPIURL: h.APIURL, Repo: cloneURL,
	})
}
