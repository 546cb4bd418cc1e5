package gittoken

import (
	"encoding/base64"
	"strings"
)

// BitbucketServer is Bitbucket Server and Data Center.
const BitbucketServer Provider = "bitbucket-server"

// KindHTTPAccess is Bitbucket Server's only kind of token, its project and repository tokens included.
const KindHTTPAccess Kind = "http_access"

// Source: Atlassian docs, HTTP access tokens.
var bitbucketServer = facts{
	provider: BitbucketServer,
	name:     "Bitbucket Data Center",
	covers:   "Bitbucket Server and Data Center",
	complete: completeBitbucketServer,
	site:     bitbucketServerSite,
	prefixes: []prefix{
		{text: bitbucketTokenPrefix, kind: KindHTTPAccess},
	},
	kinds: []kindFacts{
		{
			kind: KindHTTPAccess, name: "HTTP access token", vocabulary: bitbucketServerLevels, tellsScopes: true,
			// A token has one level for projects and one for repositories, of three each.
			lacks:  []Scope{"PROJECT_VIEW", "REPO_CREATE", "PROJECT_CREATE", "ADMIN", "SYS_ADMIN"},
			source: "Atlassian docs, HTTP access tokens",
			page:   bitbucketServerPage, impersonal: isBitbucketService,
			shown: map[Access][]Scope{Write: {"REPO_WRITE"}, Admin: {"REPO_ADMIN"}},
		},
	},
	rows: []row{
		{
			use: Runtime, kinds: []Kind{KindHTTPAccess},
			scopes:     []Scope{"PROJECT_ADMIN", "REPO_WRITE", "PROJECT_READ"},
			source:     sourceCodefresh,
			impersonal: UnfitNoPerson,
		},
		{
			use: User, kinds: []Kind{KindHTTPAccess},
			scopes: []Scope{"PROJECT_READ", "REPO_WRITE"},
			source: sourceCodefresh,
		},
	},
	doubtfulOwner: func(name string) bool {
		return !isBitbucketService(name) && strings.ContainsFunc(name, notInBitbucketSlugs)
	},
}

// notInBitbucketSlugs reports whether the form that a user's name has in addresses lacks r (Bitbucket Data Center REST
// API, users/{userSlug}: it may not be the user's name). Codefresh's validator makes an address of the name itself.
func notInBitbucketSlugs(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'

	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("-._", r)
}

const (
	bitbucketServerPath    = "/rest/api" // under which the server keeps its API, after a context path if it has one
	bitbucketServerVersion = "/1.0"
)

// isBitbucketService reports whether an owner is the user that the server makes for a token of a project or repository,
// such as access-token-user/2/117. Names of people have no slash.
func isBitbucketService(owner string) bool { return strings.HasPrefix(owner, "access-token-user/") }

func completeBitbucketServer(a address) (address, bool) {
	switch {
	case strings.Contains(a.path, bitbucketServerPath+"/"):
	case strings.HasSuffix(a.path, bitbucketServerPath):
		a.path += bitbucketServerVersion
	default:
		a.path += bitbucketServerPath + bitbucketServerVersion
	}

	return a, true
}

func bitbucketServerSite(a address) address {
	a.path, _, _ = strings.Cut(a.path, bitbucketServerPath+"/")

	return a
}

func bitbucketServerPage(site string, _ Requirement) string {
	return site + "/plugins/servlet/access-tokens/manage"
}

// bitbucketServerLevels are the permissions of HTTP access tokens: one level for projects and one for repositories. A
// level of projects gives the same level of the repositories in them.
//
// Sources: Atlassian docs, Bitbucket Data Center REST API and HTTP access tokens; Bitbucket's Java API, Permission.
var bitbucketServerLevels = newVocabulary([]word{
	{"PROJECT_VIEW", nil},
	{"PROJECT_READ", []Scope{"PROJECT_VIEW", "REPO_READ"}},
	{"PROJECT_WRITE", []Scope{"PROJECT_READ", "REPO_WRITE"}},
	{"REPO_CREATE", []Scope{"PROJECT_WRITE"}},
	{"PROJECT_ADMIN", []Scope{"REPO_CREATE", "REPO_ADMIN"}},
	{"REPO_READ", nil},
	{"REPO_WRITE", []Scope{"REPO_READ"}},
	{"REPO_ADMIN", []Scope{"REPO_WRITE"}},
	{"PROJECT_CREATE", nil},
	{"ADMIN", []Scope{"PROJECT_CREATE"}},
	{"SYS_ADMIN", []Scope{"ADMIN"}},
}, map[string]Scope{
	// Codefresh docs, Git tokens, and the page that makes such tokens spell them out.
	"repository read":   "REPO_READ",
	"repository write":  "REPO_WRITE",
	"repository admin":  "REPO_ADMIN",
	"repository create": "REPO_CREATE",
})

const (
	bitbucketTokenPrefix = "BBDC-"
	// bitbucketOldTokenLength is the length of tokens without prefix: 33 bytes in base64.
	bitbucketOldTokenLength = 44
	maxBitbucketTokenText   = 512
	// A number of fewer digits would be chance, one of more no 64-bit integer.
	minBitbucketIDLength, maxBitbucketIDLength = 6, 19
)

// BitbucketTokenID returns the number, in 6 to 19 decimal digits, under which a Bitbucket Server keeps an HTTP access
// token, and whether the token tells it. Tokens without prefix are the base64 of "<number>:<secret>" (the example of
// the Bitbucket Data Center REST API, access tokens, decodes so). Whether those with the prefix BBDC- hold the same is
// not documented: what follows the prefix counts if it decodes so.
//
// The number is no secret: the server shows it beside the token's name. It is read here because nothing else tells it.
func BitbucketTokenID(token Secret) (string, bool) {
	text, prefixed := strings.CutPrefix(token.Reveal(), bitbucketTokenPrefix)
	if len(text) > maxBitbucketTokenText || !prefixed && len(text) != bitbucketOldTokenLength {
		return "", false
	}

	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")

	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}

	id, secret, found := strings.Cut(string(decoded), ":")
	if !found || secret == "" || len(id) < minBitbucketIDLength || len(id) > maxBitbucketIDLength {
		return "", false
	}

	if strings.ContainsFunc(id, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", false
	}

	return id, true
}
