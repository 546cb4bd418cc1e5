package redact

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

const (
	// minBody is the shortest text behind a token's prefix that is taken for one.
	minBody = 16
	// minEncodedShape is the shortest text in Base64 that can hold a token's prefix and minBody.
	minEncodedShape = 24
	// maxWords is the longest text of words, joined by hyphens and the like, that is no credential behind the name of an
	// authentication scheme.
	maxWords = 40
)

// tokenPrefix is what the tokens of a Git host start with, in small letters: names of hosts have no others.
type tokenPrefix struct {
	text []byte
	// word says that the prefix has to start a word: without a "_" or "-" at its end it may be part of one.
	word bool
	// slashes says that "+" and "/" may follow. Of all hosts, only Bitbucket Data Center makes tokens of such Base64.
	slashes bool
}

func tokenPrefixes(texts []string) []tokenPrefix {
	prefixes := make([]tokenPrefix, 0, len(texts))
	for _, text := range texts {
		prefixes = append(prefixes, tokenPrefix{
			text: []byte(strings.ToLower(text)), word: isAlphanumeric(text[len(text)-1]), slashes: text == "BBDC-",
		})
	}

	return prefixes
}

var (
	// A header that carries a credential, in whatever notation, or a parameter of an address that does.
	headers = regexp.MustCompile(`(?i)(?:^|[^\w/-])` +
		`(?:authorization|private-token|job-token|deploy-token|x-access-token|x-api-key)` +
		`["']?\s*[:=]\s*["']?(?:(?:basic|bearer|token|digest|negotiate)\s+)?([^\s"',;(]+)`)
	parameters = regexp.MustCompile(`(?i)[?&](?:access_token|private_token|job_token|refresh_token|id_token|token|` +
		`api_?key|client_secret|password|secret)=([^&\s"'<>(]+)`)
	// Addresses that lost their scheme or a slash, as when a path is tidied: then only the names that Git hosts have for
	// whoever shows a token tell a login.
	logins = regexp.MustCompile(`(?i)(?:\bhttps?:/|(?:^|[^\w/-])(?:oauth2|x-access-token|x-token-auth|` +
		`x-bitbucket-api-token-auth|gitlab-ci-token):)([^\s/@"'<>(]+)@`)
	schemes = regexp.MustCompile(`(?i)\b(?:basic|bearer)\s+([\w.~+/-]{16,}=*)`)

	// Keys of Codefresh are two hexadecimal numbers with a dot between them; its sessions are JSON Web Tokens.
	codefreshKey = regexp.MustCompile(`(?i)\b[0-9a-f]{15,32}\.[0-9a-f]{15,64}\b`)
	webToken     = regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*`)
	privateKey   = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)`)

	schemeOfAddress = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*:$`)
)

// unbroken returns where a text that was broken into lines holds what looks like a credential by itself: what may
// stand before or behind it was on other lines.
func (r *Redactor) unbroken(text []byte) []span {
	found := r.prefixed(text, lowered(text))

	if hasDottedNumber(text) {
		found = append(found, groups(codefreshKey, text)...)
	}

	if containsAny(text, "eyJ") {
		found = append(found, groups(webToken, text)...)
	}

	return found
}

// plainShapes returns where text itself holds what looks like a credential. A regular expression is tried only on a
// text with a word in it that its matches have: most texts have none, and looking for words costs next to nothing.
func (r *Redactor) plainShapes(text []byte) []span {
	lower := lowered(text)
	found := append(userinfos(text), r.prefixed(text, lower)...)

	if containsAny(lower, "authorization", "-token", "-api-key") {
		for _, s := range groups(headers, text) {
			// "Authorization: missing", and what tells people where to give theirs.
			if value := text[s.from:s.to]; len(value) >= minSecret && !ordinary(string(value)) && !isAddress(value) {
				found = append(found, s)
			}
		}
	}

	if containsAny(text, "?", "&") && containsAny(text, "=") {
		found = append(found, groups(parameters, text)...)
	}

	if containsAny(text, "@") {
		found = append(found, groups(logins, text)...)
	}

	if containsAny(lower, "basic", "bearer") {
		for _, s := range groups(schemes, text) {
			if s.to-s.from > maxWords || !nameLike.Match(text[s.from:s.to]) {
				found = append(found, s)
			}
		}
	}

	if hasDottedNumber(text) {
		found = append(found, groups(codefreshKey, text)...)
	}

	if containsAny(text, "eyJ") {
		found = append(found, groups(webToken, text)...)
	}

	if containsAny(text, "PRIVATE KEY-----") {
		found = append(found, groups(privateKey, text)...)
	}

	return found
}

// lowered returns text with small letters for the capitals of ASCII. bytes.ToLower would change the length of others.
func lowered(text []byte) []byte {
	lower := bytes.Clone(text)

	for i, b := range lower {
		lower[i] = small(b)
	}

	return lower
}

// small returns the small letter for a capital of ASCII, and all else as it is.
func small(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}

	return b
}

func containsAny(text []byte, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(text, []byte(word)) })
}

// hasDottedNumber reports whether text may hold a key of Codefresh.
func hasDottedNumber(text []byte) bool {
	for i, b := range text {
		if b == '.' && i >= 15 && !bytes.ContainsFunc(text[i-15:i], func(r rune) bool { return !isHex(r) }) {
			return true
		}
	}

	return false
}

func isHex(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' }

// groups returns where text matches the last group of pattern, or all of it if it has none.
func groups(pattern *regexp.Regexp, text []byte) []span {
	var found []span

	for _, m := range pattern.FindAllSubmatchIndex(text, -1) {
		found = append(found, span{m[len(m)-2], m[len(m)-1]})
	}

	return found
}

// prefixed returns the texts that start as the tokens of Git hosts do. lower is text in small letters.
func (r *Redactor) prefixed(text, lower []byte) []span {
	var found []span

	for _, p := range r.prefixes {
		for at := 0; ; {
			i := bytes.Index(lower[at:], p.text)
			if i < 0 {
				break
			}

			s := span{at + i, at + i + len(p.text)}
			at = s.to

			if p.word && s.from > 0 && isAlphanumeric(text[s.from-1]) {
				continue
			}

			body := s.to
			for s.to < len(text) && p.continues(text[s.to]) {
				s.to++
			}

			if s.to-body >= minBody && !ordinary(string(text[body:s.to])) {
				found = append(found, s)
				at = s.to
			}
		}
	}

	return found
}

func (p tokenPrefix) continues(b byte) bool {
	return b == '.' || isBase64(b) && (p.slashes || b != '+' && b != '/')
}

// userinfos returns user names and passwords in addresses. Those of SSH have a user name that is none's secret, git,
// so that of theirs only passwords count.
func userinfos(text []byte) []span {
	var found []span

	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("//"))
		if i < 0 {
			return found
		}

		from := at + i + 2
		at = from

		if i = from - 3; i >= 0 && text[i] != ':' {
			continue // in the path of an address
		}

		to := endOfUserinfo(text[from:])
		if to <= 0 || string(text[from:from+to]) == Mark {
			continue
		}

		s := span{from, from + to}

		if slices.Contains([]string{"ssh:", "git:", "git+ssh:", "sftp:"}, schemeBefore(text[:from-2])) {
			colon := bytes.IndexByte(text[s.from:s.to], ':')
			if colon < 0 {
				continue
			}

			s.from += colon + 1
		}

		if s.from < s.to && string(text[s.from:s.to]) != Mark {
			found = append(found, s)
		}
	}
}

// endOfUserinfo returns where the "@" is that ends the user name and password that text starts with. 0 if it starts
// with none.
func endOfUserinfo(text []byte) int {
	if end := bytes.IndexAny(text, " \t\r\n\"'<>`"); end >= 0 {
		text = text[:end]
	}

	authority := text
	if end := bytes.IndexAny(text, "/?#"); end >= 0 {
		authority = text[:end]
	}

	if at := bytes.LastIndexByte(authority, '@'); at >= 0 {
		return at
	}

	// Nobody keeps people from writing a password as it is, with "/" and "#" in it. What follows a host is a port.
	_, port, found := bytes.Cut(authority, []byte(":"))
	if !found || len(bytes.Trim(port, "0123456789")) == 0 {
		return 0
	}

	return max(bytes.IndexByte(text, '@'), 0)
}

func isAddress(text []byte) bool {
	return bytes.HasPrefix(text, []byte("https://")) || bytes.HasPrefix(text, []byte("http://"))
}

func schemeBefore(text []byte) string {
	return string(bytes.ToLower(schemeOfAddress.Find(text[max(0, len(text)-16):])))
}
