package gitlab

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// tokenRecord is GET /personal_access_tokens/self (GitLab docs, Personal access tokens API).
type tokenRecord struct {
	ID        int64           `json:"id"`
	UserID    int64           `json:"user_id"`
	Scopes    []string        `json:"scopes"`
	Revoked   *bool           `json:"revoked"`
	Active    *bool           `json:"active"`
	ExpiresAt json.RawMessage `json:"expires_at"`
	// GranularScopes is told of fine-grained tokens: by self from 19.5 on, by the number before.
	GranularScopes json.RawMessage `json:"granular_scopes"`
}

// parseToken reads a record. One without a number, an owner or a list of scopes is none, nor is one that does not say
// whether the token was revoked: what other servers tell of a token they have looked up may have the rest.
func parseToken(body []byte) (tokenRecord, bool) {
	var r tokenRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return tokenRecord{}, false
	}

	return r, r.ID > 0 && r.UserID > 0 && r.Scopes != nil && r.Revoked != nil
}

// expiry returns when the token ceases to work: at midnight UTC, as the date named by expires_at begins (GitLab,
// app/models/concerns/expirable.rb). Zero if it does not, or if the date is not understood.
func (r tokenRecord) expiry() time.Time {
	var text string
	if err := json.Unmarshal(r.ExpiresAt, &text); err != nil {
		return time.Time{}
	}

	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}

	return time.Time{}
}

// granular reports whether the token is a fine-grained one, of which the list of scopes says nothing.
func granular(scopes []gittoken.Scope) bool { return len(scopes) == 1 && scopes[0] == "granular" }

// oauthRecord is GET /oauth/token/info (GitLab docs, OAuth 2.0 identity provider API).
type oauthRecord struct {
	OwnerID   int64    `json:"resource_owner_id"`
	Scopes    []string `json:"scope"`
	ExpiresIn *int64   `json:"expires_in"` // seconds that are left
	CreatedAt *int64   `json:"created_at"` // seconds since 1970
}

func parseOAuth(body []byte) (oauthRecord, bool) {
	var r oauthRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return oauthRecord{}, false
	}

	return r, r.Scopes != nil
}

// maxSeconds is more than any token lives, or the clock of a host has counted since 1970.
const maxSeconds = 1 << 34

// expiry returns when the token expires. now is the time by GitLab's clock.
//
// GitLab tells what is left, which comes out a second more or less from one request to the next, and when the token was
// made, which does not. What lies between the two is a number of whole minutes: 2 hours (GitLab docs, OAuth 2.0
// identity provider API). Without the second, the time is told to the minute.
func (r oauthRecord) expiry(now time.Time) time.Time {
	if r.ExpiresIn == nil || *r.ExpiresIn < 0 || *r.ExpiresIn > maxSeconds {
		return time.Time{}
	}

	expiry := now.Add(time.Duration(*r.ExpiresIn) * time.Second).UTC()
	if r.CreatedAt == nil || *r.CreatedAt <= 0 || *r.CreatedAt > maxSeconds {
		return expiry.Round(time.Minute)
	}

	created := time.Unix(*r.CreatedAt, 0).UTC()

	return created.Add(expiry.Sub(created).Round(time.Minute))
}

// userRecord is GET /user (GitLab docs, Users API).
type userRecord struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Bot      bool   `json:"bot"`
	IsAdmin  bool   `json:"is_admin"` // shown to administrators only
}

func parseUser(body []byte) (userRecord, bool) {
	var r userRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return userRecord{}, false
	}

	return r, r.ID > 0 && r.Username != ""
}

// kind tells project and group tokens, which act as a bot of their own, from personal ones (GitLab docs, Project access
// tokens, Bot users for projects; Group access tokens, Bot users for groups).
func (r userRecord) kind() gittoken.Kind {
	switch {
	case r.Bot && strings.HasPrefix(r.Username, "project_"):
		return gittoken.KindProject
	case r.Bot && strings.HasPrefix(r.Username, "group_"):
		return gittoken.KindGroup
	}

	return gittoken.KindPersonal
}

// projectRecord is GET /projects/:id (GitLab docs, Projects API).
type projectRecord struct {
	ID          int64            `json:"id"`
	Archived    bool             `json:"archived"`
	Namespace   *namespaceRecord `json:"namespace"`
	Owner       *userRecord      `json:"owner"` // of a user's own project
	Permissions *struct {
		Project *membership `json:"project_access"`
		Group   *membership `json:"group_access"`
	} `json:"permissions"`
}

// namespaceRecord is where a project is: in a group, or in a user's own namespace.
type namespaceRecord struct {
	ID       int64  `json:"id"`
	Kind     string `json:"kind"` // group or user
	FullPath string `json:"full_path"`
	ParentID int64  `json:"parent_id"`
}

// groups returns the groups above a project that its record names, and whether those are all.
func (n namespaceRecord) groups() (ids []int64, all bool) {
	if n.Kind != "group" || n.ID <= 0 {
		return nil, n.Kind == "user"
	}

	if n.ParentID <= 0 {
		return []int64{n.ID}, !strings.Contains(n.FullPath, "/")
	}

	return []int64{n.ID, n.ParentID}, strings.Count(n.FullPath, "/") == 1
}

// groupRecord is one of GET /projects/:id/groups (GitLab docs, Projects API).
type groupRecord struct {
	ID int64 `json:"id"`
}

// parseGroups reports false for what is not a list of groups.
func parseGroups(body []byte) ([]groupRecord, bool) {
	var list []groupRecord
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, false
	}

	return list, !slices.ContainsFunc(list, func(g groupRecord) bool { return g.ID <= 0 })
}

// membership is somebody's role. Levels: 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.
type membership struct {
	AccessLevel int `json:"access_level"`
}

func parseProject(body []byte) (projectRecord, bool) {
	var r projectRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return projectRecord{}, false
	}

	return r, r.ID > 0
}

// level returns the higher of the roles that the project shows.
func (r projectRecord) level() int {
	level := 0

	if r.Permissions != nil {
		for _, m := range []*membership{r.Permissions.Project, r.Permissions.Group} {
			if m != nil {
				level = max(level, m.AccessLevel)
			}
		}
	}

	return level
}
