package gittoken

import (
	"slices"
	"strings"
)

// maxScopeLength is far beyond any scope, in bytes.
const maxScopeLength = 100

// ParseScopes reads lists of scopes as hosts send them: any of the characters in separators stands between two scopes,
// white space around each does not count, and each scope counts once. Without separators each text is one scope. Empty
// lists hold no scopes. What is not spelled as scopes are is left out, and whole is then false.
func ParseScopes(lists []string, separators string) (scopes []Scope, whole bool) {
	separates := func(r rune) bool { return strings.ContainsRune(separators, r) }
	whole = true

	for _, list := range lists {
		for text := range strings.FieldsFuncSeq(list, separates) {
			s := Scope(strings.TrimSpace(text))

			switch {
			case s == "", slices.Contains(scopes, s):
			case !s.isSpelledRight():
				whole = false
			default:
				scopes = append(scopes, s)
			}
		}
	}

	return scopes, whole
}

// isSpelledRight reports whether s could be a scope: hosts write them in ASCII letters, digits and the signs : _ - and
// the full stop.
func (s Scope) isSpelledRight() bool {
	return len(s) <= maxScopeLength && !strings.ContainsFunc(string(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(":_-.", r)
	})
}
