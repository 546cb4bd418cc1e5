package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gitlabVendor is GitLab.com, or a self-managed GitLab below a relative root.
type gitlabVendor struct {
	root   string
	public bool
}

func (v gitlabVendor) apiPath() string {
	if v.public {
		return "/api/v4"
	}

	return v.root // users configure the address of the installation
}

// gitlabEndpoint is one endpoint of the API: what it asks of a token, and what it does.
type gitlabEndpoint struct {
	method, pattern string
	scopes          []string // any of them; nil means any scope at all
	permission      string   // of granular tokens: at the project that the first star stands for, or for the account
	anonymous       bool
	serve           func(c *call, args []string) answer
}

func gitlabEndpoints() []gitlabEndpoint {
	reading, user := []string{"api", "read_api"}, []string{"api", "read_api", "read_user"}

	const self, project = "read_personal_access_token", "read_project"

	get, post, remove, all := http.MethodGet, http.MethodPost, http.MethodDelete, []string(nil)

	return []gitlabEndpoint{
		{get, "personal_access_tokens/self", all, self, false, gitlabSelf},
		{remove, "personal_access_tokens/self", all, "revoke_personal_access_token", false, gitlabRevokeSelf},
		{get, "personal_access_tokens/self/associations", all, self, false, gitlabAssociations},
		{get, "personal_access_tokens/*", reading, self, false, gitlabTokenByID},
		{get, "user", user, "read_user", false, gitlabUser},
		{get, "version", user, "read_metadata", false, gitlabVersion},
		{get, "metadata", user, "read_metadata", false, gitlabVersion},
		{get, "projects", reading, project, true, gitlabProjects},
		{post, "projects", []string{"api"}, "create_project", false, gitlabPostProject},
		{get, "projects/*", reading, project, true, gitlabProject},
		{get, "projects/*/members/all", reading, "read_member", true, gitlabMembers},
		{get, "projects/*/members/all/*", reading, "read_member", true, gitlabMember},
		{get, "projects/*/hooks", reading, "read_webhook", false, gitlabHooks},
	}
}

func (v gitlabVendor) serve(c *call) answer {
	if v.root != "" && !c.under(v.root) {
		return gitlabPage()
	}

	if slices.Equal(c.path, []string{"oauth", "token", "info"}) && c.r.Method == http.MethodGet {
		return c.gitlabTokenInfo()
	}

	if !c.under("/api/v4") {
		return v.serveGit(c)
	}

	id := gitlabRequestID(c.now)
	if v.public {
		id = cloudflareRay()
	}

	a := v.serveAPI(c).with("Cache-Control", "max-age=0, private, must-revalidate").
		with("X-Request-Id", id).with("X-Runtime", "0.031")
	a.header.Set("Content-Type", "application/json")

	if !v.public {
		return a // self-managed has no limits unless an administrator sets them
	}

	c.used[""]++
	reset := c.now.Truncate(time.Minute).Add(time.Minute)

	return a.with("RateLimit-Limit", "2000").with("RateLimit-Observed", fmt.Sprint(c.used[""])).
		with("RateLimit-Remaining", fmt.Sprint(max(0, 2000-c.used[""]))).with("RateLimit-Reset", fmt.Sprint(reset.Unix()))
}

func (v gitlabVendor) serveAPI(c *call) answer {
	method, found := c.r.Method, false
	if method == http.MethodHead {
		method = http.MethodGet
	}

	for _, e := range gitlabEndpoints() {
		args, ok := c.match(e.pattern)
		isSelf := strings.HasPrefix(e.pattern, "personal_access_tokens/self")

		isToken := strings.HasPrefix(e.pattern, "personal_access_tokens/")
		if !ok || (isToken && c.on[NoTokenSelf]) || (isSelf && c.on[TokenSelfIsID]) {
			continue
		}

		found = true

		if e.method == method {
			return e.answer(c, args)
		}
	}

	if found {
		return jsonAnswer(http.StatusMethodNotAllowed, map[string]string{"error": "405 Not Allowed"})
	}

	return jsonAnswer(http.StatusNotFound, map[string]string{"error": "404 Not Found"})
}

// answer goes through GitLab's checks in its order: expired, revoked, scope, then the state of the account
// (lib/api/api_guard.rb).
func (e gitlabEndpoint) answer(c *call, args []string) answer {
	scheme, text := credential(c.r.Header)
	switch {
	case scheme == "":
		if e.anonymous {
			return e.serve(c, args)
		}

		return gitlabMessage(http.StatusUnauthorized, "401 Unauthorized")
	case scheme == "PRIVATE-TOKEN" || strings.EqualFold(scheme, "Bearer"):
		c.token = c.find(text)
	}

	if c.token == nil || (c.token.Kind == "oauth" && scheme == "PRIVATE-TOKEN") {
		return gitlabMessage(http.StatusUnauthorized, "401 Unauthorized")
	}

	switch t := c.token; {
	case t.expired(c.now):
		return gitlabInvalid("Token is expired. You can either do re-authorization or token refresh.")
	case t.revoked:
		return gitlabInvalid("Token was revoked. You have to re-authorize from the user.")
	case t.Kind != "granular" && e.scopes != nil && !t.holdsAny(e.scopes...):
		return jsonAnswer(http.StatusForbidden, map[string]string{
			"error": "insufficient_scope", "scope": strings.Join(e.scopes, " "),
			"error_description": "The request requires higher privileges than provided by the access token.",
		})
	case t.block == BlockDPoP:
		return jsonAnswer(http.StatusUnauthorized, map[string]string{
			"error": "dpop_error", "error_description": "DPoP validation error: DPoP header is missing",
		})
	case t.block == BlockSuspended:
		return gitlabMessage(http.StatusForbidden, "403 Forbidden - Your account has been blocked.")
	}

	var where *repository

	if strings.HasPrefix(e.pattern, "projects/*") {
		r, ok := c.project(args[0])
		if !ok {
			return gitlabNoProject()
		}

		where = r
		if c.moved[strings.ToLower(args[0])] == r {
			return c.gitlabMoved(r, args[0])
		}
	}

	if !c.mayAt(e.permission, where) {
		return gitlabNotGranted(e.permission, where)
	}

	return e.serve(c, args)
}

// gitlabMoved leads to a project that has another path now, by its number.
func (c *call) gitlabMoved(r *repository, id string) answer {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return gitlabMessage(http.StatusMethodNotAllowed,
			"405 Non GET methods are not allowed for moved projects")
	}

	number := strconv.FormatInt(r.id, 10)
	address := strings.Replace(c.here("")+c.r.URL.RequestURI(), url.PathEscape(id), number, 1)

	return gitlabMessage(http.StatusMovedPermanently, "301 Moved Permanently").with("Location", address)
}

func gitlabMessage(status int, message string) answer {
	return jsonAnswer(status, map[string]string{"message": message})
}

func gitlabInvalid(description string) answer {
	a := jsonAnswer(http.StatusUnauthorized, map[string]string{
		"error": "invalid_token", "error_description": description,
	})

	return a.with("Www-Authenticate",
		`Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="`+description+`"`)
}

func gitlabPage() answer {
	return textAnswer(http.StatusNotFound, "<!DOCTYPE html><html><title>Not Found (404)</title></html>\n").
		with("Content-Type", "text/html; charset=utf-8")
}

// gitlabSelf describes the token itself. OAuth tokens are refused: they are no rows of that table.
func gitlabSelf(c *call, _ []string) answer {
	if c.token.Kind == "oauth" {
		return gitlabNoRow()
	}

	return jsonAnswer(http.StatusOK, c.gitlabShowToken(!c.on[GrantsByID]))
}

func gitlabNoRow() answer {
	return gitlabMessage(http.StatusBadRequest,
		"400 Bad request - This endpoint requires token type to be a personal access token")
}

// gitlabTokenByID describes the token to itself by its number. Other people's are an administrator's business.
func gitlabTokenByID(c *call, args []string) answer {
	if args[0] != strconv.FormatInt(c.token.id, 10) {
		return gitlabMessage(http.StatusUnauthorized, "401 Unauthorized")
	}

	return jsonAnswer(http.StatusOK, c.gitlabShowToken(true))
}

func (c *call) gitlabShowToken(grants bool) map[string]any {
	t := c.token

	var expires any
	if !t.ExpiresAt.IsZero() {
		expires = t.ExpiresAt.Format(time.DateOnly)
	}

	shown := map[string]any{
		"id": t.id, "name": "codefresh", "revoked": false, "active": true, "description": nil, "user_id": t.account.id,
		"created_at": t.created.UTC().Format("2006-01-02T15:04:05.000Z"), "scopes": t.Scopes, "expires_at": expires,
		"last_used_at": c.now.UTC().Truncate(10 * time.Minute).Format("2006-01-02T15:04:05.000Z"),
	}
	if t.Kind == "granular" && grants {
		shown["granular_scopes"] = c.shownGrants()
	}

	return shown
}

// gitlabRevokeSelf makes the token revoke itself.
func gitlabRevokeSelf(c *call, _ []string) answer {
	if c.token.Kind == "oauth" {
		return gitlabNoRow()
	}

	c.token.revoked = true
	c.changed("revoked token %d", c.token.id)

	return answer{status: http.StatusNoContent, header: http.Header{}}
}

func gitlabAssociations(c *call, _ []string) answer {
	projects := []any{}

	for _, r := range c.repositories {
		if l := c.gitlabMembership(r); l > gitlabNone {
			projects = append(projects, map[string]any{
				"id": r.id, "name": r.name(), "path_with_namespace": r.Path,
				"access_levels": map[string]any{"project_access_level": l, "group_access_level": nil},
			})
		}
	}

	return jsonAnswer(http.StatusOK, map[string]any{"groups": []any{}, "projects": projects})
}

func gitlabUser(c *call, _ []string) answer {
	a := c.token.account
	shown := c.gitlabShowAccount(a)
	maps.Copy(shown, map[string]any{
		"email": a.email, "commit_email": a.email, "public_email": nil, "bot": a.bot, "created_at": gitlabEpoch,
		"confirmed_at": gitlabEpoch, "last_sign_in_at": nil, "current_sign_in_at": nil, "last_activity_on": nil,
		"bio": "", "location": "", "job_title": "", "pronouns": nil, "work_information": nil, "local_time": nil,
		"followers": 0, "following": 0, "linkedin": "", "twitter": "", "discord": "", "github": "", "website_url": "",
		"organization": "", "theme_id": 3, "color_scheme_id": 1, "projects_limit": 100000, "identities": []any{},
		"can_create_group": true, "can_create_project": true, "two_factor_enabled": true, "external": false,
		"private_profile": false,
	})

	return jsonAnswer(http.StatusOK, shown)
}

// gitlabEpoch is when everything at the emulated GitLab was made.
const gitlabEpoch = "2026-01-01T00:00:00.000Z"

// gitlabShowAccount is what GitLab shows of an account wherever it names one.
func (c *call) gitlabShowAccount(a *account) map[string]any {
	return map[string]any{
		"id": a.id, "username": a.login, "name": a.login, "state": "active", "locked": false, "avatar_url": nil,
		"web_url": c.s.net.root(c.service) + "/" + a.login,
	}
}

func gitlabVersion(*call, []string) answer {
	return jsonAnswer(http.StatusOK, map[string]any{
		"version": "19.6.1-ee", "revision": "a1b2c3d4e5f", "enterprise": true,
		"kas": map[string]any{"enabled": false, "externalUrl": nil, "version": nil},
	})
}

// gitlabTokenInfo is Doorkeeper's view of an OAuth token.
func (c *call) gitlabTokenInfo() answer {
	t := c.find(c.bearer("Bearer"))
	if t == nil || t.Kind != "oauth" || t.revoked || t.expired(c.now) {
		return jsonAnswer(http.StatusUnauthorized, map[string]string{
			"error": "invalid_token", "error_description": "The access token is invalid", "state": "unauthorized",
		})
	}

	var expires any
	if !t.ExpiresAt.IsZero() {
		expires = int64(t.ExpiresAt.Sub(c.now) / time.Second)
	}

	return jsonAnswer(http.StatusOK, map[string]any{
		"resource_owner_id": t.account.id, "scope": t.Scopes, "scopes": t.Scopes, "expires_in": expires,
		"expires_in_seconds": expires, "application": map[string]string{"uid": strings.Repeat("1cb2", 16)},
		"created_at": t.created.Unix(),
	})
}
