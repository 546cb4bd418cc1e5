package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Services of Git's HTTP transport.
const (
	GitUploadPack  = "git-upload-pack"  // which a pull asks
	GitReceivePack = "git-receive-pack" // which a push asks
)

// MaxAdvertisement is how many bytes are read of the list of references: its beginning tells whether it is one.
const MaxAdvertisement = 64 << 10

// GitRefs asks what Git asks a service first, by a GET that changes nothing (Git documentation, HTTP transfer
// protocols, Smart clients). repository is the address to clone from, with its ".git".
func GitRefs(ctx context.Context, client *http.Client, repository, service string) Answer {
	return Get(ctx, client, repository+"/info/refs?service="+service, "*/*")
}

// HasRefs reports whether the answer is the list of references with which a service begins. In its place a server may
// put, in an answer that a browser would call a success, what Git is to print as an error: that is refusal.
func (a Answer) HasRefs(service string) (has bool, refusal string) {
	if a.Status != http.StatusOK || a.MediaType() != "application/x-"+service+"-advertisement" {
		return false, ""
	}

	packet, rest, ok := cutPacket(string(a.Body))

	// The service comes first, then an empty packet; an error may come without either.
	if ok && strings.TrimSuffix(packet, "\n") == "# service="+service {
		if packet, rest, ok = cutPacket(rest); ok && packet == "" {
			packet, _, ok = cutPacket(rest)
			// Of an empty repository there may be nothing to list for a pull. A push is always told a reference.
			has = ok && packet == "" && service == GitUploadPack
		}
	}

	if text, refused := strings.CutPrefix(packet, "ERR "); ok && refused {
		return false, transport.Printable(text)
	}

	return has || ok && isReference(packet), ""
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
