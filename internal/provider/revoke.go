package provider

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

type gitTokenRevokeModel struct {
	TokenName   types.String `tfsdk:"token_name"`
	GitProvider types.String `tfsdk:"git_provider"`
	APIURL      types.String `tfsdk:"api_url"`
	UnusedBy    types.Set    `tfsdk:"unused_by"`
}

// planRevocation says what stands against a revocation. What is not known before apply does not.
func (d *providerData) planRevocation(ctx context.Context, m *gitTokenRevokeModel, say reporter) {
	if m.TokenName.IsUnknown() || m.GitProvider.IsUnknown() || m.APIURL.IsUnknown() {
		return
	}

	r, ok := d.revocation(m, say)
	if !ok || !r.Token.Known {
		return
	}

	if d.usedHere(m, r, say) || m.UnusedBy.IsUnknown() {
		return
	}

	switch held, err := d.registeredAt(ctx, r.Host.Provider()); {
	case err == nil:
		sayHeld(m, r, held, say)
	case errors.Is(err, errIncompleteList), errors.Is(err, errNoAdministrator):
		say.nowhere(tokencheck.Failure, d.explainHeld(err))
	default:
		d.sayUnreachable(say, "", err)
	}
}

// revokeToken has the host revoke the token, unless it is dead already or something may still use it. Whatever could
// not be asked stands against it.
func (d *providerData) revokeToken(
	ctx context.Context, m *gitTokenRevokeModel, say reporter, progress func(string),
) {
	r, ok := d.revocation(m, say)
	if !ok {
		return
	}

	progress(message.AskingAboutToken(r))

	j := d.check(ctx, r, anew)
	switch v := j.Verdict; {
	case v.Standing == gittoken.Revoked, v.Standing == gittoken.Expired:
		progress(message.DeadAlready(r, v))

		return
	case v.Standing == gittoken.Rejected:
		say.nowhere(tokencheck.Warning, message.RejectedAlready(r, v))

		return
	case v.Standing == gittoken.Unchecked:
		say.nowhere(tokencheck.Failure,
			message.NothingRevoked(message.Explain(r, j, tokencheck.Apply, tokencheck.Failure)))

		return
	case !r.Host.RevokesItself(v.Kind):
		say.nowhere(tokencheck.Failure, message.NotRevocable(r, v))

		return
	}

	if d.usedHere(m, r, say) {
		return
	}

	progress(message.AskingCodefresh())

	held, err := d.registeredAt(ctx, r.Host.Provider())
	if err != nil {
		say.nowhere(tokencheck.Failure, message.NothingRevoked(d.explainHeld(err)))

		return
	}

	if !sayHeld(m, r, held, say) {
		return
	}

	d.revokeNow(ctx, r, j.Verdict, say, progress)
}

// revokeNow revokes, and asks what came of it.
func (d *providerData) revokeNow(
	ctx context.Context, r tokencheck.Request, v gittoken.Verdict, say reporter, progress func(string),
) {
	progress(message.Revoking(r, v))
	answer := d.revoker.Revoke(ctx, r.Credential())
	d.logRevocation(ctx, r, answer)
	// Also where the answer got lost: the request may have arrived.
	switch after := d.check(ctx, r, anew).Verdict; {
	case after.Standing == gittoken.Rejected, after.Standing == gittoken.Revoked, after.Standing == gittoken.Expired:
		progress(message.Revoked(r, v))
	case !answer.Accepted:
		say.nowhere(tokencheck.Failure, message.RevocationRefused(r, v, answer))
	default:
		say.nowhere(tokencheck.Warning, message.RevocationUnseen(r, v, after))
	}
}

// revocation returns the token with its host, or says why such a host cannot be asked to revoke it.
func (d *providerData) revocation(m *gitTokenRevokeModel, say reporter) (tokencheck.Request, bool) {
	token, ok := d.tokenOfAction(m.TokenName, m.GitProvider, say)
	if !ok {
		return tokencheck.Request{}, false
	}

	host, err := gittoken.NewHost(gittoken.Provider(m.GitProvider.ValueString()), m.APIURL.ValueString())
	if err != nil {
		say.host(err, "")

		return tokencheck.Request{}, false
	}

	r := tokencheck.Request{Type: gittoken.User, Token: token, Host: host, Mode: tokencheck.Enforce}

	kind := gittoken.KindByPrefix(host.Provider(), token.Secret)
	if token.Known && kind != gittoken.KindUnknown && !host.RevokesItself(kind) || !host.Revokes() {
		say.nowhere(tokencheck.Failure, message.NotRevocable(r, gittoken.Verdict{Kind: kind}))

		return r, false
	}

	return r, true
}

// usedHere says what of this configuration uses the token.
func (d *providerData) usedHere(m *gitTokenRevokeModel, r tokencheck.Request, say reporter) bool {
	if others := d.namesOf(r.Token.Secret, m.TokenName.ValueString()); len(others) > 0 {
		say.nowhere(tokencheck.Failure, message.RevokedUnderAnotherName(m.TokenName.ValueString(), others))

		return true
	}

	users := d.uses.doom(r.Token.Secret)
	if len(users) == 0 {
		return false
	}

	say.nowhere(tokencheck.Failure, message.RevokedInUse(m.TokenName.ValueString(), users))

	return true
}

// namesOf returns the other names among git_tokens that are of the same token, sorted.
func (d *providerData) namesOf(token gittoken.Secret, but string) []string {
	var names []string

	for name, element := range d.gitTokens.Elements() {
		text, ok := element.(types.String)
		if ok && name != but && !text.IsUnknown() && gittoken.NewSecret(text.ValueString()).Equal(token) {
			names = append(names, name)
		}
	}

	slices.Sort(names)

	return names
}

var (
	errIncompleteList  = errors.New("the platform told only a part of the account's runtimes")
	errNoAdministrator = errors.New("the API key's user may not see every integration")
)

// explainHeld words why Codefresh could not be asked where it holds tokens.
func (d *providerData) explainHeld(err error) message.Message {
	switch {
	case errors.Is(err, errIncompleteList):
		return message.IncompleteOverview()
	case errors.Is(err, errNoAdministrator):
		return message.RevocationNeedsAdministrator()
	}

	return d.explain(err, "")
}

// holding is where Codefresh holds a token: a place, as unused_by spells it, and what it is a part of.
type holding struct{ place, whole string }

// registeredAt returns where Codefresh holds tokens that may be of a Git provider. That a place is of another provider
// takes Codefresh's word; which address it has does not, since a resource may have given another one.
func (d *providerData) registeredAt(ctx context.Context, p gittoken.Provider) ([]holding, error) {
	if d.codefresh == nil {
		return nil, d.codefreshMissing
	}

	overview, err := d.codefresh.RecentOverview(ctx)
	switch {
	case err != nil:
		return nil, err
	case !overview.Complete:
		return nil, errIncompleteList
	case !overview.Account.IsAdmin:
		return nil, errNoAdministrator
	}

	var held []holding

	for _, s := range registration.SurveyIntegrations(ctx, d.codefresh, registration.Runtimes(overview)) {
		if s.Err != nil {
			return nil, s.Err
		}

		if s.Runtime.GitProvider == p || s.Runtime.GitProvider == "" && !s.Runtime.ForeignProvider {
			held = append(held, holding{s.Runtime.Name, s.Runtime.Name})
		}

		held = append(held, usersAt(s, p)...)
	}

	return held, nil
}

// usersAt returns where Codefresh holds users' tokens that may be of a Git provider: an integration whose provider is
// not known may be one of it.
func usersAt(s registration.Survey, p gittoken.Provider) []holding {
	var held []holding

	for _, integration := range s.Integrations {
		if integration.Provider != p && integration.Provider != "" {
			continue
		}

		whole := place{gittoken.User, s.Runtime.Name, integration.Name, ""}.name()
		for _, user := range integration.Users {
			held = append(held, holding{whole + "/" + user.ID, whole})
		}
	}

	return held
}

// sayHeld says where the token may still be, and reports whether that is nowhere.
func sayHeld(m *gitTokenRevokeModel, r tokencheck.Request, held []holding, say reporter) bool {
	unused := make(map[string]bool)

	for _, element := range m.UnusedBy.Elements() {
		if text, ok := element.(types.String); ok {
			unused[text.ValueString()] = true
		}
	}

	var open []string

	for _, h := range held {
		if !unused[h.place] && !unused[h.whole] {
			open = append(open, h.place)
		}
	}

	if len(open) == 0 {
		return true
	}

	say.nowhere(tokencheck.Failure, message.RevokedMaybeInUse(m.TokenName.ValueString(), r.Host.Provider(), open))

	return false
}
