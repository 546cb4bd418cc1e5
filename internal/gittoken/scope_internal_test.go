package gittoken

import "testing"

// TestAmbiguousSpellings keeps a spelling that could mean two scopes from meaning either.
func TestAmbiguousSpellings(t *testing.T) {
	t.Parallel()

	v := newVocabulary(
		[]word{{"read:key", nil}, {"read-key", nil}, {"write", nil}, {"admin", nil}},
		map[string]Scope{"Push it": "write", "push-it": "admin", "WRITE": "admin", "own": "admin"},
	)

	for in, want := range map[string]Scope{
		"Read Key": "Read Key",
		"read:key": "read:key",
		"read-key": "read-key",
		"push_it":  "push_it",
		"write":    "write",
		"Write":    "Write",
		"Own":      "admin",
	} {
		if got := v.Parse(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestAliasesAreOfTheirVocabulary catches an alias for a scope that was renamed or misspelt.
func TestAliasesAreOfTheirVocabulary(t *testing.T) {
	t.Parallel()

	for _, p := range Providers() {
		for _, v := range vocabulariesOf(p) {
			for spelling, s := range v.words.spelling {
				if !v.Known(s) {
					t.Errorf("%s: %q means %q, which is no scope", p, spelling, s)
				}
			}

			for s, closure := range v.words.closures {
				for implied := range closure {
					if !v.Known(implied) {
						t.Errorf("%s: %s implies %s, which is no scope", p, s, implied)
					}
				}
			}

			if c := v.words.companion; c != "" && !v.Known(c) {
				t.Errorf("%s: %s, which is no scope, comes with every other", p, c)
			}
		}
	}
}
