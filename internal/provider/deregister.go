package provider

import (
	"context"
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// deregisterCall is one destroy of a user's token.
type deregisterCall struct {
	runtime string
	owner   owner
	private privateState
	place   registration.UserPlace
	say     reporter
}

// deregister takes a user's token out of its integration. What it needs is the state and an API key: neither the token
// nor its host is asked for.
func (d *providerData) deregister(ctx context.Context, c deregisterCall) {
	integration, user := c.owner.integration.ValueString(), c.owner.id.ValueString()

	at := place{gittoken.User, c.runtime, integration, user}
	defer d.places.lock(at)()

	if d.places.heldByAnother(at, c.private.mark()) {
		// What is there now is another resource's: a replacement's, or that of the same one under a new name.
		d.logDeregister(ctx, at, "left alone: another resource of this apply has registered its token there")

		return
	}

	if c.private.SupersededBefore && !d.places.usedByAnother(at, c.private.mark()) {
		c.say.say(tokencheck.Warning, message.LeftToNewer(c.runtime, integration, user))
	}

	// An apply plans once more what it changes, and may not know of this destroy before now, or after.
	if c.private.Superseded || d.places.stake(at, c.private.leaving()) != noConflict {
		d.logDeregister(ctx, at, "left alone: another object of the state has registered its token there since")

		return
	}

	if c.private.AssumedUser {
		c.say.say(tokencheck.Warning, message.ImportedStays(c.runtime, integration, user))
		d.logDeregister(ctx, at, "left alone: imported without a user, and never applied")

		return
	}

	view, err := c.place.Read(ctx, registration.Located)
	d.logView(ctx, at, view, err)

	switch {
	case view.InAnotherAccount(c.private.AccountID):
		c.say.say(tokencheck.Failure, message.OtherAccount(c.runtime))

		return
	case err == nil && view.Missing != "" && view.Registered:
		c.say.say(tokencheck.Failure, message.RegistrationHidden(c.runtime, integration, user))

		return
	case err == nil:
		err = c.place.Remove(ctx, view)
	}

	c.sayOutcome(err)
	d.logDeregister(ctx, at, map[bool]string{true: "deregistered, or gone before", false: "still registered"}[err == nil])
}

// sayOutcome says what came of a deregistration. A key that its own user's token could not be taken away with is no
// reason to keep the resource: there will be no better one.
func (c deregisterCall) sayOutcome(err error) {
	integration, user := c.owner.integration.ValueString(), c.owner.id.ValueString()

	var other *registration.OtherUserError
	switch {
	case err == nil:
	case errors.As(err, &other) && other.KeyRefused:
		c.say.say(tokencheck.Warning, message.RegistrationStays(c.runtime, integration, user))
	case errors.As(err, &other):
		c.say.say(tokencheck.Failure, message.AnotherUsersKey(c.runtime, other.Owner, other.Caller))
	default:
		c.say.say(tokencheck.Failure, message.NotDeregistered(err, c.runtime, !c.owner.key.IsNull()))
	}
}
