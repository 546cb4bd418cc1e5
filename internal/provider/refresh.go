package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// readCall is one refresh of one token resource. It has no configuration: the token is known only if the state or the
// provider block holds it.
type readCall struct {
	tokenType gittoken.Type
	state     tokenModel
	owner     owner // as the state has it
	private   privateState
	place     registration.Place
	say       reporter
}

// refreshed is what a refresh comes to.
type refreshed struct {
	model   tokenModel
	userID  types.String
	gone    bool // Codefresh proved that the resource is gone
	private privateState
}

// refreshToken brings the state up to what Codefresh and the Git host tell. It reports false for an error; a bad token
// is never one here: that would stop every walk, the one that repairs it included.
func (d *providerData) refreshToken(ctx context.Context, c readCall) (refreshed, bool) {
	at := place{
		c.tokenType, c.state.Runtime.ValueString(), c.owner.integration.ValueString(), c.owner.id.ValueString(),
	}
	d.uses.note(at, markIn(&c.state, c.private))

	self := stake{holder: c.private.mark(), use: keeps, since: c.private.RegisteredAt}
	d.places.found(at, self)

	found, ok := d.lookAt(ctx, c)
	// Now: others were refreshed meanwhile, and a host may take its time.
	found.private.Superseded, found.private.Supersedes = d.places.refreshed(at, self)

	return found, ok
}

// lookAt asks Codefresh and the Git host, and returns what the state comes to.
func (d *providerData) lookAt(ctx context.Context, c readCall) (refreshed, bool) {
	view, seen, ok := d.readPlace(ctx, c)
	if !ok {
		return refreshed{private: c.private}, false
	}

	found := refreshed{model: c.state, userID: c.owner.id, private: c.private}
	if found.userID.IsNull() {
		found.userID = textOrNull(view.UserID)
	}

	switch {
	case seen && !view.Registered:
		d.sayGone(c, view)

		found.gone = true

		return found, true
	case seen && view.Missing == "":
		found.model.CodefreshStatus = codefreshWord(view.Status)
		found.model.adopt(view)
	}

	found.model = d.readToken(ctx, c, found.model, view)

	return found, true
}

// readPlace looks at the place in Codefresh. seen says that Codefresh told what there is; it reports false for an
// error.
func (d *providerData) readPlace(ctx context.Context, c readCall) (view registration.View, seen, ok bool) {
	runtime, integration := c.state.Runtime.ValueString(), c.owner.integration.ValueString()
	view, err := c.place.Read(ctx, registration.Cached)
	d.logView(ctx, c.owner.placeAt(c.state.Runtime, c.tokenType), view, err)

	if c.tokenType == gittoken.Runtime { // which a destroy forgets, without a key
		c.say.wayOut = message.DestroyAnyway
	}

	switch {
	case view.InAnotherAccount(c.private.AccountID):
		c.say.say(tokencheck.Failure, message.OtherAccount(runtime))

		return view, false, false
	case err != nil && d.ownKeyRefused(c.owner, err):
		c.say.say(tokencheck.Warning, message.StateKept(d.explain(err, runtime)))

		return view, false, true
	case err != nil:
		return view, false, d.sayUnreachable(c.say, runtime, err) != tokencheck.Failure
	case view.Missing != "" && view.Registered:
		c.say.say(tokencheck.Warning, message.MissingInCodefresh(view, runtime, integration, tokencheck.Refresh, 0))
	}

	return view, true, true
}

// ownKeyRefused reports whether Codefresh refuses a resource's own key where the provider block has none. The plan
// knows the key that is configured by now, and says if that one is refused, too.
func (d *providerData) ownKeyRefused(o owner, err error) bool {
	problem := (*codefresh.Error)(nil)

	return d.codefresh == nil && !o.key.IsNull() && errors.As(err, &problem) && problem.Kind == codefresh.KeyRefused
}

// sayGone says that the token is not registered any more. The plan, which creates the resource again, need not say so
// once more.
func (d *providerData) sayGone(c readCall, view registration.View) {
	runtime, integration := c.state.Runtime.ValueString(), c.owner.integration.ValueString()
	d.notices.first(notice{gone: c.owner.placeAt(c.state.Runtime, c.tokenType)})
	c.say.say(tokencheck.Warning, message.GoneFromCodefresh(view, runtime, integration, c.tokenType))
}

// adopt completes an imported state by what Codefresh tells.
func (m *tokenModel) adopt(view registration.View) {
	host, err := view.GitHost(gittoken.Provider(m.GitProvider.ValueString()), m.APIURL.ValueString(), true)
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

// readToken asks the Git host about the token that the state describes, if this walk knows it, and returns the model
// with what the host told.
func (d *providerData) readToken(
	ctx context.Context, c readCall, m tokenModel, view registration.View,
) tokenModel {
	token, err := d.tokenOf(&m)

	host := hostOfState(&m)
	if err != nil || host.IsZero() || d.modeOf(&m) == tokencheck.Skip || !token.registered(&m, c.private) {
		return m // a token with another name's value is new: the plan logic judges it
	}

	r := requestFor(c.tokenType, &m)
	r.Token, r.Host, r.Required, r.Mode = token.Token, host, scopesIn(m.RequiredScopes), d.modeOf(&m)
	r.LastOwner, r.Memory = m.TokenOwner.ValueString(), recall(&m)
	r = d.tryAt(ctx, r, &m, c.place, view)
	j := d.check(ctx, r, 0)
	d.sayJudgement(ctx, c.say, r, j, tokencheck.Refresh)
	m.recordAgain(j)

	return m
}
