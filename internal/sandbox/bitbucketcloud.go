package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// bitbucketCloudVendor is bitbucket.org.
type bitbucketCloudVendor struct{}

func (bitbucketCloudVendor) apiPath() string { return "/2.0" }

// cloudLegacyScopes are those of access tokens and app passwords, with what they include (Atlassian, Bitbucket Cloud
// REST API scopes). repository:admin includes neither repository nor repository:write.
func cloudLegacyScopes() map[string][]string {
	return map[string][]string{
		"repository": nil, "repository:admin": nil, "repository:delete": nil, "project:admin": nil, "webhook": nil,
		"email": nil, "repository:write": {"repository"}, "project": {"repository"},
		"pullrequest": {"repository"}, "pullrequest:write": {"pullrequest", "repository:write"},
		"account": nil, "account:write": {"account"}, "team": nil, "team:write": {"team"},
		"pipeline": nil, "pipeline:write": {"pipeline"}, "pipeline:variable": {"pipeline:write"},
		"runner": nil, "runner:write": {"runner"}, "issue": nil, "issue:write": {"issue"}, "snippet": nil,
	}
}

// cloudAccessScopes are those that access tokens can hold. They are nobody's, so that they have nothing to say of an
// account or of the workspaces that somebody belongs to.
func cloudAccessScopes() []string {
	return []string{
		"repository", "repository:write", "repository:admin", "repository:delete", "pullrequest", "pullrequest:write",
		"webhook", "pipeline", "pipeline:write", "pipeline:variable", "runner", "runner:write", "project", "project:admin",
	}
}

// cloudModernScopes are those of API tokens (Atlassian, API token permissions). None includes another.
func cloudModernScopes() []string {
	var scopes []string

	for resource, verbs := range map[string]string{
		"user": "read write", "workspace": "read admin", "project": "read admin", "webhook": "read write delete",
		"repository": "read write admin delete", "pullrequest": "read write", "pipeline": "read write admin",
		"runner": "read write", "issue": "read write delete", "snippet": "read write delete", "ssh-key": "read write delete",
	} {
		for verb := range strings.FieldsSeq(verbs) {
			scopes = append(scopes, verb+":"+resource+":bitbucket")
		}
	}

	slices.Sort(scopes)

	return scopes
}

func (bitbucketCloudVendor) kinds() map[string]tokenKind {
	implies := cloudLegacyScopes()
	legacy := everyScope(implies)

	return map[string]tokenKind{
		"api_token":    {mint: mintAtlassian("ATATT3x"), scopes: cloudModernScopes()},
		"access_token": {mint: mintAtlassian("ATCTT3x"), scopes: cloudAccessScopes(), implies: implies},
		"app_password": {mint: minted("ATBB", 32), scopes: legacy, implies: implies},
		"oauth":        {mint: func() string { return randomText(83, base64URL) + "=" }, scopes: legacy, implies: implies},
	}
}

func (bitbucketCloudVendor) blocks() []Block { return []Block{BlockSuspended} }

func (bitbucketCloudVendor) behaviours() []Behaviour { return []Behaviour{AppPasswords} }

func (bitbucketCloudVendor) admit(h *host, t *tokenState) error {
	if len(t.Permissions) > 0 {
		return errors.New("its tokens have scopes, not permissions")
	}

	if t.Kind != "access_token" {
		if len(t.Repositories) > 0 {
			return errors.New("only access tokens are limited to repositories")
		}

		if t.Kind == "app_password" && !h.on[AppPasswords] {
			return fmt.Errorf("app passwords ended in July 2026; switch %q on to go back", AppPasswords)
		}

		return nil
	}

	if t.account == nil {
		t.account = h.serviceAccount("{" + randomHex(16) + "}")
	}

	return h.checkRepositories(t.Repositories)
}

func (bitbucketCloudVendor) clonePath(path string) string { return "/" + path + ".git" }

func (bitbucketCloudVendor) checkPath(path string) error {
	if strings.Count(path, "/") != 1 {
		return fmt.Errorf("%q must be workspace/name", path)
	}

	return nil
}

// cloudCredentialType is the header's word for the token. That for an application's is not known: it has none here.
func (t *tokenState) cloudCredentialType() string {
	switch {
	case t.Kind == "oauth":
		return ""
	case t.Kind != "access_token":
		return t.Kind
	case len(t.Repositories) == 0:
		return "workspace_access_token"
	case len(t.Repositories) == 1:
		return "repo_access_token"
	}

	return "project_access_token"
}

// cloudEndpoint is one endpoint: the scope it asks for in both vocabularies, and what it does.
type cloudEndpoint struct {
	pattern        string
	legacy, modern string
	anonymous      bool
	serve          func(c *call, args []string) answer
}

func cloudEndpoints() []cloudEndpoint {
	return []cloudEndpoint{
		{"user", "account", "read:user:bitbucket", false, cloudUser},
		{"user/workspaces", "account", "read:workspace:bitbucket", false, cloudWorkspaces},
		{"workspaces/*", "account", "read:workspace:bitbucket", false, cloudWorkspace},
		{"repositories/*", "repository", "read:repository:bitbucket", true, cloudRepositories},
		{"repositories/*/*", "repository", "read:repository:bitbucket", true, cloudRepository},
		{"repositories/*/*/hooks", "webhook", "read:webhook:bitbucket", false, cloudAdminList},
		{
			"repositories/*/*/permissions-config/users", "repository:admin", "admin:repository:bitbucket", false,
			cloudAdminList,
		},
	}
}

// serve answers by way of Atlassian's edge, which names every request.
func (v bitbucketCloudVendor) serve(c *call) answer {
	return v.behindEdge(c).with("Atl-Traceid", randomHex(16))
}

func (v bitbucketCloudVendor) behindEdge(c *call) answer {
	if g, ok := c.gitRequest(); ok && g.proper {
		return v.serveGit(c, g)
	}

	if !c.under("/2.0") {
		return textAnswer(http.StatusForbidden, "Forbidden")
	}

	if slices.Contains([]string{
		"repositories", "workspaces", "user/permissions/repositories", "user/permissions/workspaces",
	}, strings.Join(c.path, "/")) {
		return cloudError(http.StatusGone, "CHANGE-2770 - Functionality has been deprecated")
	}

	found, method := false, c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}

	for _, e := range cloudEndpoints() {
		if args, ok := c.match(e.pattern); ok {
			found = true

			if method == http.MethodGet {
				return e.answer(c, args)
			}
		}
	}

	if found {
		return cloudError(http.StatusMethodNotAllowed, "Method not allowed")
	}

	return cloudError(http.StatusNotFound, "Resource not found")
}

func cloudError(status int, message string) answer {
	return jsonAnswer(status, map[string]any{"type": "error", "error": map[string]any{"message": message}})
}

func (e cloudEndpoint) answer(c *call, args []string) answer {
	refusal, ok := c.cloudAuthenticate()
	if !ok {
		return refusal
	}

	if c.token == nil {
		if !e.anonymous {
			return cloudError(http.StatusUnauthorized,
				"Token is invalid, expired, or not supported for this endpoint.")
		}

		return e.serve(c, args)
	}

	required := e.legacy
	if c.token.Kind == "api_token" {
		required = e.modern
	}

	a := answer{}
	if !c.token.holds(required) || (e.pattern == "user" && c.token.Kind == "access_token") {
		a = cloudLacking(required, c.token.Scopes)
	} else {
		a = e.serve(c, args)
	}

	// Accepted scopes are told in the old words, whatever the token's own are.
	a = a.with("X-OAuth-Scopes", strings.Join(c.token.Scopes, ", ")).with("X-Accepted-OAuth-Scopes", e.legacy).
		with("X-Token-Id", strconv.FormatInt(c.token.id, 10))
	if kind := c.token.cloudCredentialType(); kind != "" {
		a = a.with("X-Credential-Type", kind)
	}

	return a
}

func cloudLacking(required string, granted []string) answer {
	if granted == nil {
		granted = []string{}
	}

	return jsonAnswer(http.StatusForbidden, map[string]any{"type": "error", "error": map[string]any{
		"message": "Your credentials lack one or more required privilege scopes.",
		"detail":  map[string]any{"required": []string{required}, "granted": granted},
	}})
}

// cloudAuthenticate finds the request's token. API tokens come as Basic with the account's e-mail, app passwords as
// Basic with its name, access tokens and those of applications as Bearer.
func (c *call) cloudAuthenticate() (refusal answer, ok bool) {
	scheme, text := credential(c.r.Header)
	if scheme == "" {
		return answer{}, true
	}

	t := c.find(text)
	live := t != nil && t.accepted(c.now) && (t.Kind != "app_password" || c.on[AppPasswords])

	switch {
	case strings.EqualFold(scheme, "Bearer"):
		if t != nil && t.Kind == "oauth" && t.expired(c.now) {
			return cloudError(http.StatusUnauthorized,
				"Access token expired. Use your refresh token to obtain a new access token."), false
		}

		if !live || (t.Kind != "access_token" && t.Kind != "oauth") {
			return cloudError(http.StatusUnauthorized,
				"Token is invalid, expired, or not supported for this endpoint."), false
		}
	case strings.EqualFold(scheme, "Basic"):
		user, _, _ := c.basic()
		if !live || t.Kind == "access_token" || t.Kind == "oauth" ||
			(t.Kind == "api_token" && !strings.EqualFold(user, t.account.email)) ||
			(t.Kind == "app_password" && user != t.account.login) {
			if strings.HasPrefix(text, "ATATT") {
				return cloudError(http.StatusUnauthorized,
					"Token is invalid, expired, or not supported for this endpoint."), false
			}

			return textAnswer(http.StatusUnauthorized, "Login failed due to incorrect login credentials or method. "+
				"API tokens require the Atlassian account email, app passwords the Bitbucket username."), false
		}
	default:
		return cloudError(http.StatusUnauthorized,
			"Token is invalid, expired, or not supported for this endpoint."), false
	}

	c.token = t

	return answer{}, true
}

// cloudLevel is what the token's holder may do with a repository. Access tokens are nobody's: their scopes decide.
func (c *call) cloudLevel(r *repository) level {
	t := c.token
	if t == nil {
		return c.roleOf(nil, r)
	}

	if t.Kind != "access_token" {
		return c.roleOf(t.account, r)
	}

	l := c.roleOf(nil, r)
	if t.covers(r) {
		for i, scope := range []string{"repository", "repository:write", "repository:admin"} {
			if t.holds(scope) {
				l = max(l, level(i+1))
			}
		}
	}

	return l
}

var errBadQuery = errors.New("query not understood")

// cloudQuery reads q=full_name="workspace/name", the one filter that the sandbox knows.
func cloudQuery(q string) (fullName string, err error) {
	if q == "" {
		return "", nil
	}

	m := regexp.MustCompile(`^\s*full_name\s*=\s*"([^"]+)"\s*$`).FindStringSubmatch(q)
	if m == nil {
		return "", errBadQuery
	}

	return m[1], nil
}
