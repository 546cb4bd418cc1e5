package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// providerData is what the provider block hands to every other block.
type providerData struct {
	checker tokencheck.Checker
	// codefresh is nil while codefreshMissing says why there is none.
	codefresh        registration.API
	codefreshMissing error
	settings         codefresh.Settings // as they were found
	// withKey makes a client for a user's own key, where the provider block has none; nil where the platform is not known.
	withKey func(key gittoken.Secret) (registration.API, error)

	gitTokens         types.Map
	validation        tokencheck.Mode
	checkRepositories tokencheck.Where
	onUnreachable     tokencheck.Unreachable
	expiryWarning     time.Duration

	now     func() time.Time
	wait    func(ctx context.Context, d time.Duration) error
	waits   *memo.Memo[registration.WaitKey, registration.Waited]
	random  io.Reader
	notices *notices
	places  *places
	uses    *tokenUses
	revoker revoker
	// redactor knows the secrets of this process: whoever learns one adds it, and what comes from outside passes it before
	// it is shown or stored.
	redactor *redact.Redactor
	net      secondNet
	// salt makes fingerprints that live no longer than this process; keyMark is that of the API key, empty without one.
	salt    []byte
	keyMark string
}

// revoker has Git hosts revoke tokens.
type revoker interface {
	Revoke(ctx context.Context, c gittoken.Credential) gittoken.Revocation
}

// dataFrom takes what Configure of the provider handed over. Terraform asks for schemas without configuring the
// provider; there is nothing then.
func dataFrom(handed any, diags *diag.Diagnostics) *providerData {
	if handed == nil {
		return nil
	}

	data, ok := handed.(*providerData)
	if !ok {
		diags.AddError("Provider is wired wrongly",
			fmt.Sprintf("A block got %T from the provider. Please report this.", handed))
	}

	return data
}

// codefreshFor returns what a resource asks Codefresh with, and the key to register with; empty for that of the API
// itself. A resource's own key does for all where the provider block has none.
func (d *providerData) codefreshFor(own types.String) (registration.API, gittoken.Secret, error) {
	key := gittoken.NewSecret(own.ValueString())
	d.redactor.Add(key)

	switch {
	case d.codefresh != nil:
		return d.codefresh, key, nil
	case own.IsNull(), d.withKey == nil:
		return nil, key, d.codefreshMissing
	case own.IsUnknown():
		return nil, key, registration.ErrSettingsUnknown
	}

	api, err := d.withKey(key)

	return api, gittoken.Secret{}, err
}

// overview returns what the platform tells of the account, for blocks that are nothing without it.
func (d *providerData) overview(ctx context.Context, say reporter) (codefresh.Overview, bool) {
	err := d.codefreshMissing
	if d.codefresh != nil {
		var overview codefresh.Overview
		if overview, err = d.codefresh.RecentOverview(ctx); err == nil {
			if !overview.Complete {
				say.nowhere(tokencheck.Failure, message.IncompleteOverview())

				return codefresh.Overview{}, false
			}

			return overview, true
		}
	}

	say.nowhere(tokencheck.Failure, d.explain(err, ""))

	return codefresh.Overview{}, false
}

// explain words why Codefresh could not be asked, with where the API key is from if it is about that.
func (d *providerData) explain(err error, runtime string) message.Message {
	m := message.ExplainCodefresh(err, runtime)

	var problem *codefresh.Error
	switch {
	case errors.As(err, &problem) && problem.Kind == codefresh.KeyRefused && d.settings.KeySource != "":
		url := ""
		if problem.Service == codefresh.Platform {
			url = d.settings.URLSource
		}

		return message.KeyFrom(m, d.settings.KeySource, url)
	case errors.Is(err, registration.ErrKeyMissing) && d.settings.KeyHint != "":
		return message.KeyPassedOver(m, d.settings.KeyHint)
	}

	return m
}

// modeOf returns what follows from a bad token of a resource: its own word, or the provider block's.
func (d *providerData) modeOf(m *tokenModel) tokencheck.Mode {
	if m.Validation.IsUnknown() {
		return tokencheck.ModeUnknown
	}

	if own := m.Validation.ValueString(); own != "" {
		return tokencheck.Mode(own)
	}

	return d.validation
}

// reporter returns the reporter for a resource; state is nil for one that is not in the state.
func (d *providerData) reporter(diags *diag.Diagnostics, p privateState, state *tokenModel) reporter {
	return reporter{diags: diags, resource: p.resourceName(state), given: d.notices}
}
