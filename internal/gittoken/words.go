package gittoken

import (
	"cmp"
	"strings"
)

// Provider is a kind of Git server, by the name that Codefresh's CLI gives it. Those that Codefresh GitOps supports are
// constants beside what is known of them.
type Provider string

// Providers lists every provider, in the order in which documentation shows them.
func Providers() []Provider {
	all := make([]Provider, 0, len(hosts))
	for _, h := range hosts {
		all = append(all, h.provider)
	}

	return all
}

// DisplayName returns the provider's name as people write it. A provider that is none of Providers is shown as it is.
func (p Provider) DisplayName() string { return cmp.Or(factsOf(p).name, string(p)) }

// Covers names the products that the provider stands for, such as "GitHub.com and GitHub Enterprise".
func (p Provider) Covers() string { return factsOf(p).covers }

// ParseProvider returns the provider with that name, exactly as configurations spell it.
func ParseProvider(name string) (Provider, bool) {
	p := factsOf(Provider(name)).provider

	return p, p != ""
}

// Type says what Codefresh uses a token for.
type Type string

// The two types of token that Codefresh GitOps needs.
const (
	Runtime Type = "runtime" // one for each GitOps Runtime
	User    Type = "user"    // one for each user of each GitOps Runtime
)

// Types lists every type.
func Types() []Type { return []Type{Runtime, User} }

// Kind is what a Git host calls a token: it decides in which vocabulary its permissions are told, and whether they are.
// The kinds of one provider are constants beside what is known of it.
type Kind string

// Kinds that are not one provider's.
const (
	KindUnknown Kind = "unknown"
	KindOAuth   Kind = "oauth" // GitHub, GitLab
)

// Kinds lists the kinds of token that a provider hands out, most usual first and without KindUnknown.
func Kinds(p Provider) []Kind {
	var all []Kind
	for _, known := range factsOf(p).kinds {
		all = append(all, known.kind)
	}

	return all
}

// DisplayName returns how the hosts' own pages call such a token, such as "fine-grained token". A kind that no provider
// hands out is a "token".
func (k Kind) DisplayName() string { return cmp.Or(anyKind(k).name, "token") }

// TellsScopes reports whether the hosts of such tokens tell what they hold. The permissions of the others can only be
// tried, if at all.
func (k Kind) TellsScopes() bool { return anyKind(k).tellsScopes }

// Ended returns the date on which the hosts did away with such tokens, and whether they did.
func (k Kind) Ended() (date string, ended bool) {
	date = anyKind(k).ended

	return date, date != ""
}

// UsernameForm is what a kind of token is sent together with.
type UsernameForm string

// The forms.
const (
	NoUsername    UsernameForm = ""      // such tokens need no name
	UsernameName  UsernameForm = "name"  // the name of the user
	UsernameEmail UsernameForm = "email" // the e-mail address of the account
)

// UsernameForm returns what such tokens are sent together with.
func (k Kind) UsernameForm() UsernameForm { return anyKind(k).username }

// Fits reports whether a user name can be of this form. Nothing but an e-mail address must look like anything.
func (f UsernameForm) Fits(name string) bool {
	return f != UsernameEmail || strings.Contains(name, "@")
}

// triesPermissions reports whether each permission of such a token is tried at a repository.
func (k Kind) triesPermissions() bool { return anyKind(k).triesPermissions }

// Status is the outcome of a judgement: whether a token can do its job.
type Status string

// The statuses.
const (
	StatusValid       Status = "valid"        // live, and has every required scope
	StatusUnproven    Status = "unproven"     // live, but nothing proves its permissions
	StatusUnderScoped Status = "under_scoped" // live, lacks a required scope or access to a repository
	StatusExpired     Status = "expired"      // past its expiry
	StatusRevoked     Status = "revoked"      // rejected after it once worked, before its expiry
	StatusInvalid     Status = "invalid"      // rejected, and never seen working
	StatusBlocked     Status = "blocked"      // real, but its use is refused
	StatusUnchecked   Status = "unchecked"    // not asked, or no answer that proves anything
)

// Class groups statuses by what follows from them.
type Class string

// The classes.
const (
	Good Class = "good"
	Soft Class = "soft" // cannot tell
	Bad  Class = "bad"
)

// Class returns the class of s. A status that is not of this package is Soft: it proves nothing.
func (s Status) Class() Class {
	switch s {
	case StatusValid:
		return Good
	case StatusUnderScoped, StatusExpired, StatusRevoked, StatusInvalid, StatusBlocked:
		return Bad
	case StatusUnproven, StatusUnchecked:
		return Soft
	}

	return Soft
}

// Proven reports whether s rests on an answer of the Git host.
func (s Status) Proven() bool { return s != StatusUnchecked && s != "" }

// Access is what somebody may do with a repository. The zero value is no access.
type Access string

// The levels of access, each including those before it.
const (
	Read  Access = "read"
	Write Access = "write"
	Admin Access = "admin"
)

// Includes reports whether who has a may also do b.
func (a Access) Includes(b Access) bool { return b.rank() >= 0 && a.rank() >= b.rank() }

// rank orders the levels. A word that is no level includes nothing, and nothing includes it.
func (a Access) rank() int {
	switch a {
	case "":
		return 0
	case Read:
		return 1
	case Write:
		return 2
	case Admin:
		return 3
	}

	return -1
}
