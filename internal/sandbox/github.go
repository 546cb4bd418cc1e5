package sandbox

import (
	"cmp"
	"encoding/json"
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

	a = a.with("Server", "github.com").with("X-GitHub-Request-Id", githubRequestID(c.now)).
		with("X-GitHub-Media-Type", "github.v3; format=json").
		with("X-GitHub-Api-Version-Selected", cmp.Or(c.r.Header.Get("X-GitHub-Api-Version"), v.apiVersions()[0]))
	if v.enterprise {
		a = a.with("X-GitHub-Enterprise-Version", "3.19.2")
	}

	return a
}

func (v githubVendor) serveAPI(c *call) answer {
	if c.r.UserAgent() == "" {
		return textAnswer(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your "+
			"request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api"+
			"#user-agent-required). Check https://developer.github.com for other possible causes.\n")
	}

	version := c.r.Header.Get("X-GitHub-Api-Version")
	if version != "" && !slices.Contains(v.apiVersions(), version) {
		return githubMessage(http.StatusBadRequest, fmt.Sprintf("The version of the API that you requested (%s) is "+
			"not supported. Supported versions: %s.", version, strings.Join(v.apiVersions(), ", ")))
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

// apiVersions are those of the REST API, the one first that a client gets who asks for none.
func (v githubVendor) apiVersions() []string {
	if v.enterprise {
		return []string{"2022-11-28"}
	}

	return []string{"2022-11-28", "2026-03-10"}
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

	switch {
	case len(c.path) >= 3 && c.path[0] == "repos":
		r := c.repository(c.path[1] + "/" + c.path[2])
		moved := c.moved[strings.ToLower(c.path[1]+"/"+c.path[2])]

		c.path = c.path[3:]
		if r == nil && moved != nil && c.githubSees(moved) {
			return v.movedAnswer(c, moved)
		}

		return v.routeRepository(c, method, r)
	case len(c.path) >= 2 && c.path[0] == "repositories":
		r := c.repositoryByID(c.path[1])
		c.path = c.path[2:]

		return v.routeRepository(c, method, r)
	}

	switch method + " " + strings.Join(c.path, "/") {
	case "GET ":
		return jsonAnswer(http.StatusOK, addresses(githubRootAddresses, c.githubAPI())).accepting(c, nil, "")
	case "GET meta":
		meta := map[string]any{"verifiable_password_authentication": v.enterprise}
		if v.enterprise {
			meta["installed_version"] = "3.19.2"
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
	case "POST credentials/revoke":
		return v.revoke(c)
	}

	return githubMessage(http.StatusNotFound, "Not Found")
}

// revoke revokes the credentials in the body, for whoever has them. GitHub.com takes such a request from nobody whom it
// knows, an Enterprise Server (since 3.19) from nobody else (GitHub docs, REST API endpoints for revocation). What is
// no credential of the kinds that are taken is passed over without a word.
func (v githubVendor) revoke(c *call) answer {
	switch {
	case v.enterprise && c.on[NoRevocation]:
		return githubMessage(http.StatusNotFound, "Not Found")
	case v.enterprise && c.token == nil:
		return githubMessage(http.StatusUnauthorized, "Requires authentication")
	case !v.enterprise && c.token != nil:
		return githubMessage(http.StatusForbidden, "This endpoint does not take authenticated requests.")
	}

	var given struct {
		Credentials []string `json:"credentials"`
	}

	const most = 1000
	if json.Unmarshal(c.body, &given) != nil || len(given.Credentials) == 0 || len(given.Credentials) > most {
		return jsonAnswer(http.StatusUnprocessableEntity, map[string]any{
			"message": "Validation Failed", "documentation_url": githubDocs,
			"errors": []string{"credentials must be a list of 1 to 1,000 tokens"},
		})
	}

	taken := []string{"classic", "fine_grained"}
	if !v.enterprise {
		taken = append(taken, "oauth", "app_user")
	}

	for _, text := range given.Credentials {
		t := c.find(text)
		if t != nil && !t.revoked && slices.Contains(taken, t.Kind) && !c.on[SlowRevocation] {
			t.revoked = true
			c.changed("revoked token %d", t.id)
		}
	}

	return jsonAnswer(http.StatusAccepted, map[string]any{})
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

	search := map[string]any{"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"]}

	return jsonAnswer(http.StatusOK, map[string]any{
		"resources": map[string]any{"core": core, "search": search}, "rate": core,
	})
}

func (c *call) githubUser() answer {
	switch {
	case c.token == nil:
		return githubMessage(http.StatusUnauthorized, "Requires authentication")
	case c.token.Kind == "app_installation":
		return githubMessage(http.StatusForbidden, "Resource not accessible by integration")
	}

	return jsonAnswer(http.StatusOK, c.githubProfile(c.token.account)).
		accepting(c, []string{}, "allows_permissionless_access=true")
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
