package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// dataCenterVendor is Bitbucket Data Center, formerly Server.
type dataCenterVendor struct{}

func (dataCenterVendor) apiPath() string { return "" }

const (
	dataCenterBadLogin     = "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"
	dataCenterNotPermitted = "com.atlassian.bitbucket.AuthorisationException"
	dataCenterNoProject    = "com.atlassian.bitbucket.project.NoSuchProjectException"
	dataCenterNoRepository = "com.atlassian.bitbucket.repository.NoSuchRepositoryException"
)

func dataCenterError(status int, exception, message string) answer {
	var name any = exception
	if exception == "" {
		name = nil
	}

	a := jsonAnswer(status, map[string]any{
		"errors": []any{map[string]any{"context": nil, "message": message, "exceptionName": name}},
	})
	a.header.Set("Content-Type", "application/json;charset=UTF-8")

	return a
}

// dataCenterDenied is a 401: Bitbucket Data Center has no other word for a missing permission.
func dataCenterDenied() answer {
	return dataCenterError(http.StatusUnauthorized, dataCenterNotPermitted,
		"You are not permitted to access this resource")
}

func (v dataCenterVendor) serve(c *call) answer {
	// HTTP access tokens are known below these two only; elsewhere a caller is asked to log in (since 8.9.22).
	scheme, _ := credential(c.r.Header)
	switch {
	case c.path[0] == "rest" || c.path[0] == "scm" || scheme == "":
	case c.path[0] == "login":
		return textAnswer(http.StatusOK, "<!DOCTYPE html><html><title>Log in - Bitbucket</title></html>\n").
			with("Content-Type", "text/html;charset=UTF-8")
	default:
		return textAnswer(http.StatusFound, "").with("Location", c.here("")+"/login?next="+url.QueryEscape(c.r.URL.Path))
	}

	anonymousToo := v.allowsAnonymous(c)

	refusal, ok := v.authenticate(c, anonymousToo)
	if ok {
		refusal = v.route(c)
	}

	a := refusal.with("X-AREQUESTID", dataCenterRequestID(c.now))
	if c.token != nil {
		// The login is URL-encoded: those of service accounts have slashes.
		a = a.with("X-AUSERNAME", url.QueryEscape(c.token.account.login)).
			with("X-AUSERID", strconv.FormatInt(c.token.account.id, 10))
	}

	return a
}

// allowsAnonymous says whether the path answers without a credential.
func (dataCenterVendor) allowsAnonymous(c *call) bool {
	return slices.Contains(c.path, "application-properties") || slices.Contains(c.path, "whoami")
}

// authenticate finds the request's token: Bearer for all, Basic with the owner's login for personal ones.
func (v dataCenterVendor) authenticate(c *call, anonymousToo bool) (refusal answer, ok bool) {
	scheme, text := credential(c.r.Header)
	if scheme == "" {
		return answer{}, true
	}

	t := c.find(text)
	switch {
	case t == nil || !t.accepted(c.now):
		t = nil
	case strings.EqualFold(scheme, "Bearer"):
	case strings.EqualFold(scheme, "Basic"):
		if user, _, _ := c.basic(); t.Kind != "http_access" || !strings.EqualFold(user, t.account.login) {
			t = nil
		}
	default:
		t = nil
	}

	if t == nil {
		if anonymousToo && c.on[AnonymousOnBadToken] {
			return answer{}, true
		}

		return dataCenterError(http.StatusUnauthorized, dataCenterBadLogin,
			"Authentication failed. Please check your credentials and try again."), false
	}

	c.token = t

	return answer{}, true
}

func (v dataCenterVendor) route(c *call) answer {
	if g, ok := c.gitRequest(); ok && g.proper && strings.HasPrefix(g.path, "scm/") {
		return v.serveGit(c, g)
	}

	if _, ok := c.match("plugins/servlet/applinks/whoami"); ok {
		return textAnswer(http.StatusOK, "") // whom nobody has logged in
	}

	for _, version := range []string{"1.0", "latest"} {
		if c.under("/rest/api/" + version) {
			return v.routeAPI(c)
		}

		if c.under("/rest/access-tokens/" + version) {
			return v.tokenRecord(c)
		}
	}

	return dataCenterNotFound()
}

func dataCenterNotFound() answer {
	return textAnswer(http.StatusNotFound, "<html><head><title>Oops, you've found a dead link.</title></head></html>").
		with("Content-Type", "text/html;charset=UTF-8")
}

type dataCenterEndpoint struct {
	method, pattern string
	serve           func(c *call, args []string) answer
}

func (v dataCenterVendor) routeAPI(c *call) answer {
	endpoints := []dataCenterEndpoint{
		{http.MethodGet, "application-properties", dataCenterProperties},
		{http.MethodGet, "projects", dataCenterProjects},
		{http.MethodGet, "projects/*", dataCenterGetProject},
		{http.MethodGet, "projects/*/permissions/users", dataCenterProjectUsers},
		{http.MethodGet, "projects/*/repos", dataCenterProjectRepositories},
		{http.MethodGet, "projects/*/repos/*", dataCenterGetRepository},
		{http.MethodGet, "projects/*/repos/*/permissions/users", dataCenterAdminList},
		{http.MethodGet, "projects/*/repos/*/webhooks", dataCenterAdminList},
		{http.MethodGet, "repos", dataCenterRepositories},
		{http.MethodGet, "users/*", dataCenterUser},
		{http.MethodPost, "users/*/repos", dataCenterPostRepository},
	}

	method, found := c.r.Method, false
	if method == http.MethodHead {
		method = http.MethodGet
	}

	for _, e := range endpoints {
		if args, ok := c.match(e.pattern); ok {
			found = true

			if e.method == method {
				return e.serve(c, args)
			}
		}
	}

	if found {
		return dataCenterError(http.StatusMethodNotAllowed, "", "HTTP 405 Method Not Allowed")
	}

	return dataCenterNotFound()
}

func dataCenterProperties(*call, []string) answer {
	return jsonAnswer(http.StatusOK, map[string]string{
		"version": "9.4.12", "buildNumber": "9004012", "buildDate": "1748908800000", "displayName": "Bitbucket",
	})
}

// dataCenterPage is one page of a list, by the request's start and limit.
func (c *call) dataCenterPage(values []any) answer {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(c.r.URL.Query().Get(name)); err == nil && n >= 0 {
			return n
		}

		return otherwise
	}
	limit, start := number("limit", 25), number("start", 0)
	page := values[min(start, len(values)):min(start+limit, len(values))]
	last := start+len(page) >= len(values)

	shown := map[string]any{
		"size": len(page), "limit": limit, "isLastPage": last, "values": page, "start": start,
	}
	if !last {
		shown["nextPageStart"] = start + len(page)
	}

	return jsonAnswer(http.StatusOK, shown)
}

// filterLevel reads permission=<prefix>_READ and the like; not ok means that Bitbucket knows no such permission.
func (c *call) filterLevel(prefix string, otherwise level) (level, bool) {
	text := c.r.URL.Query().Get("permission")
	if text == "" {
		return otherwise, true
	}

	if text == "PROJECT_VIEW" && prefix == "PROJECT_" {
		return levelNone, true
	}

	l, err := parseLevel(strings.ToLower(strings.TrimPrefix(text, prefix)))
	if err != nil || !strings.HasPrefix(text, prefix) || text != strings.ToUpper(text) {
		return levelNone, false
	}

	return l, true
}

func (c *call) dataCenterBadFilter() answer {
	return dataCenterError(http.StatusBadRequest, "com.atlassian.bitbucket.validation.ArgumentValidationException",
		"Permission "+c.r.URL.Query().Get("permission")+" is not a valid permission for this filter.")
}

// viewsProject is PROJECT_VIEW: a level on the project, or a repository in it that the token reads.
func (c *call) viewsProject(key string) bool {
	return c.projectLevel(key, false) >= levelRead || slices.ContainsFunc(c.repositories, func(r *repository) bool {
		return r.owner() == key && c.repositoryLevel(r, false) >= levelRead
	})
}

func (c *call) dataCenterShowProject(key string) map[string]any {
	i := slices.IndexFunc(c.repositories, func(r *repository) bool { return r.owner() == key })

	return map[string]any{
		"key": key, "id": c.repositories[i].id, "name": key, "public": false, "type": "NORMAL",
		"links": map[string]any{"self": []any{map[string]string{"href": c.s.net.root(c.service) + "/projects/" + key}}},
	}
}

func (c *call) projectKeys() []string {
	var keys []string
	for _, r := range c.repositories {
		if !slices.Contains(keys, r.owner()) {
			keys = append(keys, r.owner())
		}
	}

	return keys
}

func dataCenterProjects(c *call, _ []string) answer {
	wanted, ok := c.filterLevel("PROJECT_", levelNone)
	if !ok {
		return c.dataCenterBadFilter()
	}

	if c.token == nil {
		return dataCenterDenied()
	}

	values := []any{}

	for _, key := range c.projectKeys() {
		if (wanted == levelNone && c.viewsProject(key)) ||
			(wanted > levelNone && c.projectLevel(key, c.on[OwnerFilters]) >= wanted) {
			values = append(values, c.dataCenterShowProject(key))
		}
	}

	return c.dataCenterPage(values)
}

func (v dataCenterVendor) serveGit(c *call, g gitRequest) answer {
	r := c.repository(strings.TrimPrefix(g.path, "scm/"))
	unauthorized := textAnswer(http.StatusUnauthorized, "Authentication required\n").
		with("Www-Authenticate", `Basic realm="Atlassian Bitbucket"`)

	wanted := levelRead
	if g.write {
		wanted = levelWrite
	}

	switch {
	case c.token == nil && (r == nil || c.repositoryLevel(r, false) < wanted):
		return unauthorized
	case r == nil || c.repositoryLevel(r, false) < levelRead:
		return textAnswer(http.StatusNotFound, "Repository not found\nThe requested repository does not exist, or you "+
			"do not have permission to access it.\n")
	case c.repositoryLevel(r, false) < wanted:
		return textAnswer(http.StatusForbidden, "You are not permitted to push to this repository.\n")
	case g.write && r.Archived:
		return textAnswer(http.StatusForbidden, "This repository is archived and read-only.\n")
	}

	return c.speakGit(r, g)
}
