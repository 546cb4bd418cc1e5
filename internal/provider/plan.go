package provider

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// planCall is one call of the plan logic for one token resource.
//
// Terraform calls it again in the apply process and insists on the same known values. So those follow from
// configuration, state and private state alone; what the network says becomes a diagnostic, and may turn values
// unknown.
type planCall struct {
	tokenType    gittoken.Type
	plan, config tokenModel  // without what ignore_changes ignores
	state        *tokenModel // nil for a create
	owner        owner       // as planned
	ownerBefore  owner       // as the state has it
	private      privateState
	place        registration.Place
	say          reporter
}

// planned is what a plan comes to.
type planned struct {
	model   tokenModel
	userID  types.String
	private privateState
}

// save keeps what the apply cannot see for itself. before is what an earlier plan left, whose apply may have failed.
func (p planned) save(ctx context.Context, before privateState, private privateWriter, diags *diag.Diagnostics) {
	if p.private.Ignored != before.Ignored || p.private.Reasserted != before.Reasserted {
		p.private.save(ctx, private, diags)
	}
}

// unusable is the reason in the log for a token that was not checked.
const unusable = "the token, its host or a repository is missing or unusable"

// planToken checks the planned token and decides which values the plan leaves to the apply.
func (d *providerData) planToken(ctx context.Context, c planCall) planned {
	c.plan = c.withSameAddress()

	token, tokenOK := d.tokenInPlan(c)
	if !tokenOK && c.state == nil {
		d.logUnchecked(ctx, c.at(), unusable)

		return c.result(token, change{create: true}, false)
	}

	view, seen, previewOK := d.preview(ctx, c)
	if !previewOK {
		d.logUnchecked(ctx, c.at(), "Codefresh could not be read")

		return c.result(token, change{create: c.state == nil}, false)
	}

	host, hostOK := c.host(view, seen)
	change := d.changeInPlan(c, token, view, host)
	change.gone = seen && !change.owner && d.isGone(c, token, view)
	change.reasserted = d.stake(c, token, view, change)
	d.use(c, token)

	request := d.requestInPlan(c, token, host, change)
	if !tokenOK || !hostOK || !c.materials(token, host, change) || !c.repositoriesAtHost(host, change) {
		d.logUnchecked(ctx, c.at(), unusable)

		return c.result(token, change, false)
	}

	request = d.tryAt(ctx, request, &c.plan, c.place, view)
	judgement := d.check(ctx, request, 0)
	severity := d.sayJudgement(ctx, c.refuse(), request, judgement, change.walk())
	d.sayRefusal(c, view, judgement, change)
	moved := d.sayExpiryMoved(c, request, judgement, change)
	wentBad := judgement.Status.Class() == gittoken.Bad && string(judgement.Status) != c.private.Accepted

	d.logPlan(ctx, c.at(), decided{
		change, change.updates() || moved || wentBad, severity, judgement.Status,
		token.standsIn(&c.plan), c.hostFrom(view, seen),
	})

	return c.result(token, change, moved || wentBad)
}

// replaces reports whether the plan is for another place than the state. Terraform then plans once more without the
// state, so that nothing of the old place has a say in the new one, and nothing is said twice.
func (c planCall) replaces() bool {
	return c.state != nil &&
		(!c.plan.Runtime.Equal(c.state.Runtime) || !c.owner.integration.Equal(c.ownerBefore.integration))
}

// refuse returns the reporter for what is wrong with what is configured. A plan that comes before a destroy cannot be
// told from another one.
func (c planCall) refuse() reporter {
	say := c.say
	say.beforeDestroy = c.state != nil

	return say
}

// at returns the place in Codefresh that the plan is for, as far as it is known.
func (c planCall) at() place {
	return c.owner.placeAt(c.plan.Runtime, c.tokenType)
}

// withSameAddress returns the plan with the state's spelling of an address that is the same one.
func (c planCall) withSameAddress() tokenModel {
	m := c.plan
	if c.state == nil || c.config.APIURL.IsNull() || c.config.APIURL.IsUnknown() {
		return m
	}

	provider := m.GitProvider
	if c.config.GitProvider.IsNull() {
		provider = c.state.GitProvider
	}

	before := hostOfState(c.state)

	now, err := gittoken.NewHost(gittoken.Provider(provider.ValueString()), m.APIURL.ValueString())
	if err == nil && now == before && !before.IsZero() {
		m.APIURL = c.state.APIURL
	}

	return m
}

// tokenInPlan returns the planned token, and reports whether it can be used. That there is none, because the provider
// block lacks its name or a variable is empty, is an error for a new resource or a new name. Otherwise it is a warning:
// it must not stand in the way of a destroy. What is written beside a new one must not contradict it.
func (d *providerData) tokenInPlan(c planCall) (source, bool) {
	token, err := d.plannedToken(&c.plan, &c.config)
	switch empty := token.Known && token.Secret.IsEmpty(); {
	case err == nil && !empty:
		return token, c.state != nil || checkWritten(&c.config, token, c.refuse())
	case c.state == nil && empty:
		return token, checkMaterials(&c.plan, "", token, c.say)
	case c.state == nil, !empty && !c.plan.TokenName.Equal(c.state.TokenName):
		c.refuse().at("token_name", message.NoSuchTokenName(c.plan.TokenName.ValueString()))
	case empty:
		c.say.say(tokencheck.Warning, message.TokenEmpty(token.standsIn(&c.plan)))
	default:
		c.say.say(tokencheck.Warning, message.TokenNameGone(c.plan.TokenName.ValueString()))
	}

	return source{}, false
}

// preview looks at the place in Codefresh. seen says that Codefresh told what there is; it reports false for an error.
func (d *providerData) preview(ctx context.Context, c planCall) (view registration.View, seen, ok bool) {
	if c.plan.Runtime.IsUnknown() || c.plan.AppProxyURL.IsUnknown() || c.owner.integration.IsUnknown() {
		return registration.View{}, false, true
	}

	runtime, integration := c.plan.Runtime.ValueString(), c.owner.integration.ValueString()
	view, err := c.place.Read(ctx, registration.Cached)
	d.logView(ctx, c.at(), view, err)

	if err != nil {
		return view, false, d.sayUnreachable(c.say, runtime, err) != tokencheck.Failure
	}

	if view.Missing != "" && !d.notices.given(notice{gone: c.at()}) {
		c.say.say(tokencheck.Warning, message.MissingInCodefresh(view, runtime, integration, tokencheck.PlanChanged,
			c.plan.waitsFor(c.state == nil)))
	}

	return view, view.Missing == "", true
}

// host returns the Git host of the plan: what is configured, completed by what Codefresh tells. It is zero where only
// an apply can tell.
func (c planCall) host(view registration.View, seen bool) (gittoken.Host, bool) {
	if c.config.GitProvider.IsUnknown() || c.config.APIURL.IsUnknown() || c.owner.integration.IsUnknown() {
		return gittoken.Host{}, true
	}

	provider, address := c.config.GitProvider.ValueString(), c.config.APIURL.ValueString()
	if !seen && c.state != nil {
		// The default is that of the last apply, until Codefresh can be asked for today's.
		if c.unset() {
			return gittoken.Host{}, true
		}

		provider = cmp.Or(provider, c.state.GitProvider.ValueString())
		if provider == c.state.GitProvider.ValueString() {
			address = cmp.Or(address, c.state.APIURL.ValueString())
		}
	}

	host, err := view.GitHost(gittoken.Provider(provider), address, seen)
	if err != nil && (seen || !errors.Is(err, registration.ErrNoGitProvider)) {
		c.refuse().host(err, c.plan.Runtime.ValueString())

		return host, false
	}

	return host, true
}

// hostFrom says who named the Git host of the plan, for the log.
func (c planCall) hostFrom(view registration.View, seen bool) string {
	provider := gittoken.Provider(c.config.GitProvider.ValueString())
	switch {
	case !c.config.APIURL.IsNull():
		return "api_url"
	case !seen && c.state != nil:
		return "the state"
	case view.APIURL != "" && (provider == "" || provider == view.Provider):
		return "Codefresh"
	}

	return "the Git provider's public address"
}

// changeInPlan says what the plan changes. What is not known before apply counts as changed.
func (d *providerData) changeInPlan(c planCall, token source, view registration.View, host gittoken.Host) change {
	if c.state == nil {
		return change{create: true}
	}

	drift := d.drifts(token, &c.plan, c.state, c.private)

	return change{
		token:       tokenChanged(token, &c.plan, c.state, c.private, drift),
		owner:       d.ownerChanges(c, view),
		host:        c.hostChanges(host),
		requirement: requirementGrew(c.tokenType, &c.plan, c.state, c.ownRequirement()),
		drift:       drift,
	}
}

// isGone reports whether a user has no token any more at a place of which Codefresh tells, and says so: without a
// refresh, nobody did.
func (d *providerData) isGone(c planCall, token source, view registration.View) bool {
	if c.state == nil || view.Registered || token.attribute == "" || view.UserID != c.ownerBefore.id.ValueString() {
		return false
	}

	c.say.say(tokencheck.Warning, message.GoneFromCodefresh(view, c.plan.Runtime.ValueString(),
		c.owner.integration.ValueString(), c.tokenType))

	return true
}

// ownerChanges reports whether the token comes to be another user's: by an own key, or since the provider block's key
// is no longer that of the user whose token this is.
func (d *providerData) ownerChanges(c planCall, view registration.View) bool {
	before := c.ownerBefore.id.ValueString()
	switch {
	case c.tokenType == gittoken.Runtime:
		return false
	case !c.owner.key.Equal(c.ownerBefore.key):
		return true
	case !c.owner.key.IsNull() || view.Caller == "" || before == "" || before == view.Caller:
		return false
	}

	c.say.say(tokencheck.Warning, message.HandedOver(c.plan.Runtime.ValueString(), before, view.Caller))

	return true
}

// hostChanges reports whether the token is for another host or user name than before. Without configuration, a host
// that was configured before goes back to Codefresh's.
func (c planCall) hostChanges(host gittoken.Host) bool {
	if !c.plan.Username.Equal(c.state.Username) {
		return true
	}

	if host.IsZero() {
		return c.config.GitProvider.IsUnknown() || c.config.APIURL.IsUnknown() || c.unset()
	}

	return host != hostOfState(c.state)
}

// unset reports whether the configuration names a provider or an address no longer. Where the token goes then is
// Codefresh's to say.
func (c planCall) unset() bool {
	return c.private.ProviderConfigured && c.config.GitProvider.IsNull() ||
		c.private.AddressConfigured && c.config.APIURL.IsNull()
}

// ownRequirement returns the user's own requirement; nil for the table's. One that is not known before apply requires
// nothing yet.
func (c planCall) ownRequirement() []gittoken.Scope {
	if c.config.RequiredScopes.IsUnknown() {
		return []gittoken.Scope{}
	}

	return scopesIn(c.config.RequiredScopes)
}

// stake notes what the plan does with its place in Codefresh, and says if that goes badly with another resource. It
// reports whether the token has to be sent again, since another object of the state leaves the place.
func (d *providerData) stake(c planCall, token source, view registration.View, change change) bool {
	if c.owner.key.IsUnknown() || c.plan.Runtime.IsUnknown() || c.owner.integration.IsUnknown() {
		return false
	}

	s := stake{holder: c.private.mark(), use: keeps, since: c.private.RegisteredAt}
	if change.sends() {
		s.use = sends
	}

	if c.state != nil && s.holder == "" {
		s.holder = imported
	}

	at, found := c.at(), noConflict
	for _, at.user = range d.usersOf(c.tokenType, c.owner, view) {
		found = max(found, d.places.stake(at, s))
	}

	switch found {
	case duplicates:
		c.say.say(tokencheck.Failure, message.ManagedTwice(at.tokenType, at.runtime, at.integration))
	case takesAway:
		c.say.say(tokencheck.Failure, message.TakenAway(at.runtime, at.integration))
	case maybeConflict:
		c.say.say(tokencheck.Warning, message.ManagedTwice(at.tokenType, at.runtime, at.integration))
	case supersedes:
		return c.reassert(token, s.use)
	case noConflict:
	}

	return false
}

// reassert reports whether the plan sends the token again, because an older object of the state leaves the place. The
// apply may come to that one first, in a process that knows nothing of this one.
func (c planCall) reassert(token source, u use) bool {
	switch {
	case c.state == nil:
		return false
	case u == sends:
		return token.attribute != ""
	case token.attribute == "":
		c.say.say(tokencheck.Failure, message.TakenAway(c.plan.Runtime.ValueString(), c.owner.integration.ValueString()))

		return false
	}

	c.say.say(tokencheck.Warning, message.Reasserted(c.plan.Runtime.ValueString(), c.owner.integration.ValueString()))

	return true
}

// use notes which tokens the place has and is to have, and says if one of them is to be revoked.
func (d *providerData) use(c planCall, token source) {
	if d.uses.note(c.at(), markIn(c.state, c.private), markOf(token.Token, d.salt)) {
		c.say.say(tokencheck.Failure, message.RevocationPlanned(c.at().name()))
	}
}

// usersOf returns what tells whose token it is, as far as it is known.
func (d *providerData) usersOf(t gittoken.Type, o owner, view registration.View) []string {
	if t == gittoken.Runtime {
		return []string{""}
	}

	var users []string

	add := func(name string) {
		if name != "" && !slices.Contains(users, name) {
			users = append(users, name)
		}
	}
	add(o.id.ValueString())

	if o.key.IsNull() {
		add(view.Caller)
		add(d.keyMark)
	} else {
		add(gittoken.NewSecret(o.key.ValueString()).Fingerprint(d.salt))
	}

	return users
}

// requestInPlan returns what to check. What the state tells serves only where it is about the same token at the same
// host.
func (d *providerData) requestInPlan(c planCall, token source, host gittoken.Host, change change) tokencheck.Request {
	r := requestFor(c.tokenType, &c.plan)

	r.Token, r.Host, r.Required, r.Mode = token.Token, host, c.ownRequirement(), d.modeOf(&c.plan)
	if c.plan.Username.IsUnknown() {
		r.Token.Known = false // it goes with the token
	}

	if c.plan.Validation.IsUnknown() {
		r.Mode = tokencheck.ModeUnknown
	}

	if c.state == nil {
		return r
	}

	registered := token.registered(c.state, c.private)
	r.Token.Ignored = token.attribute == ""

	r.Token.Withheld = !registered && !change.sends()
	if r.Token.Withheld || registered && !change.host {
		r.LastOwner, r.Memory = c.state.TokenOwner.ValueString(), recall(c.state)
	}

	return r
}

// materials reports whether the token can be one of the host, and says why not. Of a token that is not to be sent, and
// that the configuration has not come to contradict, nothing is said.
func (c planCall) materials(token source, host gittoken.Host, change change) bool {
	contradicted := change.host && !c.config.GitProvider.IsNull()
	if !token.Known || !change.create && !change.token && !contradicted {
		return true
	}

	p := cmp.Or(host.Provider(), gittoken.Provider(c.config.GitProvider.ValueString()))

	return checkMaterials(&c.plan, p, token, c.refuse())
}

// repositoriesAtHost reports whether those of the plan are at the host, and says which one is not. What was accepted
// before is the check's to judge, unless another host was configured since: Codefresh may have another one by now, and
// nothing of that may stand in the way of a destroy.
func (c planCall) repositoriesAtHost(host gittoken.Host, change change) bool {
	contradicted := change.host && (!c.config.GitProvider.IsNull() || !c.config.APIURL.IsNull())

	return host.IsZero() || sameRepositories(&c.plan, c.state) && !contradicted ||
		allAtHost(c.plan.Repositories, host, c.refuse())
}

// sayRefusal says that Codefresh calls a token invalid that nothing else speaks against, and that the plan sends it
// again.
func (d *providerData) sayRefusal(c planCall, view registration.View, j gittoken.Judgement, change change) {
	if change.create || change.token || j.Status.Class() == gittoken.Bad || d.modeOf(&c.plan) == tokencheck.Skip ||
		!refusedByCodefresh(c.state) {
		return
	}

	if c.private.RefusedAnyway {
		c.say.say(tokencheck.Warning, message.RefusedAnyway(c.plan.Runtime.ValueString()))

		return
	}

	c.say.say(tokencheck.Warning, message.RefusedByCodefresh(c.plan.Runtime.ValueString(), view.Detail))
}

// sayExpiryMoved reports whether the token expires at another time than at the last apply: by the state, which a
// refresh brought up to date, or by this look at it.
func (d *providerData) sayExpiryMoved(
	c planCall, r tokencheck.Request, j gittoken.Judgement, change change,
) bool {
	if change.create || change.token || c.private.ExpiresAt == nil || j.Status.Class() == gittoken.Bad {
		return false
	}

	now := c.state.ExpiresAt.ValueString()
	if at := j.Verdict.ExpiresAt; j.Verdict.Standing == gittoken.Live && !at.IsZero() {
		now = at.UTC().Format(time.RFC3339)
	}

	if now == *c.private.ExpiresAt {
		return false
	}

	c.say.say(tokencheck.Warning, message.ExpiryMoved(r, j.Verdict, *c.private.ExpiresAt, now))

	return true
}

// result returns the plan's values. found says that this look at the token calls for an update too.
//
// Whatever an update may find otherwise than this plan did is left to the apply: somebody may have put another token
// into the store by then, use another key, or have moved the integration to another host.
func (c planCall) result(token source, change change, found bool) planned {
	p := planned{model: c.plan, userID: c.owner.id, private: c.private}
	p.private.Ignored = c.state != nil && token.attribute == ""
	p.private.Reasserted = change.reasserted
	m := &p.model

	updates := change.updates() || found || c.state != nil && !c.sameSettings()
	if c.state != nil {
		m.keepPriorComputed(&c.config, c.state)
		p.userID = c.ownerBefore.id
	}

	if c.state != nil && !updates {
		return p
	}

	m.markResultsUnknown()

	if c.config.GitProvider.IsNull() {
		m.GitProvider = types.StringUnknown()
	}

	if c.config.APIURL.IsNull() {
		m.APIURL = types.StringUnknown()
	}

	if c.config.RequiredScopes.IsNull() && !c.requiresAsBefore(token, change) {
		m.RequiredScopes = types.SetUnknown(types.StringType)
	}

	if c.tokenType == gittoken.User && (c.owner.key.IsNull() || !c.owner.key.Equal(c.ownerBefore.key)) {
		p.userID = types.StringUnknown()
	}

	return p
}

func (c planCall) sameSettings() bool {
	return sameSettings(&c.plan, &c.config, c.state) && c.owner.key.Equal(c.ownerBefore.key)
}

// requiresAsBefore reports whether the table requires what the state has, whatever an apply finds: the same token, at a
// host that nobody but the configuration names.
func (c planCall) requiresAsBefore(token source, change change) bool {
	if token.attribute != "token" || change.isNewToken() || c.config.GitProvider.IsNull() || c.config.APIURL.IsNull() {
		return false
	}

	row := rowOf(c.tokenType, c.state)

	return tokencheck.SameScopes(row.Override(scopesIn(c.state.RequiredScopes)).Scopes, row.Scopes)
}

// planDestroy notes that a user's token is taken away, and says if another resource keeps it: that one's registration
// would be lost. It returns the private state for the destroy.
func (d *providerData) planDestroy(runtime string, o owner, p privateState, say reporter) privateState {
	if o.id.ValueString() == "" || p.Superseded {
		return p
	}

	at := place{gittoken.User, runtime, o.integration.ValueString(), o.id.ValueString()}
	s := p.leaving()
	found := d.places.stake(at, s)
	p.Superseded = found == supersedes
	// To a destroy of a deposed object Terraform hands what the refresh left, and not what the plan did.
	if found == takesAway || p.Superseded && d.places.wasFound(at, s.holder) {
		say.say(tokencheck.Failure, message.TakenAway(runtime, o.integration.ValueString()))
	}

	return p
}
