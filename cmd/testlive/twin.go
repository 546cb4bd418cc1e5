package main

import (
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// twin is a token of the sandbox that equals a real one, as far as the provider's verdict tells.
type twin struct {
	box *sandbox.Sandbox
	// token is what to make, and what was made. Without a Service the sandbox has no equal.
	token sandbox.Token
	// spoil brings the token into the real one's state. Nil for one that works.
	spoil   func(text string) error
	strange []string // scopes that the sandbox does not issue
}

// newTwin plans the equal of a token.
func newTwin(box *sandbox.Sandbox, a account) *twin {
	v, host := a.verdict, a.credential.Host

	t := &twin{box: box, token: sandbox.Token{Kind: string(v.Kind), ExpiresAt: v.ExpiresAt}}
	for _, scope := range v.Scopes {
		t.token.Scopes = append(t.token.Scopes, string(scope))
	}

	switch {
	case v.Standing == gittoken.Live, v.Standing == gittoken.Rejected:
	case v.Standing == gittoken.Expired:
		t.spoil = box.ExpireToken
	case v.Standing == gittoken.Revoked:
		t.spoil = box.RevokeToken
	case v.Cause == gittoken.CauseAccountBlocked:
		t.spoil = func(text string) error { return box.BlockToken(text, sandbox.BlockSuspended) }
	case v.Cause == gittoken.CauseNotUnderstood: // an answer that nobody expected: the sandbox's is that of a good token
	default:
		return t
	}

	unknown := v.Kind == gittoken.KindUnknown || v.Kind == ""

	switch a.variables.provider {
	case gittoken.GitHub:
		t.token.Service = serviceAt(onPremises(host), sandbox.GitHubEnterprise, sandbox.GitHub)
		if unknown {
			t.token.Kind = "classic"
		}
	case gittoken.GitLab:
		t.token.Service = serviceAt(host.IsPublic(), sandbox.GitLab, sandbox.GitLabSelfManaged)
		t.gitlab(v, unknown)
	case gittoken.BitbucketServer:
		t.token.Service = sandbox.BitbucketServer
		t.bitbucketServer(v)
	case gittoken.BitbucketCloud:
		t.token.Service = sandbox.BitbucketCloud
		if unknown {
			t.token.Kind = "api_token"
		}

		if t.token.Kind == "app_password" {
			t.token.Owner = a.credential.Username
		} else {
			t.token.Email = a.credential.Username
		}
	}

	return t
}

func serviceAt(first bool, a, b sandbox.Service) sandbox.Service {
	if first {
		return a
	}

	return b
}

func (t *twin) gitlab(v gittoken.Verdict, unknown bool) {
	if unknown {
		t.token.Kind = "personal"
	}

	switch t.token.Kind {
	case "project":
		t.token.Repositories = []string{"acme/app"}
	case "group":
		t.token.Repositories = []string{"acme"}
	case "granular":
		t.token.Scopes = nil
		if v.Owner != "" { // which the token's own record told
			t.token.Permissions = map[string]string{"personal_access_token": "read"}
		}
	}

	if len(t.token.Scopes) == 0 && t.token.Kind != "granular" {
		t.token.Scopes = []string{"api"} // GitLab issues none without a scope
	}
}

// bitbucketServer gives the token the levels of which a verdict names one or both: one for projects, and one for
// repositories that is no lower.
func (t *twin) bitbucketServer(v gittoken.Verdict) {
	t.token.Kind = "http_access"
	project, repository := "PROJECT_READ", ""

	for _, scope := range t.token.Scopes {
		if strings.HasPrefix(scope, "PROJECT_") {
			project = scope
		} else {
			repository = scope
		}
	}

	if repository == "" {
		repository = "REPO_" + strings.TrimPrefix(project, "PROJECT_")
	}

	t.token.Scopes = []string{project, repository}

	switch {
	case strings.HasPrefix(v.Owner, "access-token-user/1/"):
		t.token.Kind, t.token.Repositories = "project_http_access", []string{"PLAT"}
	case strings.HasPrefix(v.Owner, "access-token-user/2/"):
		t.token.Kind, t.token.Repositories = "repository_http_access", []string{"PLAT/gitops"}
		t.token.Scopes = t.token.Scopes[1:]
	}
}

// create makes the token, without the scopes that the sandbox does not issue.
func (t *twin) create() error {
	if t.token.Kind == "project" { // which belongs to one
		r := sandbox.Repository{Service: t.token.Service, Path: t.token.Repositories[0], Private: true}
		if _, err := t.box.AddRepository(r); err != nil {
			return fmt.Errorf("add the token's project: %w", err)
		}
	}

	if t.token.Kind == "app_password" {
		if err := t.box.SetBehaviour(t.token.Service, sandbox.AppPasswords, true); err != nil {
			return err
		}
	}

	if t.token.Service != sandbox.BitbucketServer { // whose levels come in pairs
		t.sift()
	}

	made, err := t.box.CreateToken(t.token)
	if err != nil {
		return fmt.Errorf("make an equivalent token: %w", err)
	}

	t.token = made
	if t.spoil == nil {
		return nil
	}

	return t.spoil(made.Text)
}

// sift moves the scopes that the sandbox does not issue to strange, by trying each alone.
func (t *twin) sift() {
	var issued []string

	for _, scope := range t.token.Scopes {
		alone := t.token

		alone.Scopes = []string{scope}
		if _, err := t.box.CreateToken(alone); err != nil {
			t.strange = append(t.strange, scope)
		} else {
			issued = append(issued, scope)
		}
	}

	if len(issued) > 0 || t.token.Service != sandbox.GitLab && t.token.Service != sandbox.GitLabSelfManaged {
		t.token.Scopes = issued
	} else if t.token.Kind != "granular" {
		t.token.Scopes = []string{"api"}
	}
}
