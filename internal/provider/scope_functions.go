package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

var (
	_ function.Function = requiredScopesFunction{}
	_ function.Function = missingScopesFunction{}
)

func newRequiredScopesFunction() function.Function { return requiredScopesFunction{} }

func newMissingScopesFunction() function.Function { return missingScopesFunction{} }

// requiredScopesFunction is the data source codefresh_required_scopes as a function.
type requiredScopesFunction struct{}

func (requiredScopesFunction) Metadata(
	_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse,
) {
	resp.Name = "required_scopes"
}

func (requiredScopesFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Scopes that a Git token needs for Codefresh GitOps",
		MarkdownDescription: "Returns the scopes that a Git token needs for Codefresh GitOps, in the host's " +
			"spelling: for a GitHub classic token, a GitLab personal access token, a Bitbucket Data Center HTTP " +
			"access token or a Bitbucket Cloud API token.",
		Parameters: roleParameters(),
		Return:     function.ListReturn{ElementType: types.StringType},
	}
}

func (requiredScopesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var provider, tokenType string
	if resp.Error = req.Arguments.Get(ctx, &provider, &tokenType); resp.Error != nil {
		return
	}

	requirement, problem := requirementOf(provider, tokenType)
	if resp.Error = problem; resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, words(requirement.Scopes))
	}
}

// missingScopesFunction compares granted scopes with the required ones.
type missingScopesFunction struct{}

func (missingScopesFunction) Metadata(
	_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse,
) {
	resp.Name = "missing_scopes"
}

func (missingScopesFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Required scopes that a Git token lacks",
		MarkdownDescription: "Returns the required scopes that the granted ones neither contain nor imply, in the " +
			"host's spelling; an empty list if nothing is missing. Spellings of Codefresh's documentation are " +
			"accepted. For each host this is about the kind of token that `required_scopes` names.",
		Parameters: append(roleParameters(), function.SetParameter{
			Name: "granted", ElementType: types.StringType, MarkdownDescription: "Scopes that the token has.",
		}),
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (missingScopesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		provider, tokenType string
		granted             []string
	)
	if resp.Error = req.Arguments.Get(ctx, &provider, &tokenType, &granted); resp.Error != nil {
		return
	}

	requirement, problem := requirementOf(provider, tokenType)
	if resp.Error = problem; resp.Error != nil {
		return
	}

	row := gittoken.RequirementByWords(requirement.Provider, requirement.Type, granted)
	resp.Error = resp.Result.Set(ctx, words(row.MissingFrom(asScopes(granted))))
}

func roleParameters() []function.Parameter {
	return []function.Parameter{
		function.StringParameter{
			Name:                "git_provider",
			MarkdownDescription: describeProviders(),
		},
		function.StringParameter{
			Name:                "token_type",
			MarkdownDescription: "What the token is for: `runtime` or `user`.",
		},
	}
}

func requirementOf(provider, tokenType string) (gittoken.Requirement, *function.FuncError) {
	p, known := gittoken.ParseProvider(provider)
	if !known {
		return gittoken.Requirement{}, function.NewArgumentFuncError(0,
			"git_provider must be one of "+strings.Join(providerWords(), ", "))
	}

	t := gittoken.Type(tokenType)
	if t != gittoken.Runtime && t != gittoken.User {
		return gittoken.Requirement{}, function.NewArgumentFuncError(1, "token_type must be runtime or user")
	}

	return gittoken.RequirementFor(p, t, gittoken.KindUnknown), nil
}

func asScopes(words []string) []gittoken.Scope {
	scopes := make([]gittoken.Scope, 0, len(words))
	for _, word := range words {
		scopes = append(scopes, gittoken.Scope(word))
	}

	return scopes
}
