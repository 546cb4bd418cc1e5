package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

func cloudUser(c *call, _ []string) answer {
	a := c.token.account

	return jsonAnswer(http.StatusOK, map[string]any{
		"type": "user", "account_id": "557058:" + randomlike(a.id), "uuid": "{" + randomlike(a.id) + "}",
		"username": a.login, "nickname": a.login, "display_name": a.login, "account_status": "active",
	})
}

// randomlike writes an account's number in the form of a UUID, so that it is the same at every request.
func randomlike(id int64) string {
	const digits = "0123456789abcdef"

	b := []byte("5f0c2f4e-8a51-4c1b-9b9d-000000000000")
	for i := len(b) - 1; id > 0; i-- {
		b[i] = digits[id%16]
		id /= 16
	}

	return string(b)
}

// reachedWorkspaces lists the workspaces in which the token's holder has a repository.
func (c *call) reachedWorkspaces() []string {
	var names []string
	for _, r := range c.repositories {
		if member := c.roleOf(c.token.account, r) > levelRead || r.roles[c.token.account.login] > levelNone; member &&
			!slices.Contains(names, r.owner()) {
			names = append(names, r.owner())
		}
	}

	return names
}

func cloudShowWorkspace(name string) map[string]any {
	return map[string]any{"type": "workspace", "slug": name, "name": name}
}

func cloudWorkspaces(c *call, _ []string) answer {
	values := []any{}
	for _, name := range c.reachedWorkspaces() {
		values = append(values, map[string]any{"type": "workspace_access", "workspace": cloudShowWorkspace(name)})
	}

	return cloudPage(values)
}

func cloudWorkspace(c *call, args []string) answer {
	if !slices.ContainsFunc(c.repositories, func(r *repository) bool { return strings.EqualFold(r.owner(), args[0]) }) {
		return cloudError(http.StatusNotFound, "No workspace with identifier '"+args[0]+"'.")
	}

	return jsonAnswer(http.StatusOK, cloudShowWorkspace(args[0]))
}

func cloudPage(values []any) answer {
	return jsonAnswer(http.StatusOK, map[string]any{"pagelen": 10, "page": 1, "size": len(values), "values": values})
}

func (c *call) cloudShow(r *repository) map[string]any {
	return map[string]any{
		"type": "repository", "full_name": r.Path, "name": r.name(), "slug": r.name(), "is_private": r.Private,
		"scm": "git", "workspace": cloudShowWorkspace(r.owner()),
		"mainbranch": map[string]string{"type": "branch", "name": "main"},
		"links": map[string]any{"clone": []any{map[string]string{
			"name": "https", "href": c.s.net.root(c.service) + c.vendor.clonePath(r.Path),
		}}},
	}
}

// cloudRepositories lists a workspace's repositories, those on which the holder has a role if one is asked for.
func cloudRepositories(c *call, args []string) answer {
	query := c.r.URL.Query()
	wanted := levelNone

	if role := query.Get("role"); role != "" {
		i := slices.Index([]string{"member", "contributor", "admin", "owner"}, role)
		if i < 0 {
			return cloudError(http.StatusBadRequest, "Invalid role: "+role)
		}

		wanted = min(level(i+1), levelAdmin)
	}

	fullName, err := cloudQuery(query.Get("q"))
	if err != nil {
		return cloudError(http.StatusBadRequest, "Invalid query: "+query.Get("q"))
	}

	values := []any{}

	for _, r := range c.repositories {
		if strings.EqualFold(r.owner(), args[0]) && (fullName == "" || strings.EqualFold(fullName, r.Path)) &&
			c.cloudLevel(r) >= max(wanted, levelRead) {
			values = append(values, c.cloudShow(r))
		}
	}

	return cloudPage(values)
}

func (c *call) cloudFind(args []string) (*repository, bool) {
	r := c.repository(args[0] + "/" + args[1])

	return r, r != nil && c.cloudLevel(r) >= levelRead
}

func cloudNoRepository() answer {
	return cloudError(http.StatusNotFound, "You may not have access to this repository or it no longer exists in this "+
		"workspace. If you think this repository exists and you have access, make sure you are authenticated.")
}

func cloudRepository(c *call, args []string) answer {
	r, ok := c.cloudFind(args)
	if !ok {
		return cloudNoRepository()
	}

	return jsonAnswer(http.StatusOK, c.cloudShow(r))
}

// cloudAdminList is a list for which the account, too, must administer the repository. A repository's access token with
// the scope is enough by itself.
func cloudAdminList(c *call, args []string) answer {
	r, ok := c.cloudFind(args)
	if !ok {
		return cloudNoRepository()
	}

	if c.cloudLevel(r) < levelAdmin && c.token.Kind != "access_token" {
		return cloudError(http.StatusForbidden, "Your credentials do not have admin access to this repository.")
	}

	return cloudPage([]any{})
}

// serveGit answers Git. Besides the account's own name, Atlassian names a fixed user for each kind of token.
func (v bitbucketCloudVendor) serveGit(c *call, g gitRequest) answer {
	r := c.repository(g.path)
	refused := textAnswer(http.StatusUnauthorized, "You may not have access to this repository or it no longer exists "+
		"in this workspace.\n").with("Www-Authenticate", `Basic realm="Bitbucket.org HTTP"`)

	if user, text, basic := c.basic(); basic {
		t := c.find(text)
		if t != nil && t.Kind == "app_password" && !c.on[AppPasswords] {
			return textAnswer(http.StatusGone, "CHANGE-2770 - Functionality has been deprecated\n")
		}

		if t == nil || !t.accepted(c.now) || !slices.Contains(t.cloudGitUsers(), user) {
			return refused
		}

		c.token = t
	}

	switch wanted := gitLevel(g); {
	case c.token == nil && (r == nil || c.cloudLevel(r) < wanted):
		return refused
	case r == nil || c.cloudLevel(r) < levelRead:
		return textAnswer(http.StatusNotFound, "Repository not found\n")
	case c.cloudLevel(r) < wanted || (c.token != nil && !c.token.holdsAny(cloudGitScopes(c.token.Kind, g.write)...)):
		return textAnswer(http.StatusForbidden, "Your credentials lack one or more required privilege scopes.\n")
	case g.write && r.Archived:
		return textAnswer(http.StatusForbidden, "This repository is archived.\n")
	}

	return c.speakGit(r, g)
}

func gitLevel(g gitRequest) level {
	if g.write {
		return levelWrite
	}

	return levelRead
}

func (t *tokenState) cloudGitUsers() []string {
	switch t.Kind {
	case "api_token":
		return []string{"x-bitbucket-api-token-auth", t.account.login}
	case "access_token", "oauth":
		return []string{"x-token-auth"}
	}

	return []string{t.account.login}
}

func cloudGitScopes(kind string, write bool) []string {
	switch {
	case kind == "api_token" && write:
		return []string{"write:repository:bitbucket"}
	case kind == "api_token":
		return []string{"read:repository:bitbucket"}
	case write:
		return []string{"repository:write"}
	}

	return []string{"repository"}
}
