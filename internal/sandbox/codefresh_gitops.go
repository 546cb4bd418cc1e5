package sandbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

// GitSource is a Git Source of a runtime: an application that keeps others in a repository.
type GitSource struct {
	Runtime, Name string
	RepoURL       string // clone URL
	Path          string // in the repository
}

// SourceList is what the platform makes of the list of Git Sources; "" is as it is.
type SourceList string

// The lists of Git Sources that are not whole.
const (
	SourcesAbsent  SourceList = "absent"  // the schema has none
	SourcesRefused SourceList = "refused" // an error in place of an answer
	SourcesPartial SourceList = "partial" // an error in place of what the last one is
)

// AddGitSource adds a Git Source to a runtime.
func (s *Sandbox) AddGitSource(g GitSource) error {
	if g.Name == "" {
		return errors.New("a Git Source needs a name")
	}

	return s.changeRuntime(g.Runtime, func(r *cfRuntime) error {
		if slices.ContainsFunc(r.gitSources, func(o GitSource) bool { return o.Name == g.Name }) {
			return fmt.Errorf("runtime %q already has a Git Source %q", g.Runtime, g.Name)
		}

		r.gitSources = append(r.gitSources, g)

		return nil
	})
}

// RemoveGitSource removes a Git Source.
func (s *Sandbox) RemoveGitSource(runtime, name string) error {
	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		before := len(r.gitSources)

		r.gitSources = slices.DeleteFunc(r.gitSources, func(g GitSource) bool { return g.Name == name })
		if len(r.gitSources) == before {
			return fmt.Errorf("runtime %q has no Git Source %q", runtime, name)
		}

		return nil
	})
}

// paginationArgs are those of lists.
type paginationArgs struct {
	Pagination *struct {
		After, Before *string
		First, Last   *int32
	}
}

func cursorOf(name string) string { return base64.StdEncoding.EncodeToString([]byte(name)) }

// page says which of n things are on a page: those from one place up to another. name tells what a thing's cursor is
// made of. Only reading forwards is emulated.
func (w *codefreshWorld) page(
	args paginationArgs, n int, name func(i int) string,
) (from, to int, info gqlPageInfo, err error) {
	size := n
	if w.platform.PageSize > 0 {
		size = w.platform.PageSize
	}

	if p := args.Pagination; p != nil {
		if p.Before != nil || p.Last != nil {
			return 0, 0, info, badInput("this list is not read backwards")
		}

		if p.First != nil {
			if *p.First < 0 {
				return 0, 0, info, badInput("first must not be negative")
			}

			size = min(size, int(*p.First))
		}

		if after := given(p.After, ""); after != "" {
			for from < n && cursorOf(name(from)) != after {
				from++
			}

			if from == n {
				return 0, 0, info, badInput("unknown cursor %q", after)
			}

			from++
		}
	}

	to = min(n, from+size)

	info = gqlPageInfo{HasPrevPage: from > 0, HasNextPage: to < n}
	if from < to {
		info.StartCursor, info.EndCursor = optional(cursorOf(name(from))), optional(cursorOf(name(to-1)))
	}

	return from, to, info, nil
}

func badInput(format string, args ...any) error {
	return cfError{"BAD_USER_INPUT", fmt.Sprintf(format, args...)}
}

// The platform's view of what a runtime's cluster has. No entity of the sandbox's has errors.

type gqlError struct{}

type gqlSyncError struct {
	Level, Title, Message, LastSeen string
	Suggestion                      *string
}

// ToSyncError tells graphql-go which member of its union an error is.
func (*gqlError) ToSyncError() (*gqlSyncError, bool) { return nil, false }

type gqlEntity struct {
	Metadata                    gqlObjectMeta
	Errors                      []*gqlError
	Version                     *int32
	SyncStatus                  string
	HealthStatus, HealthMessage *string
}

type gqlGitSourceSlice struct {
	Edges    []gqlGitSourceEdge
	PageInfo gqlPageInfo
}

type gqlGitSourceEdge struct {
	Node   gqlGitSource
	Cursor string
}

type gqlGitSource struct {
	Metadata                    gqlObjectMeta
	Errors                      []*gqlError
	SyncStatus                  string
	HealthStatus, HealthMessage *string
	IsRestricted                bool

	application *gqlApplication
	err         error
}

// Self is the Argo CD application that the Git Source is.
func (g gqlGitSource) Self() (*gqlApplication, error) { return g.application, g.err }

type gqlApplication struct {
	Metadata                                             gqlObjectMeta
	Errors                                               []*gqlError
	Version                                              *int32
	SyncStatus                                           string
	HealthStatus, HealthMessage, Path, RepoURL, Revision *string
	Status                                               *gqlApplicationStatus
	IsGitSource                                          *bool
}

type gqlApplicationStatus struct {
	SyncStatus, Revision, Version string
	HealthStatus, HealthMessage   *string
}

// metadata is that of an entity in a runtime's cluster.
func (w *codefreshWorld) metadata(r *cfRuntime, kind, name string) gqlObjectMeta {
	m := gqlObjectMeta{
		Group: "codefresh.io", Version: "v1alpha1", Kind: kind, Name: name, Runtime: r.Name, Account: w.accountID,
	}
	if !w.platform.Sparse {
		m.Namespace = optional("codefresh")
	}

	return m
}

// GitSources are those of a runtime, or of the account.
func (p *platformRoot) GitSources(ctx context.Context, args struct {
	paginationArgs

	Runtime *string
},
) (gqlGitSourceSlice, error) {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	w := &s.cf

	list := gqlGitSourceSlice{Edges: []gqlGitSourceEdge{}}
	if w.platform.GitSources == SourcesRefused {
		return list, forbidden()
	}

	var all []gqlGitSource

	for _, r := range w.runtimes {
		if args.Runtime != nil && *args.Runtime != r.Name {
			continue
		}

		for _, g := range r.gitSources {
			all = append(all, w.gitSource(r, g))
		}
	}

	if n := len(all); n > 0 && w.platform.GitSources == SourcesPartial {
		all[n-1].application, all[n-1].err = nil, forbidden()
	}

	from, to, info, err := w.page(args.paginationArgs, len(all), func(i int) string {
		return all[i].Metadata.Runtime + "/" + all[i].Metadata.Name
	})
	if err != nil {
		return list, err
	}

	list.PageInfo = info
	for _, g := range all[from:to] {
		list.Edges = append(list.Edges, gqlGitSourceEdge{g, cursorOf(g.Metadata.Runtime + "/" + g.Metadata.Name)})
	}

	return list, nil
}

func (w *codefreshWorld) gitSource(r *cfRuntime, g GitSource) gqlGitSource {
	found := gqlGitSource{Metadata: w.metadata(r, "GitSource", g.Name), Errors: []*gqlError{}, SyncStatus: "SYNCED"}
	isSource := true
	found.application = &gqlApplication{
		Metadata: w.metadata(r, "Application", g.Name), Errors: []*gqlError{}, SyncStatus: "SYNCED",
		RepoURL: optional(g.RepoURL), Path: optional(g.Path), IsGitSource: &isSource,
	}

	found.application.Metadata.Group = "argoproj.io"
	if !w.platform.Sparse {
		found.HealthStatus, found.application.HealthStatus = optional("HEALTHY"), optional("HEALTHY")
		found.application.Status = &gqlApplicationStatus{
			SyncStatus: "SYNCED", HealthStatus: optional("HEALTHY"), Version: "1", Revision: firstCommit(g.RepoURL).id,
		}
	}

	return found
}

type gqlClusterSlice struct {
	Edges    []gqlClusterEdge
	PageInfo gqlPageInfo
}

type gqlClusterEdge struct {
	Node   gqlCluster
	Cursor string
}

type gqlCluster struct {
	Metadata         gqlObjectMeta
	Errors           []*gqlError
	Server           string
	Namespaces       []string
	ClusterResources bool
	Info             gqlClusterInfo
}

type gqlClusterInfo struct {
	ConnectionState struct {
		Status  string
		Message *string
	}
	ServerVersion     *string
	CacheInfo         *gqlCacheInfo
	ApplicationsCount int32
}

type gqlCacheInfo struct{ ResourcesCount, ApisCount *int32 }

// Clusters lists the one cluster of each runtime, its own.
func (p *platformRoot) Clusters(ctx context.Context, args struct {
	paginationArgs

	Runtime *string
},
) (gqlClusterSlice, error) {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	w := &s.cf
	list := gqlClusterSlice{Edges: []gqlClusterEdge{}}

	var all []*cfRuntime

	for _, r := range w.runtimes {
		if args.Runtime == nil || *args.Runtime == r.Name {
			all = append(all, r)
		}
	}

	from, to, info, err := w.page(args.paginationArgs, len(all), func(i int) string { return all[i].Name })
	if err != nil {
		return list, err
	}

	list.PageInfo = info

	for _, r := range all[from:to] {
		c := gqlCluster{
			Metadata: w.metadata(r, "Cluster", "in-cluster"), Errors: []*gqlError{}, Namespaces: []string{},
			Server: "https://kubernetes.default.svc", ClusterResources: true,
		}

		c.Info.ConnectionState.Status = "Successful"
		if !w.platform.Sparse {
			c.Info.ServerVersion, c.Info.CacheInfo = optional("1.33"), &gqlCacheInfo{}
		}

		list.Edges = append(list.Edges, gqlClusterEdge{c, cursorOf(r.Name)})
	}

	return list, nil
}

type gqlComponentSlice struct {
	Edges    []gqlComponentEdge
	PageInfo gqlPageInfo
}

type gqlComponentEdge struct {
	Node   gqlComponent
	Cursor string
}

type gqlComponent struct {
	Metadata                    gqlObjectMeta
	Errors                      []*gqlError
	Self                        *gqlApplication
	SyncStatus, Version         string
	HealthStatus, HealthMessage *string
}

// Components lists none: the sandbox's runtimes consist of nothing but an app-proxy.
func (*platformRoot) Components(struct{ Runtime string }) gqlComponentSlice {
	return gqlComponentSlice{Edges: []gqlComponentEdge{}}
}

type gqlLimitsStatus struct {
	Usage, Limits gqlAmounts
	Status        bool
}

type gqlAmounts struct{ Clusters, Applications *int32 }

// LimitsStatus is that of an account without limits.
func (*platformRoot) LimitsStatus(context.Context) *gqlLimitsStatus {
	return &gqlLimitsStatus{Status: true}
}

// LatestCliRelease is the version of Codefresh's own CLI.
func (*platformRoot) LatestCliRelease() string { return "v0.2.8" }
