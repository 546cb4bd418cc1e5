package registration

import (
	"cmp"
	"context"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// fakeCodefresh answers from memory and writes down what it is asked.
type fakeCodefresh struct {
	overview     codefresh.Overview
	overviewErr  error
	fresh        map[string]codefresh.Runtime // what asking by name finds
	freshErr     error
	me           codefresh.User
	meErr        error
	integrations []codefresh.Integration // Cached
	listErr      error
	Fresh        []codefresh.Integration // asked again
	sources      []codefresh.GitSource
	versionErr   error
	deserted     string // where nobody answers
	asked        []string
}

func (f *fakeCodefresh) ask(what string) { f.asked = append(f.asked, what) }

func (f *fakeCodefresh) Overview(context.Context) (codefresh.Overview, error) {
	f.ask("overview")

	return f.overview, f.overviewErr
}

func (f *fakeCodefresh) RecentOverview(ctx context.Context) (codefresh.Overview, error) {
	return f.Overview(ctx)
}

func (f *fakeCodefresh) RuntimeNamed(ctx context.Context, name string) (codefresh.Runtime, error) {
	if f.overview.Complete && len(f.overview.Runtimes) > 0 {
		return codefresh.Runtime{}, &codefresh.Error{Kind: codefresh.RuntimeNotFound, Op: "runtime"}
	}

	return f.FreshRuntime(ctx, name)
}

func (f *fakeCodefresh) RecentRuntime(ctx context.Context, name string) (codefresh.Runtime, error) {
	return f.FreshRuntime(ctx, name)
}

func (f *fakeCodefresh) RuntimeAwayFrom(ctx context.Context, name, _ string) (codefresh.Runtime, error) {
	return f.FreshRuntime(ctx, name)
}

func (f *fakeCodefresh) FreshRuntime(_ context.Context, name string) (codefresh.Runtime, error) {
	f.ask("runtime " + name)

	if f.freshErr != nil {
		return codefresh.Runtime{}, f.freshErr
	}

	if r, ok := f.fresh[name]; ok {
		return r, nil
	}

	return codefresh.Runtime{}, &codefresh.Error{Kind: codefresh.RuntimeNotFound, Op: "runtime"}
}

func (f *fakeCodefresh) GitSources(context.Context) ([]codefresh.GitSource, bool) {
	f.ask("Git Sources")

	return f.sources, f.sources != nil
}

func (f *fakeCodefresh) Me(_ context.Context, key gittoken.Secret) (codefresh.User, codefresh.Account, error) {
	f.ask("me, own key " + map[bool]string{true: "no", false: "yes"}[key.IsEmpty()])

	return f.me, codefresh.Account{}, f.meErr
}

func (f *fakeCodefresh) Integrations(_ context.Context, runtime, url string) ([]codefresh.Integration, error) {
	f.ask("integrations of " + runtime + " at " + url)

	return f.integrations, cmp.Or(f.answerAt(url), f.listErr)
}

func (f *fakeCodefresh) FreshIntegrations(_ context.Context, runtime, url string) ([]codefresh.Integration, error) {
	f.ask("integrations of " + runtime + " at " + url + ", again")

	return f.Fresh, cmp.Or(f.answerAt(url), f.listErr)
}

func (f *fakeCodefresh) RegisterUserToken(
	_ context.Context, runtime, url string, key gittoken.Secret, t codefresh.UserToken,
) error {
	f.ask("register " + t.Integration + " of " + runtime + " at " + url + " as " + t.Username + ", right secrets " +
		map[bool]string{true: "yes", false: "no"}[key.Equal(gittoken.NewSecret("key")) &&
			t.Token.Equal(gittoken.NewSecret("token"))])

	return f.answerAt(url)
}

func (f *fakeCodefresh) DeregisterUserToken(
	_ context.Context, runtime, url string, _ gittoken.Secret, integration string,
) error {
	f.ask("deregister " + integration + " of " + runtime + " at " + url)

	return f.answerAt(url)
}

func (f *fakeCodefresh) UpdateRuntimeToken(_ context.Context, runtime, url string, t codefresh.RuntimeToken) error {
	f.ask("update " + runtime + " at " + url + " for " + string(t.Provider) + " at " + t.APIURL + " as " + t.Username +
		", right secret " + map[bool]string{true: "yes", false: "no"}[t.Token.Equal(gittoken.NewSecret("token"))])

	return f.answerAt(url)
}

func (f *fakeCodefresh) AppProxyVersion(_ context.Context, runtime, url string) (string, error) {
	f.ask("version of " + runtime + " at " + url)

	return "1", f.versionErr
}

func (f *fakeCodefresh) answerAt(url string) error {
	if f.deserted == "" || url != f.deserted {
		return nil
	}

	return &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.AppProxy}
}

// account returns what the platform tells of an account with the runtimes of these names.
func account(names ...string) codefresh.Overview {
	o := codefresh.Overview{
		User: codefresh.User{ID: "caller"},
		Account: codefresh.Account{
			ID: "a1", GitProvider: gittoken.GitHub, GitAPIURL: "https://ghe.example.com/api/v3",
			IsAdmin: true,
		},
		Complete: true,
	}
	for _, name := range names {
		o.Runtimes = append(o.Runtimes, runtimeNamed(name))
	}

	return o
}

func runtimeNamed(name string) codefresh.Runtime {
	return codefresh.Runtime{
		Name: name, AppProxyURL: "https://" + name, Available: true,
		GitToken: codefresh.TokenSuccessful, GitTokenDetail: "fine",
	}
}

func incomplete(o codefresh.Overview) codefresh.Overview {
	o.Complete = false

	return o
}
