package redact

import "regexp"

const (
	// minTurns is how often letters and digits take turns in a text that nobody made up, and minTurnsOfCase how often
	// capitals, small letters and digits do.
	minTurns       = 5
	minTurnsOfCase = 6
)

var (
	// one is a text that could be a token: no white space, and nothing that tokens have none of, such as the ":" of an
	// address.
	one = regexp.MustCompile(`^[\w.~+/=-]+$`)

	// capitals are those of no word of their own.
	capitals = regexp.MustCompile(`[A-Z](?:$|[^a-z]|[a-z](?:$|[^a-z]))`)

	// runs are the parts of a text that nothing divides. Names of things in Kubernetes end in random ones, which are
	// shorter than any token.
	runs = regexp.MustCompile(`[A-Za-z0-9]{20,}`)

	// counted are ids of databases, which Codefresh has for users and accounts.
	counted = regexp.MustCompile(`^[0-9a-f]{24}$`)
)

// Suspicious reports whether a text that somebody gave for a name or a setting may be a credential: Finds does, or it
// is as long and as random as one. It is for deciding whether to repeat that text, and too strict for the words of
// others: they may speak of checksums.
func (r *Redactor) Suspicious(text string) bool { return r.Finds(text) || random(text) }

// random reports whether text is too random for a name.
func random(text string) bool {
	if len(text) < minRandom || !one.MatchString(text) {
		return false
	}

	if capitals.MatchString(text) && turns(text, kindWithCase) >= minTurnsOfCase {
		return true
	}

	for _, run := range runs.FindAllString(text, -1) {
		if turns(run, kind) >= minTurns && !counted.MatchString(run) {
			return true
		}
	}

	return false
}

// turns counts how often the kind of a text's characters changes, from one to the next. What divides words starts anew.
func turns(text string, kindAt func(text string, i int) rune) (n int) {
	for i := 1; i < len(text); i++ {
		before, now := kindAt(text, i-1), kindAt(text, i)
		if before != 0 && now != 0 && before != now {
			n++
		}
	}

	return n
}

// kind tells letters from digits; 0 is neither.
func kind(text string, i int) rune {
	switch b := text[i]; {
	case b >= '0' && b <= '9':
		return '0'
	case isAlphanumeric(b):
		return 'a'
	}

	return 0
}

// kindWithCase tells capitals from small letters too. A capital with which a word starts, as in CamelCase, is like the
// letter behind it and the one before it.
func kindWithCase(text string, i int) rune {
	if b := text[i]; b < 'A' || b > 'Z' {
		return kind(text, i)
	}

	small := func(i int) bool { return i < len(text) && text[i] >= 'a' && text[i] <= 'z' }
	if small(i+1) && small(i+2) {
		return 'a'
	}

	return 'A'
}
