package provider

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// proposal is one call of the plan logic for one token resource.
//
// Terraform calls it again in the apply process and insists on the same known values. So those follow from
// configuration, state and private state alone; what the network says becomes a diagnostic, and may turn values
// unknown.
type proposal struct {
	tokenType   gittoken.Type
	plan        *tokenModel
	config      *tokenModel
	state       *tokenModel // nil for a create
	note        note
	slot        slot // nil while there is no Codefresh to ask
	integration string
	// moved says that the token is to be registered for another user than before.
	moved bool
	// userID is the planned user_id; nil for a runtime token, which has none.
	userID *types.String
	ownKey types.String // the resource's own API key, if it has one
}

// replaces reports whether the plan is for another place than the state. Terraform then plans once more without the
// state, so that nothing of the old place has a say in the new one, and nothing is told twice.
func (p *proposal) replaces() bool { return p.state != nil && !p.plan.Runtime.Equal(p.state.Runtime) }

// propose checks the planned token and settles the values of the plan.
func (d *providerData) propose(ctx context.Context, p proposal, diags *diag.Diagnostics) {
	token, err := d.tokenOf(p.config)
	if errors.Is(err, errNoSuchName) {
		tellAt(diags, "token_name", noSuchTokenName(p.config.TokenName.ValueString()))

		return
	}
	another := token.changed(p.config, p.state, p.note)
	p.settle(another)

	view, asked := d.preview(ctx, p, diags)
	p.handOver(d, diags, view)
	p.stake(d, diags, view)
	host, err := resolveHost(p.plan, p.config, view, asked)
	if err != nil && (asked || !errors.Is(err, errNoGitProvider)) {
		tellHost(diags, err, p.plan.Runtime.ValueString())
	}
	if diags.HasError() {
		return
	}

	known := token.recognise(p.plan, p.state, p.note, token.due(p.plan, p.config, p.state, p.note, p.moved))
	s := p.subject(ctx, known, token, host, diags)
	if another && token.known {
		if !checkMaterials(p.config, host.Provider(), token, diags) {
			return
		}
	}

	w, demands := walkPlanUnchanged, p.demands()
	if another || demands {
		w = walkPlanChanged
	}
	v := d.validationOf(p.plan)
	j := d.check(ctx, s, v, recall(known), 0)
	d.tellJudgement(diags, p.id(), s, j, w, v)
	if !another && j.Status.Class() != gittoken.Bad {
		p.tellRefused(d, diags, view)
	}
	moved := !another && p.tellExpiryMoved(d, diags, s, j)

	if p.state != nil && (another || moved || demands || p.moved || j.Status.Class() == gittoken.Bad ||
		v != skip && drifted(p.state)) {
		p.plan.unsettle()
	}
}

// preview looks at the slot in Codefresh. It reports whether Codefresh told what there is.
func (d *providerData) preview(ctx context.Context, p proposal, diags *diag.Diagnostics) (slotView, bool) {
	if p.plan.Runtime.IsUnknown() || p.plan.AppProxyURL.IsUnknown() {
		return slotView{}, false
	}
	runtime := p.plan.Runtime.ValueString()
	if p.slot == nil {
		d.tellCodefresh(diags, p.id(), runtime, d.codefreshMissing)

		return slotView{}, false
	}
	view, err := p.slot.look(ctx, remembered)
	if err != nil {
		d.tellCodefresh(diags, p.id(), runtime, err)

		return view, false
	}
	if view.missing != "" && !d.told.heard(goneKey(p.tokenType, runtime, p.integration)) {
		d.tell(diags, p.id(), warning, missingInCodefresh(view, runtime, p.integration, walkPlanChanged))
	}

	return view, view.missing == ""
}

// handOver notices that the provider block's key is no longer that of the user whose token this is.
func (p *proposal) handOver(d *providerData, diags *diag.Diagnostics, view slotView) {
	if p.userID == nil || view.caller == "" || p.moved || view.userID == "" || view.userID == view.caller ||
		!p.ownKey.IsNull() {
		return
	}
	d.tell(diags, p.id(), warning, handedOver(p.plan.Runtime.ValueString(), view.userID, view.caller))
	p.moved = true
	*p.userID = types.StringUnknown()
}

// stake claims the place in Codefresh for this resource, and tells if another one claims it too.
func (p *proposal) stake(d *providerData, diags *diag.Diagnostics, view slotView) {
	if p.ownKey.IsUnknown() || p.plan.Runtime.IsUnknown() {
		return
	}
	runtime := p.plan.Runtime.ValueString()
	holder := p.note.mark()
	if p.state != nil && holder == "" {
		holder = imported
	}
	found := noRival
	for _, who := range p.names(d, view) {
		if who != "" {
			place := strings.Join([]string{runtime, p.integration, who}, "\x00")
			found = max(found, d.claims.stake(place, holder))
		}
	}
	switch found {
	case rival:
		report(diags, failure, claimedTwice(p.tokenType, runtime, p.integration))
	case maybeRival:
		report(diags, warning, claimedTwice(p.tokenType, runtime, p.integration))
	case noRival:
	}
}

// names returns what tells whose token it is, as far as it is known; some may be empty. A user goes by an id, and by
// the key before anybody has asked for the id.
func (p *proposal) names(d *providerData, view slotView) []string {
	switch {
	case p.tokenType == gittoken.Runtime:
		return []string{"the runtime itself"}
	case p.ownKey.IsNull():
		return []string{view.caller, d.keyMark}
	}

	return []string{p.userID.ValueString(), gittoken.NewSecret(p.ownKey.ValueString()).Fingerprint(d.salt)}
}

// tellExpiryMoved reports whether the token expires at another time than at the last apply: by the state, which a
// refresh brought up to date, or by this look at it.
func (p *proposal) tellExpiryMoved(d *providerData, diags *diag.Diagnostics, s subject, j gittoken.Judgement) bool {
	if p.state == nil || p.note.ExpiresAt == nil || j.Status.Class() == gittoken.Bad {
		return false
	}
	now := p.state.ExpiresAt.ValueString()
	if at := j.Verdict.ExpiresAt; j.Verdict.Standing == gittoken.Live && !at.IsZero() {
		now = at.UTC().Format(time.RFC3339)
	}
	if now == *p.note.ExpiresAt {
		return false
	}
	d.tell(diags, p.id(), warning, expiryMoved(s, j.Verdict, *p.note.ExpiresAt, now))

	return true
}

func (p *proposal) tellRefused(d *providerData, diags *diag.Diagnostics, view slotView) {
	if p.state == nil || d.validationOf(p.plan) == skip || !refusedByCodefresh(p.state) {
		return
	}
	d.tell(diags, p.id(), warning, refusedByCodefreshNotice(p.plan.Runtime.ValueString(), view.detail))
}

// settle gives computed values that the framework turned unknown their prior ones, where nothing that they follow from
// has changed.
func (p *proposal) settle(another bool) {
	if p.state == nil {
		return
	}
	p.plan.ID = p.state.ID
	if p.config.GitProvider.IsNull() {
		p.plan.GitProvider = orUnknown(p.state.GitProvider)
	}
	if p.config.APIURL.IsNull() {
		p.plan.APIURL = types.StringUnknown()
		if p.plan.GitProvider.Equal(p.state.GitProvider) {
			p.plan.APIURL = orUnknown(p.state.APIURL)
		}
	}
	if p.config.RequiredScopes.IsNull() {
		p.plan.RequiredScopes = types.SetUnknown(types.StringType)
		if !another && sameScopes(p.wasRequired(), p.row().Scopes) {
			p.plan.RequiredScopes = p.state.RequiredScopes
		}
	}
}

// demands reports whether more or other things are required than what the state was judged by.
func (p *proposal) demands() bool {
	if p.state == nil {
		return false
	}
	if !p.plan.Repositories.Equal(p.state.Repositories) || !p.plan.WriteProbes.Equal(p.state.WriteProbes) ||
		movedElsewhere(p.plan, p.state) {
		return true
	}
	required := p.row().Scopes
	if own := p.config.overrides(); own != nil {
		required = p.row().Override(scopesOf(own)).Scopes
	}

	return !sameScopes(p.wasRequired(), required)
}

// movedElsewhere reports whether the token is to be used with another host or user name than before.
func movedElsewhere(plan, state *tokenModel) bool {
	return !plan.GitProvider.Equal(state.GitProvider) || !plan.APIURL.Equal(state.APIURL) ||
		!plan.Username.Equal(state.Username)
}

// row returns the table's row for the token that the state describes.
func (p *proposal) row() gittoken.Requirement {
	return gittoken.RequirementFor(gittoken.Provider(p.state.GitProvider.ValueString()), p.tokenType,
		gittoken.Kind(p.state.TokenKind.ValueString()))
}

func (p *proposal) wasRequired() []gittoken.Scope {
	return p.row().Override(scopesOf(p.state.overrides())).Scopes
}

func (p *proposal) id() string { return p.note.id(p.state) }

func (p *proposal) subject(
	ctx context.Context, known *tokenModel, token tokenValue, host gittoken.Host, diags *diag.Diagnostics,
) subject {
	s := newSubject(ctx, p.tokenType, p.plan, known, diags)
	s.token, s.host, s.required = token, host, p.config.overrides()
	if p.plan.Username.IsUnknown() {
		s.token.known = false // it goes with the token
	}

	return s
}

// newSubject fills what a model tells of its token. state, if there is one, tells what was known of the same token at
// the same host earlier.
func newSubject(
	ctx context.Context, t gittoken.Type, m, state *tokenModel, diags *diag.Diagnostics,
) subject {
	needs, problems := repositoryNeeds(ctx, m.Repositories)
	diags.Append(problems...)
	s := subject{
		tokenType: t,
		runtime:   m.Runtime.ValueString(),
		username:  m.Username.ValueString(),
		needs:     needs,
		probes:    m.WriteProbes.ValueBool(),
		hint:      m.hintedExpiry(),
	}
	if state != nil {
		s.lastOwner, s.lastExpiry = state.TokenOwner.ValueString(), state.lastExpiry()
	}

	return s
}

func (d *providerData) validationOf(m *tokenModel) validation {
	if own := m.Validation.ValueString(); own != "" {
		return validation(own)
	}

	return d.validation
}

func orUnknown(s types.String) types.String {
	if s.IsNull() {
		return types.StringUnknown()
	}

	return s
}

func scopesOf(words []string) []gittoken.Scope {
	scopes := make([]gittoken.Scope, 0, len(words))
	for _, word := range words {
		scopes = append(scopes, gittoken.Scope(word))
	}

	return scopes
}
