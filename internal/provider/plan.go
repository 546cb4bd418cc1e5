package provider

import (
	"context"
	"slices"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

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
	change.reasserted = d.stake(ctx, c, token, view, change)
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

// tokenInPlan returns the planned token, and reports whether it can be used. That there is none, because the provider
// block lacks its name or a variable is empty, is an error for a new resource or a new name. Otherwise it is a warning:
// it must not stand in the way of a destroy. What is written beside a new one must not contradict it.
func (d *providerData) tokenInPlan(c planCall) (source, bool) {
	token, err := d.plannedToken(&c.plan, &c.config)
	switch empty := token.Known && token.Secret.IsEmpty(); {
	case err == nil && !empty:
		return token, c.state != nil || checkWritten(&c.config, token, c.refuse())
	case c.state == nil && empty:
		return token, checkMaterials(&c.plan, "", token, c.refuse())
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

	say := c.say

	switch { // a destroy goes by the key of the state, and one of a runtime's token by none
	case c.state != nil && (c.tokenType == gittoken.Runtime || !c.owner.key.Equal(c.ownerBefore.key)):
		say = c.refuse()
	case c.state != nil && d.ownKeyRefused(c.owner, err):
		say.wayOut = message.OwnKeyGone
	}

	switch {
	case view.InAnotherAccount(c.private.AccountID):
		// Without a refresh nobody has said so yet, and the token is not for that account's Git host.
		say.say(tokencheck.Failure, message.OtherAccount(runtime))

		return view, false, false
	case err != nil:
		return view, false, d.sayUnreachable(say, runtime, err) != tokencheck.Failure
	}

	if view.Missing != "" && !d.notices.given(notice{gone: c.at()}) {
		c.say.say(tokencheck.Warning, message.MissingInCodefresh(view, runtime, integration, tokencheck.PlanChanged,
			c.plan.waitsFor(c.state == nil)))
	}

	return view, view.Missing == "", true
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

// otherPlanLimit bounds the wait for the plan of another resource of the state for the same place.
const otherPlanLimit = 5 * time.Second

// stake notes what the plan does with its place in Codefresh, and says if that goes badly with another resource. It
// reports whether the token has to be sent again, since another object of the state leaves the place.
func (d *providerData) stake(
	ctx context.Context, c planCall, token source, view registration.View, change change,
) bool {
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
	users := d.usersOf(c.tokenType, c.owner, view)

	// An older object may be about to leave the place. An apply, of which the plan saw that, may come to this one first.
	again := c.private.Supersedes && c.state != nil && token.attribute != ""

	if again {
		soon, cancel := context.WithTimeout(ctx, otherPlanLimit)
		again = !d.places.awaitOlder(soon, at, users, s)

		cancel()
	}

	if again {
		s.use = sends
	}

	for _, at.user = range users {
		found = max(found, d.places.stake(at, s))
	}

	switch found {
	case duplicates:
		c.refuse().say(tokencheck.Failure, message.ManagedTwice(at.tokenType, at.runtime, at.integration))
	case takesAway:
		c.say.takenAway(at)
	case maybeConflict:
		c.say.say(tokencheck.Warning, message.ManagedTwice(at.tokenType, at.runtime, at.integration))
	case supersedes:
		return c.reassert(token, s.use)
	case noConflict:
	}

	return again
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
		c.say.takenAway(c.at())

		return false
	}

	c.say.say(tokencheck.Warning, message.Reasserted(c.plan.Runtime.ValueString(), c.owner.integration.ValueString()))

	return true
}

// use notes which tokens the place has and is to have, and says if one of them is to be revoked.
func (d *providerData) use(c planCall, token source) {
	marks := []tokenMark{markIn(c.state, c.private)}
	if !token.registered(c.state, c.private) {
		marks = append(marks, markOf(token.Token, d.salt))
	}

	if d.uses.note(c.at(), marks...) {
		c.refuse().say(tokencheck.Failure, message.RevocationPlanned(c.at().name()))
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

// planDestroy notes that a user's token is taken away, and says if another resource keeps it: that one's registration
// would be lost. It returns the private state for the destroy.
func (d *providerData) planDestroy(
	ctx context.Context, runtime string, o owner, p privateState, say reporter,
) privateState {
	if o.id.ValueString() == "" {
		return p
	}

	at := place{gittoken.User, runtime, o.integration.ValueString(), o.id.ValueString()}
	if p.Superseded {
		p.SupersededBefore = d.isUnseen(ctx, at, p)

		return p
	}

	found := d.places.stake(at, p.leaving())

	p.Superseded = found == supersedes
	if found == takesAway {
		say.takenAway(at)
	}

	return p
}

// takenAway refuses that a resource leaves a place which another one keeps. Before a destroy of both, one of them may
// be without its block already.
func (r reporter) takenAway(at place) {
	r.wayOut = message.DestroyAll
	r.say(tokencheck.Failure, message.TakenAway(at.runtime, at.integration))
}

// isUnseen reports whether this process has seen nothing of the object that is said to supersede a resource which is
// planned to leave. It need not have: a process of its own refreshes before a destroy.
func (d *providerData) isUnseen(ctx context.Context, at place, p privateState) bool {
	if d.places.wasFound(at, p.mark()) {
		return false
	}

	soon, cancel := context.WithTimeout(ctx, otherPlanLimit)
	defer cancel()

	return !d.places.awaitYounger(soon, at, p.leaving())
}
