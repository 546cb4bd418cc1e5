package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// githubAPIPath is where github.com's API is on loopback, where one port serves both api.github.com and github.com.
const githubAPIPath = "/api.github.com"

const githubDocs = "https://docs.github.com/rest"

// githubVendor is GitHub.com, or GitHub Enterprise Server with its API below /api/v3.
type githubVendor struct{ enterprise bool }

// apiPath is that of the API URL which users configure: for Enterprise Server the bare host.
func (v githubVendor) apiPath() string {
	if v.enterprise {
		return ""
	}

	return githubAPIPath
}

func (v githubVendor) serve(c *call) answer {
	prefix := githubAPIPath
	if v.enterprise {
		prefix = "/api/v3"
	}
	if !c.under(prefix) {
		return v.serveWeb(c)
	}

	a := v.serveAPI(c)
	a = a.with("Server", "github.com").with("X-GitHub-Request-Id", strings.ToUpper(randomHex(12))).
		with("X-GitHub-Media-Type", "github.v3; format=json").with("X-GitHub-Api-Version-Selected", "2022-11-28")
	if v.enterprise {
		a = a.with("X-GitHub-Enterprise-Version", "3.17.4")
	}

	return a
}

func (v githubVendor) serveAPI(c *call) answer {
	if c.r.UserAgent() == "" {
		return textAnswer(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your "+
			"request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api"+
			"#user-agent-required). Check https://developer.github.com for other possible causes.\n")
	}
	if version := c.r.Header.Get("X-GitHub-Api-Version"); version != "" && version != "2022-11-28" {
		return githubMessage(http.StatusBadRequest, fmt.Sprintf("The version of the API that you requested (%s) is "+
			"not supported. Supported versions: 2022-11-28.", version))
	}

	refusal, ok := v.authenticate(c)
	if !ok {
		return v.limited(c, refusal)
	}
	a := v.route(c)
	if c.token == nil {
		return v.limited(c, a)
	}
	if c.token.kind.permissions == nil {
		a = a.with("X-OAuth-Scopes", strings.Join(c.token.Scopes, ", "))
		if c.token.Kind == "oauth" {
			a = a.with("X-OAuth-Client-Id", "Ov23lisandboxsandbox0")
		}
	}
	if expiry := c.githubExpiry(); expiry != "" {
		a = a.with("GitHub-Authentication-Token-Expiration", expiry)
	}

	return v.limited(c, a)
}

// githubExpiry is the expiry header. Classic tokens have it in UTC by name, the others with an offset.
func (c *call) githubExpiry() string {
	const layout = "2006-01-02 15:04:05 "
	t := c.token
	switch {
	case t.Kind == "fine_grained" && c.on[ExpiryIsNow]:
		return c.now.UTC().Format(layout + "-0700")
	case t.ExpiresAt.IsZero() || t.Kind == "app_installation":
		return ""
	case t.kind.permissions == nil:
		return t.ExpiresAt.UTC().Format(layout + "UTC")
	}

	return t.ExpiresAt.In(time.FixedZone("", 2*60*60)).Format(layout + "-0700")
}

// authenticate finds the request's token. Not ok means that refusal is the answer.
func (v githubVendor) authenticate(c *call) (refusal answer, ok bool) {
	scheme, text := credential(c.r.Header)
	switch {
	case text != "" && slices.ContainsFunc([]string{"Bearer", "token", "Basic"}, func(s string) bool {
		return strings.EqualFold(s, scheme)
	}):
		c.token = c.find(text)
	case c.on[PrivateMode]:
		return githubMessage(http.StatusUnauthorized, "Must authenticate to access this API."), false
	case scheme != "":
		return githubMessage(http.StatusUnauthorized, "Requires authentication"), false
	default:
		return answer{}, true
	}

	t := c.token
	if t == nil || t.revoked || t.expired(c.now) ||
		(t.Kind == "app_installation" && !strings.EqualFold(scheme, "Bearer")) { // stateless: a JWT, Bearer only
		c.token = nil

		return githubMessage(http.StatusUnauthorized, "Bad credentials"), false
	}
	switch {
	case t.block == BlockSuspended && t.Kind == "app_installation":
		return githubMessage(http.StatusForbidden, "This installation has been suspended"), false
	case t.block == BlockSuspended:
		return githubMessage(http.StatusForbidden, "Sorry. Your account was suspended."), false
	case t.block == BlockLoginAttempts:
		return githubMessage(http.StatusForbidden, "Maximum number of login attempts exceeded. Please try again later."),
			false
	}

	return answer{}, true
}

// limited counts the request against the account's hourly limit and tells so. All of an account's tokens share it.
func (v githubVendor) limited(c *call, a answer) answer {
	if v.enterprise && !c.on[RateLimits] {
		return a
	}
	limit, login := 60, ""
	if c.token != nil {
		limit, login = 5000, c.token.Owner
	}
	if !slices.Equal(c.path, []string{"rate_limit"}) {
		c.used[login]++
	}

	used := c.used[login]
	reset := c.now.Truncate(time.Hour).Add(time.Hour).Unix()

	return a.with("X-RateLimit-Limit", strconv.Itoa(limit)).with("X-RateLimit-Used", strconv.Itoa(used)).
		with("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-used))).
		with("X-RateLimit-Reset", strconv.FormatInt(reset, 10)).with("X-RateLimit-Resource", "core")
}

// route answers an authenticated request, or an anonymous one.
func (v githubVendor) route(c *call) answer {
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if len(c.path) >= 3 && c.path[0] == "repos" {
		return v.routeRepository(c, method)
	}
	switch method + " " + strings.Join(c.path, "/") {
	case "GET ":
		return jsonAnswer(http.StatusOK, map[string]string{
			"current_user_url": c.s.net.root(c.service) + "/user", "rate_limit_url": c.s.net.root(c.service) + "/rate_limit",
		}).accepting(c, nil, "")
	case "GET meta":
		meta := map[string]any{"verifiable_password_authentication": v.enterprise}
		if v.enterprise {
			meta["installed_version"] = "3.17.4"
		}

		return jsonAnswer(http.StatusOK, meta)
	case "GET rate_limit":
		return v.rateLimit(c)
	case "GET user":
		return c.githubUser()
	case "GET user/emails":
		return c.githubEmails()
	case "GET installation/repositories":
		return c.githubInstallation()
	}

	return githubMessage(http.StatusNotFound, "Not Found")
}

func (v githubVendor) rateLimit(c *call) answer {
	if v.enterprise && !c.on[RateLimits] {
		return githubMessage(http.StatusNotFound, "Rate limiting is not enabled.")
	}
	limit, login := 60, ""
	if c.token != nil {
		limit, login = 5000, c.token.Owner
	}
	core := map[string]any{
		"limit": limit, "used": c.used[login], "remaining": max(0, limit-c.used[login]),
		"reset": c.now.Truncate(time.Hour).Add(time.Hour).Unix(),
	}

	return jsonAnswer(http.StatusOK, map[string]any{"resources": map[string]any{"core": core}, "rate": core})
}

func (c *call) githubUser() answer {
	switch {
	case c.token == nil:
		return githubMessage(http.StatusUnauthorized, "Requires authentication")
	case c.token.Kind == "app_installation":
		return githubMessage(http.StatusForbidden, "Resource not accessible by integration")
	}
	a := c.token.account

	return jsonAnswer(http.StatusOK, map[string]any{
		"login": a.login, "id": a.id, "type": "User", "site_admin": false, "name": nil, "email": nil,
		"html_url": c.s.net.root(c.service) + "/" + a.login, "created_at": "2020-01-02T03:04:05Z",
	}).accepting(c, []string{}, "allows_permissionless_access=true")
}

func (c *call) githubEmails() answer {
	switch {
	case c.token == nil:
		return githubMessage(http.StatusUnauthorized, "Requires authentication")
	case c.token.kind.permissions != nil:
		return c.githubNotAccessible("email_addresses=read")
	case !c.token.holds("user:email"):
		return githubMessage(http.StatusNotFound, "Not Found").accepting(c, []string{"user", "user:email"}, "")
	}

	return jsonAnswer(http.StatusOK, []any{
		map[string]any{"email": c.token.account.email, "primary": true, "verified": true, "visibility": nil},
	}).accepting(c, []string{"user", "user:email"}, "")
}

func (c *call) githubInstallation() answer {
	switch {
	case c.token == nil:
		return githubMessage(http.StatusUnauthorized, "Requires authentication")
	case c.token.Kind != "app_installation":
		return githubMessage(http.StatusForbidden, "You must authenticate with an installation access token in order "+
			"to list repositories for an installation.")
	}

	reached := []any{}
	for _, r := range c.repositories {
		if c.token.covers(r) {
			reached = append(reached, c.githubRepository(r))
		}
	}
	total := len(reached)
	if n, err := strconv.Atoi(c.r.URL.Query().Get("per_page")); err == nil && n > 0 && n < total {
		reached = reached[:n]
	}

	return jsonAnswer(http.StatusOK, map[string]any{
		"total_count": total, "repository_selection": "selected", "repositories": reached,
	}).accepting(c, nil, "metadata=read")
}

// accepting adds the header that says what the endpoint accepts: scopes for tokens with scopes (nil for none told),
// permissions for the others.
func (a answer) accepting(c *call, scopes []string, permissions string) answer {
	switch {
	case c.token == nil:
		return a
	case c.token.kind.permissions == nil && scopes != nil:
		return a.with("X-Accepted-OAuth-Scopes", strings.Join(scopes, ", "))
	case c.token.kind.permissions != nil && permissions != "":
		return a.with("X-Accepted-GitHub-Permissions", permissions)
	}

	return a
}

// githubNotAccessible is the answer to a fine-grained or app token that lacks a permission.
func (c *call) githubNotAccessible(permissions string) answer {
	by := "personal access token"
	if strings.HasPrefix(c.token.Kind, "app_") {
		by = "integration"
	}

	return githubMessage(http.StatusForbidden, "Resource not accessible by "+by).accepting(c, nil, permissions)
}

// githubMessage is GitHub's error body, whose status is a string.
func githubMessage(status int, message string) answer {
	return jsonAnswer(status, map[string]string{
		"message": message, "documentation_url": githubDocs, "status": strconv.Itoa(status),
	})
}
