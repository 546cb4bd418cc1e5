package gitlab

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// gitRefusal is a part of what GitLab says when it refuses Git, and what that means.
type gitRefusal struct {
	status int
	text   string
	result gittoken.ProbeResult
}

// gitRefusals lists them (GitLab, lib/gitlab/git_access.rb, ee/lib/ee/gitlab/git_access.rb and
// app/controllers/repositories/git_http_controller.rb).
func gitRefusals() []gitRefusal {
	denied := func(c gittoken.Cause) gittoken.ProbeResult { return gittoken.ProbeDenied(c, "") }
	open := func(c gittoken.Cause) gittoken.ProbeResult { return gittoken.ProbeUndetermined(c, "") }

	return []gitRefusal{
		{
			http.StatusNotFound, "The project you were looking for could not be found or you don't have permission to view it",
			denied(gittoken.CauseHidden),
		},
		{http.StatusForbidden, "Cannot find valid SSO session", denied(gittoken.CauseSSO)},
		{http.StatusForbidden, "You are not allowed to push code to this project", denied(gittoken.CauseRole)},
		{http.StatusForbidden, "You are not allowed to upload code", denied(gittoken.CauseNotGranted)},
		{http.StatusForbidden, "You are not allowed to download code", denied(gittoken.CauseNotGranted)},
		{http.StatusForbidden, "archived project", open(gittoken.CauseReadOnly)},
		{http.StatusForbidden, "temporarily read-only", open(gittoken.CauseServerError)},
		{http.StatusForbidden, "read-only GitLab instance", open(gittoken.CauseServerError)},
		{http.StatusForbidden, "over HTTP is not allowed", open(gittoken.CauseNotPermitted)},
	}
}

// gitResult returns what an answer of the Git side means for a service. Only what it says in a line of plain text, or
// in place of the list of references, is GitLab's own word.
func (a answer) gitResult(service string, kind gittoken.Kind, web string) gittoken.ProbeResult {
	has, said := a.HasRefs(service)
	if has {
		return gittoken.ProbeProven()
	}

	if a.MediaType() == "text/plain" && a.Status >= http.StatusBadRequest {
		said = transport.Printable(string(a.Body))
	}

	for _, r := range gitRefusals() {
		if a.Status == r.status && strings.Contains(said, r.text) {
			r.result.Detail = said
			if r.result.Cause == gittoken.CauseSSO {
				r.result.Detail, r.result.HelpURL = withoutQuery(said), ssoPage(said, web)
			}

			return r.result
		}
	}

	switch {
	case a.Status == http.StatusForbidden && saysGranular(said):
		return refusedPermission(kind, said)
	case a.Status == http.StatusForbidden && said == textBannedAddress:
		return gittoken.ProbeUndetermined(gittoken.CauseAddressBanned, a.Said(said))
	case a.Status == http.StatusForbidden && shutsOut(said):
		return gittoken.ProbeUndetermined(gittoken.CauseAccountBlocked, said)
	}

	cause, detail := a.Failure(said)
	if cause == gittoken.CauseNotUnderstood && said != "" && a.Status >= http.StatusBadRequest {
		cause = gittoken.CauseNotPermitted
	}

	return gittoken.ProbeUndetermined(cause, detail)
}

// saysGranular recognises a refusal that names permissions of fine-grained tokens. What begins like it is what many a
// firewall says.
func saysGranular(said string) bool {
	return strings.HasPrefix(said, textGranular) && strings.Contains(strings.ToLower(said), textGranularOf)
}

// refusedPermission returns the result of a refusal that names permissions of fine-grained tokens. One of another kind
// gets it where a group enforces fine-grained tokens.
func refusedPermission(kind gittoken.Kind, said string) gittoken.ProbeResult {
	if kind == gittoken.KindGranular {
		return gittoken.ProbeDenied(gittoken.CauseNotGranted, said)
	}

	return gittoken.ProbeBlocked(gittoken.CauseFineGrainedOnly, said, "")
}

// ssoPage returns the page of a group's single sign-on that a refusal names, if it is one of the site at web. Its query
// has a secret of the group, which members need not have.
func ssoPage(said, web string) string {
	for word := range strings.FieldsSeq(said) {
		page, err := url.Parse(strings.TrimRight(word, ".,"))
		if err != nil || page.User != nil || !strings.HasSuffix(page.Path, "/-/saml/sso") {
			continue
		}

		site, err := url.Parse(web)
		if err != nil || page.Scheme != site.Scheme || !strings.EqualFold(page.Host, site.Host) {
			continue
		}

		page.RawQuery, page.Fragment = "", ""

		return page.String()
	}

	return ""
}

// withoutQuery returns a text without the queries of the addresses in it.
func withoutQuery(text string) string {
	words := strings.Fields(text)
	for n, word := range words {
		if strings.Contains(word, "://") {
			words[n], _, _ = strings.Cut(word, "?")
		}
	}

	return strings.Join(words, " ")
}
