package gittoken

import (
	"net/url"
	"slices"
	"strings"
)

// Scope is one permission of a token as its host spells it: an OAuth scope (GitHub "admin:repo_hook", GitLab
// "read_api"), a permission with its level (GitHub fine-grained "contents:write") or a level of access (Bitbucket
// Server "REPO_WRITE").
type Scope string

// Requirement is what Codefresh needs of a token: one row of the table.
type Requirement struct {
	Provider Provider
	Type     Type
	Kind     Kind
	// Scopes lists what is required, in table order. A token satisfies one by holding it or a scope that implies it.
	Scopes []Scope
	// Advised lists scopes that are useful but not required; they never count as excess.
	Advised []Scope
	// Source names the document that the row rests on.
	Source string
	// Unfit says that no token of this kind can do the job, whatever it holds.
	Unfit bool
	// Overridden says that Scopes are the user's own and not the table's.
	Overridden bool
}

// RepositoryNeed is access to one repository that is to be proved.
type RepositoryNeed struct {
	URL    string
	Access Access
	Source Source
}

// Source says why a repository matters.
type Source string

// The sources. The zero value is the configuration.
const (
	SourceConfiguration       Source = ""                     // the user named it
	SourceSharedConfiguration Source = "shared_configuration" // the account's shared configuration repository
	SourceGitSource           Source = "git_source"           // a Git Source of the runtime
)

const (
	// sourceConfiguration is the source of requirements that the user wrote.
	sourceConfiguration = "required_scopes in the configuration"
	// sourceCodefresh is the document that the table rests on.
	sourceCodefresh = "Codefresh docs, Git tokens"
)

// RequirementFor returns the row of the table for a token of kind k. KindUnknown, or a kind that p does not hand out,
// gets the row of p's usual kind. For a provider or type that does not exist no token is fit.
func RequirementFor(p Provider, t Type, k Kind) Requirement {
	known := factsOf(p)
	if usual := known.of(k).kind; usual != "" {
		k = usual
	}

	r, ok := known.rowOf(t, k)
	if !ok {
		return Requirement{Provider: p, Type: t, Kind: k, Unfit: true}
	}

	return Requirement{
		Provider: p, Type: t, Kind: k,
		Scopes: slices.Clone(r.scopes), Advised: slices.Clone(r.advised), Source: r.source, Unfit: r.unfit,
	}
}

// RequirementByWords returns the row for the kind of token that scopes of these words are told of: contents:write is a
// fine-grained token's, repo a classic one's. Any spelling is understood, and a kind's own counts for more than one
// that stands for it. Where the words fit several kinds, or none, it is p's usual one.
func RequirementByWords(p Provider, t Type, granted []string) Requirement {
	best := RequirementFor(p, t, KindUnknown)
	most := best.knows(granted)

	for _, k := range Kinds(p) {
		if row := RequirementFor(p, t, k); !row.Unfit && row.knows(granted) > most {
			best, most = row, row.knows(granted)
		}
	}

	return best
}

// knows counts the words that are of r's vocabulary, those in its own spelling twice.
func (r Requirement) knows(granted []string) int {
	vocabulary, n := r.Vocabulary(), 0

	for _, word := range granted {
		if vocabulary.Known(vocabulary.Parse(word)) {
			n++
		}

		if vocabulary.Known(Scope(word)) {
			n++
		}
	}

	return n
}

// MissingFrom returns the required scopes that none of the granted ones implies, in table order. Any spelling of r's
// vocabulary is understood.
func (r Requirement) MissingFrom(granted []Scope) []Scope {
	held := r.Vocabulary().Closure(r.Override(granted).Scopes)

	var missing []Scope

	for _, s := range r.Scopes {
		if !held[s] {
			missing = append(missing, s)
		}
	}

	return missing
}

// Requirements returns the whole table, one row for each provider, type and kind, in the order of Providers, Types,
// Kinds.
func Requirements() []Requirement {
	var all []Requirement

	for _, p := range Providers() {
		for _, t := range Types() {
			for _, k := range Kinds(p) {
				all = append(all, RequirementFor(p, t, k))
			}
		}
	}

	return all
}

// Vocabulary returns the vocabulary in which the requirement's scopes are written.
func (r Requirement) Vocabulary() Vocabulary { return VocabularyOf(r.Provider, r.Kind) }

// Override returns r with the user's scopes in place of the table's. Any spelling of r's vocabulary is understood;
// blanks and duplicates are dropped. An unfit kind stays unfit.
func (r Requirement) Override(scopes []Scope) Requirement {
	vocabulary := r.Vocabulary()
	own := make([]Scope, 0, len(scopes))

	for _, s := range scopes {
		parsed := vocabulary.Parse(string(s))
		if parsed != "" && !slices.Contains(own, parsed) {
			own = append(own, parsed)
		}
	}

	r.Scopes = own
	r.Source = sourceConfiguration
	r.Overridden = true

	return r
}

// TokenURL returns the page of h where such a token is made, with name and scopes filled in where the host can do that.
// A kind that nobody makes by hand gets the page of the kind to use instead. The result is empty if h is a host of
// another provider. A zero h stands for the provider's public service.
func (r Requirement) TokenURL(h Host) string {
	if h.IsZero() {
		h, _ = NewHost(r.Provider, "") // stays zero for Bitbucket Server, which has no public service
	}

	if h.IsZero() || h.Provider() != r.Provider {
		return ""
	}

	return factsOf(r.Provider).of(r.Kind).page(h.WebURL(), r)
}

// scopesParameter keeps the colons, which a query may hold, so that people can read the address.
func (r Requirement) scopesParameter() string {
	escaped := make([]string, 0, len(r.Scopes))
	for _, s := range r.Scopes {
		escaped = append(escaped, strings.ReplaceAll(url.QueryEscape(string(s)), "%3A", ":"))
	}

	return strings.Join(escaped, ",")
}

func (r Requirement) tokenName() string {
	return url.QueryEscape("Codefresh GitOps " + string(r.Type) + " token")
}

// Probes returns the questions whose answers prove the requirement at these repositories, in their order and each once.
// A need without a level of access is one to read.
//
// A token whose host tells its scopes is asked for the access itself, and so is one that tells nothing and whose
// permissions nobody knows to try (GitLab's granular tokens). The permissions of GitHub's others are tried one by one.
func Probes(r Requirement, needs []RepositoryNeed) []Probe {
	var probes []Probe

	add := func(p Probe) {
		if !slices.Contains(probes, p) {
			probes = append(probes, p)
		}
	}

	for _, need := range needs {
		access := need.Access
		if access == "" {
			access = Read
		}

		if !r.Kind.triesPermissions() {
			add(Probe{Repository: need.URL, Access: access})

			continue
		}

		for _, s := range r.permissionsFor(access) {
			add(Probe{Repository: need.URL, Permission: s})
		}
	}

	return probes
}

// permissionsFor returns the fine-grained permissions that access to a repository takes.
func (r Requirement) permissionsFor(access Access) []Scope {
	if !access.Includes(Write) {
		return []Scope{githubMetadata, "contents:read"}
	}

	all := append(slices.Clone(r.Scopes), "contents:write")
	if access.Includes(Admin) {
		all = append(all, "administration:write")
	}

	return all
}
