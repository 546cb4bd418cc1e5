package codefresh

import (
	"context"
	"slices"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/platformapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// GitSource is an application of a runtime that takes its manifests from a repository.
type GitSource struct{ Name, Runtime, RepoURL string }

// GitSources returns the Git Sources of all runtimes of the account. It asks once in the life of the client. It reports
// false, and returns none, where the platform refuses the question, does not answer, or tells a part of the list.
func (c *Client) GitSources(ctx context.Context) (all []GitSource, told bool) {
	sources, err := c.gitSources.get(ctx, struct{}{}, c.askGitSources)
	if err != nil {
		return nil, false
	}

	return slices.Clone(sources), true
}

func (c *Client) askGitSources(ctx context.Context) ([]GitSource, error) {
	ctx = transport.Aside(ctx) // the platform may take long for what a plan can do without
	call := c.atPlatform(c.settings.APIKey, field{name: "gitSources"})

	data, err := platformapi.GitSources(ctx, call)
	if err != nil {
		return nil, err
	}

	sources, complete := follow(gitSourcePage(data.GitSources), func(after string) (page[GitSource], error) {
		data, err := platformapi.GitSourcesAfter(ctx, call, after)
		if err != nil {
			return page[GitSource]{}, err
		}

		return gitSourcePage(data.GitSources), nil
	})
	if !complete {
		return nil, call.lacking("some Git Sources")
	}

	return sources, nil
}

func gitSourcePage(p *platformapi.GitSourcePage) page[GitSource] {
	return pageOf(p.Edges, func(e *platformapi.GitSourcePageEdgesGitSourceEdge) (GitSource, bool) {
		if e == nil || e.Node == nil {
			return GitSource{}, false
		}

		source := GitSource{Name: e.Node.Metadata.Name, Runtime: e.Node.Metadata.Runtime}
		if e.Node.Self != nil {
			source.RepoURL = stringOf(e.Node.Self.RepoURL)
		}

		return source, true
	}, p.PageInfo)
}
