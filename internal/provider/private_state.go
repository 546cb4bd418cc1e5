package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// privateState is what a resource keeps beside its attributes. It is stored on create and update only, and holds no
// secret.
type privateState struct {
	// Salt makes the fingerprint of a token say nothing to anybody who has only the state.
	Salt []byte `json:"salt"`
	// AccountID is the Codefresh account that the token was registered in. An API key of another account proves nothing
	// about it.
	AccountID string `json:"account_id,omitempty"`
	// ExpiresAt is the expiry at the last apply, as the state had it, empty for none; nil where none was noted.
	ExpiresAt *string `json:"expires_at,omitempty"`
	// Accepted is the bad status that the last apply accepted as it is, because validation was "warn".
	Accepted string `json:"accepted,omitempty"`
	// RefusedAnyway says that Codefresh called the user's token invalid right after it was sent: sending it again is of no
	// use.
	RefusedAnyway bool `json:"refused_anyway,omitempty"`
	// ProviderConfigured and AddressConfigured say that git_provider and api_url were configured at the last apply, and no
	// default.
	ProviderConfigured bool `json:"provider_configured,omitempty"`
	AddressConfigured  bool `json:"address_configured,omitempty"`
	// Ignored goes from a plan to its apply: token_wo is under ignore_changes. Terraform gives an apply the configuration
	// without regard to that.
	Ignored bool `json:"ignored,omitempty"`
	// RegisteredAt is when the token was last sent. Of two objects at one place, it tells which one's is there.
	RegisteredAt time.Time `json:"registered_at,omitzero"`
	// Superseded goes from a refresh or a plan to a destroy: another object of the state has registered its token at the
	// same place since.
	Superseded bool `json:"superseded,omitempty"`
	// SupersededBefore goes from a plan to a destroy: the plan has seen nothing of that other object, which may have left
	// the state since the last refresh.
	SupersededBefore bool `json:"superseded_before,omitempty"`
	// Supersedes goes from a refresh to a plan of the apply: an older object of the state was there, which may be about to
	// leave the place.
	Supersedes bool `json:"supersedes,omitempty"`
	// Reasserted goes from a plan to its apply: another object of the state leaves the same place, so that the token is
	// sent again.
	Reasserted bool `json:"reasserted,omitempty"`
	// AssumedUser goes from an import to the first apply: nobody said whose token it is.
	AssumedUser bool `json:"assumed_user,omitempty"`
}

const privateKey = "registration"

// mark tells the resource from every other; empty before its first apply. It is no text to show.
func (p privateState) mark() string { return string(p.Salt) }

// resourceName tells a resource among those of the state, empty for one that is not in it. The attribute id will not
// do: the tokens of two users on one runtime have the same.
func (p privateState) resourceName(state *tokenModel) string {
	if state == nil {
		return ""
	}

	return cmp.Or(p.mark(), state.ID.ValueString())
}

// leaving is the stake of the resource when it leaves its place.
func (p privateState) leaving() stake {
	return stake{holder: cmp.Or(p.mark(), imported), use: leaves, since: p.RegisteredAt}
}

// salted returns the private state with a salt.
func (p privateState) salted(random io.Reader) (privateState, error) {
	if len(p.Salt) > 0 {
		return p, nil
	}

	salt, err := gittoken.NewSalt(random)
	if err != nil {
		return privateState{}, err
	}

	p.Salt = salt

	return p, nil
}

// parsePrivateState decodes private state. One that cannot be read is none: the token then counts as changed.
func parsePrivateState(text []byte) privateState {
	var p privateState
	if err := json.Unmarshal(text, &p); err != nil {
		return privateState{}
	}

	return p
}

// privateReader and privateWriter are the parts of the framework's private state that are used here; the framework's
// own type is internal to it.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

func readPrivate(ctx context.Context, private privateReader, diags *diag.Diagnostics) privateState {
	text, problems := private.GetKey(ctx, privateKey)
	diags.Append(problems...)

	if text == nil {
		return privateState{}
	}

	return parsePrivateState(text)
}

func (p privateState) save(ctx context.Context, private privateWriter, diags *diag.Diagnostics) {
	text, err := json.Marshal(p)
	if err != nil {
		diags.AddError("Private state could not be made", err.Error()+". Please report this.")

		return
	}

	diags.Append(private.SetKey(ctx, privateKey, text)...)
}

// target is where an apply leaves its results: the same parts of a create's and an update's response.
type target struct {
	state    *tfsdk.State
	identity *tfsdk.ResourceIdentity
	private  privateWriter
	diags    *diag.Diagnostics
}
