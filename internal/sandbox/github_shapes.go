package sandbox

import (
	"encoding/base64"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// githubEpoch is when everything at the emulated GitHub was made.
const githubEpoch = "2026-01-01T00:00:00Z"

// Addresses that come with GitHub's objects: the name of each, without "_url", and what follows the object's own.
const (
	githubAccountAddresses = `followers /followers
following /following{/other_user}
gists /gists{/gist_id}
starred /starred{/owner}{/repo}
subscriptions /subscriptions
organizations /orgs
repos /repos
events /events{/privacy}
received_events /received_events`

	githubRepositoryAddresses = `archive /{archive_format}{/ref}
assignees /assignees{/user}
blobs /git/blobs{/sha}
branches /branches{/branch}
collaborators /collaborators{/collaborator}
comments /comments{/number}
commits /commits{/sha}
compare /compare/{base}...{head}
contents /contents/{+path}
contributors /contributors
deployments /deployments
downloads /downloads
events /events
forks /forks
git_commits /git/commits{/sha}
git_refs /git/refs{/sha}
git_tags /git/tags{/sha}
hooks /hooks
issue_comment /issues/comments{/number}
issue_events /issues/events{/number}
issues /issues{/number}
keys /keys{/key_id}
labels /labels{/name}
languages /languages
merges /merges
milestones /milestones{/number}
notifications /notifications{?since,all,participating}
pulls /pulls{/number}
releases /releases{/id}
stargazers /stargazers
statuses /statuses/{sha}
subscribers /subscribers
subscription /subscription
tags /tags
teams /teams
trees /git/trees{/sha}`

	githubRootAddresses = `current_user /user
current_user_authorizations_html /settings/connections/applications{/client_id}
authorizations /authorizations
code_search /search/code?q={query}{&page,per_page,sort,order}
commit_search /search/commits?q={query}{&page,per_page,sort,order}
emails /user/emails
emojis /emojis
events /events
feeds /feeds
followers /user/followers
following /user/following{/target}
gists /gists{/gist_id}
issue_search /search/issues?q={query}{&page,per_page,sort,order}
issues /issues
keys /user/keys
label_search /search/labels?q={query}&repository_id={repository_id}{&page,per_page}
notifications /notifications
organization /orgs/{org}
organization_repositories /orgs/{org}/repos{?type,page,per_page,sort}
organization_teams /orgs/{org}/teams
public_gists /gists/public
rate_limit /rate_limit
repository /repos/{owner}/{repo}
repository_search /search/repositories?q={query}{&page,per_page,sort,order}
current_user_repositories /user/repos{?type,page,per_page,sort}
starred /user/starred{/owner}{/repo}
starred_gists /gists/starred
user /users/{user}
user_organizations /user/orgs
user_repositories /users/{user}/repos{?type,page,per_page,sort}
user_search /search/users?q={query}{&page,per_page,sort,order}`
)

// addresses writes out a list of them below an object's own.
func addresses(list, own string) map[string]any {
	found := map[string]any{}

	for line := range strings.Lines(list) {
		name, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		found[name+"_url"] = own + path
	}

	return found
}

// githubAPI is the address of the API under which the client came.
func (c *call) githubAPI() string {
	if c.service == GitHubEnterprise {
		return c.here("") + "/api/v3"
	}

	return c.here(githubAPIPath)
}

func nodeID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString([]byte(kind + strconv.FormatInt(id, 10)))
}

// githubAccount is what GitHub shows of an account wherever it names one.
func (c *call) githubAccount(login string, id int64, kind string) map[string]any {
	own, web := c.githubAPI()+"/users/"+login, c.s.net.root(c.service)+"/"+login
	shown := addresses(githubAccountAddresses, own)
	maps.Copy(shown, map[string]any{
		"login": login, "id": id, "node_id": nodeID(kind, id), "type": kind, "site_admin": false, "user_view_type": "public",
		"url": own, "html_url": web, "avatar_url": web + ".png", "gravatar_id": "",
	})

	return shown
}

// githubProfile is an account's own page.
func (c *call) githubProfile(a *account) map[string]any {
	shown := c.githubAccount(a.login, a.id, "User")
	maps.Copy(shown, map[string]any{
		"name": nil, "company": nil, "blog": "", "location": nil, "email": nil, "hireable": nil, "bio": nil,
		"twitter_username": nil, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
		"created_at": githubEpoch, "updated_at": githubEpoch,
	})

	return shown
}

// githubRepositoryBrief is a repository as other objects show it.
func (c *call) githubRepositoryBrief(r *repository) map[string]any {
	own, web := c.githubAPI()+"/repos/"+r.Path, c.s.net.root(c.service)+"/"+r.Path
	shown := addresses(githubRepositoryAddresses, own)
	maps.Copy(shown, map[string]any{
		"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.name(), "full_name": r.Path, "private": r.Private,
		"owner": c.githubAccount(r.owner(), c.groupID(r.owner()), "Organization"), "html_url": web, "url": own,
		"description": nil, "fork": false,
	})

	return shown
}

// githubRepository is a repository as the API shows it. Its permissions are the account's role, not the token's.
func (c *call) githubRepository(r *repository) map[string]any {
	role := c.githubRole(r)

	visibility, host := "public", strings.TrimPrefix(c.s.net.root(c.service), "http://")
	if r.Private {
		visibility = "private"
	}

	shown := c.githubRepositoryBrief(r)
	maps.Copy(shown, map[string]any{
		"visibility": visibility, "archived": r.Archived, "disabled": false, "default_branch": "main",
		"clone_url": c.s.net.root(c.service) + c.vendor.clonePath(r.Path),
		"git_url":   "git://" + host + "/" + r.Path + ".git", "ssh_url": "git@" + host + ":" + r.Path + ".git",
		"svn_url": c.s.net.root(c.service) + "/" + r.Path, "mirror_url": nil, "homepage": nil, "language": nil,
		"license": nil, "topics": []string{}, "size": 1, "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0,
		"watchers_count": 0, "open_issues": 0, "open_issues_count": 0, "is_template": false, "has_issues": true,
		"has_projects": false, "has_wiki": false, "has_pages": false, "has_downloads": true, "has_discussions": false,
		"pushed_at": githubEpoch, "created_at": githubEpoch, "updated_at": githubEpoch, "web_commit_signoff_required": false,
	})

	if c.token != nil {
		shown["permissions"] = map[string]bool{
			"admin": role >= levelAdmin, "maintain": role >= levelAdmin, "push": role >= levelWrite,
			"triage": role >= levelWrite, "pull": role >= levelRead,
		}
	}

	return shown
}

// githubWholeRepository is the answer about one repository, which has more than lists have.
func (c *call) githubWholeRepository(r *repository) map[string]any {
	shown := c.githubRepository(r)
	shown["network_count"], shown["subscribers_count"] = 0, 0

	return shown
}

// hook is a webhook of a repository.
type hook struct {
	id  int64
	url string
}

func (c *call) githubHook(r *repository, h hook) map[string]any {
	own := c.githubAPI() + "/repos/" + r.Path + "/hooks/" + strconv.FormatInt(h.id, 10)

	return map[string]any{
		"id": h.id, "type": "Repository", "name": "web", "active": true, "events": []string{"push"},
		"config":     map[string]any{"url": h.url, "content_type": "form", "insecure_ssl": "0"},
		"updated_at": githubEpoch, "created_at": githubEpoch, "url": own, "test_url": own + "/test",
		"ping_url": own + "/pings", "deliveries_url": own + "/deliveries",
		"last_response": map[string]any{"code": nil, "status": "unused", "message": nil},
	}
}

func (c *call) githubCommit(r *repository) map[string]any {
	own := c.githubAPI() + "/repos/" + r.Path
	who := map[string]any{"name": "Sandbox", "email": "sandbox@example.com", "date": githubEpoch}
	tree := objectID("tree", r.commit.tree)

	return map[string]any{
		"sha": r.commit.id, "node_id": nodeID("Commit", r.id), "url": own + "/commits/" + r.commit.id,
		"html_url":     c.s.net.root(c.service) + "/" + r.Path + "/commit/" + r.commit.id,
		"comments_url": own + "/commits/" + r.commit.id + "/comments", "author": nil, "committer": nil, "parents": []any{},
		"commit": map[string]any{
			"url": own + "/git/commits/" + r.commit.id, "author": who, "committer": who, "message": "Start",
			"comment_count": 0, "tree": map[string]any{
				"sha": hexOf(tree[:]), "url": own + "/git/trees/" + hexOf(tree[:]),
			},
			"verification": map[string]any{
				"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil,
			},
		},
	}
}

// githubGetStatus is the combined status of a commit.
func githubGetStatus(c *call, r *repository, args []string) answer {
	if !r.knows(args[0]) {
		return githubMessage(http.StatusNotFound, "Not Found")
	}

	own := c.githubAPI() + "/repos/" + r.Path + "/commits/" + r.commit.id

	return jsonAnswer(http.StatusOK, map[string]any{
		"state": "pending", "statuses": []any{}, "sha": r.commit.id, "total_count": 0,
		"repository": c.githubRepositoryBrief(r), "commit_url": own, "url": own + "/status",
	})
}
