package provider

import (
	"context"
	"iter"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

var (
	_ list.ListResource              = (*gitRuntimeTokenList)(nil)
	_ list.ListResourceWithConfigure = (*gitRuntimeTokenList)(nil)
	_ list.ListResource              = (*gitUserTokenList)(nil)
	_ list.ListResourceWithConfigure = (*gitUserTokenList)(nil)
)

func newGitRuntimeTokenList() list.ListResource { return &gitRuntimeTokenList{} }

func newGitUserTokenList() list.ListResource { return &gitUserTokenList{} }

// gitRuntimeTokenList lists the Git runtime tokens of the account, for `terraform query`.
type gitRuntimeTokenList struct {
	gitRuntimeTokenResource
}

// gitUserTokenList lists the Git user tokens of the account, for `terraform query`.
type gitUserTokenList struct {
	gitUserTokenResource
}

func (l *gitRuntimeTokenList) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{MarkdownDescription: "Lists the runtimes that have a Git runtime token, for " +
		"`terraform query`."}
}

// List yields every runtime that has a token, good or bad.
func (l *gitRuntimeTokenList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	results := newListing(req)

	overview, _ := l.data.overview(ctx, report(&results.diags))
	for _, r := range registration.Runtimes(overview) {
		if r.GitToken == codefresh.TokenUnknown {
			continue // it has none, or the platform does not tell
		}

		m := gitRuntimeTokenModel{tokenModel: unjudged()}
		m.Runtime = types.StringValue(r.Name)
		m.ID = m.Runtime
		m.GitProvider = textOrNull(string(r.GitProvider))
		m.CodefreshStatus = codefreshWord(r.GitToken)
		results.add(ctx, "Git runtime token of "+r.Name, m.identity(), &m)
	}

	stream.Results = results.each()
}

func (l *gitUserTokenList) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{MarkdownDescription: "Lists the Git user tokens of every user on every runtime " +
		"that can be reached, for `terraform query`."}
}

// List yields every registration of a user. A runtime that cannot be reached gives a warning. No more runtimes are
// asked once there is what Terraform wants.
func (l *gitUserTokenList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	results := newListing(req)

	overview, _ := l.data.overview(ctx, report(&results.diags))
	for runtimes := range slices.Chunk(registration.Runtimes(overview), registration.MaxProxiesInFlight) {
		if results.full() {
			break
		}

		for _, seen := range registration.SurveyIntegrations(ctx, l.data.codefresh, runtimes) {
			results.addUsers(ctx, seen)
		}
	}

	stream.Results = results.each()
}

// addUsers takes in what was told of one runtime.
func (l *listing) addUsers(ctx context.Context, seen registration.Survey) {
	if seen.Err != nil {
		report(&l.diags).nowhere(tokencheck.Warning, message.ExplainCodefresh(seen.Err, seen.Runtime.Name))
	}

	for _, integration := range seen.Integrations {
		for _, user := range integration.Users {
			m := userModelOf(seen.Runtime.Name, integration, user)
			l.add(ctx, "Git user token of "+user.ID+" on "+m.ID.ValueString(), m.identity(), &m)
		}
	}
}

func userModelOf(runtime string, integration codefresh.Integration, user codefresh.IntegrationUser) gitUserTokenModel {
	m := gitUserTokenModel{
		tokenModel: unjudged(), Integration: types.StringValue(integration.Name), UserID: types.StringValue(user.ID),
	}
	m.Runtime = types.StringValue(runtime)
	m.ID = m.importID()
	m.GitProvider = textOrNull(string(integration.Provider))
	m.APIURL = textOrNull(integration.APIURL)
	m.CodefreshStatus = codefreshWord(user.Token)

	return m
}

// unjudged is a model of a token that only Codefresh told of.
func unjudged() tokenModel {
	m := tokenModel{RequiredScopes: noScopes(), Repositories: types.ListNull(repositoryType())}
	m.forget()

	return m
}

// listing gathers what a list resource yields.
type listing struct {
	request list.ListRequest
	results []list.ListResult
	diags   diag.Diagnostics
}

func newListing(req list.ListRequest) *listing { return &listing{request: req} }

// full reports whether Terraform wants no more.
func (l *listing) full() bool {
	return l.request.Limit > 0 && int64(len(l.results)) >= l.request.Limit
}

// add takes in one resource, unless Terraform wants no more.
func (l *listing) add(ctx context.Context, name string, identity, model any) {
	if l.full() {
		return
	}

	result := l.request.NewListResult(ctx)
	result.DisplayName = name
	result.Diagnostics.Append(result.Identity.Set(ctx, identity)...)

	if l.request.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}

	l.results = append(l.results, result)
}

// each returns the results, with what is to be told before them.
func (l *listing) each() iter.Seq[list.ListResult] {
	results := l.results
	if len(l.diags) > 0 {
		results = append([]list.ListResult{{Diagnostics: l.diags}}, results...)
	}

	return slices.Values(results)
}
