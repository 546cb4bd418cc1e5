package gittoken

import (
	"encoding/base64"
	"strings"
)

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
