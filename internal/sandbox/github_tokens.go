package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// githubScopes are the scopes that the page for classic tokens offers, parents with what they include below them
// (GitHub docs, Scopes for OAuth apps).
func githubScopes() (scopes []string, implies map[string][]string) {
	implies = map[string][]string{
		"repo":                         {"repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"},
		"workflow":                     nil,
		"write:packages":               {"read:packages"},
		"delete:packages":              nil,
		"admin:org":                    {"write:org", "manage_runners:org"},
		"write:org":                    {"read:org"},
		"admin:public_key":             {"write:public_key"},
		"write:public_key":             {"read:public_key"},
		"admin:repo_hook":              {"write:repo_hook"},
		"write:repo_hook":              {"read:repo_hook"},
		"admin:org_hook":               nil,
		"gist":                         nil,
		"notifications":                nil,
		"user":                         {"read:user", "user:email", "user:follow"},
		"delete_repo":                  nil,
		"write:discussion":             {"read:discussion"},
		"admin:enterprise":             {"manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise"},
		"audit_log":                    {"read:audit_log"},
		"codespace":                    {"codespace:secrets"},
		"copilot":                      {"manage_billing:copilot"},
		"write:network_configurations": {"read:network_configurations"},
		"project":                      {"read:project"},
		"admin:gpg_key":                {"write:gpg_key"},
		"write:gpg_key":                {"read:gpg_key"},
		"admin:ssh_signing_key":        {"write:ssh_signing_key"},
		"write:ssh_signing_key":        {"read:ssh_signing_key"},
	}

	return everyScope(implies), implies
}

// everyScope lists the keys and values of an implication table once each, sorted.
func everyScope(implies map[string][]string) []string {
	var scopes []string
	for parent, below := range implies {
		scopes = append(append(scopes, parent), below...)
	}

	slices.Sort(scopes)

	return slices.Compact(scopes)
}

// githubPermissions are repository permissions and their highest level (GitHub docs, Permissions required for
// fine-grained personal access tokens). repository_hooks is what the API calls the page's "Webhooks".
func githubPermissions() map[string]string {
	return map[string]string{
		"actions": "write", "administration": "write", "attestations": "write", "code_scanning_alerts": "write",
		"codespaces": "write", "contents": "write", "dependabot_alerts": "write", "deployments": "write",
		"environments": "write", "issues": "write", "metadata": "read", "pages": "write", "pull_requests": "write",
		"secrets": "write", "statuses": "write", "variables": "write", "webhooks": "write", "repository_hooks": "write",
		"workflows": "write",
	}
}

func (v githubVendor) kinds() map[string]tokenKind {
	scopes, implies := githubScopes()
	if v.enterprise {
		scopes = append(scopes, "site_admin")
	}

	permissions := githubPermissions()

	return map[string]tokenKind{
		"classic":          {mint: minted("ghp_", 36), scopes: scopes, implies: implies},
		"oauth":            {mint: minted("gho_", 36), scopes: scopes, implies: implies},
		"fine_grained":     {mint: mintFineGrained, permissions: permissions},
		"app_installation": {mint: mintInstallation, permissions: permissions},
		"app_user":         {mint: minted("ghu_", 36), permissions: permissions},
	}
}

func mintFineGrained() string {
	return "github_pat_" + randomText(22, alphanumeric) + "_" + randomText(59, alphanumeric)
}

func (githubVendor) blocks() []Block {
	return []Block{BlockSuspended, BlockSSO, BlockPolicy, BlockIPAllowList, BlockLoginAttempts}
}

func (v githubVendor) behaviours() []Behaviour {
	if v.enterprise {
		return []Behaviour{ExpiryIsNow, PrivateMode, RateLimits, SlowRevocation, NoRevocation}
	}

	return []Behaviour{ExpiryIsNow, SlowRevocation}
}

// admit stores scopes as GitHub does, without those that others imply and sorted, and completes permissions.
func (githubVendor) admit(h *host, t *tokenState) error {
	if t.kind.permissions == nil {
		if len(t.Permissions) > 0 || len(t.Repositories) > 0 {
			return errors.New("only fine-grained and app tokens have permissions and a list of repositories")
		}

		t.Scopes = slices.DeleteFunc(t.Scopes, func(scope string) bool {
			return slices.ContainsFunc(t.Scopes, func(o string) bool { return o != scope && t.kind.includes(o, scope) })
		})
		slices.Sort(t.Scopes)
		t.Scopes = slices.Compact(t.Scopes)

		return nil
	}

	if t.Permissions == nil {
		t.Permissions = map[string]string{}
	}

	if l, ok := t.Permissions["repository_hooks"]; ok {
		t.Permissions["webhooks"] = l
		delete(t.Permissions, "repository_hooks")
	}

	t.Permissions["metadata"] = "read" // GitHub adds it to whatever is chosen
	if t.Kind == "app_installation" && t.account == nil {
		t.account = h.serviceAccount("codefresh-sandbox[bot]")
	}

	return h.checkRepositories(t.Repositories)
}

func (githubVendor) clonePath(path string) string { return "/" + path + ".git" }

func (githubVendor) checkPath(path string) error {
	if strings.Count(path, "/") != 1 {
		return fmt.Errorf("%q must be owner/name", path)
	}

	return nil
}

// githubRole is what the token's holder may do with a repository, before any scope or permission.
func (c *call) githubRole(r *repository) level {
	switch {
	case c.token == nil:
		return c.roleOf(nil, r)
	case c.token.Kind == "app_installation":
		if c.token.covers(r) {
			return levelAdmin
		}

		return c.roleOf(nil, r)
	}

	return c.roleOf(c.token.account, r)
}

// githubSees says whether the repository exists for the token.
func (c *call) githubSees(r *repository) bool {
	switch {
	case c.githubRole(r) < levelRead:
		return false
	case !r.Private:
		return true
	case c.token == nil:
		return false
	case c.token.kind.permissions != nil:
		return c.token.covers(r)
	}

	return c.token.holds("repo")
}

// githubForbids is the answer of an organisation that refuses the token. A person's own repositories know no such
// rules.
func (c *call) githubForbids(r *repository) (a answer, forbidden bool) {
	if c.token == nil || strings.EqualFold(r.owner(), c.token.Owner) {
		return answer{}, false
	}

	t, org := c.token, r.owner()

	ruled := func(what Rule) bool { return c.rules[rule{org, what}] }
	switch scoped := t.kind.permissions == nil; {
	case t.block == BlockIPAllowList || ruled(RuleIPAllowList):
		return githubMessage(403, "Although you appear to have the correct authorization credentials, the `"+org+"` "+
			"organization has an IP allow list enabled, and your IP address is not permitted to access this resource."), true
	case t.block == BlockSSO || (scoped && ruled(RuleSSO) && !slices.Contains(t.authorized, org)):
		a = githubMessage(403, "Resource protected by organization SAML enforcement. You must grant your Personal "+
			"Access token access to this organization.")
		authorize := "https://github.com/orgs/" + org + "/sso?authorization_request=" + strings.ToUpper(randomHex(16))

		return a.with("X-GitHub-SSO", "required; url="+authorize), true
	case t.Kind == "fine_grained" && (t.block == BlockPolicy || (ruled(RuleLifetime) && c.outlives(366))):
		return githubMessage(403, "The '"+org+"' organization forbids access via a fine-grained personal access "+
			"tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the "+
			"following URL: https://github.com/settings/personal-access-tokens/"+fmt.Sprint(t.id)), true
	case t.block == BlockPolicy || (t.Kind == "classic" && ruled(RuleNoClassic)):
		return githubMessage(403, "`"+org+"` forbids access via a personal access token (classic). Please use a "+
			"GitHub App, OAuth App, or a personal access token with fine-grained permissions."), true
	}

	return answer{}, false
}

// outlives says whether the token was made to live for more than so many days.
func (c *call) outlives(days int) bool {
	return c.token.ExpiresAt.IsZero() || c.token.ExpiresAt.After(c.token.created.AddDate(0, 0, days))
}
