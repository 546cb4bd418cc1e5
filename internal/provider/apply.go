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

// applyCall is one create or update of one token resource.
type applyCall struct {
	tokenType   gittoken.Type
	plan        tokenModel
	tokenWO     types.String // from the configuration: no plan holds it
	state       *tokenModel  // nil for a create
	owner       owner        // as planned
	ownerBefore owner        // as the state has it
	private     privateState
	place       registration.Place
	say         reporter
}

// applied is what an apply leaves behind.
type applied struct {
	model   tokenModel
	userID  types.String
	private privateState
}

// applyToken judges the token once more, hands it to Codefresh if that is called for, and reads it back. Unless it
// reports true nothing was sent, and the reporter says why.
func (d *providerData) applyToken(ctx context.Context, c applyCall) (applied, bool) {
	view, ok := d.locate(ctx, c, c.state == nil)
	if !ok {
		return applied{}, false
	}

	token, host, ok := d.materialsToApply(c, view)
	if !ok {
		return applied{}, false
	}

	change := d.changeInApply(c, token, host, view)
	if c.state != nil && change.sends() {
		if view, ok = d.locate(ctx, c, true); !ok {
			return applied{}, false
		}
	}

	request, sameToken := d.requestInApply(c, token, host, change)
	request = d.tryAt(ctx, request, &c.plan, c.place, view)

	judgement := d.check(ctx, request, tokencheck.ApplyMaxAge)
	if d.sayJudgement(ctx, c.say, request, judgement, tokencheck.Apply) == tokencheck.Failure {
		return applied{}, false
	}

	private, err := c.private.salted(d.random)
	if err != nil {
		c.say.nowhere(tokencheck.Failure, message.NoRandomness(err))

		return applied{}, false
	}

	sends := change.sends()
	if sends && request.Token.Ignored {
		c.say.say(tokencheck.Failure, message.TokenIgnored())

		return applied{}, false
	}

	if sends && !d.send(ctx, c, request, judgement, view, private.mark()) {
		return applied{}, false
	}

	if sends {
		private.RegisteredAt = d.now().UTC()
	}

	d.logApply(ctx, c.at(), request.Token, sends, change)
	after := d.readBack(ctx, c, view, sends)
	d.sayFormerUser(c, after, change)

	return c.result(request, sameToken, judgement, after, private, sends), true
}

// at returns the place in Codefresh that the apply is for, but for the user, whom only Codefresh knows.
func (c applyCall) at() place {
	return c.owner.placeAt(c.plan.Runtime, c.tokenType)
}

// locate finds the place in Codefresh, without which nothing can be sent, and waits for it if it is still being
// installed. sends says that a token is to be sent.
func (d *providerData) locate(ctx context.Context, c applyCall, sends bool) (registration.View, bool) {
	runtime, integration := c.plan.Runtime.ValueString(), c.owner.integration.ValueString()

	view, waited, err := registration.Await(ctx, c.place, d.patience(ctx, c.at(), c.plan.waitsFor(c.state == nil), sends))
	switch {
	case err != nil:
		m := d.explain(err, runtime)
		c.say.say(tokencheck.Failure, message.AfterWaiting(m, waited, integration))
	case view.InAnotherAccount(c.private.AccountID):
		c.say.say(tokencheck.Failure, message.OtherAccount(runtime))
	case view.Missing != "":
		m := message.MissingInCodefresh(view, runtime, integration, tokencheck.Apply, 0)
		c.say.say(tokencheck.Failure, message.AfterWaiting(m, waited, integration))
	default:
		if len(waited.For) > 0 {
			c.say.say(tokencheck.Warning, message.WaitedFor(waited, runtime, integration))
		}

		return view, true
	}

	return view, false
}

// materialsToApply returns the token and its host, both of which are known in an apply.
func (d *providerData) materialsToApply(c applyCall, view registration.View) (source, gittoken.Host, bool) {
	token, err := d.plannedToken(&c.plan, &tokenModel{TokenWO: c.tokenWO})
	if errors.Is(err, errNoSuchName) {
		c.say.at("token_name", message.NoSuchTokenName(c.plan.TokenName.ValueString()))

		return token, gittoken.Host{}, false
	}

	provider := gittoken.Provider(c.plan.GitProvider.ValueString())

	host, err := view.GitHost(provider, c.plan.APIURL.ValueString(), true)
	if err != nil {
		c.say.host(err, c.plan.Runtime.ValueString())

		return token, host, false
	}

	if c.private.Ignored && !token.registered(c.state, c.private) {
		return source{}, host, true
	}

	return token, host, checkMaterials(&c.plan, host.Provider(), token, c.say) &&
		(unchangedRepositories(&c.plan, c.state) || allAtHost(c.plan.Repositories, host, c.say))
}

func (d *providerData) changeInApply(c applyCall, token source, host gittoken.Host, view registration.View) change {
	if c.state == nil {
		return change{create: true}
	}

	drift := d.drifts(token, &c.plan, c.state, c.private)
	before := c.ownerBefore.id.ValueString()

	return change{
		token: tokenChanged(token, &c.plan, c.state, c.private, drift),
		owner: c.tokenType == gittoken.User && before != "" && view.UserID != before,
		host:  host != hostOfState(c.state) || !c.plan.Username.Equal(c.state.Username),
		drift: drift,
		gone:  c.tokenType == gittoken.User && !view.Registered,

		reasserted: c.private.Reasserted && token.attribute != "",
	}
}

// requestInApply returns what to check, and whether it is about the same token at the same host as the state: only then
// does what the state tells serve.
func (d *providerData) requestInApply(
	c applyCall, token source, host gittoken.Host, change change,
) (r tokencheck.Request, sameToken bool) {
	r = requestFor(c.tokenType, &c.plan)

	r.Token, r.Host, r.Required, r.Mode = token.Token, host, scopesIn(c.plan.RequiredScopes), d.modeOf(&c.plan)
	if c.state == nil {
		return r, false
	}

	registered := token.registered(c.state, c.private)
	r.Token.Ignored = token.attribute == ""
	r.Token.Withheld = !registered && !change.sends()

	sameToken = r.Token.Withheld || registered && !change.host
	if sameToken {
		r.LastOwner, r.Memory = c.state.TokenOwner.ValueString(), recall(c.state)
	}

	return r, sameToken
}

// send hands the token to Codefresh. Nobody else of this process touches the place meanwhile.
func (d *providerData) send(
	ctx context.Context, c applyCall, r tokencheck.Request, j gittoken.Judgement, view registration.View, mark string,
) bool {
	at := place{c.tokenType, r.Runtime, c.owner.integration.ValueString(), view.UserID}
	defer d.places.lock(at)()

	if err := registration.Send(ctx, c.place, view, r.Credential()); err != nil {
		c.say.say(tokencheck.Failure, message.ExplainWrite(err, r, j, !view.NoAdmin))

		return false
	}

	d.places.wrote(at, mark)
	d.uses.replace(at, markIn(c.state, c.private), markOf(r.Token, d.salt))

	return true
}

// readBack asks what Codefresh holds now. What was sent was accepted by then, so that an answer that fails to come is
// only a warning.
func (d *providerData) readBack(
	ctx context.Context, c applyCall, before registration.View, sent bool,
) registration.View {
	view, err := c.place.Read(ctx, registration.Fresh)
	d.logView(ctx, c.at(), view, err)

	if err == nil && view.Missing == "" {
		return view
	}

	if err != nil {
		m := d.explain(err, c.plan.Runtime.ValueString())
		if sent {
			m = message.RegistrationUnseen(m)
		}

		c.say.say(tokencheck.Warning, m)
	}

	before.Status = codefresh.TokenUnknown

	return before
}

// sayFormerUser says that the registration of the user before stays: only that user's key could take it away. Where
// another resource of this process holds it, as when two of them swap their keys, it has to stay.
func (d *providerData) sayFormerUser(c applyCall, view registration.View, change change) {
	if !change.owner {
		return
	}

	at, before := c.at(), c.ownerBefore
	at.user = before.id.ValueString()

	held := d.places.usedByAnother(at, c.private.mark())
	if !before.key.IsNull() {
		at.user = gittoken.NewSecret(before.key.ValueString()).Fingerprint(d.salt)
		held = held || d.places.usedByAnother(at, c.private.mark())
	}

	if !held {
		c.say.say(tokencheck.Warning, message.FormerUserStays(c.plan.Runtime.ValueString(),
			before.integration.ValueString(), before.id.ValueString(), view.UserID))
	}
}

// result returns what the state and the private state are to hold.
func (c applyCall) result(
	r tokencheck.Request, sameToken bool, j gittoken.Judgement, view registration.View, private privateState, sent bool,
) applied {
	m := c.plan

	private.ProviderConfigured, private.AddressConfigured = !m.GitProvider.IsUnknown(), !m.APIURL.IsUnknown()
	if sameToken && j.Verdict.Cause != gittoken.CauseSkipped {
		m.verdictModel = c.state.verdictModel
		m.recordAgain(j)
	} else {
		m.record(j)
	}

	m.CodefreshStatus = codefreshWord(view.Status)
	if m.GitProvider.IsUnknown() {
		m.GitProvider = types.StringValue(string(r.Host.Provider()))
	}

	if m.APIURL.IsUnknown() {
		m.APIURL = types.StringValue(r.Host.APIURL())
	}

	if m.RequiredScopes.IsUnknown() {
		m.RequiredScopes = scopeSet(j.Requirement.Scopes)
	}

	m.TokenFingerprint = types.StringValue(r.Token.Secret.Fingerprint(private.Salt))
	if !sent {
		// With token_wo_version a new value without a new version is not sent: Codefresh still has the old one.
		m.TokenFingerprint = c.state.TokenFingerprint
	}

	private.AccountID = view.AccountID
	expiry := m.ExpiresAt.ValueString() // empty if it is null
	private.ExpiresAt = &expiry

	private.Accepted = ""
	if j.Status.Class() == gittoken.Bad {
		private.Accepted = string(j.Status)
	}

	if sent {
		// The platform's word on a runtime's token may be older than the token, unless it was sent for that word alone.
		again := sameToken && c.state != nil && refusedByCodefresh(c.state)
		private.RefusedAnyway = view.Status == codefresh.TokenFailed && (again || c.tokenType == gittoken.User)
	}

	private.Ignored, private.AssumedUser = false, false
	private.Superseded, private.Supersedes, private.Reasserted = false, false, false

	return applied{model: m, userID: textOrNull(view.UserID), private: private}
}
