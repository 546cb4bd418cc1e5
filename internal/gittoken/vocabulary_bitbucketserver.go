package gittoken

// bitbucketServerLevels are the permissions of HTTP access tokens: one level for projects and one for repositories. A
// level of projects gives the same level of the repositories in them.
//
// Sources: Atlassian docs, Bitbucket Data Center REST API and HTTP access tokens; Bitbucket's Java API, Permission.
var bitbucketServerLevels = newVocabulary([]word{
	{"PROJECT_VIEW", nil},
	{"PROJECT_READ", []Scope{"PROJECT_VIEW", "REPO_READ"}},
	{"PROJECT_WRITE", []Scope{"PROJECT_READ", "REPO_WRITE"}},
	{"REPO_CREATE", []Scope{"PROJECT_WRITE"}},
	{"PROJECT_ADMIN", []Scope{"REPO_CREATE", "REPO_ADMIN"}},
	{"REPO_READ", nil},
	{"REPO_WRITE", []Scope{"REPO_READ"}},
	{"REPO_ADMIN", []Scope{"REPO_WRITE"}},
	{"PROJECT_CREATE", nil},
	{"ADMIN", []Scope{"PROJECT_CREATE"}},
	{"SYS_ADMIN", []Scope{"ADMIN"}},
}, map[string]Scope{
	// Codefresh docs, Git tokens, and the page that makes such tokens spell them out.
	"repository read":   "REPO_READ",
	"repository write":  "REPO_WRITE",
	"repository admin":  "REPO_ADMIN",
	"repository create": "REPO_CREATE",
})
