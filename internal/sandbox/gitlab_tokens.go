package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// gitlabImplies is what GitLab's abilities of each scope amount to, among the scopes themselves (lib/gitlab/auth.rb).
func gitlabImplies() map[string][]string {
	return map[string][]string{
		"api":              {"read_api", "write_repository"},
		"read_api":         {"read_user"},
		"write_repository": {"read_repository"},
	}
}

func (v gitlabVendor) kinds() map[string]tokenKind {
	implies := gitlabImplies()
	bot := []string{
		"api", "read_api", "read_repository", "write_repository", "read_registry", "write_registry",
		"create_runner", "manage_runner", "ai_features", "k8s_proxy", "self_rotate",
	}

	personal := append(slices.Clone(bot), "read_user")
	if !v.public {
		personal = append(personal, "sudo", "admin_mode", "read_service_ping") // an administrator's
	}

	oauth := append(slices.Clone(personal), "openid", "profile", "email")

	return map[string]tokenKind{
		"personal": {mint: mintRoutable, scopes: personal, implies: implies},
		"project":  {mint: mintRoutable, scopes: bot, implies: implies},
		"group":    {mint: mintRoutable, scopes: bot, implies: implies},
		"oauth":    {mint: func() string { return randomHex(32) }, scopes: oauth, implies: implies},
		"granular": {mint: mintRoutable, scopes: []string{"granular"}, permissions: map[string]string{
			"personal_access_token": "read", "user": "read", "metadata": "read", "project": "write",
			"member": "write", "repository": "write", "webhook": "write",
		}},
	}
}

// blocks of a self-managed GitLab lack the last: enforcing granular tokens there is about those that are made from then
// on.
func (v gitlabVendor) blocks() []Block {
	if v.public {
		return []Block{BlockSuspended, BlockDPoP, BlockGranularEnforce}
	}

	return []Block{BlockSuspended, BlockDPoP}
}

func (gitlabVendor) behaviours() []Behaviour {
	return []Behaviour{NoTokenSelf, TokenSelfIsID, GrantsByID}
}

// admit rounds the expiry to a date, which is all that GitLab stores, and gives bots their accounts. It rounds down
// unless that would make a live token an expired one.
func (gitlabVendor) admit(h *host, t *tokenState) error {
	live, day := !t.expired(h.s.now()), 24*time.Hour

	t.ExpiresAt = t.ExpiresAt.UTC().Truncate(day) // days counted from Go's zero time are UTC days
	if live && t.expired(h.s.now()) {
		t.ExpiresAt = t.ExpiresAt.Add(day)
	}

	if t.Kind == "granular" {
		t.Scopes = []string{"granular"}
		if t.Permissions != nil {
			t.Grants = granularShorthand(t.Permissions)
		}

		return h.checkGrants(t.Grants)
	}

	if len(t.Permissions) > 0 || len(t.Grants) > 0 {
		return errors.New("only granular tokens have permissions")
	}

	if len(t.Scopes) == 0 {
		return errors.New("GitLab makes no token without a scope")
	}

	switch t.Kind {
	case "project":
		if len(t.Repositories) != 1 {
			return errors.New("a project token belongs to exactly one project: name it in Repositories")
		}

		if err := h.checkRepositories(t.Repositories); err != nil {
			return err
		}

		t.bot(h, "project", h.repository(t.Repositories[0]).id)
	case "group":
		if len(t.Repositories) != 1 {
			return errors.New("a group token belongs to exactly one group: name it in Repositories")
		}

		t.bot(h, "group", h.s.nextID())
	default:
		if len(t.Repositories) > 0 {
			return errors.New("only project and group tokens are limited to a project or group")
		}
	}

	return nil
}

// bot gives a token the account that GitLab makes for it, unless it has it already.
func (t *tokenState) bot(h *host, of string, id int64) {
	if t.account == nil {
		t.account = h.serviceAccount(fmt.Sprintf("%s_%d_bot_%s", of, id, randomHex(16)))
	}
}

func (v gitlabVendor) clonePath(path string) string { return v.root + "/" + path + ".git" }

func (gitlabVendor) checkPath(string) error { return nil }

// GitLab's access levels.
const (
	gitlabNone       = 0
	gitlabReporter   = 20
	gitlabDeveloper  = 30
	gitlabMaintainer = 40
	gitlabOwner      = 50
)

// gitlabMembership is the token account's access level by membership; being public gives none.
func (c *call) gitlabMembership(r *repository) int {
	if c.token == nil {
		return gitlabNone
	}

	return c.gitlabLevel(c.token.account, r)
}

func (c *call) gitlabLevel(a *account, r *repository) int {
	for _, t := range c.s.tokens {
		if t.account != a || t.Service != c.service || len(t.Repositories) == 0 {
			continue
		}

		prefix := t.Repositories[0]
		if strings.EqualFold(prefix, r.Path) || (t.Kind == "group" && strings.HasPrefix(r.Path, prefix+"/")) {
			return gitlabMaintainer
		}
	}

	if strings.EqualFold(a.login, r.owner()) {
		return gitlabOwner
	}

	return []int{gitlabNone, gitlabReporter, gitlabDeveloper, gitlabMaintainer}[r.roles[a.login]]
}

// gitlabSees says whether the project exists for the token.
func (c *call) gitlabSees(r *repository) bool {
	return !r.Private || c.gitlabMembership(r) >= gitlabReporter
}
