package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// reading is one refresh of one token resource. It has no configuration: the token is known only if the state or the
// provider block holds it.
type reading struct {
	tokenType   gittoken.Type
	state       *tokenModel
	note        note
	slot        slot // nil while there is no Codefresh to ask
	integration string
}

// refresh brings the state up to what Codefresh and the Git host tell. It reports whether Codefresh proved that the
// resource is gone. A bad token is never an error here: that would stop every walk, the one that repairs it included.
func (d *providerData) refresh(ctx context.Context, r reading, diags *diag.Diagnostics) (view slotView, gone bool) {
	runtime := r.state.Runtime.ValueString()
	view, asked := d.readSlot(ctx, r, diags)
	if diags.HasError() {
		return view, false
	}
	if asked && !view.registered {
		d.told.first(goneKey(r.tokenType, runtime, r.integration))
		report(diags, warning, goneFromCodefresh(view, runtime, r.integration, r.tokenType))

		return view, true
	}
	if asked && view.missing != "" {
		d.tell(diags, r.note.id(r.state), warning, missingInCodefresh(view, runtime, r.integration, walkRefresh))
	} else if asked {
		r.state.CodefreshStatus = codefreshWord(view.status)
		r.adopt(view)
	}
	d.readToken(ctx, r, diags)

	return view, false
}

// goneKey is the notice that a refresh told of a place in Codefresh that is gone. The plan, which creates the resource
// again, need not say so once more.
func goneKey(t gittoken.Type, runtime, integration string) string {
	return strings.Join([]string{"gone", string(t), runtime, integration}, "\x00")
}

// readSlot looks at the slot in Codefresh. It reports whether Codefresh told what there is.
func (d *providerData) readSlot(ctx context.Context, r reading, diags *diag.Diagnostics) (slotView, bool) {
	id, runtime := r.note.id(r.state), r.state.Runtime.ValueString()
	if r.slot == nil {
		d.tellCodefresh(diags, id, runtime, d.codefreshMissing)

		return slotView{}, false
	}
	view, err := r.slot.look(ctx, remembered)
	if view.inAnotherAccount(r.note) {
		report(diags, failure, otherAccount(runtime))

		return view, false
	}
	if err != nil {
		d.tellCodefresh(diags, id, runtime, err)

		return view, false
	}

	return view, true
}

// adopt completes an imported state by what Codefresh tells.
func (r reading) adopt(view slotView) {
	m := r.state
	host, err := resolveHost(m, m, view, true)
	if err != nil || host.IsZero() {
		return
	}
	if m.GitProvider.IsNull() {
		m.GitProvider = types.StringValue(string(host.Provider()))
	}
	if m.APIURL.IsNull() {
		m.APIURL = types.StringValue(host.APIURL())
	}
}

// readToken asks the Git host about the token that the state describes, if this walk knows it.
func (d *providerData) readToken(ctx context.Context, r reading, diags *diag.Diagnostics) {
	m, v := r.state, d.validationOf(r.state)
	token, err := d.tokenOf(m)
	if err != nil || v == skip || !token.registered(m, r.note) {
		return // a token with another name's value is new: the plan logic judges it
	}
	host, err := gittoken.NewHost(gittoken.Provider(m.GitProvider.ValueString()), m.APIURL.ValueString())
	if err != nil {
		return
	}

	s := newSubject(ctx, r.tokenType, m, m, diags)
	s.token, s.host, s.required = token, host, m.overrides()
	j := d.check(ctx, s, v, recall(m), 0)
	d.tellJudgement(diags, r.note.id(m), s, j, walkRefresh, v)
	m.recordAgain(j)
}

// codefreshWord is what the schema's codefresh_status says.
func codefreshWord(s codefresh.TokenStatus) types.String {
	if s == "" {
		s = codefresh.TokenUnknown
	}

	return types.StringValue(string(s))
}
