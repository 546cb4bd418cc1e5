package provider

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestRuntimeSlotLook(t *testing.T) {
	t.Parallel()

	unreachable := &codefresh.Error{Kind: codefresh.Unreachable}
	base := slotView{
		registered: true, status: codefresh.TokenSuccessful, detail: "fine", appProxyURL: "https://prod",
		provider: gittoken.GitHub, apiURL: "https://ghe.example.com/api/v3", accountID: "a1",
		caller: "caller", admin: true,
	}
	changed := func(change func(*slotView)) slotView {
		v := base
		change(&v)

		return v
	}
	gone := changed(func(v *slotView) {
		*v = slotView{
			missing: missingRuntime, appProxyURL: "", provider: base.provider, apiURL: base.apiURL,
			accountID: "a1", caller: "caller", admin: true, runtimes: []string{"dev", "test"},
		}
	})
	failedLater := runtimeNamed("prod")
	failedLater.GitToken, failedLater.GitTokenDetail = codefresh.TokenFailed, "bad"
	ofGitLab := account("prod")
	ofGitLab.Runtimes[0].GitProvider = gittoken.GitLab

	for name, test := range map[string]struct {
		api   fakeCodefresh
		own   string // app_proxy_url
		fresh freshness
		want  slotView
		asked []string
		err   error
	}{
		"remembered": {
			api: fakeCodefresh{overview: account("prod")}, fresh: remembered, want: base, asked: []string{"overview"},
		},
		"younger, and known": {
			api: fakeCodefresh{overview: account("prod")}, fresh: younger, want: base, asked: []string{"overview"},
		},
		"current": {
			api:   fakeCodefresh{overview: account("prod"), fresh: map[string]codefresh.Runtime{"prod": failedLater}},
			fresh: current, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *slotView) { v.status, v.detail = codefresh.TokenFailed, "bad" }),
		},
		"not there, and remembered": {
			api: fakeCodefresh{overview: account("dev", "test")}, fresh: remembered, want: gone, asked: []string{"overview"},
		},
		"not there, and still not": {
			api: fakeCodefresh{overview: account("dev", "test")}, fresh: younger, want: gone,
			asked: []string{"overview", "runtime prod"},
		},
		"younger than the list": {
			api:   fakeCodefresh{overview: account("dev"), fresh: map[string]codefresh.Runtime{"prod": runtimeNamed("prod")}},
			fresh: younger, want: base, asked: []string{"overview", "runtime prod"},
		},
		"on another page": {
			api: fakeCodefresh{
				overview: incomplete(account("dev")),
				fresh:    map[string]codefresh.Runtime{"prod": runtimeNamed("prod")},
			},
			fresh: remembered, want: base, asked: []string{"overview", "runtime prod"},
		},
		"gone by now": {
			api: fakeCodefresh{overview: account("prod")}, fresh: current, asked: []string{"overview", "runtime prod"},
			want: changed(func(v *slotView) {
				*v = slotView{
					missing: missingRuntime, provider: base.provider, apiURL: base.apiURL, accountID: "a1",
					caller: "caller", admin: true, runtimes: []string{"prod"},
				}
			}),
		},
		"the user's own address": {
			api: fakeCodefresh{overview: account("prod")}, own: "https://inside", fresh: remembered,
			want: changed(func(v *slotView) { v.appProxyURL = "https://inside" }), asked: []string{"overview"},
		},
		"another provider than the account's": {
			api: fakeCodefresh{overview: ofGitLab}, fresh: remembered, asked: []string{"overview"},
			want: changed(func(v *slotView) { v.provider, v.apiURL = gittoken.GitLab, "" }),
		},
		"the platform does not answer": {
			api: fakeCodefresh{overviewErr: unreachable}, fresh: remembered, err: unreachable, asked: []string{"overview"},
			want: slotView{registered: true, status: codefresh.TokenUnknown},
		},
		"the platform does not answer any more": {
			api:   fakeCodefresh{overview: account("prod"), freshErr: unreachable},
			fresh: current, err: unreachable, asked: []string{"overview", "runtime prod"},
			want: slotView{
				registered: true, status: codefresh.TokenUnknown, provider: base.provider, apiURL: base.apiURL,
				accountID: "a1", caller: "caller", admin: true,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := test.api
			got, err := runtimeSlot{api: &api, runtime: "prod", appProxyURL: test.own}.look(t.Context(), test.fresh)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(slotView{})); diff != "" {
				t.Errorf("view (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.asked, api.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// integration returns an integration in which these users have a token, true for a valid one.
func integration(name string, users map[string]bool) codefresh.Integration {
	return codefresh.Integration{Name: name, Provider: gittoken.GitLab, APIURL: "https://gitlab.example.com", Users: users}
}

func TestUserSlotLook(t *testing.T) {
	t.Parallel()

	const overview, list, again = "overview", "integrations of prod at https://prod", "integrations of prod at " +
		"https://prod, again"
	refused := &codefresh.Error{Kind: codefresh.KeyRefused}
	lab := func(users map[string]bool) []codefresh.Integration {
		return []codefresh.Integration{integration("other", map[string]bool{"caller": true}), integration("lab", users)}
	}
	found := func(userID string, registered bool, status codefresh.TokenStatus) slotView {
		return slotView{
			registered: registered, status: status, userID: userID, provider: gittoken.GitLab,
			apiURL: "https://gitlab.example.com",
		}
	}
	both := map[string]bool{"caller": true, "u1": false}

	for name, test := range map[string]struct {
		slot  userSlot
		api   fakeCodefresh
		other bool // whether the caller is no administrator
		fresh freshness
		want  slotView // without what lookUpRuntime fills
		asked []string
		err   error
	}{
		"the caller's, and valid": {
			api: fakeCodefresh{integrations: lab(both)}, fresh: remembered,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, list},
		},
		"another user's, and invalid": {
			slot: userSlot{userID: "u1"}, api: fakeCodefresh{integrations: lab(both)}, fresh: remembered,
			want: found("u1", true, codefresh.TokenFailed), asked: []string{overview, list},
		},
		"the state knows better than the key whose it is": {
			slot: userSlot{userID: "u1", key: gittoken.NewSecret("key")}, api: fakeCodefresh{current: lab(both)},
			fresh: current, want: found("u1", true, codefresh.TokenFailed), asked: []string{overview, again},
		},
		"nobody's": {
			slot: userSlot{userID: "u2"}, api: fakeCodefresh{integrations: lab(both)}, fresh: remembered,
			want: found("u2", false, codefresh.TokenUnknown), asked: []string{overview, list},
		},
		// A plan does not ask whose a key is: it costs a request for each user.
		"of an own key, remembered": {
			slot: userSlot{key: gittoken.NewSecret("key")}, api: fakeCodefresh{integrations: lab(both)}, fresh: remembered,
			want: found("", true, codefresh.TokenUnknown), asked: []string{overview, list},
		},
		"of an own key, younger": {
			slot: userSlot{key: gittoken.NewSecret("key")},
			api:  fakeCodefresh{integrations: lab(both), me: codefresh.User{ID: "u1"}}, fresh: younger,
			want: found("u1", true, codefresh.TokenFailed), asked: []string{overview, "me, own key yes", list},
		},
		"of an own key that is refused": {
			slot: userSlot{key: gittoken.NewSecret("key")}, api: fakeCodefresh{meErr: refused}, fresh: younger, err: refused,
			asked: []string{overview, "me, own key yes"},
			want: slotView{
				registered: true, status: codefresh.TokenUnknown, provider: gittoken.GitHub,
				apiURL: "https://ghe.example.com/api/v3",
			},
		},
		"no such integration, remembered": {
			api: fakeCodefresh{integrations: lab(both)[:1]}, fresh: remembered, asked: []string{overview, list},
			want: slotView{missing: missingIntegration, status: codefresh.TokenUnknown, userID: "caller"},
		},
		"an integration that only administrators may see": {
			api: fakeCodefresh{integrations: lab(both)[:1]}, other: true, fresh: remembered, asked: []string{overview, list},
			want: slotView{missing: missingIntegration, registered: true, status: codefresh.TokenUnknown, userID: "caller"},
		},
		"an integration that is younger": {
			api: fakeCodefresh{integrations: lab(both)[:1], current: lab(both)}, fresh: younger,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, list, again},
		},
		"no such integration, asked again": {
			api: fakeCodefresh{integrations: lab(both)[:1], current: lab(both)[:1]}, fresh: younger,
			asked: []string{overview, list, again},
			want:  slotView{missing: missingIntegration, status: codefresh.TokenUnknown, userID: "caller"},
		},
		"current": { // the platform's word does not change with a user's token
			api: fakeCodefresh{integrations: lab(nil), current: lab(both)}, fresh: current,
			want: found("caller", true, codefresh.TokenSuccessful), asked: []string{overview, again},
		},
		"the app-proxy does not answer": {
			api: fakeCodefresh{listErr: refused}, fresh: remembered, err: refused, asked: []string{overview, list},
			want: slotView{registered: true, status: codefresh.TokenUnknown, userID: "caller"},
		},
		"the app-proxy does not answer any more": {
			api: fakeCodefresh{listErr: refused}, fresh: current, err: refused, asked: []string{overview, again},
			want: slotView{registered: true, status: codefresh.TokenUnknown, userID: "caller"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := test.api
			api.overview = account("prod")
			api.overview.Account.IsAdmin = !test.other
			s := test.slot
			s.api, s.runtime, s.integration = &api, "prod", "lab"
			got, err := s.look(t.Context(), test.fresh)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(slotView{}),
				cmpopts.IgnoreFields(slotView{}, "accountID", "caller", "admin", "appProxyURL")); diff != "" {
				t.Errorf("view (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.asked, api.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// A runtime that is missing is no reason to ask an app-proxy, nor whose a key is.
func TestUserSlotWithoutRuntime(t *testing.T) {
	t.Parallel()

	api := &fakeCodefresh{overview: account("dev")}
	s := userSlot{api: api, runtime: "prod", integration: "lab", key: gittoken.NewSecret("key")}
	got, err := s.look(t.Context(), younger)
	if err != nil || got.missing != missingRuntime || got.registered || got.userID != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if want := []string{"overview", "runtime prod"}; !slices.Equal(api.asked, want) {
		t.Errorf("asked %q", api.asked)
	}
}

func TestSlotsPut(t *testing.T) {
	t.Parallel()

	api := &fakeCodefresh{}
	c := gittoken.Credential{
		Host: hostOf(t, gittoken.GitLab, "https://gitlab.example.com"), Username: "ci",
		Token: gittoken.NewSecret("token"),
	}
	v := slotView{appProxyURL: "https://p"}
	if err := (runtimeSlot{api: api, runtime: "prod"}).put(t.Context(), v, c); err != nil {
		t.Error(err)
	}
	user := userSlot{api: api, runtime: "prod", integration: "lab", key: gittoken.NewSecret("key")}
	if err := user.put(t.Context(), v, c); err != nil {
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
