package gittoken

import "slices"

// Provider is a kind of Git server, by the name that Codefresh's CLI gives it.
type Provider string

// The providers that Codefresh GitOps supports.
const (
	GitHub          Provider = "github"           // GitHub.com, GitHub Enterprise Cloud and Server
	GitLab          Provider = "gitlab"           // GitLab.com and self-managed
	BitbucketServer Provider = "bitbucket-server" // Bitbucket Server and Data Center
	BitbucketCloud  Provider = "bitbucket"        // Bitbucket Cloud
)

// Providers lists every provider, in the order in which documentation shows them.
func Providers() []Provider { return []Provider{GitHub, GitLab, BitbucketServer, BitbucketCloud} }

// DisplayName returns the provider's name as people write it. A provider that is none of Providers is shown as it is.
func (p Provider) DisplayName() string {
	switch p {
	case GitHub:
		return "GitHub"
	case GitLab:
		return "GitLab"
	case BitbucketServer:
		return "Bitbucket Data Center"
	case BitbucketCloud:
		return "Bitbucket Cloud"
	}

	return string(p)
}

// ParseProvider returns the provider with that name, exactly as configurations spell it.
func ParseProvider(name string) (Provider, bool) {
	p := Provider(name)
	if !slices.Contains(Providers(), p) {
		return "", false
	}

	return p, true
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
type Kind string

// The kinds of token, by provider.
const (
	KindUnknown Kind = "unknown"

	KindOAuth Kind = "oauth" // GitHub, GitLab

	KindClassic         Kind = "classic"          // GitHub
	KindFineGrained     Kind = "fine_grained"     // GitHub
	KindAppInstallation Kind = "app_installation" // GitHub
	KindAppUser         Kind = "app_user"         // GitHub

	KindPersonal Kind = "personal" // GitLab
	KindProject  Kind = "project"  // GitLab
	KindGroup    Kind = "group"    // GitLab
	KindGranular Kind = "granular" // GitLab

	KindHTTPAccess Kind = "http_access" // Bitbucket Server, its project and repository tokens included

	KindAPIToken    Kind = "api_token"    // Bitbucket Cloud
	KindAccessToken Kind = "access_token" // Bitbucket Cloud: repository, project and workspace access tokens
	KindAppPassword Kind = "app_password" // Bitbucket Cloud
)

// Kinds lists the kinds of token that a provider hands out, most usual first and without KindUnknown.
func Kinds(p Provider) []Kind {
	switch p {
	case GitHub:
		return []Kind{KindClassic, KindFineGrained, KindOAuth, KindAppInstallation, KindAppUser}
	case GitLab:
		return []Kind{KindPersonal, KindProject, KindGroup, KindOAuth, KindGranular}
	case BitbucketServer:
		return []Kind{KindHTTPAccess}
	case BitbucketCloud:
		return []Kind{KindAPIToken, KindAccessToken, KindAppPassword}
	}

	return nil
}

// TellsScopes reports whether the hosts of such tokens tell what they hold. The permissions of the others can only be
// tried, if at all.
func (k Kind) TellsScopes() bool {
	switch k {
	case KindClassic, KindOAuth, KindPersonal, KindProject, KindGroup, KindHTTPAccess,
		KindAPIToken, KindAccessToken, KindAppPassword:
		return true
	case KindFineGrained, KindAppInstallation, KindAppUser, KindGranular, KindUnknown:
		return false
	}

	return false
}

// triesPermissions reports whether each permission of such a token is tried at a repository.
func (k Kind) triesPermissions() bool {
	return k == KindFineGrained || k == KindAppInstallation || k == KindAppUser
}

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
