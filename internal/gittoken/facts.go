package gittoken

import "slices"

// facts is all that is known of one kind of Git host without asking it. Each has one value, in a file of its own, and
// hosts lists them: nothing else in this package tells one kind of host from another.
type facts struct {
	provider Provider
	// name is how people write the provider's name.
	name string
	// covers names the products that the provider stands for.
	covers string
	// publicAPI is the address of the public service's API. Empty if there is no public service.
	publicAPI string
	// complete adds to the address of a site the path, or the host, of its API. It reports false for a page of a site.
	complete func(address) (address, bool)
	// site returns where people sign in, from the address of the API.
	site func(address) address
	// prefixes lists what the provider's tokens begin with, and what else begins like them.
	prefixes []prefix
	// kinds lists the kinds of token, most usual first.
	kinds []kindFacts
	// rows lists what Codefresh needs of the provider's tokens: for each type and kind exactly one row.
	rows []row
	// doubtful reports whether Codefresh's own client is likely to miss an API at this address, and doubtfulOwner whether
	// it is likely to miss the personal project of an owner of this name.
	doubtful      func(address) bool
	doubtfulOwner func(name string) bool
}

// kindFacts is what is known of one kind of token.
type kindFacts struct {
	kind Kind
	// name is how the provider's own pages call such a token.
	name string
	// vocabulary has the scopes in which such tokens are told or tried.
	vocabulary Vocabulary
	// tellsScopes says that the host tells what such a token holds.
	tellsScopes bool
	// triesPermissions says that each permission of such a token can be tried at a repository.
	triesPermissions bool
	// shown lists what such a token must hold that was proved to have an access to a repository.
	shown map[Access][]Scope
	// placed lists what such a token must hold to which the host told the place of a repository (ProbeResult.Place).
	placed []Scope
	// access lists, where permissions are given one by one, those that each level of access to a repository takes beside
	// the levels below it. Elsewhere lists those that are given for no repository.
	access    map[Access][]Scope
	elsewhere []Scope
	// lacks lists the scopes of the vocabulary that no such token can hold. Source names the document that says what
	// such tokens can hold.
	lacks  []Scope
	source string
	// username is what such tokens are sent together with.
	username UsernameForm
	// page returns the address where people make such a token, on a host where they sign in at site. Nil if people
	// cannot make one: it is handed to an application, or its kind has ended.
	page func(site string, r Requirement) string
	// ended is the date on which the host did away with such tokens, as 2006-01-02. Empty for those that still work.
	ended string
	// impersonal reports whether nobody's account stands behind a token with this owner.
	impersonal func(owner string) bool
}

// prefix is what the beginning of a token tells about it.
type prefix struct {
	text string
	kind Kind
	// thing names what is no API credential. Empty for credentials.
	thing string
}

// row is what Codefresh needs of tokens of some kinds.
type row struct {
	use    Type
	kinds  []Kind
	scopes []Scope
	// validator lists those of the scopes that no document asks for, but Codefresh's own validator does.
	validator []Scope
	advised   []Scope
	source    string
	// unfit says why no such token can do the job. Empty if one can.
	unfit Unfitness
	// impersonal says why one behind which nobody's account stands cannot. Empty if one can.
	impersonal Unfitness
}

// The documents that rows of several hosts rest on. The validator is the library with which Codefresh judges a token
// that it is given.
const (
	sourceCodefresh = "Codefresh docs, Git tokens"
	sourceValidator = "npm @codefresh-io/cf-git-providers 0.18.1, Codefresh's validator"
)

// hosts has the facts of every provider, in the order in which documentation shows them.
var hosts = []facts{github, gitlab, bitbucketServer, bitbucketCloud}

// factsOf returns what is known of p. The zero facts stand for a provider that does not exist.
func factsOf(p Provider) facts {
	for _, h := range hosts {
		if h.provider == p {
			return h
		}
	}

	return facts{}
}

// of returns what is known of tokens of kind k. A kind that the provider does not hand out, KindUnknown included, gets
// what is known of the usual one.
func (f facts) of(k Kind) kindFacts {
	for _, known := range f.kinds {
		if known.kind == k {
			return known
		}
	}

	if len(f.kinds) > 0 {
		return f.kinds[0]
	}

	return kindFacts{}
}

// rowOf returns the row for tokens of kind k, which the provider must hand out.
func (f facts) rowOf(t Type, k Kind) (row, bool) {
	for _, r := range f.rows {
		if r.use == t && slices.Contains(r.kinds, k) {
			return r, true
		}
	}

	return row{}, false
}

// anyKind returns what is known of kind k wherever it exists. Providers that share a kind agree on what it is.
func anyKind(k Kind) kindFacts {
	for _, h := range hosts {
		for _, known := range h.kinds {
			if known.kind == k {
				return known
			}
		}
	}

	return kindFacts{kind: k}
}
