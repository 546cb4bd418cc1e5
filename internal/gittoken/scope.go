package gittoken

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Vocabulary is the set of scopes in which one kind of token is told, with what each implies. The zero value knows no
// scopes; get one from VocabularyOf.
type Vocabulary struct {
	words *words
}

// words is a vocabulary's content. It is made once and never changed.
type words struct {
	order    []Scope
	closures map[Scope]map[Scope]bool
	spelling map[string]Scope // from the folded spelling
	// label is how the host's pages call a scope. Nil if as it is spelled.
	label func(Scope) string
	// companion is the scope that the host adds to every token that has any other one. Empty if there is none.
	companion Scope
}

// word is a scope with the scopes that it directly implies, which must be words of the same vocabulary.
type word struct {
	scope   Scope
	implies []Scope
}

// newVocabulary works out the closure of list. Aliases lists other spellings; what two scopes could mean means neither.
func newVocabulary(list []word, aliases map[string]Scope) Vocabulary {
	w := &words{closures: make(map[Scope]map[Scope]bool, len(list)), spelling: make(map[string]Scope, len(list))}
	direct := make(map[Scope][]Scope, len(list))
	ambiguous := map[string]bool{}

	for _, entry := range list {
		w.order = append(w.order, entry.scope)
		direct[entry.scope] = entry.implies

		folded := fold(string(entry.scope))
		if _, taken := w.spelling[folded]; taken {
			ambiguous[folded] = true
		}

		w.spelling[folded] = entry.scope
	}

	for alias, scope := range aliases {
		folded := fold(alias)
		if other, taken := w.spelling[folded]; taken && other != scope {
			ambiguous[folded] = true
		}

		w.spelling[folded] = scope
	}

	for folded := range ambiguous {
		delete(w.spelling, folded)
	}

	for _, scope := range w.order {
		reached := map[Scope]bool{}
		reach(scope, direct, reached)
		w.closures[scope] = reached
	}

	return Vocabulary{words: w}
}

func (v Vocabulary) withCompanion(s Scope) Vocabulary {
	w := *v.words
	w.companion = s

	return Vocabulary{words: &w}
}

func (v Vocabulary) withLabels(label func(Scope) string) Vocabulary {
	w := *v.words
	w.label = label

	return Vocabulary{words: &w}
}

// Label returns how the host's own pages call s, such as "Code: Push" for GitLab's push_code: what to look for there.
func (v Vocabulary) Label(s Scope) string {
	if v.words == nil || v.words.label == nil {
		return string(s)
	}

	return v.words.label(s)
}

func reach(from Scope, direct map[Scope][]Scope, reached map[Scope]bool) {
	if reached[from] {
		return
	}

	reached[from] = true

	for _, next := range direct[from] {
		reach(next, direct, reached)
	}
}

// VocabularyOf returns the vocabulary in which tokens of kind k are told. A kind that p does not hand out, KindUnknown
// included, gets that of p's usual kind; an unknown provider gets the zero Vocabulary.
func VocabularyOf(p Provider, k Kind) Vocabulary { return factsOf(p).of(k).vocabulary }

// vocabulariesOf returns every vocabulary of p, that of its usual kind first.
func vocabulariesOf(p Provider) []Vocabulary {
	var all []Vocabulary

	for _, k := range Kinds(p) {
		if v := VocabularyOf(p, k); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}

	return all
}

// Parse turns a spelling that people use, such as "api-read" or "Project admin", into the host's own. A text that is no
// spelling of a known scope comes back as it is, without the white space around it.
func (v Vocabulary) Parse(text string) Scope {
	s := Scope(strings.TrimSpace(text))
	if v.Known(s) || v.words == nil {
		return s
	}

	if known, ok := v.words.spelling[fold(string(s))]; ok {
		return known
	}

	return s
}

// ParseScope is Vocabulary.Parse over all vocabularies of p: a scope that one of them has wins over a spelling that
// another one understands.
func ParseScope(p Provider, text string) Scope {
	s := Scope(strings.TrimSpace(text))
	all := vocabulariesOf(p)

	for _, v := range all {
		if v.Known(s) {
			return s
		}
	}

	for _, v := range all {
		if parsed := v.Parse(text); v.Known(parsed) {
			return parsed
		}
	}

	return s
}

// fold makes spellings alike: lower case, and one underscore for any run of the characters that separate words. Only
// ASCII letters are lowered, so that no look-alike becomes a scope. A text that starts or ends with a separator is a
// fragment and folds to nothing.
func fold(text string) string {
	const separators = " \t_-:="

	if strings.Trim(text, separators) != text {
		return ""
	}

	lowered := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}

		return r
	}, text)

	separates := func(r rune) bool { return strings.ContainsRune(separators, r) }

	return strings.Join(strings.FieldsFunc(lowered, separates), "_")
}

// Known reports whether s is a scope of the vocabulary, in the host's spelling.
func (v Vocabulary) Known(s Scope) bool {
	if v.words == nil {
		return false
	}

	_, ok := v.words.closures[s]

	return ok
}

// Scopes returns every scope of the vocabulary, in table order.
func (v Vocabulary) Scopes() []Scope {
	if v.words == nil {
		return nil
	}

	return slices.Clone(v.words.order)
}

// Closure returns the scopes themselves and all that they imply, through any number of steps. A scope that is not known
// implies only itself.
func (v Vocabulary) Closure(scopes []Scope) map[Scope]bool {
	all := make(map[Scope]bool, len(scopes))

	for _, s := range scopes {
		all[s] = true

		if v.words != nil {
			maps.Copy(all, v.words.closures[s])
		}
	}

	return all
}

// GrantedBy returns every scope that grants want: want itself first, then the others by how much more they imply.
func (v Vocabulary) GrantedBy(want Scope) []Scope {
	all := []Scope{want}

	if v.words == nil {
		return all
	}

	for _, s := range v.words.order {
		if s != want && v.words.closures[s][want] {
			all = append(all, s)
		}
	}

	slices.SortStableFunc(all[1:], func(a, b Scope) int {
		return cmp.Compare(len(v.words.closures[a]), len(v.words.closures[b]))
	})

	return all
}

// proves returns what follows from a proof, at one repository, that a token holds s there.
func (v Vocabulary) proves(s Scope) map[Scope]bool {
	all := v.Closure([]Scope{s})
	if v.words != nil && v.words.companion != "" {
		all[v.words.companion] = true
	}

	return all
}
