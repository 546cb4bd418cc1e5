package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// application is one create or update of one token resource.
type application struct {
	tokenType   gittoken.Type
	plan        *tokenModel // filled with what the state is to hold
	config      *tokenModel
	state       *tokenModel // nil for a create
	note        note
	slot        slot // nil while there is no Codefresh to ask
	integration string
	moved       bool // as in proposal
}

// apply judges the token once more, hands it to Codefresh if that is called for, and reads it back. With an error in
// diags nothing was sent. It returns what Codefresh now tells of the slot and the note to keep.
func (d *providerData) apply(ctx context.Context, a application, diags *diag.Diagnostics) (slotView, note) {
	view := d.locate(ctx, a, diags)
	token, host := d.materials(a, view, diags)
	if diags.HasError() {
		return view, a.note
	}

	send := token.due(a.plan, a.config, a.state, a.note, a.moved)
	known := token.recognise(a.plan, a.state, a.note, send)
	s := newSubject(ctx, a.tokenType, a.plan, known, diags)
	s.token, s.host, s.required = token, host, a.config.overrides()
	v := d.validationOf(a.plan)
	j := d.check(ctx, s, v, recall(known), applyMaxAge)
	d.tellJudgement(diags, a.note.id(a.state), s, j, walkApply, v)
	kept, err := a.note.salted(d.random)
	if err != nil {
		tellGeneral(diags, failure, noRandomness(err))
	}
	if diags.HasError() {
		return view, a.note
	}

	if send {
		if err := a.send(ctx, view, s.credential()); err != nil {
			report(diags, failure, explainPut(err, s, view.admin))

			return view, a.note
		}
	}
	view = d.readBack(ctx, a, view, send, diags)

	kept.AccountID = view.accountID
	a.fill(j, known == nil, view, host)
	a.plan.TokenFingerprint = types.StringValue(token.secret.Fingerprint(kept.Salt))
	if !send {
		// With token_wo_version a new value without a new version is not sent: Codefresh still has the old one.
		a.plan.TokenFingerprint = a.state.TokenFingerprint
	}

	expiry := a.plan.ExpiresAt.ValueString() // empty if it is null
	kept.ExpiresAt = &expiry

	return view, kept
}

// locate finds the slot in Codefresh, without which nothing can be sent.
func (d *providerData) locate(ctx context.Context, a application, diags *diag.Diagnostics) slotView {
	runtime := a.plan.Runtime.ValueString()
	if a.slot == nil {
		report(diags, failure, explainCodefresh(d.codefreshMissing, runtime))

		return slotView{}
	}
	view, err := a.slot.look(ctx, younger)
	switch {
	case err != nil:
		report(diags, failure, explainCodefresh(err, runtime))
	case view.inAnotherAccount(a.note):
		report(diags, failure, otherAccount(runtime))
	case view.missing != "":
		report(diags, failure, missingInCodefresh(view, runtime, a.integration, walkApply))
	}

	return view
}

// materials returns the token and its host, both of which are known in an apply.
func (d *providerData) materials(a application, view slotView, diags *diag.Diagnostics) (tokenValue, gittoken.Host) {
	if diags.HasError() {
		return tokenValue{}, gittoken.Host{}
	}
	token, err := d.tokenOf(a.config)
	if errors.Is(err, errNoSuchName) {
		tellAt(diags, "token_name", noSuchTokenName(a.config.TokenName.ValueString()))

		return token, gittoken.Host{}
	}
	host, err := resolveHost(a.plan, a.config, view, true)
	if err != nil {
		tellHost(diags, err, a.plan.Runtime.ValueString())

		return token, host
	}
	checkMaterials(a.config, host.Provider(), token, diags)

	return token, host
}

// send hands the token to Codefresh. Where the answer got lost, the token may have arrived: Codefresh is asked before
// anybody sends it again. Only a valid registration where there was none before proves that it did. Of one that was
// there before, and of a runtime's own token, nothing tells which token it is.
func (a application) send(ctx context.Context, before slotView, c gittoken.Credential) error {
	err := a.slot.put(ctx, before, c)
	if err == nil || !mayHaveArrived(err) || before.registered || ctx.Err() != nil {
		return err
	}
	now, lookErr := a.slot.look(ctx, current)
	if lookErr != nil || now.missing != "" || !now.registered || now.status != codefresh.TokenSuccessful {
		return err // and not lookErr: why the token was not taken is of more use
	}

	return nil
}

// readBack asks what Codefresh holds now. What was sent was accepted by then, so that an answer that fails to come is
// only told.
func (d *providerData) readBack(
	ctx context.Context, a application, before slotView, sent bool, diags *diag.Diagnostics,
) slotView {
	view, err := a.slot.look(ctx, current)
	if err == nil && view.missing == "" {
		return view
	}
	if err != nil {
		m := explainCodefresh(err, a.plan.Runtime.ValueString())
		if sent {
			m = registrationUnseen(m)
		}
		report(diags, warning, m)
	}
	before.status = codefresh.TokenUnknown

	return before
}

// fill sets what the plan left open.
func (a application) fill(j gittoken.Judgement, unknown bool, view slotView, host gittoken.Host) {
	m := a.plan
	if unknown || j.Verdict.Cause == gittoken.CauseSkipped {
		m.record(j)
	} else {
		m.verdictModel = a.state.verdictModel
		m.recordAgain(j)
	}
	m.CodefreshStatus = codefreshWord(view.status)
	if m.GitProvider.IsUnknown() {
		m.GitProvider = types.StringValue(string(host.Provider()))
	}
	if m.APIURL.IsUnknown() {
		m.APIURL = types.StringValue(host.APIURL())
	}
	if m.RequiredScopes.IsUnknown() {
		m.RequiredScopes = scopeSet(j.Requirement.Scopes)
	}
}
