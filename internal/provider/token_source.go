package provider

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// errNoSuchName: token_name is not a key of the provider's git_tokens.
var errNoSuchName = errors.New("no such name in git_tokens")

// tokenOf returns the token that m names or holds. In a plan or an apply m is the configuration; in a refresh, which
// has none, it is the state, which never holds a write-only token: that one is then not known.
func (d *providerData) tokenOf(m *tokenModel) (tokenValue, error) {
	switch {
	case !m.TokenName.IsNull():
		return d.namedToken(m.TokenName)
	case !m.Token.IsNull():
		return valueOf(m.Token), nil
	case !m.TokenWO.IsNull():
		return valueOf(m.TokenWO), nil
	}

	return tokenValue{}, nil
}

func (d *providerData) namedToken(name types.String) (tokenValue, error) {
	if name.IsUnknown() || d.gitTokens.IsUnknown() {
		return tokenValue{}, nil
	}
	element, ok := d.gitTokens.Elements()[name.ValueString()]
	if !ok {
		return tokenValue{}, errNoSuchName
	}
	text, ok := element.(types.String)
	if !ok || text.IsNull() {
		return tokenValue{}, errNoSuchName
	}

	return valueOf(text), nil
}

func valueOf(text types.String) tokenValue {
	return tokenValue{secret: gittoken.NewSecret(text.ValueString()), known: !text.IsUnknown()}
}

// changed reports whether the configured token is to take the place of the one that the state describes. It looks at
// nothing but configuration, state and private state, so that the plan and the apply process come to the same answer.
func (t tokenValue) changed(config, state *tokenModel, n note) bool {
	if state == nil || !t.known || state.TokenFingerprint.IsNull() || len(n.Salt) == 0 {
		return true
	}
	if !config.TokenWO.IsNull() && !config.TokenWOVersion.IsNull() {
		// The value alone means nothing, unless the registered token has to be sent again anyway.
		return !config.TokenWOVersion.Equal(state.TokenWOVersion) || drifted(state) && !t.registered(state, n)
	}

	return !t.registered(state, n)
}

// registered reports whether the token is the one that the state describes.
func (t tokenValue) registered(state *tokenModel, n note) bool {
	return t.known && len(n.Salt) > 0 && t.secret.Fingerprint(n.Salt) == state.TokenFingerprint.ValueString()
}

// due reports whether an apply sends the token: it is another one, is for somebody else or another host, or Codefresh
// needs it again.
func (t tokenValue) due(plan, config, state *tokenModel, n note, moved bool) bool {
	return t.changed(config, state, n) || moved || movedElsewhere(plan, state) || drifted(state)
}

// recognise returns what the state tells of the token: nothing, unless it is the registered one at the same host. Of a
// token that is neither registered nor to be sent it notes that it is withheld: the state then describes the token that
// Codefresh holds.
func (t *tokenValue) recognise(plan, state *tokenModel, n note, send bool) *tokenModel {
	if state == nil {
		return nil
	}
	registered := t.registered(state, n)
	t.withheld = !registered && !send
	if t.withheld || registered && !movedElsewhere(plan, state) {
		return state
	}

	return nil
}

// note is what a resource keeps in its private state.
type note struct {
	// Salt makes the fingerprint of a token say nothing to anybody who has only the state.
	Salt []byte `json:"salt"`
	// AccountID is the Codefresh account that the token was registered in. An API key of another account proves nothing
	// about it.
	AccountID string `json:"account_id,omitempty"`
	// ExpiresAt is the expiry at the last apply, as the state had it, empty for none; nil where none was noted.
	ExpiresAt *string `json:"expires_at,omitempty"`
}

// mark tells the resource of a note from every other; empty before its first apply.
func (n note) mark() string { return hex.EncodeToString(n.Salt) }

// id names a resource among those of the state, empty for one that is not in it. The attribute id will not do: the
// tokens of two users on one runtime have the same.
func (n note) id(state *tokenModel) string {
	if state == nil {
		return ""
	}

	return cmp.Or(n.mark(), state.ID.ValueString())
}

const noteKey = "registration"

// readNote decodes a note. One that cannot be read is none: the token then counts as changed.
func readNote(text []byte) note {
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return note{}
	}

	return n
}

// salted returns the note with a salt.
func (n note) salted(random io.Reader) (note, error) {
	if len(n.Salt) > 0 {
		return n, nil
	}
	salt, err := gittoken.NewSalt(random)
	n.Salt = salt

	return n, err
}
