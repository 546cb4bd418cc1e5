package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// This file has the names that servers give to requests, by which their operators find them. Their forms matter to what
// must tell such a name from a secret.

// githubRequestID is GitHub's X-GitHub-Request-Id: five hexadecimal numbers, the last of which is the time.
func githubRequestID(now time.Time) string {
	return strings.ToUpper(fmt.Sprintf("%s:%s:%s:%s:%08x", randomHex(2), randomHex(3), randomHex(3), randomHex(3),
		uint32(now.Unix()))) //nolint:gosec // until 2106
}

// crockford is the alphabet of ULIDs: no I, L, O or U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// gitlabRequestID is the X-Request-Id of a GitLab that somebody manages: a ULID, ten characters of time in ms and
// sixteen of chance.
func gitlabRequestID(now time.Time) string {
	text := make([]byte, 10)
	for i, ms := len(text)-1, now.UnixMilli(); i >= 0; i, ms = i-1, ms>>5 {
		text[i] = crockford[ms&31]
	}

	return string(text) + randomText(16, crockford)
}

// cloudflareRay is the X-Request-Id of GitLab.com: that of Cloudflare, which is before it, with an airport's code.
func cloudflareRay() string { return randomHex(8) + "-FRA" }

// dataCenterRequestID is the X-AREQUESTID of Bitbucket Data Center: the node in base 36, the minute of the day, how
// many requests the node had before, and how many it has at once (Atlassian, How to read the Bitbucket Data Center log
// formats).
func dataCenterRequestID(now time.Time) string {
	node := randomText(7, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	minutes := now.UTC().Hour()*60 + now.UTC().Minute()

	return fmt.Sprintf("@%sx%dx%sx0", node, minutes, randomText(5, "123456789"))
}
