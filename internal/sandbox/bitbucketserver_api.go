package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func dataCenterGetProject(c *call, args []string) answer {
	key := strings.ToUpper(args[0])
	switch {
	case !c.hasProject(key):
		return dataCenterError(http.StatusNotFound, dataCenterNoProject, "Project "+args[0]+" does not exist.")
	case !c.viewsProject(key):
		return dataCenterDenied()
	}

	return jsonAnswer(http.StatusOK, c.dataCenterShowProject(key))
}

func dataCenterProjectUsers(c *call, args []string) answer {
	key := strings.ToUpper(args[0])
	switch {
	case !c.hasProject(key):
		return dataCenterError(http.StatusNotFound, dataCenterNoProject, "Project "+args[0]+" does not exist.")
	case c.projectLevel(key, false) < levelAdmin:
		return dataCenterDenied()
	}

	user := map[string]any{"user": c.dataCenterShowUser(c.token.account), "permission": "PROJECT_ADMIN"}

	return c.dataCenterPage([]any{user})
}

// slug is what addresses have for the name of a user: other characters than these are underscores there. Users are
// found by it alone, so that ci@example.com does not exist where ci_example.com does (gitpod-io/gitpod #9592).
func (a *account) slug() string {
	if a.bot {
		return a.login
	}

	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-._", r) {
			return r
		}

		return '_'
	}, strings.ToLower(a.login))
}

// dataCenterUserOf finds a user by their slug.
func (c *call) dataCenterUserOf(slug string) (a *account, refusal answer) {
	for _, a := range c.accounts {
		if strings.EqualFold(a.slug(), slug) {
			return a, answer{}
		}
	}

	return nil, dataCenterError(http.StatusNotFound, "com.atlassian.bitbucket.user.NoSuchUserException",
		"User "+slug+" does not exist.")
}

func (c *call) dataCenterShowUser(a *account) map[string]any {
	kind := "NORMAL"
	if a.bot {
		kind = "SERVICE"
	}

	return map[string]any{
		"name": a.login, "slug": a.slug(), "id": a.id, "displayName": a.login, "emailAddress": a.email,
		"active": true, "type": kind,
	}
}

func (c *call) dataCenterShowRepository(r *repository) map[string]any {
	clone := c.s.net.root(c.service) + c.vendor.clonePath(r.Path)

	return map[string]any{
		"slug": r.name(), "id": r.id, "name": r.name(), "state": "AVAILABLE", "scmId": "git", "forkable": true,
		"public": !r.Private, "archived": r.Archived, "project": c.dataCenterShowProject(r.owner()),
		"links": map[string]any{"clone": []any{map[string]string{"href": clone, "name": "http"}}},
	}
}

// dataCenterFind finds the repository of a path; not ok means that refusal is the answer.
func (c *call) dataCenterFind(key, slug string, wanted level) (r *repository, refusal answer, ok bool) {
	key = strings.ToUpper(key)
	if !c.hasProject(key) {
		return nil, dataCenterError(http.StatusNotFound, dataCenterNoProject, "Project "+key+" does not exist."), false
	}

	r = c.repository(key + "/" + slug)
	if r == nil {
		return nil, dataCenterError(http.StatusNotFound, dataCenterNoRepository,
			"Repository "+key+"/"+slug+" does not exist."), false
	}

	if c.repositoryLevel(r, false) < wanted {
		return nil, dataCenterDenied(), false
	}

	return r, answer{}, true
}

func dataCenterGetRepository(c *call, args []string) answer {
	r, refusal, ok := c.dataCenterFind(args[0], args[1], levelRead)
	if !ok {
		return refusal
	}

	return jsonAnswer(http.StatusOK, c.dataCenterShowRepository(r))
}

// dataCenterAdminList is a list that only an administrator of the repository may read.
func dataCenterAdminList(c *call, args []string) answer {
	if _, refusal, ok := c.dataCenterFind(args[0], args[1], levelAdmin); !ok {
		return refusal
	}

	return c.dataCenterPage([]any{})
}

func dataCenterProjectRepositories(c *call, args []string) answer {
	key := strings.ToUpper(args[0])
	if !c.hasProject(key) {
		return dataCenterError(http.StatusNotFound, dataCenterNoProject, "Project "+args[0]+" does not exist.")
	}

	if !c.viewsProject(key) {
		return dataCenterDenied()
	}

	return c.dataCenterPage(c.dataCenterReadable(levelRead, false, func(r *repository) bool { return r.owner() == key }))
}

// dataCenterReadable lists the repositories on which the token has a level.
func (c *call) dataCenterReadable(wanted level, ownerOnly bool, keep func(r *repository) bool) []any {
	values := []any{}

	for _, r := range c.repositories {
		if keep(r) && c.repositoryLevel(r, ownerOnly) >= wanted {
			values = append(values, c.dataCenterShowRepository(r))
		}
	}

	return values
}

// dataCenterRepositories searches all repositories. name is a part of the name, so other repositories may match, too.
func dataCenterRepositories(c *call, _ []string) answer {
	wanted, ok := c.filterLevel("REPO_", levelRead)
	if !ok {
		return c.dataCenterBadFilter()
	}

	query := c.r.URL.Query()
	if c.token == nil && query.Get("permission") != "" {
		return c.dataCenterPage([]any{}) // anonymous callers have no permissions, whatever is public
	}

	contains := func(text, part string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(part)) }

	return c.dataCenterPage(c.dataCenterReadable(wanted, c.on[OwnerFilters], func(r *repository) bool {
		key, name := query.Get("projectkey"), query.Get("projectname")

		return (key == "" || strings.EqualFold(key, r.owner())) && contains(r.owner(), name) &&
			contains(r.name(), query.Get("name"))
	}))
}

func dataCenterUser(c *call, args []string) answer {
	a, refusal := c.dataCenterUserOf(args[0])
	switch {
	case c.token == nil:
		return dataCenterDenied()
	case a == nil:
		return refusal
	}

	return jsonAnswer(http.StatusOK, c.dataCenterShowUser(a))
}

// dataCenterPostRepository makes a repository in somebody's personal project, which takes PROJECT_ADMIN there. The
// permission is checked before the name.
func dataCenterPostRepository(c *call, args []string) answer {
	a, refusal := c.dataCenterUserOf(args[0])
	switch {
	case c.token != nil && a == nil:
		return refusal
	case c.token == nil, c.token.account != a, a.bot, !c.token.holds("PROJECT_ADMIN"):
		return dataCenterDenied()
	}

	name, _ := c.fields()["name"].(string)
	if name == "" || strings.ContainsAny(name[:1], "!-._") {
		return dataCenterError(http.StatusBadRequest, "", "Repository names are limited to 128 characters. They must "+
			"start with a letter or number and may contain spaces, hyphens, underscores, and periods.")
	}

	c.changed("created repository ~%s/%s", args[0], name)

	return jsonAnswer(http.StatusCreated, map[string]any{"slug": strings.ToLower(name), "name": name})
}

// tokenRecord is what a token may read about tokens: nothing, unless OwnTokenRecord lets it read its own record.
func (v dataCenterVendor) tokenRecord(c *call) answer {
	t := c.token
	if t == nil || !c.on[OwnTokenRecord] || c.r.Method != http.MethodGet {
		return dataCenterDenied()
	}

	where := []string{"users", t.account.slug()}
	if len(t.Repositories) == 1 {
		key, slug, isRepository := strings.Cut(t.Repositories[0], "/")

		where = []string{"projects", key}
		if isRepository {
			where = append(where, "repos", slug)
		}
	}

	record := map[string]any{
		"id": strconv.FormatInt(t.id, 10), "name": "codefresh", "createdDate": t.created.UnixMilli(),
		"lastAuthenticated": c.now.UnixMilli(), "permissions": t.Scopes, "user": c.dataCenterShowUser(t.account),
	}
	if !t.ExpiresAt.IsZero() {
		record["expiryDate"] = t.ExpiresAt.UnixMilli()
	}

	switch {
	case slices.Equal(c.path, where):
		return c.dataCenterPage([]any{record})
	case slices.Equal(c.path, append(where, strconv.FormatInt(t.id, 10))):
		return jsonAnswer(http.StatusOK, record)
	}

	return dataCenterDenied()
}
