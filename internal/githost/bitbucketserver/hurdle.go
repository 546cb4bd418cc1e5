package bitbucketserver

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// hurdleClasses tells hurdles by the exception that the server names, which is part of its Java API (package
// com.atlassian.bitbucket.auth).
func hurdleClasses() map[string]rest.Hurdle {
	return map[string]rest.Hurdle{
		"CaptchaAuthenticationException":         rest.Unchecked(gittoken.CauseLoginLockout),
		"CaptchaRequiredAuthenticationException": rest.Unchecked(gittoken.CauseLoginLockout),
		"InactiveUserAuthenticationException":    rest.Blocked(gittoken.CauseAccountBlocked),
		"ExpiredPasswordAuthenticationException": rest.Blocked(gittoken.CauseAccountBlocked),
		"AuthenticationSystemException":          rest.Unchecked(gittoken.CauseServerError), // no user directory
	}
}

// hurdleTexts tells the hurdles that the server words only, in a 403. Its texts are not documented; these are the
// words that its pages about accounts and licences use (Bitbucket Data Center documentation, Users and groups;
// Updating your license key). A text that is not among them is a failed check.
func hurdleTexts() []struct {
	all []string // in lower case
	rest.Hurdle
} {
	return []struct {
		all []string
		rest.Hurdle
	}{
		{[]string{"captcha"}, rest.Unchecked(gittoken.CauseLoginLockout)},
		{[]string{"account", "locked"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"account", "disabled"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"account", "deactivated"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"account", "inactive"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"user", "inactive"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"user", "deactivated"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"not licensed"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		{[]string{"unlicensed"}, rest.Blocked(gittoken.CauseAccountBlocked)},
		// The server's own licence: nothing that the token could help.
		{[]string{"licen"}, rest.Unchecked(gittoken.CauseServerError)},
	}
}

// hurdle returns what stands between the token and its use, if the answer tells.
func (a answer) hurdle() rest.Hurdle {
	if a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
		return rest.Hurdle{}
	}

	// The sign-in library that Atlassian's servers share sends these instead of an error while an account has to
	// solve a CAPTCHA (Jira Server REST API, Basic authentication, CAPTCHA).
	if strings.HasPrefix(a.Header.Get("X-Authentication-Denied-Reason"), "CAPTCHA") ||
		strings.EqualFold(a.Header.Get("X-Seraph-LoginReason"), "AUTHENTICATION_DENIED") {
		return rest.Unchecked(gittoken.CauseLoginLockout)
	}

	classes := hurdleClasses()

	for _, e := range a.errors() {
		if h, ok := classes[e.class()]; ok {
			return h
		}
	}

	if a.Status != http.StatusForbidden {
		return rest.Hurdle{}
	}

	text := strings.ToLower(a.message())

	for _, row := range hurdleTexts() {
		if containsAll(text, row.all) && (row.Standing == gittoken.Unchecked || a.own()) {
			return row.Hurdle
		}
	}

	return rest.Hurdle{}
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}

	return true
}

// loginURL returns the page at which a CAPTCHA can be solved, if the server names one of its own.
func (a answer) loginURL(web string) string {
	_, text, found := strings.Cut(a.Header.Get("X-Authentication-Denied-Reason"), "login-url=")
	if !found {
		return ""
	}

	text, _, _ = strings.Cut(text, ";")

	page, err := url.Parse(strings.TrimSpace(text))
	if err != nil || page.User != nil {
		return ""
	}

	home, err := url.Parse(web)
	if err != nil || page.Scheme != home.Scheme || !strings.EqualFold(page.Host, home.Host) {
		return ""
	}

	return page.String()
}
