package tokencheck

import (
	"slices"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Request is a token with everything that its check needs, as far as it is known.
type Request struct {
	Type    gittoken.Type
	Runtime string // the runtime that the token is for; empty for a check by itself
	Token   Token
	// Host is zero if it is not known before apply.
	Host     gittoken.Host
	Username string
	// Required is the user's own requirement; nil for the table's.
	Required []gittoken.Scope
	// Repositories are those that the user named, before those that Codefresh uses. LeftOut is how many of the latter are
	// not among them, and UsedUnknown says that Codefresh did not tell all of them.
	Repositories []gittoken.RepositoryNeed
	LeftOut      int
	UsedUnknown  bool
	WriteProbes  bool // whether checks may send write verbs
	Mode         Mode
	// ExpiryHint is the expiry by the user's word; zero for none.
	ExpiryHint time.Time

	// LastOwner and Memory tell what earlier answers proved about the very same token.
	LastOwner string
	Memory    gittoken.Memory
}

// Token is a token that may not be known before apply.
type Token struct {
	Secret gittoken.Secret
	Known  bool
	// Withheld says that Codefresh holds another token and will not be sent this one.
	Withheld bool
	// Ignored says that the configuration gives no token to look at: ignore_changes stands before it.
	Ignored bool
}

// Credential returns what is needed to ask the token's host.
func (r Request) Credential() gittoken.Credential {
	return gittoken.Credential{Host: r.Host, Username: r.Username, Token: r.Token.Secret}
}

// Requirement returns what is asked of a token of which a host said v: the user's own list, or the table's row. A list
// that says what the row says is the row: the state holds the row as a set, without its order and its source.
func (r Request) Requirement(v gittoken.Verdict) gittoken.Requirement {
	row := gittoken.RequirementOf(r.Host.Provider(), r.Type, v)
	if r.Required == nil {
		return row
	}

	own := row.Override(r.Required)
	if SameScopes(own.Scopes, row.Scopes) {
		return row
	}

	return own
}

// SameScopes reports whether two lists have the same scopes, in whatever order.
func SameScopes(a, b []gittoken.Scope) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
