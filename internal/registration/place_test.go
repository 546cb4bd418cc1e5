package registration

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestRuntimeTokenRead(t *testing.T) {
	t.Parallel()

	unreachable := &codefresh.Error{Kind: codefresh.Unreachable}
	base := View{
		Registered: true, Status: codefresh.TokenSuccessful, Detail: "fine", AppProxyURL: "https://prod",
		Provider: gittoken.GitHub, APIURL: "https://ghe.example.com/api/v3", AccountID: "a1",
		Caller: "caller", Admin: true,
	}
	changed := func(change func(*View)) View {
		v := base
		change(&v)

		return v
	}
	gone := changed(func(v *View) {
		*v = View{
			Missing: MissingRuntime, AppProxyURL: "", Provider: base.Provider, APIURL: base.APIURL,
			AccountID: "a1", Caller: "caller", Admin: true, Runtimes: []string{"dev", "test"},
		}
	})
	failedLater := runtimeNamed("prod")
	failedLater.GitToken, failedLater.GitTokenDetail = codefresh.TokenFailed, "bad"
	moved := runtimeNamed("prod")
	moved.AppProxyURL = "https://prod-2"
	ofGitLab := account("prod")
	ofGitLab.Runtimes[0].GitProvider = gittoken.GitLab
	ofNobody := account("prod")
	ofNobody.Runtimes[0].ForeignProvider = true

	for name, test := range map[string]struct {
		api   fakeCodefresh
		own   string // app_proxy_url
		fresh Freshness
		want  View
		asked []string
		err   error
	}{
		"remembered": {
			api: fakeCodefresh{overview: account("prod")}, fresh: Cached, want: base, asked: []string{"overview"},
		},
		"CachedUnlessMissing, and known": {
			api: fakeCodefresh{overview: account("prod")}, fresh: CachedUnlessMissing, want: base, asked: []string{"overview"},
		},
		"current": {
			api:   fakeCodefresh{overview: account("prod"), fresh: map[string]codefresh.Runtime{"prod": failedLater}},
			fresh: Fresh, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *View) { v.Status, v.Detail = codefresh.TokenFailed, "bad" }),
		},
		"current throughout": {
			api:   fakeCodefresh{overview: account("prod"), fresh: map[string]codefresh.Runtime{"prod": failedLater}},
			fresh: AllFresh, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *View) { v.Status, v.Detail = codefresh.TokenFailed, "bad" }),
		},
		"not there, and remembered": {
			api: fakeCodefresh{overview: account("dev", "test")}, fresh: Cached, want: gone, asked: []string{"overview"},
		},
		"not there, and still not": {
			api: fakeCodefresh{overview: account("dev", "test")}, fresh: CachedUnlessMissing, want: gone,
			asked: []string{"overview", "runtime prod"},
		},
		"CachedUnlessMissing than the list": {
			api:   fakeCodefresh{overview: account("dev"), fresh: map[string]codefresh.Runtime{"prod": runtimeNamed("prod")}},
			fresh: CachedUnlessMissing, want: base, asked: []string{"overview", "runtime prod"},
		},
		"on another page": {
			api: fakeCodefresh{
				overview: incomplete(account("dev")),
				fresh:    map[string]codefresh.Runtime{"prod": runtimeNamed("prod")},
			},
			fresh: Cached, want: base, asked: []string{"overview", "runtime prod"},
		},
		"gone by now": {
			api: fakeCodefresh{overview: account("prod")}, fresh: Fresh, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *View) {
				*v = View{
					Missing: MissingRuntime, Provider: base.Provider, APIURL: base.APIURL, AccountID: "a1",
					Caller: "caller", Admin: true, Runtimes: []string{"prod"},
				}
			}),
		},
		"moved since": {
			api:   fakeCodefresh{overview: account("prod"), fresh: map[string]codefresh.Runtime{"prod": moved}},
			fresh: Located, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *View) { v.AppProxyURL = "https://prod-2" }),
		},
		"an empty list": {
			api:   fakeCodefresh{overview: account(), fresh: map[string]codefresh.Runtime{"prod": runtimeNamed("prod")}},
			fresh: Cached, want: base, asked: []string{"overview", "runtime prod"},
		},
		"an empty list, and not by name either": {
			api: fakeCodefresh{overview: account()}, fresh: Cached, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *View) {
				*v = View{
					Missing: MissingRuntime, Provider: base.Provider, APIURL: base.APIURL, AccountID: "a1",
					Caller: "caller", Admin: true,
				}
			}),
		},
		"an empty list, and no answer by name": {
			api:   fakeCodefresh{overview: account(), freshErr: unreachable},
			fresh: Cached, err: unreachable, asked: []string{"overview", "runtime prod"},
			want: View{
				Registered: true, Status: codefresh.TokenUnknown, AccountID: "a1", Caller: "caller", Admin: true,
			},
		},
		"the user's own address": {
			api: fakeCodefresh{overview: account("prod")}, own: "https://inside", fresh: Cached,
			want: changed(func(v *View) { v.AppProxyURL = "https://inside" }), asked: []string{"overview"},
		},
		"another provider than the account's": {
			api: fakeCodefresh{overview: ofGitLab}, fresh: Cached, asked: []string{"overview"},
			want: changed(func(v *View) { v.Provider, v.APIURL = gittoken.GitLab, "" }),
		},
		"a provider that nobody here knows": {
			api: fakeCodefresh{overview: ofNobody}, fresh: Cached, asked: []string{"overview"},
			want: changed(func(v *View) { v.Provider, v.APIURL, v.ForeignProvider = "", "", true }),
		},
		"the platform does not answer": {
			api: fakeCodefresh{overviewErr: unreachable}, fresh: Cached, err: unreachable, asked: []string{"overview"},
			want: View{Registered: true, Status: codefresh.TokenUnknown},
		},
		"the platform does not answer any more": {
			api:   fakeCodefresh{overview: account("prod"), freshErr: unreachable},
			fresh: Fresh, err: unreachable, asked: []string{"overview", "runtime prod"},
			want: View{
				Registered: true, Status: codefresh.TokenUnknown, AccountID: "a1", Caller: "caller", Admin: true,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := test.api

			got, err := RuntimeToken{API: &api, Runtime: "prod", AppProxyURL: test.own}.Read(t.Context(), test.fresh)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("view (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(test.asked, api.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// integration returns an integration in which these users have a token.
func integration(name string, users map[string]codefresh.TokenStatus) codefresh.Integration {
	i := codefresh.Integration{Name: name, Provider: gittoken.GitLab, APIURL: "https://gitlab.example.com"}
	for id, status := range users {
		i.Users = append(i.Users, codefresh.IntegrationUser{ID: id, Token: status})
	}

	return i
}

func TestUserTokenRead(t *testing.T) {
	t.Parallel()

	const overview, list, again = "overview", "integrations of prod at https://prod", "integrations of prod at " +
		"https://prod, again"

	refused := &codefresh.Error{Kind: codefresh.KeyRefused}
	lab := func(users map[string]codefresh.TokenStatus) []codefresh.Integration {
		others := map[string]codefresh.TokenStatus{"caller": codefresh.TokenSuccessful}

		return []codefresh.Integration{integration("other", others), integration("lab", users)}
	}
	found := func(userID string, registered bool, status codefresh.TokenStatus) View {
		return View{
			Registered: registered, Status: status, UserID: userID, Provider: gittoken.GitLab,
			APIURL: "https://gitlab.example.com",
		}
	}
	both := map[string]codefresh.TokenStatus{"caller": codefresh.TokenSuccessful, "u1": codefresh.TokenFailed}
	other := []string{"other"}

	for name, test := range map[string]struct {
		place UserToken
		api   fakeCodefresh
		other bool // whether the caller is no administrator
		fresh Freshness
		want  View // without what findRuntime fills
		asked []string
		err   error
	}{
		"the caller's, and valid": {
			api: fakeCodefresh{integrations: lab(both)}, fresh: Cached,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, list},
		},
		"another user's, and invalid": {
			place: UserToken{UserID: "u1"}, api: fakeCodefresh{integrations: lab(both)}, fresh: Cached,
			want: found("u1", true, codefresh.TokenFailed), asked: []string{overview, list},
		},
		"the state knows better than the key whose it is": {
			place: UserToken{UserID: "u1", Key: gittoken.NewSecret("key")}, api: fakeCodefresh{Fresh: lab(both)},
			fresh: Fresh, want: found("u1", true, codefresh.TokenFailed), asked: []string{overview, again},
		},
		"the caller's, and not told whether valid": {
			api:  fakeCodefresh{integrations: lab(map[string]codefresh.TokenStatus{"caller": codefresh.TokenUnknown})},
			want: found("caller", true, codefresh.TokenUnknown), asked: []string{overview, list},
		},
		"where the runtime is now": {
			api: fakeCodefresh{
				integrations: lab(both), fresh: map[string]codefresh.Runtime{"prod": runtimeNamed("prod")},
			},
			fresh: Located, want: found("caller", true, codefresh.TokenSuccessful),
			asked: []string{overview, "runtime prod", list},
		},
		"where the runtime is by now": {
			api: fakeCodefresh{
				Fresh: lab(both), fresh: map[string]codefresh.Runtime{"prod": {Name: "prod", AppProxyURL: "https://new"}},
				deserted: "https://prod",
			},
			fresh: Fresh, want: found("caller", true, codefresh.TokenSuccessful),
			asked: []string{overview, again, "runtime prod", "integrations of prod at https://new, again"},
		},
		"nobody's": {
			place: UserToken{UserID: "u2"}, api: fakeCodefresh{integrations: lab(both)}, fresh: Cached,
			want: found("u2", false, codefresh.TokenUnknown), asked: []string{overview, list},
		},
		// A plan does not ask whose a key is: it costs a request for each user.
		"of an own key, remembered": {
			place: UserToken{Key: gittoken.NewSecret("key")}, api: fakeCodefresh{integrations: lab(both)}, fresh: Cached,
			want: found("", true, codefresh.TokenUnknown), asked: []string{overview, list},
		},
		"of an own key, CachedUnlessMissing": {
			place: UserToken{Key: gittoken.NewSecret("key")},
			api:   fakeCodefresh{integrations: lab(both), me: codefresh.User{ID: "u1"}}, fresh: CachedUnlessMissing,
			want: found("u1", true, codefresh.TokenFailed), asked: []string{overview, "me, own key yes", list},
		},
		"of an own key that is refused": {
			place: UserToken{Key: gittoken.NewSecret("key")}, api: fakeCodefresh{meErr: refused}, fresh: CachedUnlessMissing,
			err:   refused,
			asked: []string{overview, "me, own key yes"},
			want:  View{Registered: true, Status: codefresh.TokenUnknown},
		},
		"no such integration, remembered": {
			api: fakeCodefresh{integrations: lab(both)[:1]}, fresh: Cached, asked: []string{overview, list},
			want: View{Missing: MissingIntegration, Status: codefresh.TokenUnknown, UserID: "caller", Integrations: other},
		},
		"an integration that only administrators may see": {
			api: fakeCodefresh{integrations: lab(both)[:1]}, other: true, fresh: Cached, asked: []string{overview, list},
			want: View{
				Missing: MissingIntegration, Registered: true, Status: codefresh.TokenUnknown, UserID: "caller",
				Integrations: other,
			},
		},
		"an integration that is CachedUnlessMissing": {
			api: fakeCodefresh{integrations: lab(both)[:1], Fresh: lab(both)}, fresh: CachedUnlessMissing,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, list, again},
		},
		"no such integration, asked again": {
			api: fakeCodefresh{integrations: lab(both)[:1], Fresh: lab(both)[:1]}, fresh: CachedUnlessMissing,
			asked: []string{overview, list, again},
			want:  View{Missing: MissingIntegration, Status: codefresh.TokenUnknown, UserID: "caller", Integrations: other},
		},
		"current": { // the platform's word does not change with a user's token
			api: fakeCodefresh{integrations: lab(nil), Fresh: lab(both)}, fresh: Fresh,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, again},
		},
		"current, and so the runtime": {
			api: fakeCodefresh{
				integrations: lab(nil), Fresh: lab(both), fresh: map[string]codefresh.Runtime{"prod": runtimeNamed("prod")},
			}, fresh: AllFresh,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, "runtime prod", again},
		},
		"the app-proxy does not answer": {
			api: fakeCodefresh{listErr: refused}, fresh: Cached, err: refused, asked: []string{overview, list},
			want: View{Registered: true, Status: codefresh.TokenUnknown, UserID: "caller"},
		},
		"the app-proxy does not answer any more": {
			api: fakeCodefresh{listErr: refused}, fresh: Fresh, err: refused, asked: []string{overview, again},
			want: View{Registered: true, Status: codefresh.TokenUnknown, UserID: "caller"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := test.api
			api.overview = account("prod")
			api.overview.Account.IsAdmin = !test.other
			s := test.place
			s.API, s.Runtime, s.Integration = &api, "prod", "lab"

			got, err := s.Read(t.Context(), test.fresh)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}

			if diff := cmp.Diff(test.want, got,
				cmpopts.IgnoreFields(View{}, "AccountID", "Caller", "Admin", "AppProxyURL")); diff != "" {
				t.Errorf("view (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(test.asked, api.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// A runtime that is missing is no reason to ask an app-proxy, nor whose a key is.
func TestUserTokenWithoutRuntime(t *testing.T) {
	t.Parallel()

	api := &fakeCodefresh{overview: account("dev")}
	s := UserToken{API: api, Runtime: "prod", Integration: "lab", Key: gittoken.NewSecret("key")}

	got, err := s.Read(t.Context(), CachedUnlessMissing)
	if err != nil || got.Missing != MissingRuntime || got.Registered || got.UserID != "" {
		t.Errorf("%+v, %v", got, err)
	}

	if want := []string{"overview", "runtime prod"}; !slices.Equal(api.asked, want) {
		t.Errorf("asked %q", api.asked)
	}
}

// A token goes to no host that is a guess: neither to the account's while the integration, or the runtime, is not there
// to say otherwise, nor to the provider's public one where the runtime was installed from another.
func TestHostIsNoGuess(t *testing.T) {
	t.Parallel()

	unreachable := &codefresh.Error{Kind: codefresh.Unreachable}
	silent := integration("lab", nil)
	silent.APIURL = ""

	foreign := integration("default", nil)
	foreign.Provider, foreign.APIURL = "", "https://gerrit.example.com"

	installedElsewhere := account("prod")
	installedElsewhere.Runtimes[0].ForeignProvider = true

	named := silent
	named.Provider = gittoken.GitHub

	installed := account("prod")
	for i := range installed.Runtimes {
		installed.Runtimes[i].Repo = "https://ghe.example.com/acme/gitops"
	}

	for name, test := range map[string]struct {
		integration string // empty for the runtime's own token
		api         fakeCodefresh
		host        string // empty for none
		err         error
	}{
		"the account's, for a runtime to come": {
			api: fakeCodefresh{overview: account("dev")}, host: "https://ghe.example.com/api/v3",
		},
		"a runtime that could not be asked for": {
			api: fakeCodefresh{overview: codefresh.Overview{Account: installed.Account}, freshErr: unreachable},
			err: ErrNoGitProvider,
		},
		"the default integration of a runtime to come": {
			integration: "default", api: fakeCodefresh{overview: account("dev")}, host: "https://ghe.example.com/api/v3",
		},
		"another integration of a runtime to come": {
			integration: "lab", api: fakeCodefresh{overview: account("dev")}, err: ErrNoGitProvider,
		},
		"an integration that could not be asked for": {
			integration: "default", api: fakeCodefresh{overview: account("prod"), listErr: unreachable}, err: ErrNoGitProvider,
		},
		"an integration of a runtime that could not be asked for": {
			integration: "default", err: ErrNoGitProvider,
			api: fakeCodefresh{overview: codefresh.Overview{Account: installed.Account}, freshErr: unreachable},
		},
		"a runtime of a provider that nobody here knows": {
			api: fakeCodefresh{overview: installedElsewhere}, err: ErrForeignProvider,
		},
		"an integration of such a provider": {
			integration: "default", err: ErrForeignProvider,
			api: fakeCodefresh{overview: account("prod"), integrations: []codefresh.Integration{foreign}},
		},
		"an integration of its own in a runtime of such a provider": {
			integration: "lab", host: "https://gitlab.example.com/api/v4",
			api: fakeCodefresh{
				overview: installedElsewhere, integrations: []codefresh.Integration{integration("lab", nil)},
			},
		},
		"an integration without an address, of another provider": {
			integration: "lab", api: fakeCodefresh{overview: installed, integrations: []codefresh.Integration{silent}},
			host: "https://gitlab.com/api/v4",
		},
		"an integration without an address, of the runtime's provider": {
			integration: "lab", api: fakeCodefresh{overview: installed, integrations: []codefresh.Integration{named}},
			err: ErrOwnServer,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := test.api

			place := Place(RuntimeToken{API: &api, Runtime: "prod"})
			if test.integration != "" {
				place = UserToken{API: &api, Runtime: "prod", Integration: test.integration}
			}

			view, readErr := place.Read(t.Context(), Cached)

			got, err := view.GitHost("", "", readErr == nil && view.Missing == "")
			if !errors.Is(err, test.err) || got.APIURL() != test.host {
				t.Errorf("%q, %v; want %q, %v", got.APIURL(), err, test.host, test.err)
			}
		})
	}
}

func hostOf(t *testing.T, p gittoken.Provider, address string) gittoken.Host {
	t.Helper()

	h, err := gittoken.NewHost(p, address)
	if err != nil {
		t.Fatal(err)
	}

	return h
}

func TestPlacesWrite(t *testing.T) {
	t.Parallel()

	api := &fakeCodefresh{}
	c := gittoken.Credential{
		Host: hostOf(t, gittoken.GitLab, "https://gitlab.example.com"), Username: "ci",
		Token: gittoken.NewSecret("token"),
	}

	v := View{AppProxyURL: "https://p"}
	if err := (RuntimeToken{API: api, Runtime: "prod"}).Write(t.Context(), v, c); err != nil {
		t.Error(err)
	}

	user := UserToken{API: api, Runtime: "prod", Integration: "lab", Key: gittoken.NewSecret("key")}
	if err := user.Write(t.Context(), v, c); err != nil {
		t.Error(err)
	}

	want := []string{
		"update prod at https://p for gitlab at https://gitlab.example.com/api/v4 as ci, right secret yes",
		"register lab of prod at https://p as ci, right secrets yes",
	}
	if diff := cmp.Diff(want, api.asked); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
