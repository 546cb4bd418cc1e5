package provider

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

func oneOfValidations() validator.String {
	return oneOf(string(tokencheck.Enforce), string(tokencheck.Warn), string(tokencheck.Skip))
}

func oneOfWheres() validator.String {
	return oneOf(string(tokencheck.AtCodefreshs), string(tokencheck.AtListed))
}

func providerWords() []string { return words(gittoken.Providers()) }

func oneOfProviders() validator.String { return oneOf(providerWords()...) }

// describeProviders describes what oneOfProviders admits.
func describeProviders() string {
	return "Git provider: " + eachProvider(func(p gittoken.Provider) string {
		return "`" + string(p) + "` (" + p.Covers() + ")"
	}, ", ") + "."
}

// describeKinds lists the kinds of token of each provider.
func describeKinds() string {
	return eachProvider(func(p gittoken.Provider) string {
		return alternatives(words(gittoken.Kinds(p))) + " (" + p.DisplayName() + ")"
	}, "; ")
}

// eachProvider joins what is said of each provider.
func eachProvider(say func(gittoken.Provider) string, separator string) string {
	var all []string
	for _, p := range gittoken.Providers() {
		all = append(all, say(p))
	}

	return strings.Join(all, separator)
}

// alternatives lists values as one of which something is: `a`, `b` or `c`.
func alternatives(values []string) string {
	last := len(values) - 1
	if last < 1 {
		return "`" + strings.Join(values, "") + "`"
	}

	return "`" + strings.Join(values[:last], "`, `") + "` or `" + values[last] + "`"
}

func words[Word ~string](list []Word) []string {
	texts := make([]string, 0, len(list))
	for _, word := range list {
		texts = append(texts, string(word))
	}

	return texts
}

func oneOfTypes() validator.String {
	return oneOf(string(gittoken.Runtime), string(gittoken.User))
}

func oneOfAccess() validator.String {
	return oneOf(string(gittoken.Read), string(gittoken.Write), string(gittoken.Admin))
}

// text accepts texts that a rule does, and words the others.
type text struct {
	must string // what the text must be, as the schema describes it
	ok   func(text string) bool
	// explain words that the text at an attribute is not.
	explain func(attribute, text string) message.Message
	// hides says that the text may hold a secret which nothing tells from other texts: the message does not repeat it, nor
	// point at its line. What looks like a secret is hidden anyhow, by the sanitizer.
	hides bool
}

// oneOf accepts these words. The framework's validator of that name repeats the value as it is.
func oneOf(words ...string) text {
	must := message.MustBeOneOf(words)

	return text{
		must: must, ok: func(text string) bool { return slices.Contains(words, text) },
		explain: func(attribute, text string) message.Message { return message.WordUnusable(attribute, must, text) },
	}
}

func (v text) Description(context.Context) string { return v.must }

func (v text) MarkdownDescription(context.Context) string { return v.must }

func (v text) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	value := req.ConfigValue
	if value.IsNull() || value.IsUnknown() || v.ok(value.ValueString()) {
		return
	}

	m := v.explain(req.Path.String(), value.ValueString())
	if v.hides {
		resp.Diagnostics.AddError(m.Summary, m.Detail)

		return
	}

	resp.Diagnostics.AddAttributeError(req.Path, m.Summary, m.Detail)
}

// certificates accepts what can be trusted as certificates. The private key that belongs to one is kept beside it, and
// easily taken for it.
func certificates() text {
	check := func(text string) error { return transport.CheckCertificates([]byte(text)) }

	return text{
		must: message.MustBeCertificates, ok: func(text string) bool { return check(text) == nil }, hides: true,
		explain: func(_, text string) message.Message { return explainCertificates(check(text)) },
	}
}

func explainCertificates(err error) message.Message {
	switch {
	case errors.Is(err, transport.ErrPrivateKey):
		return message.CACertificateIsKey()
	case errors.Is(err, transport.ErrByteOrderMark):
		return message.CACertificateMarked()
	}

	return message.CACertificateUnusable()
}

// webAddress accepts https:// and http:// addresses that hold no credential.
func webAddress() text {
	return text{
		must: message.MustBeWebAddress, ok: isWebAddress, hides: true,
		explain: func(attribute, _ string) message.Message { return message.WebAddressUnusable(attribute) },
	}
}

// isWebAddress looks for an @ anywhere: a password may hold a /, and then a parser takes its beginning for a host.
func isWebAddress(address string) bool {
	u, err := url.Parse(address)

	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		!strings.ContainsAny(address, "@?#")
}

// repositoryAddress accepts whatever may name a repository of some server and holds no password, token or query.
// Messages name repositories by their addresses, and the state keeps those in clear.
func repositoryAddress() text {
	return text{
		must: message.MustBeRepositoryAddress, ok: isRepositoryAddress, hides: true,
		explain: func(attribute, _ string) message.Message { return message.RepositoryUnusable(attribute) },
	}
}

func isRepositoryAddress(address string) bool {
	scheme, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		rest = address
	}

	login, hasLogin := "", false
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		login, hasLogin = rest[:at], true
	}
	// SSH has a user name there that is everybody's; over HTTP a user name alone may be a token.
	overHTTP := isURL && !strings.EqualFold(scheme, "ssh")

	withLogin := strings.Contains(login, ":") || hasLogin && overHTTP

	return remote.NamesServer(address) && !withLogin && !strings.ContainsAny(address, "?#")
}

// positiveDuration accepts durations in Go's notation that are longer than nothing.
func positiveDuration() text { return durationFrom(1, message.MustBeDuration) }

// duration accepts nothing at all, too.
func duration() text { return durationFrom(0, message.MustBeDurationOrZero) }

func durationFrom(least time.Duration, must string) text {
	return text{
		must: must,
		explain: func(attribute, text string) message.Message {
			return message.DurationUnusable(attribute, must, text)
		},
		ok: func(text string) bool {
			d, err := time.ParseDuration(text)

			return err == nil && d >= least
		},
	}
}

// regularExpression accepts what Go's regexp compiles.
func regularExpression() text {
	compile := func(text string) error {
		_, err := regexp.Compile(text)

		return err
	}

	return text{
		must: message.MustBeExpression, ok: func(text string) bool { return compile(text) == nil },
		explain: func(attribute, text string) message.Message {
			return message.ExpressionUnusable(attribute, compile(text))
		},
	}
}

// dayOrTime accepts what parseDay does.
func dayOrTime() text {
	return text{must: message.MustBeDayOrTime, explain: message.DayUnusable, ok: func(text string) bool {
		_, err := parseDay(text)

		return err == nil
	}}
}

// scopeWords accepts sets of words without white space around them. Which scopes a host knows is the host's matter.
type scopeWords struct{}

func (scopeWords) Description(context.Context) string {
	return message.MustBeScopes
}

func (v scopeWords) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (scopeWords) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	bad := len(req.ConfigValue.Elements()) == 0
	for _, element := range req.ConfigValue.Elements() {
		word, ok := element.(types.String)

		text := word.ValueString()
		if ok && !word.IsUnknown() && (text == "" || strings.TrimSpace(text) != text) {
			bad = true
		}
	}

	if bad {
		m := message.ScopesUnusable(req.Path.String())
		resp.Diagnostics.AddAttributeError(req.Path, m.Summary, m.Detail)
	}
}
