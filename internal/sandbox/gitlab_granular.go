package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Grant is a part of what a granular token of GitLab may do: assignable permissions, and where they count.
type Grant struct {
	// Access is "personal_projects" (those below the owner's own name), "selected_memberships" (one project, or one group
	// with all below it), "all_memberships", "user" (the owner's account) or "instance".
	Access      string   `json:"access"`
	Permissions []string `json:"permissions"` // such as "download_code"
	// Project or Group is the path of the one that is selected.
	Project string `json:"project,omitempty"`
	Group   string `json:"group,omitempty"`
}

const (
	accessPersonal = "personal_projects"
	accessSelected = "selected_memberships"
	accessAll      = "all_memberships"
	accessUser     = "user"
	accessInstance = "instance"
)

// granularPermissions are assignable permissions that matter to Git, and some that do not: each with the words for it,
// and whether it counts for the owner's account (GitLab source, config/authz/permission_groups/assignable_permissions).
func granularPermissions() map[string]struct {
	words string
	user  bool
} {
	type permission = struct {
		words string
		user  bool
	}

	return map[string]permission{
		"download_code": {"Code: Download", false}, "push_code": {"Code: Push", false},
		"read_project": {"Project: Read", true}, "create_project": {"Project: Create", true},
		"update_project": {"Project: Update", false}, "read_member": {"Member: Read", false},
		"read_group": {"Group: Read", false}, "create_webhook": {"Webhook: Create", false},
		"read_webhook": {"Webhook: Read", false}, "update_webhook": {"Webhook: Update", false},
		"delete_webhook": {"Webhook: Delete", false}, "test_webhook": {"Webhook: Test", false},
		"read_job": {"Job: Read", false}, "read_repository": {"Repository: Read", false},
		"read_user": {"User: Read", true}, "read_metadata": {"Metadata: Read", true},
		"read_personal_access_token":   {"Personal Access Token: Read", true},
		"revoke_personal_access_token": {"Personal Access Token: Revoke", true},
	}
}

// granularShorthand is what Permissions of a granular token stand for: "push_code" and the like grant everywhere, as
// resource and level do.
func granularShorthand(permissions map[string]string) []Grant {
	everywhere, account := Grant{Access: accessAll}, Grant{Access: accessUser}
	of := map[string][]string{
		"personal_access_token:read": {"read_personal_access_token"}, "user:read": {"read_user"},
		"metadata:read": {"read_metadata"}, "project:read": {"read_project"},
		"project:write": {"read_project", "create_project"}, "member:read": {"read_member"},
		"member:write": {"read_member"}, "repository:read": {"download_code"},
		"repository:write": {"download_code", "push_code"}, "webhook:read": {"read_webhook"},
		"webhook:write": {"read_webhook", "create_webhook", "update_webhook", "delete_webhook"},
	}
	known := granularPermissions()

	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		for _, p := range of[name+":"+permissions[name]] {
			if known[p].user {
				account.Permissions = append(account.Permissions, p)
			}

			if !known[p].user || p == "read_project" {
				everywhere.Permissions = append(everywhere.Permissions, p)
			}
		}
	}

	var grants []Grant

	for _, g := range []Grant{account, everywhere} {
		if len(g.Permissions) > 0 {
			grants = append(grants, g)
		}
	}

	return grants
}

// checkGrants refuses grants that GitLab does not give.
func (h *host) checkGrants(grants []Grant) error {
	known := granularPermissions()

	for _, g := range grants {
		if !slices.Contains([]string{accessPersonal, accessSelected, accessAll, accessUser, accessInstance}, g.Access) {
			return fmt.Errorf("%q is no access of a grant", g.Access)
		}

		if (g.Access == accessSelected) != (g.Project != "" || g.Group != "") || (g.Project != "" && g.Group != "") {
			return errors.New("a grant names a project or a group if it is for selected_memberships, and only then")
		}

		if g.Project != "" && h.repository(g.Project) == nil {
			return fmt.Errorf("there is no project %q: add it first", g.Project)
		}

		for _, p := range g.Permissions {
			if _, ok := known[p]; !ok {
				return fmt.Errorf("the sandbox knows no permission %q; it has %s", p,
					strings.Join(slices.Sorted(maps.Keys(known)), " "))
			}
		}
	}

	return nil
}

// permitted says whether a granular token has a permission: at a project, or for its owner's account without one.
func (c *call) permitted(permission string, r *repository) bool {
	return slices.ContainsFunc(c.token.Grants, func(g Grant) bool {
		if !slices.Contains(g.Permissions, permission) {
			return false
		}

		if r == nil {
			return g.Access == accessUser || g.Access == accessInstance
		}

		switch g.Access {
		case accessPersonal:
			return strings.EqualFold(r.owner(), c.token.Owner)
		case accessAll:
			return c.gitlabMembership(r) > gitlabNone
		case accessSelected:
			return strings.EqualFold(g.Project, r.Path) || below(r.Path, g.Group)
		}

		return false
	})
}

// below says whether a path is that of a project or group in a group.
func below(path, group string) bool {
	return group != "" && strings.HasPrefix(strings.ToLower(path), strings.ToLower(group)+"/")
}

// mayAt is what granular tokens are asked, and classic ones, too, where the project's top-level group enforces that.
func (c *call) mayAt(permission string, r *repository) bool {
	switch {
	case c.token.Kind == "granular":
		return c.permitted(permission, r)
	case r == nil || strings.EqualFold(r.owner(), c.token.Owner):
		return true
	}

	return c.token.block != BlockGranularEnforce && !c.rules[rule{r.owner(), RuleGranular}]
}

// gitlabGranularDenial words what was missing. GitLab says so to classic tokens as well.
func gitlabGranularDenial(permission string, r *repository) string {
	boundary := "user"
	if r != nil {
		boundary = "project"
	}

	return "Access denied: This operation requires a fine-grained personal access token with the following " +
		boundary + " permissions: [" + granularPermissions()[permission].words + "]."
}

func gitlabNotGranted(permission string, r *repository) answer {
	return jsonAnswer(http.StatusForbidden, map[string]string{
		"error": "insufficient_granular_scope", "error_description": gitlabGranularDenial(permission, r),
	})
}

// shownGrants is granular_scopes as GitLab shows it.
func (c *call) shownGrants() []any {
	shown := []any{}

	for _, g := range c.token.Grants {
		entry := map[string]any{
			"access": g.Access, "permissions": append([]string{}, g.Permissions...), "project_id": nil, "group_id": nil,
		}
		if r := c.repository(g.Project); r != nil {
			entry["project_id"] = r.id
		}

		if g.Group != "" {
			entry["group_id"] = c.groupID(g.Group)
		}

		shown = append(shown, entry)
	}

	return shown
}

// groupID is the number of a group or organisation, which is made if new.
func (h *host) groupID(path string) int64 {
	path = strings.ToLower(path)
	if h.groups[path] == 0 {
		h.groups[path] = h.s.nextID()
	}

	return h.groups[path]
}
