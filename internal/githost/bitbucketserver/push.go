package bitbucketserver

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// push asks the Git side what a push asks first. Unlike the permission= filters of the REST API, which may go by what
// the token's owner may do, the answer is about the token itself.
//
// A 401 to a token that the server knows is its usual word for a missing permission. Any other refusal may also come
// from the repository (archived, read-only), an add-on or a proxy, so that it settles nothing: Atlassian's own article
// on 403s at pushes (Bitbucket Data Center, Git push returns error code 403) names more causes than one.
func (s *server) push(ctx context.Context, at place) answer {
	s.asked++

	repository := "/scm/" + url.PathEscape(at.key) + "/" + url.PathEscape(at.slug) + ".git"

	return answer{rest.GitRefs(ctx, s.git, s.web+repository, rest.GitReceivePack)}
}

// isExcuse recognises what the server says of a push when nobody's could be taken, whatever the token. Its pages about
// archived repositories, licences, mirrors and maintenance use these words (Bitbucket Data Center documentation); an
// expired licence refuses pushes while reading goes on.
func isExcuse(said string) bool {
	said = strings.ToLower(said)

	return slices.ContainsFunc([]string{"archived", "read-only", "read only", "licen", "maintenance", "migrat"},
		func(text string) bool { return strings.Contains(said, text) })
}

// pushResult returns what an answer of the Git side means for writing to that repository.
func (a answer) pushResult() gittoken.ProbeResult {
	has, refusal := a.HasRefs(rest.GitReceivePack)
	if has {
		return gittoken.ProbeProven()
	}

	said := a.pushSaid()
	if refusal != "" {
		said = refusal
	}

	refused := refusal != "" || a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden

	switch {
	case refused && !a.IsHTML() && isExcuse(said):
		return gittoken.ProbeUndetermined(gittoken.CauseReadOnly, said)
	case refusal != "":
		// What a browser would see as success is the server's way to have Git print an error.
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, refusal)
	case a.notPermitted():
		return gittoken.ProbeDenied(gittoken.CauseRole, said)
	}

	cause, detail := a.failure()
	if a.Cause == "" && cause == gittoken.CauseNotUnderstood {
		detail = said

		if !a.IsHTML() && (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden ||
			a.Status == http.StatusNotFound) {
			cause = gittoken.CauseNotPermitted
		}
	}

	return gittoken.ProbeUndetermined(cause, detail)
}

// pushSaid returns the Git side's words, which are plain text mostly, or its status.
func (a answer) pushSaid() string {
	text := a.message()
	if text == "" && a.MediaType() == "text/plain" {
		text = transport.Printable(string(a.Body))
	}

	if text == "" {
		return fmt.Sprintf("the server answered the question that a push asks first with HTTP %d", a.Status)
	}

	return text
}
