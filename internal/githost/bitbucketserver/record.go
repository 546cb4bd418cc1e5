package bitbucketserver

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// record is what the server keeps of a token (Bitbucket Data Center REST API, Authentication: access tokens). The
// published schema shows no permissions and no expiry, real answers carry both.
type record struct {
	permissions []gittoken.Scope // the token's own, which the rights of its owner cap
	expiryDate  int64            // ms since 1970; 0 = never, or not told
}

// record asks for the token's own record. It reports false if the token does not tell its number, if it is not a
// user's, or if the server answers with anything but that record.
func (s *server) record(ctx context.Context, token gittoken.Secret, owner string) (record, bool) {
	slug := userSlug(owner)
	if slug == "" || strings.HasPrefix(owner, serviceUser) {
		return record{}, false
	}

	id, ok := gittoken.BitbucketTokenID(token)
	if !ok {
		return record{}, false
	}

	a := s.fetch(ctx, s.web+"/rest/access-tokens/latest/users/"+url.PathEscape(slug)+"/"+id)
	if a.Status != 200 || !a.IsJSON() {
		return record{}, false
	}

	return parseRecord(a.Body, id, owner)
}

// maxPermissions is beyond what a token can hold, which is one project level and one repository level.
const maxPermissions = 8

// parseRecord reports false for what is not the record of the token with that number and owner.
func parseRecord(body []byte, id, owner string) (record, bool) {
	var document struct {
		ID          json.RawMessage `json:"id"` // a string, and a number in older examples
		Permissions []string        `json:"permissions"`
		ExpiryDate  int64           `json:"expiryDate"`
		User        *struct {
			Name string `json:"name"`
		} `json:"user"`
	}

	if json.Unmarshal(body, &document) != nil || strings.Trim(string(document.ID), `"`) != id {
		return record{}, false
	}

	if document.User != nil && document.User.Name != "" && !strings.EqualFold(document.User.Name, owner) {
		return record{}, false
	}

	if len(document.Permissions) > maxPermissions {
		return record{}, false
	}

	r := record{expiryDate: document.ExpiryDate}

	for _, text := range document.Permissions {
		if !isPermission(text) {
			return record{}, false
		}

		r.permissions = append(r.permissions, gittoken.Scope(text))
	}

	return r, true
}

// isPermission reports whether text is spelled as the server's permissions are, such as PROJECT_ADMIN.
func isPermission(text string) bool {
	return len(text) <= 64 && strings.Contains(text, "_") && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'A' || r > 'Z') && r != '_'
	})
}

// endOfTime is the last moment that RFC 3339 can write.
const endOfTime = 253402300799 // s since 1970: 9999-12-31T23:59:59Z

// expiry returns when the token ceases to work. A moment that is past is not one, since the server has just accepted
// the token: a clock is wrong then.
func (r record) expiry(now time.Time) time.Time {
	at := time.UnixMilli(r.expiryDate).UTC()
	if !at.After(now) || at.Unix() > endOfTime {
		return time.Time{}
	}

	return at
}

// userSlug returns the form in which a user's name goes into addresses. The server makes slugs of names in lower
// case, with _ in place of what addresses do not take, and appends a number if that is taken; a wrong guess is
// answered with 404.
func userSlug(name string) string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("-_.", r):
			return r
		}

		return '_'
	}, strings.ToLower(name))

	if !isSegment(slug) {
		return ""
	}

	return slug
}
