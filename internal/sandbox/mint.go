package sandbox

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
)

const (
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	base64URL    = alphanumeric + "-_"
	base36       = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// randomText draws n characters of alphabet.
func randomText(n int, alphabet string) string {
	var b strings.Builder

	limit := big.NewInt(int64(len(alphabet)))
	for range n {
		i, err := rand.Int(rand.Reader, limit)
		if err != nil {
			i = new(big.Int) // crypto/rand never fails on supported systems
		}

		b.WriteByte(alphabet[i.Int64()])
	}

	return b.String()
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: crypto/rand

	return hex.EncodeToString(b)
}

// minted makes tokens of a prefix and n letters and digits.
func minted(prefix string, n int) func() string {
	return func() string { return prefix + randomText(n, alphanumeric) }
}

// mintInstallation makes a stateless installation token, ghs_<app id>_<JWT>: hundreds of characters, with dots.
func mintInstallation() string {
	part := func(v map[string]any) string {
		b, err := json.Marshal(v)
		if err != nil {
			b = []byte("{}") // plain strings and numbers always marshal
		}

		return base64.RawURLEncoding.EncodeToString(b)
	}
	header := part(map[string]any{"alg": "RS256", "typ": "JWT", "kid": randomHex(8)})
	payload := part(map[string]any{"iss": "github.com", "aud": "api", "jti": randomHex(16), "inst": 48211937})

	return "ghs_1180425_" + header + "." + payload + "." + randomText(342, base64URL)
}

// mintRoutable makes a GitLab token of the routable form: payload, payload length and checksum behind dots.
func mintRoutable() string {
	return "glpat-" + randomText(36, base64URL) + ".01." + randomText(9, base36)
}

// mintDataCenter makes an HTTP access token, whose text is base64 of "<id>:<secret>".
func mintDataCenter() string {
	plain := randomText(12, "123456789") + ":" + randomText(20, alphanumeric)

	return "BBDC-" + base64.StdEncoding.EncodeToString([]byte(plain))
}

// mintAtlassian makes an Atlassian token: 180 characters and more, ending in "=" and a checksum.
func mintAtlassian(prefix string) func() string {
	return func() string {
		return prefix + randomText(171, base64URL) + "=" + strings.ToUpper(randomHex(4))
	}
}
