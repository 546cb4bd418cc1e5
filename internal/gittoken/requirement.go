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
	// ValidatorOnly lists those of Scopes that no document asks for, but Codefresh's own validator does.
	ValidatorOnly []Scope
	// Unfit says that no such token can do the job, whatever it holds; Reason says why. Reason is empty only for a
	// provider or type that does not exist.
	Unfit  bool
	Reason Unfitness
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

// sourceConfiguration is the source of requirements that the user wrote.
const sourceConfiguration = "required_scopes in the configuration"

// Unfitness says why tokens cannot do a job whatever they hold.
type Unfitness string

// The reasons.
const (
	// UnfitOneProject: it reaches one project only. Codefresh's CLI refuses such a token for a runtime.
	UnfitOneProject Unfitness = "one_project"
	// UnfitNoPerson: nobody's account stands behind it. Codefresh's validator asks for that account's personal project.
	UnfitNoPerson Unfitness = "no_person"
	// UnfitShortLived: it stops working after hours, and Codefresh's validator cannot read what it holds.
	UnfitShortLived Unfitness = "short_lived"
	// UnfitNoAccount: it cannot read the account behind it, which Codefresh's validator does first of all.
	UnfitNoAccount Unfitness = "no_account"
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
		Scopes: slices.Clone(r.scopes), ValidatorOnly: slices.Clone(r.validator), Advised: slices.Clone(r.advised),
		Source: r.source, Unfit: r.unfit != "", Reason: r.unfit,
	}
}

// ownedBy returns r for a token of this owner: some kinds are fit only if somebody's account stands behind the token.
func (r Requirement) ownedBy(owner string) Requirement {
	known := factsOf(r.Provider)

	needed, ok := known.rowOf(r.Type, r.Kind)
	if impersonal := known.of(r.Kind).impersonal; ok && impersonal != nil && impersonal(owner) && needed.impersonal != "" {
		r.Unfit, r.Reason, r.Source = true, needed.impersonal, sourceValidator
	}

	return r
}

// RequirementOf returns the row for a token of which a host said v: that of its kind or, if the host did not tell it,
// that of the kind whose scopes have such names. At Bitbucket Cloud those of an application's token (OAuth) are spelled
// as those of app passwords were, and Codefresh's validator judges both alike.
func RequirementOf(p Provider, t Type, v Verdict) Requirement {
	if v.Kind != KindUnknown && v.Kind != "" || !v.ScopesKnown {
		return RequirementFor(p, t, v.Kind)
	}

	words := make([]string, 0, len(v.Scopes))
	for _, s := range v.Scopes {
		words = append(words, string(s))
	}

	return RequirementByWords(p, t, words)
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

	r.Scopes, r.ValidatorOnly = own, nil
	r.Source = sourceConfiguration
	r.Overridden = true

	return r
}

// CanHold reports whether a token of kind k can be given s, or a scope that implies it. What is not known as a scope of
// such tokens may be a new one, and counts as possible.
func CanHold(p Provider, k Kind, s Scope) bool {
	known := factsOf(p).of(k)
	if !known.vocabulary.Known(s) {
		return true
	}

	return slices.ContainsFunc(known.vocabulary.GrantedBy(s), func(wider Scope) bool {
		return !slices.Contains(known.lacks, wider)
	})
}

// Limits returns the scopes of their vocabulary that no token of kind k can be given, and the document that says what
// such tokens can hold.
func Limits(p Provider, k Kind) (lacks []Scope, source string) {
	known := factsOf(p).of(k)

	return slices.Clone(known.lacks), known.source
}

// Replacement returns the requirement of the token to make in place of one that r is asked of. It is of the same kind
// if people can make one that is fit and can hold what is required; else of the first kind of which they can, where
// kinds with the same vocabulary come before others. Scopes of the user's own that no kind can hold give way to the
// table's. It reports false for a provider or type that does not exist.
func (r Requirement) Replacement() (Requirement, bool) {
	candidates := []Requirement{r}
	for _, own := range []bool{r.Overridden, false} {
		for _, sameWords := range []bool{true, false} {
			for _, k := range Kinds(r.Provider) {
				if (VocabularyOf(r.Provider, k) == r.Vocabulary()) == sameWords {
					candidates = append(candidates, r.as(k, own))
				}
			}
		}
	}

	i := slices.IndexFunc(candidates, Requirement.canBeMet)
	if i < 0 {
		return Requirement{}, false
	}

	return candidates[i], true
}

// as returns what a token of kind k needs for the same job, with the user's own scopes if own is set.
func (r Requirement) as(k Kind, own bool) Requirement {
	other := RequirementFor(r.Provider, r.Type, k)
	if own {
		return other.Override(r.Scopes)
	}

	return other
}

// canBeMet reports whether people can make a token that meets r.
func (r Requirement) canBeMet() bool {
	return !r.Unfit && factsOf(r.Provider).of(r.Kind).page != nil &&
		!slices.ContainsFunc(r.Scopes, func(s Scope) bool { return !CanHold(r.Provider, r.Kind, s) })
}

// FineGrained returns the requirement of the provider's kind of token whose permissions are given one by one, for hosts
// that take no other. It reports false where there is no such kind.
func (r Requirement) FineGrained() (Requirement, bool) {
	for _, k := range Kinds(r.Provider) {
		if k == KindFineGrained || k == KindGranular {
			return r.as(k, false), true
		}
	}

	return Requirement{}, false
}

// TokenURL returns the page of h where a token that meets r is made, or else its Replacement, with name and scopes
// filled in where the host can do that. The result is empty if h is a host of another provider. A zero h stands for the
// provider's public service.
func (r Requirement) TokenURL(h Host) string {
	if h.IsZero() {
		h, _ = NewHost(r.Provider, "") // stays zero for Bitbucket Server, which has no public service
	}

	if h.IsZero() || h.Provider() != r.Provider {
		return ""
	}

	made, ok := r.Replacement()
	if !ok {
		return ""
	}

	return factsOf(made.Provider).of(made.Kind).page(h.WebURL(), made)
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
		same := func(earlier Probe) bool { return earlier.Question() == p.Question() }
		if !slices.ContainsFunc(probes, same) {
			probes = append(probes, p)
		}
	}

	for _, need := range needs {
		access := need.Access
		if access == "" {
			access = Read
		}

		if !r.Kind.triesPermissions() {
			add(Probe{Repository: need.URL, Access: access, Source: need.Source})

			continue
		}

		for _, s := range r.permissionsFor(r.showsAt(access, need.Source)) {
			add(Probe{Repository: need.URL, Permission: s, Source: need.Source})
		}
	}

	return probes
}

// showsAt returns the access by which permissions show at a repository that is needed with that access. A user's own
// clones and pushes go to any repository that Codefresh uses.
func (r Requirement) showsAt(access Access, source Source) Access {
	if source != SourceConfiguration && r.Type == User {
		return Write
	}

	return access
}

// shownBy returns the scopes that a token holds which got these answers.
func (r Requirement) shownBy(probes []ProbeResult) []Scope {
	known := factsOf(r.Provider).of(r.Kind)

	var all, placed []Scope

	for _, p := range probes {
		if p.Place != nil {
			placed = known.placed
		}

		switch {
		case p.Outcome != Proven:
		case p.Probe.Permission != "":
			all = append(all, p.Probe.Permission)
		default:
			all = append(all, known.shown[p.Probe.Access]...)
		}
	}

	return append(all, placed...)
}

// permissionsFor returns the permissions that access to a repository takes, with all that the requirement asks for at
// one where Codefresh writes.
func (r Requirement) permissionsFor(access Access) []Scope {
	known := factsOf(r.Provider).of(r.Kind)

	if !access.Includes(Write) {
		return slices.Clone(known.access[Read])
	}

	var all []Scope

	for _, s := range slices.Concat(r.Scopes, known.access[Write]) {
		if !slices.Contains(known.elsewhere, s) {
			all = append(all, s)
		}
	}

	if access.Includes(Admin) {
		all = append(all, known.access[Admin]...)
	}

	return all
}
