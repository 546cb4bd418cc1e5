package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// githubEndpoint is one endpoint below /repos/{owner}/{repo}: what it asks of a token, and what it does.
type githubEndpoint struct {
	method, pattern string
	// scopes open it for classic tokens, any one of them; public is what a public repository asks instead, nil nothing.
	scopes, public []string
	permission     string // of fine-grained tokens, by GitHub's own name for the API
	level          string
	gated          bool // anonymous readers of a public repository do not get it either
	role           level
	roleStatus     int // the answer to an account without the role
	serve          func(c *call, r *repository, args []string) answer
}

func githubEndpoints() []githubEndpoint {
	repo := []string{"repo"}
	hooks := []string{"admin:repo_hook", "public_repo", "read:repo_hook", "repo", "write:repo_hook"}
	hookWrites := []string{"admin:repo_hook", "public_repo", "repo", "write:repo_hook"}
	status, push := []string{"repo", "repo:status"}, []string{"public_repo", "repo"}
	get, post, patch, put, remove := http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete

	return []githubEndpoint{
		{get, "", repo, nil, "metadata", "read", false, levelRead, 404, githubGetRepository},
		{get, "actions/permissions", repo, repo, "administration", "read", true, levelAdmin, 403, githubGetActions},
		{get, "rulesets/rule-suites", repo, repo, "administration", "write", true, levelWrite, 404, githubEmptyList},
		{get, "hooks", hooks, hooks, "repository_hooks", "read", true, levelAdmin, 404, githubGetHooks},
		{post, "hooks", hookWrites, hookWrites, "repository_hooks", "write", true, levelAdmin, 404, githubPostHook},
		{patch, "hooks/*", hookWrites, hookWrites, "repository_hooks", "write", true, levelAdmin, 404, githubPatchHook},
		{remove, "hooks/*", hookWrites, hookWrites, "repository_hooks", "write", true, levelAdmin, 404, githubDeleteHook},
		{post, "hooks/*/pings", hooks, hooks, "repository_hooks", "read", true, levelAdmin, 404, githubPingHook},
		{get, "commits", repo, nil, "contents", "read", false, levelRead, 404, githubGetCommits},
		{get, "commits/*/statuses", status, nil, "statuses", "read", false, levelRead, 404, githubGetStatuses},
		{get, "commits/*/status", status, nil, "statuses", "read", false, levelRead, 404, githubGetStatus},
		{post, "statuses/*", status, status, "statuses", "write", true, levelWrite, 404, githubPostStatus},
		{get, "pulls", repo, nil, "pull_requests", "read", false, levelRead, 404, githubEmptyList},
		{post, "pulls", repo, push, "pull_requests", "write", true, levelRead, 404, githubPostPull},
		{put, "contents/*", repo, push, "contents", "write", true, levelWrite, 404, githubPutContents},
	}
}

// movedAnswer leads to a repository that has another name now. Clients keep the method after a 307.
func (v githubVendor) movedAnswer(c *call, r *repository) answer {
	status, prefix := http.StatusMovedPermanently, githubAPIPath
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		status = http.StatusTemporaryRedirect
	}

	if v.enterprise {
		prefix = "/api/v3"
	}

	address := c.here(prefix) + "/repositories/" + strconv.FormatInt(r.id, 10)
	if len(c.path) > 0 {
		address += "/" + strings.Join(c.path, "/")
	}

	if c.r.URL.RawQuery != "" {
		address += "?" + c.r.URL.RawQuery
	}

	return jsonAnswer(status, map[string]string{
		"message": "Moved Permanently", "url": address, "documentation_url": githubDocs,
	}).with("Location", address)
}

// routeRepository answers below a repository; nil is one that there is not.
func (v githubVendor) routeRepository(c *call, method string, r *repository) answer {
	notFound := githubMessage(http.StatusNotFound, "Not Found")
	if r == nil || !c.githubSees(r) {
		return notFound.accepting(c, []string{"repo"}, "metadata=read")
	}

	if a, forbidden := c.githubForbids(r); forbidden {
		return a
	}

	for _, e := range githubEndpoints() {
		if args, ok := c.match(e.pattern); ok && e.method == method {
			return e.answer(c, r, args)
		}
	}

	return notFound
}

// answer goes through GitHub's gates in its order: scopes or permission, the role, the archive, and only then the body.
func (e githubEndpoint) answer(c *call, r *repository, args []string) answer {
	accepted := e.permission + "=" + e.level
	told := func(a answer) answer { return a.accepting(c, e.scopes, accepted) }

	switch {
	case c.token == nil:
		if e.gated {
			return githubMessage(http.StatusUnauthorized, "Requires authentication")
		}
	case c.token.kind.permissions != nil:
		name := e.permission
		if name == "repository_hooks" {
			name = "webhooks"
		}

		granted := c.token.may(name, e.level) && c.token.covers(r)
		if !granted && (r.Private || e.gated) {
			return c.githubNotAccessible(accepted)
		}
	default:
		scopes := e.scopes
		if !r.Private {
			scopes = e.public
		}

		if scopes != nil && !c.token.holdsAny(scopes...) {
			return told(githubMessage(http.StatusNotFound, "Not Found"))
		}
	}

	if c.githubRole(r) < e.role {
		if e.roleStatus == http.StatusForbidden {
			return told(githubMessage(http.StatusForbidden, "Must have admin rights to Repository."))
		}

		return told(githubMessage(http.StatusNotFound, "Not Found"))
	}

	if r.Archived && e.method != http.MethodGet {
		return told(githubMessage(http.StatusForbidden, "Repository was archived so is read-only."))
	}

	return told(e.serve(c, r, args))
}

func githubGetRepository(c *call, r *repository, _ []string) answer {
	return jsonAnswer(http.StatusOK, c.githubWholeRepository(r))
}

func githubGetActions(*call, *repository, []string) answer {
	return jsonAnswer(http.StatusOK, map[string]any{
		"enabled": true, "allowed_actions": "all", "sha_pinning_required": false,
	})
}

func githubEmptyList(*call, *repository, []string) answer { return jsonAnswer(http.StatusOK, []any{}) }

func githubGetHooks(c *call, r *repository, _ []string) answer {
	list := []any{}
	for _, h := range r.hooks {
		list = append(list, c.githubHook(r, h))
	}

	return jsonAnswer(http.StatusOK, list)
}

func githubPostHook(c *call, r *repository, _ []string) answer {
	config, ok := c.fields()["config"].(map[string]any)

	address, isText := config["url"].(string)
	if !ok || !isText || address == "" {
		return githubInvalid("Hook", "url")
	}

	h := hook{c.s.nextID(), address}
	r.hooks = append(r.hooks, h)
	c.changed("created hook %d in %s", h.id, r.Path)

	return jsonAnswer(http.StatusCreated, c.githubHook(r, h))
}

// hook returns the hook whose number is in a path.
func (r *repository) hook(text string) (hook, bool) {
	for _, h := range r.hooks {
		if strconv.FormatInt(h.id, 10) == text {
			return h, true
		}
	}

	return hook{}, false
}

func githubPatchHook(c *call, r *repository, args []string) answer {
	h, ok := r.hook(args[0])
	if !ok {
		return githubMessage(http.StatusNotFound, "Not Found")
	}

	c.changed("updated hook %d in %s", h.id, r.Path)

	return jsonAnswer(http.StatusOK, c.githubHook(r, h))
}

func githubDeleteHook(c *call, r *repository, args []string) answer {
	h, ok := r.hook(args[0])
	if !ok {
		return githubMessage(http.StatusNotFound, "Not Found")
	}

	r.hooks = slices.DeleteFunc(r.hooks, func(other hook) bool { return other == h })
	c.changed("deleted hook %d in %s", h.id, r.Path)

	return answer{status: http.StatusNoContent, header: http.Header{}}
}

func githubPingHook(c *call, r *repository, args []string) answer {
	h, ok := r.hook(args[0])
	if !ok {
		return githubMessage(http.StatusNotFound, "Not Found")
	}

	c.changed("delivered a ping of hook %d in %s", h.id, r.Path)

	return answer{status: http.StatusNoContent, header: http.Header{}}
}

func githubGetCommits(c *call, r *repository, _ []string) answer {
	if r.Empty {
		return githubMessage(http.StatusConflict, "Git Repository is empty.")
	}

	return jsonAnswer(http.StatusOK, []any{c.githubCommit(r)})
}

// knows says whether a reference leads to a commit.
func (r *repository) knows(ref string) bool {
	return !r.Empty && slices.Contains([]string{r.commit.id, "main", "HEAD", "heads/main"}, ref)
}

func githubGetStatuses(_ *call, r *repository, args []string) answer {
	if !r.knows(args[0]) {
		return githubMessage(http.StatusNotFound, "Not Found")
	}

	return jsonAnswer(http.StatusOK, []any{})
}

func githubPostStatus(c *call, r *repository, args []string) answer {
	if args[0] != r.commit.id || r.Empty {
		return githubMessage(http.StatusUnprocessableEntity, "No commit found for SHA: "+args[0])
	}

	state, _ := c.fields()["state"].(string)
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, state) {
		return githubInvalid("Status", "state")
	}

	c.changed("set status %s of %s in %s", state, r.commit.id, r.Path)

	return jsonAnswer(http.StatusCreated, map[string]any{"id": c.s.nextID(), "state": state})
}

func githubPostPull(c *call, r *repository, _ []string) answer {
	given := c.fields()
	for _, field := range []string{"head", "base", "title"} {
		if text, ok := given[field].(string); !ok || text == "" {
			return githubInvalid("PullRequest", field)
		}
	}

	c.changed("opened a pull request in %s", r.Path)

	return jsonAnswer(http.StatusCreated, map[string]any{"number": 1, "state": "open"})
}

// githubPutContents takes anything for a file, even an empty body: GitHub was seen to commit one.
func githubPutContents(c *call, r *repository, args []string) answer {
	c.changed("committed %s to %s", args[0], r.Path)

	return jsonAnswer(http.StatusCreated, map[string]any{"content": map[string]any{"path": args[0]}})
}

// githubInvalid is the answer to a body without a required field.
func githubInvalid(resource, field string) answer {
	return jsonAnswer(http.StatusUnprocessableEntity, map[string]any{
		"message": "Validation Failed", "documentation_url": githubDocs, "status": "422",
		"errors": []any{map[string]string{"resource": resource, "field": field, "code": "missing_field"}},
	})
}

// serveWeb answers for github.com itself, of which the sandbox has only Git.
func (v githubVendor) serveWeb(c *call) answer {
	g, ok := c.gitRequest()
	if !ok || strings.Count(g.path, "/") != 1 || !g.proper {
		page := textAnswer(http.StatusNotFound, "<!DOCTYPE html><html><title>Page not found</title></html>\n")

		return page.with("Content-Type", "text/html; charset=utf-8")
	}

	_, text, basic := c.basic()

	r := c.repository(g.path)
	if to := c.moved[strings.ToLower(g.path)]; r == nil && to != nil && !g.exchange {
		address := c.here("") + c.vendor.clonePath(to.Path) + "/info/refs?service=" + g.service()

		return textAnswer(http.StatusMovedPermanently, "").with("Location", address)
	}

	if basic {
		if c.token = c.find(text); c.token == nil || c.token.revoked || c.token.expired(c.now) {
			return githubGitRefusal("Invalid username or token. Password authentication is not supported for Git operations.")
		}

		if c.token.block == BlockSuspended {
			return textAnswer(http.StatusForbidden, "Your account is suspended. Please check your email for more information.\n")
		}
	}

	seen := r != nil && c.githubSees(r)
	if c.token == nil && (!seen || g.write) {
		return githubGitRefusal("No anonymous write access.")
	}

	if !seen {
		return textAnswer(http.StatusNotFound, "Repository not found.\n")
	}

	if a, forbidden := c.githubForbids(r); forbidden {
		return githubGitForbidden(r, a)
	}

	return c.githubAdvertise(r, g)
}

// githubGitForbidden is how an organisation's refusal reads in Git.
func githubGitForbidden(r *repository, a answer) answer {
	message := "Write access to repository not granted."
	if a.header.Get("X-GitHub-SSO") != "" {
		message = "The '" + r.owner() + "' organization has enabled or enforced SAML SSO. To access this repository, you " +
			"must use the HTTPS remote with a personal access token or SSH with an SSH key and passphrase that has been " +
			"authorized for this organization. Visit https://docs.github.com/articles/authenticating-to-a-github-" +
			"organization-with-saml-single-sign-on/ for more information."
	} else if body := (struct{ Message string }{}); json.Unmarshal([]byte(a.body), &body) == nil && body.Message != "" {
		message = body.Message
	}

	return textAnswer(a.status, message+"\n")
}

func githubGitRefusal(message string) answer {
	return textAnswer(http.StatusUnauthorized, message+"\n").with("Www-Authenticate", `Basic realm="GitHub"`)
}

func (c *call) githubAdvertise(r *repository, g gitRequest) answer {
	needed := "read"
	if g.write {
		needed = "write"
	}

	permitted := !r.Private && !g.write
	switch {
	case c.token == nil || permitted:
	case c.token.kind.permissions != nil:
		permitted = c.token.may("contents", needed) && c.token.covers(r)
	default:
		permitted = c.token.holds("repo") || (!r.Private && c.token.holds("public_repo"))
	}

	switch {
	case !permitted && g.write && c.token.kind.permissions != nil:
		return textAnswer(http.StatusForbidden, "Write access to repository not granted.\n")
	case !permitted, g.write && c.githubRole(r) < levelWrite:
		return textAnswer(http.StatusForbidden, fmt.Sprintf("Permission to %s.git denied to %s.\n", r.Path, c.token.Owner))
	case g.write && r.Archived:
		return textAnswer(http.StatusForbidden, "This repository was archived so it is read-only.\n")
	}

	return c.speakGit(r, g)
}
