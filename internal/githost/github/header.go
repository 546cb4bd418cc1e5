package github

import (
	"net/url"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

// unprintable reports whether r is no visible ASCII character.
func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// parseExpiry reads GitHub-Authentication-Token-Expiration, in UTC. GitHub sends "2026-03-01 12:00:00 UTC" for classic
// tokens and "2026-03-01 12:00:00 +0100" for fine-grained ones. Other named zones are not understood: time.Parse takes
// a name that it does not know for UTC.
func parseExpiry(text string) (time.Time, bool) {
	const layout = "2006-01-02 15:04:05"

	text = strings.TrimSpace(text)

	if utc, found := strings.CutSuffix(text, " UTC"); found {
		at, err := time.Parse(layout, utc)

		return at, err == nil
	}

	at, err := time.Parse(layout+" -0700", text)

	return at.UTC(), err == nil
}

// parseSSO reads X-GitHub-SSO, "required; url=https://github.com/orgs/o/sso?authorization_request=…", and returns that
// page if it is one of the site at web: a link to anywhere else is none of GitHub's.
func parseSSO(value, web string) string {
	state, parameters, _ := strings.Cut(value, ";")
	if strings.TrimSpace(state) != "required" {
		return ""
	}

	page, found := strings.CutPrefix(strings.TrimSpace(parameters), "url=")
	if !found || len(page) > 2048 || strings.ContainsFunc(page, unprintable) {
		return ""
	}

	return pageOf(page, web)
}

// pageOf returns address if it is one of the site at web.
func pageOf(address, web string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return ""
	}

	site, err := url.Parse(web)
	if err != nil || site.Host == "" || u.Scheme != site.Scheme || !strings.EqualFold(u.Host, site.Host) {
		return ""
	}

	return u.String()
}

// pageIn returns the first page of the site at web that a message names. That on a token's lifetime names the token's
// own settings.
func pageIn(message, web string) string {
	for word := range strings.FieldsSeq(message) {
		word = strings.Trim(word, `.,;:'"()<>`)
		if strings.Contains(word, "://") && len(word) <= 2048 && !strings.ContainsFunc(word, unprintable) {
			if page := pageOf(word, web); page != "" {
				return page
			}
		}
	}

	return ""
}

// quotedIn returns the organisation that a message names between `backticks`; empty if that can be none.
func quotedIn(message string) string {
	_, rest, _ := strings.Cut(message, "`")

	name, _, closed := strings.Cut(rest, "`")
	if !closed || !remote.IsName(name) {
		return ""
	}

	return name
}
