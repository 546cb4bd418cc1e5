package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// project finds the project of a path's :id, a number or a full path, if the token may see it.
func (c *call) project(id string) (*repository, bool) {
	if to := c.moved[strings.ToLower(id)]; to != nil && c.repository(id) == nil {
		id = to.Path
	}

	i := slices.IndexFunc(c.repositories, func(r *repository) bool {
		return strings.EqualFold(r.Path, id) || strconv.FormatInt(r.id, 10) == id
	})
	if i < 0 || !c.gitlabSees(c.repositories[i]) {
		return nil, false
	}

	return c.repositories[i], true
}

func gitlabNoProject() answer { return gitlabMessage(http.StatusNotFound, "404 Project Not Found") }

func (c *call) gitlabShow(r *repository) map[string]any {
	visibility := "public"
	if r.Private {
		visibility = "private"
	}

	shown := map[string]any{
		"id": r.id, "name": r.name(), "path": r.name(), "path_with_namespace": r.Path, "visibility": visibility,
		"default_branch": "main", "archived": r.Archived, "empty_repo": r.Empty,
		"http_url_to_repo": c.s.net.root(c.service) + c.vendor.clonePath(r.Path), "namespace": c.gitlabNamespace(r),
	}
	if c.token != nil {
		var access any
		if l := c.gitlabMembership(r); l > gitlabNone {
			access = map[string]int{"access_level": l, "notification_level": 3}
		}

		shown["permissions"] = map[string]any{"project_access": access, "group_access": nil}
	}

	return shown
}

// gitlabNamespace is what a project belongs to: the group right above it, or a person.
func (c *call) gitlabNamespace(r *repository) map[string]any {
	path := r.Path[:strings.LastIndex(r.Path, "/")]

	shown := map[string]any{
		"id": c.groupID(path), "name": path[strings.LastIndex(path, "/")+1:], "path": path[strings.LastIndex(path, "/")+1:],
		"kind": "group", "full_path": path, "parent_id": nil,
		"web_url": c.s.net.root(c.service) + "/groups/" + path, "avatar_url": nil,
	}
	if i := strings.LastIndex(path, "/"); i >= 0 {
		shown["parent_id"] = c.groupID(path[:i])
	}

	if _, person := c.accounts[path]; person {
		shown["kind"] = "user"
	}

	return shown
}

func gitlabProject(c *call, args []string) answer {
	r, ok := c.project(args[0])
	if !ok {
		return gitlabNoProject()
	}

	return jsonAnswer(http.StatusOK, c.gitlabShow(r))
}

func gitlabProjects(c *call, _ []string) answer {
	query := c.r.URL.Query()
	least := gitlabNone

	if text := query.Get("min_access_level"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return jsonAnswer(http.StatusBadRequest, map[string]string{"error": "min_access_level does not have a valid value"})
		}

		least = n
	}

	if query.Get("membership") == "true" {
		least = max(least, gitlabReporter)
	}

	list := []any{}

	for _, r := range c.repositories {
		if c.gitlabSees(r) && c.gitlabMembership(r) >= least {
			list = append(list, c.gitlabShow(r))
		}
	}

	return jsonAnswer(http.StatusOK, list)
}

func gitlabPostProject(c *call, _ []string) answer {
	given := c.fields()

	name, _ := given["name"].(string)
	if path, ok := given["path"].(string); ok && path != "" {
		name = path
	}

	if name == "" {
		return jsonAnswer(http.StatusBadRequest, map[string]string{
			"error": "name, path are missing, at least one parameter must be provided",
		})
	}

	return jsonAnswer(http.StatusCreated, c.gitlabShow(c.gitlabCreate(c.token.Owner+"/"+name)))
}

// gitlabCreate makes a private, empty project of the token's account.
func (c *call) gitlabCreate(path string) *repository {
	r := &repository{
		Repository: Repository{Service: c.service, Path: path, Private: true, Empty: true},
		roles:      map[string]level{c.token.Owner: levelAdmin}, commit: firstCommit(path),
	}
	c.add(r)
	c.changed("created project %s", path)

	return r
}

func (c *call) gitlabShowMember(a *account, l int) map[string]any {
	shown := c.gitlabShowAccount(a)
	maps.Copy(shown, map[string]any{
		"access_level": l, "created_at": gitlabEpoch, "expires_at": nil, "membership_state": "active",
	})

	return shown
}

func gitlabMembers(c *call, args []string) answer {
	r, ok := c.project(args[0])
	if !ok {
		return gitlabNoProject()
	}

	list := []any{}

	for _, a := range c.accounts {
		if l := c.gitlabLevel(a, r); l > gitlabNone {
			list = append(list, c.gitlabShowMember(a, l))
		}
	}

	return jsonAnswer(http.StatusOK, list)
}

func gitlabMember(c *call, args []string) answer {
	r, ok := c.project(args[0])
	if !ok {
		return gitlabNoProject()
	}

	for _, a := range c.accounts {
		if l := c.gitlabLevel(a, r); strconv.FormatInt(a.id, 10) == args[1] && l > gitlabNone {
			return jsonAnswer(http.StatusOK, c.gitlabShowMember(a, l))
		}
	}

	return gitlabMessage(http.StatusNotFound, "404 Not found")
}

func gitlabHooks(c *call, args []string) answer {
	r, ok := c.project(args[0])
	if !ok {
		return gitlabNoProject()
	}

	if c.gitlabMembership(r) < gitlabMaintainer {
		return gitlabMessage(http.StatusForbidden, "403 Forbidden")
	}

	return jsonAnswer(http.StatusOK, []any{})
}

// serveGit answers Git's own requests; everything else on the web side is a page that the sandbox does not have.
func (v gitlabVendor) serveGit(c *call) answer {
	g, ok := c.gitRequest()
	if !ok {
		return gitlabPage()
	}

	if !g.proper {
		return textAnswer(http.StatusForbidden, "")
	}

	r := c.repository(g.path)
	if r == nil {
		r = c.moved[strings.ToLower(g.path)] // Git is told that it moved, and served
	}

	_, text, basic := c.basic()
	if basic {
		c.token = c.find(text)
		if c.token == nil || c.token.revoked || c.token.expired(c.now) {
			return gitlabGitRefusal()
		}
	}

	switch {
	case c.token == nil:
		if r == nil || r.Private || g.write {
			return gitlabGitRefusal()
		}

		return c.speakGit(r, g)
	case c.token.block == BlockSuspended:
		return textAnswer(http.StatusForbidden, "Your account has been blocked.")
	case c.token.Kind != "granular" && !c.gitlabMayGit(g.write):
		return textAnswer(http.StatusForbidden, gitlabGitDenial(g.write))
	}

	if r == nil && g.write && strings.HasPrefix(g.path, c.token.Owner+"/") && c.mayAt("create_project", nil) {
		return c.speakGit(c.gitlabCreate(g.path), g) // asking about a push is enough for GitLab to make the project
	}

	if r == nil || !c.gitlabSees(r) {
		return textAnswer(http.StatusNotFound,
			"The project you were looking for could not be found or you don't have permission to view it.")
	}

	permission := "download_code"
	if g.write {
		permission = "push_code"
	}

	if public := !r.Private && !g.write; !public && !c.mayAt(permission, r) {
		return textAnswer(http.StatusForbidden, gitlabGranularDenial(permission, r))
	}

	if g.write && c.gitlabMembership(r) < gitlabDeveloper {
		return textAnswer(http.StatusForbidden, "You are not allowed to push code to this project.")
	}

	if g.write && r.Archived {
		return textAnswer(http.StatusForbidden, "You can't push code to an archived project.")
	}

	return c.speakGit(r, g)
}

func (c *call) gitlabMayGit(write bool) bool {
	if write {
		return c.token.holds("write_repository")
	}

	return c.token.holdsAny("read_repository", "read_api")
}

func gitlabGitDenial(write bool) string {
	if write {
		return "You are not allowed to upload code."
	}

	return "You are not allowed to download code from this project."
}

func gitlabGitRefusal() answer {
	a := textAnswer(http.StatusUnauthorized, "HTTP Basic: Access denied. If a password was provided for Git "+
		"authentication, the password was incorrect or you're required to use a token instead of a password.\n")

	return a.with("Www-Authenticate", fmt.Sprintf("Basic realm=%q", "GitLab"))
}
