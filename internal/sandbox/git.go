package sandbox

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // Git's names of objects are SHA-1 sums
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// gitRequest is a request of Git's smart HTTP protocol (Git's own documents gitprotocol-http and gitprotocol-pack).
type gitRequest struct {
	path     string // of the repository
	write    bool   // for git-receive-pack, which a push speaks
	exchange bool   // the POST that carries objects, after the GET that lists the references
	proper   bool   // comes with the method that Git uses
}

const (
	uploadPack  = "git-upload-pack"
	receivePack = "git-receive-pack"
)

func (g gitRequest) service() string {
	if g.write {
		return receivePack
	}

	return uploadPack
}

// gitRequest reads <repository>.git/info/refs?service=… and POST <repository>.git/git-…-pack; ok is false for any
// other request.
func (c *call) gitRequest() (g gitRequest, ok bool) {
	n := len(c.path)

	named := func(service string) bool { return service == uploadPack || service == receivePack }
	switch service := c.r.URL.Query().Get("service"); {
	case n >= 3 && c.path[n-2] == "info" && c.path[n-1] == "refs" && named(service):
		g = gitRequest{write: service == receivePack, proper: c.r.Method == http.MethodGet}
		n -= 2
	case n >= 2 && c.r.Method == http.MethodPost && named(c.path[n-1]):
		g = gitRequest{write: c.path[n-1] == receivePack, exchange: true, proper: true}
		n--
	default:
		return gitRequest{}, false
	}

	g.path = strings.TrimSuffix(strings.Join(c.path[:n], "/"), ".git")

	return g, true
}

// basic returns user and password of a Basic header.
func (c *call) basic() (user, password string, ok bool) { return c.r.BasicAuth() }

// speakGit is the answer to somebody who may do what g asks for.
func (c *call) speakGit(r *repository, g gitRequest) answer {
	body, kind := "", "result"

	switch {
	case !g.exchange:
		body, kind = advertisement(r, g), "advertisement"
	case g.write:
		body = received(c.body)
	default:
		body = uploaded(r, c.body)
	}

	return textAnswer(http.StatusOK, body).with("Content-Type", "application/x-"+g.service()+"-"+kind).
		with("Cache-Control", "no-cache")
}

// packet is a line of the protocol, with its length before it.
func packet(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }

// flush ends a list of packets.
const flush = "0000"

// sideBand is the capability of sending objects, progress and errors beside each other.
const sideBand = "side-band-64k"

// advertisement lists the references.
func advertisement(r *repository, g gitRequest) string {
	capabilities := "report-status " + sideBand
	if !g.write {
		capabilities = sideBand + " symref=HEAD:refs/heads/main"
	}

	lines := packet("# service="+g.service()+"\n") + flush
	switch {
	case r.Empty:
		lines += packet(strings.Repeat("0", 40) + " capabilities^{}\x00" + capabilities + "\n")
	case g.write:
		lines += packet(r.commit.id + " refs/heads/main\x00" + capabilities + "\n")
	default:
		lines += packet(r.commit.id+" HEAD\x00"+capabilities+"\n") + packet(r.commit.id+" refs/heads/main\n")
	}

	return lines + flush
}

// packets takes a request's packets apart, up to the first flush.
func packets(body []byte) []string {
	var lines []string

	for len(body) >= 4 {
		var length uint16

		raw, err := hex.DecodeString(string(body[:4]))
		if err == nil {
			length = binary.BigEndian.Uint16(raw)
		}

		if length < 4 || int(length) > len(body) {
			break
		}

		lines = append(lines, string(body[4:length]))
		body = body[length:]
	}

	return lines
}

// uploaded is the whole repository, whatever the client has already: it is three objects.
func uploaded(r *repository, body []byte) string {
	lines := packets(body)
	if r.Empty || len(lines) == 0 || !strings.HasPrefix(lines[0], "want "+r.commit.id) {
		return packet("ERR upload-pack: not our ref\n")
	}

	pack := r.commit.pack()
	if !strings.Contains(lines[0], sideBand) {
		return packet("NAK\n") + pack
	}

	return packet("NAK\n") + packet("\x01"+pack) + flush
}

// received answers a push. One that changes no reference is fine, as everywhere; others meet a hook: the sandbox keeps
// no objects.
func received(body []byte) string {
	report, inBand := packet("unpack ok\n"), false

	for i, line := range packets(body) {
		command, capabilities, _ := strings.Cut(line, "\x00")
		inBand = inBand || i == 0 && strings.Contains(capabilities, sideBand)

		parts := strings.Fields(command)
		switch {
		case len(parts) != 3:
		case parts[0] == parts[1]:
			report += packet("ok " + parts[2] + "\n")
		default:
			report += packet("ng " + parts[2] + " pre-receive hook declined\n")
		}
	}

	report += flush
	if inBand {
		return packet("\x01"+report) + flush
	}

	return report
}

// gitCommit is a first commit, with the one file that it brings.
type gitCommit struct {
	id               string
	blob, tree, text []byte // the contents of its objects
}

// firstCommit makes a commit whose README names the repository.
func firstCommit(path string) gitCommit {
	c := gitCommit{blob: []byte("# " + path + "\n")}
	blob := objectID("blob", c.blob)
	c.tree = append([]byte("100644 README.md\x00"), blob[:]...)
	tree := objectID("tree", c.tree)

	const author = "Sandbox <sandbox@example.com> 1767225600 +0000"

	c.text = fmt.Appendf(nil, "tree %x\nauthor %s\ncommitter %s\n\nStart\n", tree, author, author)
	id := objectID("commit", c.text)
	c.id = hexOf(id[:])

	return c
}

func hexOf(id []byte) string { return hex.EncodeToString(id) }

func objectID(kind string, content []byte) [sha1.Size]byte {
	return sha1.Sum(append(fmt.Appendf(nil, "%s %d\x00", kind, len(content)), content...)) //nolint:gosec // as above
}

// pack is the commit and all that belongs to it, as one pack file (Git's document gitformat-pack).
func (c gitCommit) pack() string {
	const commit, tree, blob = 1, 2, 3

	b := &bytes.Buffer{}
	b.WriteString("PACK\x00\x00\x00\x02\x00\x00\x00\x03")

	for _, object := range []struct {
		kind    byte
		content []byte
	}{{commit, c.text}, {tree, c.tree}, {blob, c.blob}} {
		// Four bits of the size stand beside the kind, the others in groups of seven; the high bit says that more follow.
		size := len(object.content)

		head := []byte{object.kind<<4 | byte(size&15)}
		for size >>= 4; size > 0; size >>= 7 {
			head[len(head)-1] |= 0x80
			head = append(head, byte(size&127))
		}

		b.Write(head)
		z := zlib.NewWriter(b)
		_, _ = z.Write(object.content) // into memory
		_ = z.Close()
	}

	sum := sha1.Sum(b.Bytes()) //nolint:gosec // as above
	b.Write(sum[:])

	return b.String()
}
