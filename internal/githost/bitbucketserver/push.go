package bitbucketserver

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	pushService       = "git-receive-pack"
	pushAdvertisement = "application/x-" + pushService + "-advertisement"
	// maxAdvertisement is how much is read of the list of branches that the Git side answers with: its beginning tells
	// whether it is one.
	maxAdvertisement = 64 << 10
)

// push asks the Git side what a push asks first, by a GET that changes nothing (Git documentation, HTTP transfer
// protocols, Smart clients). Unlike the permission= filters of the REST API, which may go by what the token's owner may
// do, the answer is about the token itself.
//
// A 401 to a token that the server knows is its usual word for a missing permission. Any other refusal may also come
// from the repository (archived, read-only), an add-on or a proxy, so that it settles nothing: Atlassian's own article
// on 403s at pushes (Bitbucket Data Center, Git push returns error code 403) names more causes than one.
func (s *server) push(ctx context.Context, at place) answer {
	repository := "/scm/" + url.PathEscape(at.key) + "/" + url.PathEscape(at.slug) + ".git"

	return s.ask(ctx, s.git, s.web+repository+"/info/refs?service="+pushService, "*/*")
}

// pushResult returns what an answer of the Git side means for writing to that repository.
func (a answer) pushResult() gittoken.ProbeResult {
	packet, ok := a.firstReference()

	switch refusal, refused := strings.CutPrefix(packet, "ERR "); {
	case ok && refused:
		// What a browser would see as success is the server's way to have Git print an error.
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, transport.Printable(refusal))
	case ok && isReference(packet):
		return gittoken.ProbeProven()
	case a.notPermitted():
		return gittoken.ProbeDenied(a.pushSaid())
	}

	cause, detail := a.failure()
	if a.Cause == "" && cause == gittoken.CauseNotUnderstood {
		detail = a.pushSaid()

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

// firstReference returns the packet in which the list of references begins; false if the answer is none that Git's
// protocol has for a push.
func (a answer) firstReference() (string, bool) {
	if a.Status != http.StatusOK || a.MediaType() != pushAdvertisement {
		return "", false
	}

	packet, rest, ok := cutPacket(string(a.Body))
	if !ok {
		return "", false
	}

	// The service comes first, then an empty packet; an error may come without either.
	if strings.TrimSuffix(packet, "\n") == "# service="+pushService {
		if packet, rest, ok = cutPacket(rest); ok && packet == "" {
			packet, _, ok = cutPacket(rest)
		}
	}

	return packet, ok
}

// cutPacket cuts the first packet off text: four hexadecimal digits with its length, theirs included, and its content
// (Git documentation, protocol-common, pkt-line). 0000 is the empty packet that ends a section.
func cutPacket(text string) (content, rest string, ok bool) {
	const digits = 4

	if len(text) < digits {
		return "", "", false
	}

	length, err := strconv.ParseUint(text[:digits], 16, 16)

	switch size := int(length); {
	case err != nil, size > len(text), size > 0 && size <= digits:
		return "", "", false
	case size == 0:
		return "", text[digits:], true
	default:
		return text[digits:size], text[size:], true
	}
}

// isReference reports whether a packet names an object: 40 hexadecimal digits or more, all 0 in an empty repository.
func isReference(packet string) bool {
	id, _, found := strings.Cut(packet, " ")

	return found && len(id) >= 40 && strings.Trim(id, "0123456789abcdef") == ""
}
