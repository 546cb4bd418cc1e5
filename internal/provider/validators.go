package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func oneOfValidations() validator.String {
	return stringvalidator.OneOf(string(enforce), string(warn), string(skip))
}

func providerWords() []string { return words(gittoken.Providers()) }

func oneOfProviders() validator.String { return stringvalidator.OneOf(providerWords()...) }

// describeProviders describes what oneOfProviders admits.
func describeProviders() string {
	return "Git provider: `" + strings.Join(providerWords(), "`, `") + "`."
}

func oneOfTypes() validator.String {
	return stringvalidator.OneOf(string(gittoken.Runtime), string(gittoken.User))
}

func oneOfAccess() validator.String {
	return stringvalidator.OneOf(string(gittoken.Read), string(gittoken.Write), string(gittoken.Admin))
}

// webAddress accepts https:// and http:// addresses that hold no credential. Its message does not repeat the address,
// which may hold one.
type webAddress struct{}

func (webAddress) Description(context.Context) string {
	return "must be an address that starts with https:// (or http://) and holds no user name or password"
}

func (v webAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v webAddress) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if !isWebAddress(req.ConfigValue.ValueString()) {
		// At an attribute, Terraform would print the source line, and with it a password in the address.
		m := webAddressUnusable(req.Path.String(), v.Description(ctx))
		resp.Diagnostics.AddError(m.summary, m.detail)
	}
}

// isWebAddress looks for an @ anywhere: a password may hold a /, and then a parser takes its beginning for a host.
func isWebAddress(text string) bool {
	u, err := url.Parse(text)

	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		!strings.ContainsAny(text, "@?#")
}

// repositoryAddress accepts whatever may name a repository and holds no password, token or query. Messages name
// repositories by their addresses, and the state keeps those in clear.
type repositoryAddress struct{}

func (repositoryAddress) Description(context.Context) string {
	return "must be the web or clone address of a repository, without a password, a token or a query"
}

func (v repositoryAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v repositoryAddress) ValidateString(
	ctx context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	scheme, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		rest = text
	}
	login, hasLogin := "", false
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		login, hasLogin = rest[:at], true
	}
	// SSH has a user name there that is everybody's; over HTTP a user name alone may be a token.
	overHTTP := isURL && !strings.EqualFold(scheme, "ssh")
	if text == "" || strings.Contains(login, ":") || hasLogin && overHTTP || strings.ContainsAny(text, "?#") {
		// As for webAddress, no attribute.
		m := repositoryUnusable(req.Path.String(), v.Description(ctx))
		resp.Diagnostics.AddError(m.summary, m.detail)
	}
}

// positiveDuration accepts durations in Go's notation that are longer than nothing.
type positiveDuration struct{}

func (positiveDuration) Description(context.Context) string {
	return `must be a duration with a unit, such as "30s" or "2m"`
}

func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v positiveDuration) ValidateString(
	ctx context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		m := durationUnusable(req.Path.String(), v.Description(ctx), req.ConfigValue.ValueString())
		resp.Diagnostics.AddAttributeError(req.Path, m.summary, m.detail)
	}
}

// regularExpression accepts what Go's regexp compiles.
type regularExpression struct{}

func (regularExpression) Description(context.Context) string {
	return "must be a regular expression (RE2)"
}

func (v regularExpression) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v regularExpression) ValidateString(
	ctx context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		m := expressionUnusable(req.Path.String(), v.Description(ctx), err)
		resp.Diagnostics.AddAttributeError(req.Path, m.summary, m.detail)
	}
}

// dayOrTime accepts what parseDay does.
type dayOrTime struct{}

func (dayOrTime) Description(context.Context) string {
	return `must be a date such as "2027-01-31" or a time in RFC 3339 form such as "2027-01-31T12:00:00Z"`
}

func (v dayOrTime) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v dayOrTime) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseDay(req.ConfigValue.ValueString()); err != nil {
		m := dayUnusable(req.Path.String(), v.Description(ctx), req.ConfigValue.ValueString())
		resp.Diagnostics.AddAttributeError(req.Path, m.summary, m.detail)
	}
}

// parseDay reads a date, which means its start in UTC as hosts with dates for expiries mean it, or a time.
func parseDay(text string) (time.Time, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}

	return time.Parse(time.RFC3339, text)
}

// scopeWords accepts sets of words without white space around them. Which scopes a host knows is the host's matter.
type scopeWords struct{}

func (scopeWords) Description(context.Context) string {
	return "must name at least one scope, each without white space around it"
}

func (v scopeWords) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v scopeWords) ValidateSet(ctx context.Context, req validator.SetRequest, resp *validator.SetResponse) {
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
		m := scopesUnusable(req.Path.String(), v.Description(ctx))
		resp.Diagnostics.AddAttributeError(req.Path, m.summary, m.detail)
	}
}

// tokenAttributesSet names the token attributes that have a value or will have one.
func tokenAttributesSet(m *tokenModel) []string {
	var set []string
	for _, attribute := range []struct {
		name  string
		value types.String
	}{{"token", m.Token}, {"token_wo", m.TokenWO}, {"token_name", m.TokenName}} {
		if !attribute.value.IsNull() {
			set = append(set, attribute.name)
		}
	}

	return set
}

// checkConfig refuses what is certain to be wrong before anything is asked. Every message about a token points at
// runtime.
func checkConfig(m *tokenModel, diags *diag.Diagnostics) {
	set := tokenAttributesSet(m)
	unknown := m.Token.IsUnknown() || m.TokenWO.IsUnknown() || m.TokenName.IsUnknown()
	if len(set) == 0 || len(set) > 1 && !unknown {
		report(diags, failure, tokenAttributes(set))

		return
	}
	if m.TokenWO.IsNull() && !m.TokenWOVersion.IsNull() {
		tellAt(diags, "token_wo_version", versionWithoutToken())
	}
	p, known := gittoken.ParseProvider(m.GitProvider.ValueString())
	if known {
		checkHost(p, m.APIURL, m.Runtime.ValueString(), diags)
	}
	checkToken(m, p, diags)
}

func checkHost(p gittoken.Provider, address types.String, runtime string, diags *diag.Diagnostics) {
	if address.IsUnknown() || address.IsNull() {
		return // without an address, Codefresh may know one
	}
	if !isWebAddress(address.ValueString()) {
		return // the attribute's own validator says so
	}
	if _, err := gittoken.NewHost(p, address.ValueString()); err != nil {
		tellHost(diags, err, runtime)
	}
}

// checkToken judges the shape of a token that the configuration holds.
func checkToken(m *tokenModel, p gittoken.Provider, diags *diag.Diagnostics) {
	for _, text := range []types.String{m.Token, m.TokenWO} {
		if text.IsNull() || text.IsUnknown() {
			continue
		}
		if err := checkShape(p, gittoken.NewSecret(text.ValueString())); err != nil {
			report(diags, failure, explainTokenIn(m, p, err))
		}
	}
}

// checkMaterials refuses a token that cannot be one of p, or that lacks the user name which goes with it.
func checkMaterials(config *tokenModel, p gittoken.Provider, token tokenValue, diags *diag.Diagnostics) bool {
	if err := checkShape(p, token.secret); err != nil {
		report(diags, failure, explainTokenIn(config, p, err))

		return false
	}
	if k := gittoken.KindByPrefix(p, token.secret); config.Username.IsNull() && needsUsername(k) {
		report(diags, failure, usernameMissing(k))

		return false
	}

	return true
}

// needsUsername reports whether tokens of a kind are sent with a user name (Atlassian Support, Using API tokens).
func needsUsername(k gittoken.Kind) bool {
	return k == gittoken.KindAPIToken || k == gittoken.KindAppPassword
}

// checkShape is gittoken.CheckShape for a provider that may not be known yet: then a token of any of them will do.
func checkShape(p gittoken.Provider, token gittoken.Secret) error {
	err := gittoken.CheckShape(p, token)
	shape := (*gittoken.ShapeError)(nil)
	if p == "" && errors.As(err, &shape) && shape.Problem == gittoken.ShapeOtherProvider {
		return nil
	}

	return err
}

// explainTokenIn is explainToken for the attribute of m that the token comes from.
func explainTokenIn(m *tokenModel, p gittoken.Provider, err error) message {
	attribute := strings.Join(tokenAttributesSet(m), ", ")
	if !m.TokenName.IsNull() {
		attribute = fmt.Sprintf("git_tokens[%q]", m.TokenName.ValueString())
	}

	return explainToken(p, attribute, err)
}
