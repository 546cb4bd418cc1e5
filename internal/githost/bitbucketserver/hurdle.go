package bitbucketserver

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// hurdle is something between a token and its use that is not the token's own fault. The zero value is none.
type hurdle struct {
	standing gittoken.Standing
	cause    gittoken.Cause
}

// hurdleClasses tells hurdles by the exception that the server names, which is part of its Java API (package
// com.atlassian.bitbucket.auth).
func hurdleClasses() map[string]hurdle {
	return map[string]hurdle{
		"CaptchaAuthenticationException":         {gittoken.Unchecked, gittoken.CauseLoginLockout},
		"CaptchaRequiredAuthenticationException": {gittoken.Unchecked, gittoken.CauseLoginLockout},
		"InactiveUserAuthenticationException":    {gittoken.Blocked, gittoken.CauseAccountBlocked},
		"ExpiredPasswordAuthenticationException": {gittoken.Blocked, gittoken.CauseAccountBlocked},
		"AuthenticationSystemException":          {gittoken.Unchecked, gittoken.CauseServerError}, // no user directory
	}
}

// hurdleTexts tells the hurdles that the server words only, in a 403. Its texts are not documented; these are the
// words that its pages about accounts and licences use (Bitbucket Data Center documentation, Users and groups;
// Updating your license key). A text that is not among them is a failed check.
func hurdleTexts() []struct {
	all []string // in lower case
	hurdle
} {
	return []struct {
		all []string
		hurdle
	}{
		{[]string{"captcha"}, hurdle{gittoken.Unchecked, gittoken.CauseLoginLockout}},
		{[]string{"account", "locked"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"account", "disabled"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"account", "deactivated"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"account", "inactive"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"user", "inactive"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"user", "deactivated"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"not licensed"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		{[]string{"unlicensed"}, hurdle{gittoken.Blocked, gittoken.CauseAccountBlocked}},
		// The server's own licence: nothing that the token could help.
		{[]string{"licen"}, hurdle{gittoken.Unchecked, gittoken.CauseServerError}},
	}
}

// hurdle returns what stands between the token and its use, if the answer tells.
func (a answer) hurdle() hurdle {
	if a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
		return hurdle{}
	}

	// The sign-in library that Atlassian's servers share sends these instead of an error while an account has to
	// solve a CAPTCHA (Jira Server REST API, Basic authentication, CAPTCHA).
	if strings.HasPrefix(a.Header.Get("X-Authentication-Denied-Reason"), "CAPTCHA") ||
		strings.EqualFold(a.Header.Get("X-Seraph-LoginReason"), "AUTHENTICATION_DENIED") {
		return hurdle{gittoken.Unchecked, gittoken.CauseLoginLockout}
	}

	classes := hurdleClasses()

	for _, e := range a.errors() {
		if h, ok := classes[e.class()]; ok {
			return h
		}
	}

	if a.Status != http.StatusForbidden {
		return hurdle{}
	}

	text := strings.ToLower(a.message())

	for _, row := range hurdleTexts() {
		if containsAll(text, row.all) && (row.standing == gittoken.Unchecked || a.own()) {
			return row.hurdle
		}
	}

	return hurdle{}
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
