package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Token is a credential of an emulated Git host.
type Token struct {
	Service Service
	// Kind is the host's: "classic", "fine_grained", "oauth", "app_installation", "app_user" (GitHub); "personal",
	// "project", "group", "oauth", "granular" (GitLab); "http_access", "project_http_access", "repository_http_access"
	// (Bitbucket Data Center); "api_token", "access_token", "app_password", "oauth" (Bitbucket Cloud).
	Kind string
	// Text is the secret; empty means a fresh one with the kind's real prefix and shape.
	Text string
	// Owner is the login of the account, made if new; empty means "ci-bot". Tokens that are no person's (project, group
	// and repository tokens) get the service account that the host itself would make.
	Owner string
	// Email is the Basic user of Bitbucket Cloud API tokens; empty means <owner>@example.com.
	Email string
	// Scopes are in the host's spelling. CreateToken returns them as the host stores them: GitHub drops implied ones.
	Scopes []string
	// Permissions are those of fine-grained and granular tokens: permission → "read" or "write".
	Permissions map[string]string
	// Grants are those of granular tokens, exactly; Permissions are a shorthand for them.
	Grants []Grant
	// Repositories limit the token: paths of repositories, for GitLab group tokens a group, for Bitbucket Data Center
	// project tokens a project key, for Bitbucket Cloud workspace tokens none. Empty means all that the owner can reach.
	Repositories []string
	// ExpiresAt is when the host stops accepting it; zero is never. GitLab keeps only a date: 00:00 UTC of that
	// day, or of the next one if that is past already.
	ExpiresAt time.Time
}

// Block is a reason for which a host refuses a token that is live.
type Block string

// The blocks. GitHub organisation rules (BlockSSO, BlockPolicy, BlockIPAllowList) refuse repositories, not GET /user.
const (
	BlockSuspended       Block = "suspended"        // the owner, everywhere
	BlockSSO             Block = "sso"              // GitHub: not authorised for the organisation
	BlockPolicy          Block = "policy"           // GitHub: the organisation forbids such tokens
	BlockIPAllowList     Block = "ip_allow_list"    // GitHub: the organisation refuses the caller's address
	BlockLoginAttempts   Block = "login_attempts"   // GitHub: too many failed logins of the owner
	BlockDPoP            Block = "dpop"             // GitLab: the owner demands proof of possession
	BlockGranularEnforce Block = "granular_enforce" // GitLab: the root group demands fine-grained tokens
)

// tokenState is a token and what became of it. Sandbox.mu guards it.
type tokenState struct {
	Token

	id      int64
	account *account
	created time.Time
	revoked bool
	block   Block
	// authorized lists the organisations of GitHub whose single sign-on the token passed.
	authorized []string
	kind       tokenKind
}

// tokenKind is what a host says about one kind of token.
type tokenKind struct {
	mint        func() string
	scopes      []string            // every scope that the host issues for it; nil for kinds without scopes
	implies     map[string][]string // scope → scopes it includes
	permissions map[string]string   // every permission → its highest level; nil for kinds without
}

func (t *tokenState) expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// accepted says whether the host takes the token at all.
func (t *tokenState) accepted(now time.Time) bool {
	return !t.revoked && !t.expired(now) && t.block == ""
}

// holds says whether the token has scope or one that includes it.
func (t *tokenState) holds(scope string) bool {
	return slices.ContainsFunc(t.Scopes, func(held string) bool { return t.kind.includes(held, scope) })
}

func (t *tokenState) holdsAny(scopes ...string) bool { return slices.ContainsFunc(scopes, t.holds) }

// may says whether a fine-grained token has a permission at a level.
func (t *tokenState) may(permission, level string) bool {
	has := t.Permissions[permission]

	return has == level || (has == "write" && level == "read")
}

func (k tokenKind) includes(held, wanted string) bool {
	if held == wanted {
		return true
	}

	return slices.ContainsFunc(k.implies[held], func(below string) bool { return k.includes(below, wanted) })
}

// lookup returns the token with this text. mu must be held.
func (s *Sandbox) lookup(text string) (*tokenState, bool) {
	t, ok := s.tokens[text]

	return t, ok
}

// CreateToken makes a token as the host itself would, and returns it with everything filled in.
func (s *Sandbox) CreateToken(t Token) (Token, error) {
	h, err := s.host(t.Service)
	if err != nil {
		return Token{}, err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	state, err := s.makeToken(h, t)
	if err != nil {
		return Token{}, fmt.Errorf("%s: %s token: %w", t.Service, t.Kind, err)
	}

	s.tokens[state.Text] = state

	return state.copyOut(), nil
}

func (s *Sandbox) makeToken(h *host, t Token) (*tokenState, error) {
	kinds := h.vendor.kinds()

	kind, ok := kinds[t.Kind]
	if !ok {
		return nil, fmt.Errorf("no such kind; %s has %s", t.Service, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}

	if t.Text == "" {
		t.Text = kind.mint()
	}

	if _, taken := s.tokens[t.Text]; taken {
		return nil, errors.New("its text is another token's already")
	}

	if strings.TrimSpace(t.Text) != t.Text {
		return nil, errors.New("its text has white space around it, which no header can carry")
	}

	state := &tokenState{Token: t, id: s.nextID(), created: s.now(), kind: kind}
	if err := state.grant(t.Scopes, t.Permissions); err != nil {
		return nil, err
	}

	if err := h.vendor.admit(h, state); err != nil {
		return nil, err
	}

	if state.account == nil {
		state.account = h.person(cmp.Or(t.Owner, "ci-bot"))
	}

	if t.Email != "" {
		state.account.email = t.Email
	}

	state.Owner, state.Email = state.account.login, state.account.email

	return state, nil
}

// grant gives the token scopes and permissions that the host can issue for its kind.
func (t *tokenState) grant(scopes []string, permissions map[string]string) error {
	for _, scope := range scopes {
		if !slices.Contains(t.kind.scopes, scope) {
			return fmt.Errorf("the host issues no scope %q for it; it has: %s", scope, strings.Join(t.kind.scopes, " "))
		}
	}

	for name, level := range permissions {
		highest, known := t.kind.permissions[name]
		if !known || (level != "read" && level != highest) {
			return fmt.Errorf("the host issues no permission %s:%s for it; it has: %s", name, level,
				strings.Join(slices.Sorted(maps.Keys(t.kind.permissions)), " "))
		}
	}

	t.Scopes = slices.Clone(scopes)
	t.Permissions = maps.Clone(permissions)

	return nil
}

func (t *tokenState) copyOut() Token {
	out := t.Token
	out.Scopes = slices.Clone(t.Scopes)
	out.Permissions = maps.Clone(t.Permissions)
	out.Grants = slices.Clone(t.Grants)
	out.Repositories = slices.Clone(t.Repositories)

	return out
}

// change finds a token and changes it under the lock.
func (s *Sandbox) change(text string, f func(t *tokenState) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	t, ok := s.lookup(text)
	if !ok {
		return errNoSuchToken
	}

	return f(t)
}

// RevokeToken makes the host refuse the token from now on.
func (s *Sandbox) RevokeToken(text string) error {
	return s.change(text, func(t *tokenState) error {
		t.revoked = true

		return nil
	})
}

// ExpireToken moves the token's expiry into the past.
func (s *Sandbox) ExpireToken(text string) error { return s.SetExpiry(text, s.now().Add(-time.Hour)) }

// SetExpiry changes when the token expires; the zero time is never.
func (s *Sandbox) SetExpiry(text string, at time.Time) error {
	return s.change(text, func(t *tokenState) error {
		t.ExpiresAt = at
		h := s.hosts[t.Service]

		return h.vendor.admit(h, t)
	})
}

// SetScopes replaces the token's scopes.
func (s *Sandbox) SetScopes(text string, scopes ...string) error {
	return s.regrant(text, func(t *tokenState) ([]string, map[string]string) { return scopes, t.Permissions })
}

// SetPermissions replaces the permissions of a fine-grained or granular token.
func (s *Sandbox) SetPermissions(text string, permissions map[string]string) error {
	return s.regrant(text, func(t *tokenState) ([]string, map[string]string) { return t.Scopes, permissions })
}

// regrant changes a token only if the host could have issued the result.
func (s *Sandbox) regrant(text string, want func(t *tokenState) ([]string, map[string]string)) error {
	return s.change(text, func(t *tokenState) error {
		changed := *t
		if err := changed.grant(want(t)); err != nil {
			return err
		}

		h := s.hosts[t.Service]
		if err := h.vendor.admit(h, &changed); err != nil {
			return err
		}

		*t = changed

		return nil
	})
}

// SetGrants replaces what a granular token may do.
func (s *Sandbox) SetGrants(text string, grants ...Grant) error {
	return s.change(text, func(t *tokenState) error {
		changed := *t
		changed.Grants, changed.Permissions = slices.Clone(grants), nil

		h := s.hosts[t.Service]
		if err := h.vendor.admit(h, &changed); err != nil {
			return err
		}

		*t = changed

		return nil
	})
}

// BlockToken makes the host refuse the token although it is live, until Unblock.
func (s *Sandbox) BlockToken(text string, how Block) error {
	return s.change(text, func(t *tokenState) error {
		if !slices.Contains(s.hosts[t.Service].vendor.blocks(), how) {
			return fmt.Errorf("%s has no block %q", t.Service, how)
		}

		t.block = how

		return nil
	})
}

// Unblock ends what BlockToken began.
func (s *Sandbox) Unblock(text string) error {
	return s.change(text, func(t *tokenState) error {
		t.block = ""

		return nil
	})
}
