package message

import (
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file words what actions say. Their progress is a line each, without a full stop.

// AskingAboutToken is the progress of a check that begins.
func AskingAboutToken(r tokencheck.Request) string {
	return fmt.Sprintf("Asking %s about the Git token", r.Host)
}

// TokenFound is the progress of a check that ended well.
func TokenFound(r tokencheck.Request, j gittoken.Judgement) string {
	return fmt.Sprintf("%s is %s: %s", capitalised(describe(r, j.Verdict)), j.Status, CheckedReason(r, j))
}

// AskingCodefresh is the progress of a revocation that asks where tokens are registered.
func AskingCodefresh() string { return "Asking Codefresh where it holds Git tokens" }

// Revoking is the progress of a revocation that begins.
func Revoking(r tokencheck.Request, v gittoken.Verdict) string { return "Revoking " + describe(r, v) }

// Revoked is the progress of a revocation that the host has confirmed.
func Revoked(r tokencheck.Request, v gittoken.Verdict) string {
	return capitalised(describe(r, v)) + " is revoked: the host rejects it"
}

// DeadAlready is the progress of a revocation of which nothing is left to do, by the host's own word.
func DeadAlready(r tokencheck.Request, v gittoken.Verdict) string {
	what := "was revoked"
	if v.Standing == gittoken.Expired {
		what = "has expired"
	}

	return fmt.Sprintf("%s says that the token %s already: nothing is left to revoke", r.Host, what)
}

const nothingRevoked = "Nothing was revoked."

// RejectedAlready words that a host rejects a token that was to be revoked, and does not say why.
func RejectedAlready(r tokencheck.Request, v gittoken.Verdict) Message {
	return Message{"Git token is rejected already", joined([]string{
		sentence("%s rejects the token, as it does once a token is revoked: nothing is left to do.", r.Host), details(v),
		"If the token was never seen revoked, check git_provider and api_url: a host rejects the tokens of others, too.",
	})}
}

// NothingRevoked adds to a message that the token was left as it is.
func NothingRevoked(m Message) Message {
	m.Detail = nothingRevoked + " " + m.Detail

	return m
}

// NotRevocable words that a host does not revoke tokens of this kind for whoever has them.
func NotRevocable(r tokencheck.Request, v gittoken.Verdict) Message {
	what := r.Host.Provider().DisplayName() + " revokes no tokens on request."
	if r.Host.Revokes() {
		what = sentence("%s does not revoke a token of this kind (%s) on request.", r.Host, v.Kind.DisplayName())
	}

	return Message{"Git token cannot be revoked from here", joined([]string{
		what, nothingRevoked, "Revoke it as its owner: " + tokensPage(r.Host, v.Kind),
	})}
}

// tokensPage returns where the owner of a token finds it.
func tokensPage(h gittoken.Host, k gittoken.Kind) string {
	page := gittoken.RequirementFor(h.Provider(), gittoken.User, k).TokenURL(h)
	page, _, _ = strings.Cut(page, "?")

	return strings.TrimSuffix(page, "/new")
}

// RevokedUnderAnotherName words that a token which is to be revoked has other names.
func RevokedUnderAnotherName(name string, others []string) Message {
	return Message{"Git token is in use under another name", fmt.Sprintf("The token git_tokens[%q] is also %s. %s "+
		"Put another one there and apply, and revoke this one in a run after that.", name,
		strings.Join(quotedNames(others), ", "), nothingRevoked)}
}

func quotedNames(names []string) []string {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, fmt.Sprintf("git_tokens[%q]", name))
	}

	return quoted
}

// RevokedInUse words that resources use a token that is to be revoked.
func RevokedInUse(name string, places []string) Message {
	return Message{"Git token is in use", fmt.Sprintf("The token git_tokens[%q] is that of %s in this configuration or "+
		"its state. %s Put another one there and apply, and revoke this one in a run after that.", name, firstOf(places),
		nothingRevoked)}
}

// RevocationPlanned words, about a resource, that an action of the same plan would revoke its token. place is as in
// unused_by.
func RevocationPlanned(place string) Message {
	return Message{"Git token is about to be revoked", fmt.Sprintf("An action in this plan revokes a token that %s uses, "+
		"or uses until this plan is applied. Put another one there and apply, and revoke this one in a run after that.",
		place)}
}

// RevokedMaybeInUse words where Codefresh may hold a token that is to be revoked. places are as in unused_by.
func RevokedMaybeInUse(name string, p gittoken.Provider, places []string) Message {
	return Message{"Git token may be in use at Codefresh", fmt.Sprintf("Codefresh holds %s tokens in %s, and tells "+
		"nobody which: git_tokens[%q] may be one of them. %s\n\nIf these places have other tokens, name them in "+
		"unused_by, by references such as codefresh_git_runtime_token.prod.id where Terraform manages them.",
		p.DisplayName(), firstOf(places), name, nothingRevoked)}
}

// RevocationNeedsAdministrator words that the API key may not see everything that a token may be in use for.
func RevocationNeedsAdministrator() Message {
	return Message{"Codefresh may not show every Git token", "Codefresh does not say that the user of the API key " +
		"administers the account, and shows some integrations to administrators only: the token may be in use where this " +
		"key sees nothing. " + nothingRevoked + " Use the key of an administrator."}
}

// RevocationRefused words that a host did not take a revocation.
func RevocationRefused(r tokencheck.Request, v gittoken.Verdict, answer gittoken.Revocation) Message {
	return Message{"Git token was not revoked", joined([]string{
		sentence("The host was asked to revoke %s, and did not say that it will: %s.", describe(r, v),
			reasonFor(answer.Cause, strings.TrimSuffix(answer.Detail, "."))),
		"Try again, or revoke it as its owner: " + tokensPage(r.Host, v.Kind),
	})}
}

// RevocationUnseen words that a host took a revocation, and that the token was not seen rejected since. after is what
// the host says of it now.
func RevocationUnseen(r tokencheck.Request, v, after gittoken.Verdict) Message {
	now := sentence("It takes the token still: it may need a moment.")
	if after.Standing == gittoken.Unchecked {
		now = joined([]string{"What became of the token could not be asked.", details(after)})
	}

	return Message{"Git token is not seen revoked yet", joined([]string{
		sentence("The host has accepted to revoke %s.", describe(r, v)), now,
		"Try again to see: a token that is revoked by then is no error.",
	})}
}
