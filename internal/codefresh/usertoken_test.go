package codefresh_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const integrationsJSON = `{"gitIntegrations":[` +
	`{"name":"default","provider":"GITHUB","apiUrl":"https://api.github.com",` +
	`"users":[{"userId":"u2","isValid":false},{"userId":"u1","isValid":true},{"userId":"u4","isValid":null}]},` +
	`{"name":"other","provider":"PIJUL","apiUrl":"","users":[]}]}`

func userToken() codefresh.UserToken {
	return codefresh.UserToken{Integration: "default", Token: gittoken.NewSecret(tokenText)}
}

func TestIntegrations(t *testing.T) {
	t.Parallel()

	proxy := newAppProxy(t, always(data(integrationsJSON)))
	client := newClient(t, nil)

	want := []codefresh.Integration{
		{
			Name: "default", Provider: gittoken.GitHub, APIURL: "https://api.github.com",
			Users: []codefresh.IntegrationUser{
				{"u1", codefresh.TokenSuccessful}, {"u2", codefresh.TokenFailed}, {"u4", codefresh.TokenUnknown},
			},
		},
		{Name: "other", Users: []codefresh.IntegrationUser{}},
	}

	// Spellings of one address are one address.
	for _, address := range []string{proxy.URL, proxy.URL + "/", proxy.URL + "/app-proxy/api/graphql"} {
		got, err := client.Integrations(t.Context(), "prod", address)
		if err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("integrations (-want +got):\n%s", diff)
		}

		got[0].Users[0].Token = codefresh.TokenFailed // and nobody else sees it
	}

	if n := len(proxy.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}

	if _, err := client.FreshIntegrations(t.Context(), "prod", proxy.URL); err != nil {
		t.Fatal(err)
	}

	if n := len(proxy.requests()); n != 2 {
		t.Errorf("%d requests after asking afresh, want 2", n)
	}

	if r := proxy.requests()[0]; r.Authorization != keyText || r.Path != "/app-proxy/api/graphql" {
		t.Errorf("request to %s with %q", r.Path, r.Authorization)
	}
}

// Whatever is not a list with lists of users proves nobody's absence.
func TestIntegrationsWithoutProof(t *testing.T) {
	t.Parallel()

	for name, body := range map[string]string{
		"null":       `{"gitIntegrations":null}`,
		"missing":    `{}`,
		"no data":    `null`,
		"users null": `{"gitIntegrations":[{"name":"default","provider":"GITHUB","apiUrl":"","users":null}]}`,
		"no users":   `{"gitIntegrations":[{"name":"default","provider":"GITHUB","apiUrl":""}]}`,
		"no list":    `{"gitIntegrations":{"name":"default"}}`,
		"a gap":      `{"gitIntegrations":[null]}`,
		"no name":    `{"gitIntegrations":[{"name":null,"provider":"GITHUB","apiUrl":"","users":[]}]}`,
		"user null":  `{"gitIntegrations":[{"name":"default","provider":"GITHUB","apiUrl":"","users":[null]}]}`,
		"no user": `{"gitIntegrations":[{"name":"default","provider":"GITHUB","apiUrl":"","users":[` +
			`{"userId":null,"isValid":true}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := newClient(t, nil).Integrations(t.Context(), "prod", newAppProxy(t, always(data(body))).URL)
			wantKind(t, err, codefresh.NotUnderstood)

			if got != nil {
				t.Errorf("integrations with an error: %v", got)
			}
		})
	}
}

// A failed renewal leaves nothing behind: what was remembered may be out of date.
func TestFreshIntegrationsFails(t *testing.T) {
	t.Parallel()

	answers := make(chan reply, 3)
	answers <- data(integrationsJSON)

	answers <- gqlErrors(200, "boom")

	answers <- data(`{"gitIntegrations":[]}`)

	proxy := newAppProxy(t, func(context.Context, request) reply { return <-answers })
	client := newClient(t, nil)

	if _, err := client.Integrations(t.Context(), "prod", proxy.URL); err != nil {
		t.Fatal(err)
	}

	_, err := client.FreshIntegrations(t.Context(), "prod", proxy.URL)
	wantKind(t, err, codefresh.Refused)

	got, err := client.Integrations(t.Context(), "prod", proxy.URL)
	if err != nil || got == nil || len(got) != 0 {
		t.Errorf("integrations = %v, %v; want the third answer, an empty list", got, err)
	}
}

func TestRegisterUserToken(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		key      string
		token    codefresh.UserToken
		wantKey  string
		wantArgs map[string]any
	}{
		"plain": {
			token:    userToken(),
			wantKey:  keyText,
			wantArgs: map[string]any{"name": "default", "token": tokenText},
		},
		"another user's, with a name": {
			key: otherKey + "\n",
			token: codefresh.UserToken{
				Integration: "bb", Token: gittoken.NewSecret(`A"T<\é>`), Username: "ann@example.com",
			},
			wantKey:  otherKey,
			wantArgs: map[string]any{"name": "bb", "token": `A"T<\é>`, "username": "ann@example.com"},
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			proxy := newAppProxy(t, always(data(`{"registerToGitIntegration":{"name":"default"}}`)))

			err := newClient(t, nil).RegisterUserToken(
				t.Context(), "prod", proxy.URL, gittoken.NewSecret(test.key), test.token)
			if err != nil {
				t.Fatal(err)
			}

			seen := proxy.requests()
			if len(seen) != 1 || seen[0].Authorization != test.wantKey {
				t.Fatalf("%d requests, the first with the key %q", len(seen), seen[0].Authorization)
			}

			if diff := cmp.Diff(map[string]any{"args": test.wantArgs}, seen[0].Variables); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegisterUserTokenFails(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		answer     reply
		wantKind   codefresh.ErrorKind
		wantDetail string
	}{
		"validator": {
			answer: gqlErrors(200,
				"ValidationError: failed asserting api scopes: got scopes repo while expected: admin:repo_hook"),
			wantKind:   codefresh.Refused,
			wantDetail: "failed asserting api scopes: got scopes repo while expected: admin:repo_hook",
		},
		"validator speaks of authentication": {
			answer: reply{200, "application/json", `{"data":null,"errors":[{"message":"ValidationError: token is invalid",` +
				`"extensions":{"code":"UNAUTHENTICATED"}}]}`},
			wantKind:   codefresh.Refused,
			wantDetail: "token is invalid",
		},
		"validator did not ask": {
			answer:     gqlErrors(200, "ValidationError: Reached rate limit, skip api call"),
			wantKind:   codefresh.RateLimited,
			wantDetail: "Reached rate limit, skip api call",
		},
		"data and errors": {
			answer: reply{
				200, "application/json",
				`{"data":{"registerToGitIntegration":{"name":"default"}},"errors":[{"message":"half done"}]}`,
			},
			wantKind:   codefresh.Refused,
			wantDetail: "half done",
		},
		"old app-proxy": {
			answer:     gqlErrors(400, `Unknown type "RegisterToGitIntegrationArgs".`),
			wantKind:   codefresh.NoSuchOperation,
			wantDetail: `Unknown type "RegisterToGitIntegrationArgs".`,
		},
		"null":        {answer: data(`{"registerToGitIntegration":null}`), wantKind: codefresh.NotUnderstood},
		"bad gateway": {answer: reply{502, "text/html", "<html>Bad Gateway</html>"}, wantKind: codefresh.Unreachable},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			proxy := newAppProxy(t, always(test.answer))

			err := newClient(t, nil).RegisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, userToken())

			e := errorOf(t, err, test.wantKind)
			if test.wantDetail != "" && e.Detail != test.wantDetail {
				t.Errorf("detail is %q, want %q", e.Detail, test.wantDetail)
			}

			if n := len(proxy.requests()); n != 1 {
				t.Errorf("%d requests: a mutation is sent once", n)
			}
		})
	}
}

func TestNothingSent(t *testing.T) {
	t.Parallel()

	proxy := newAppProxy(t, always(data(`{"registerToGitIntegration":{"name":"default"},"updateRuntimeGitToken":null}`)))
	token := runtimeToken()
	noProvider, noURL, noToken := token, token, token
	noProvider.Provider, noURL.APIURL, noToken.Token = "gerrit", "", gittoken.Secret{}

	register := func(address string, u codefresh.UserToken) func(*codefresh.Client) error {
		return func(c *codefresh.Client) error {
			return c.RegisterUserToken(t.Context(), "prod", address, gittoken.Secret{}, u)
		}
	}
	update := func(r codefresh.RuntimeToken) func(*codefresh.Client) error {
		return func(c *codefresh.Client) error { return c.UpdateRuntimeToken(t.Context(), "prod", proxy.URL, r) }
	}

	tests := map[string]struct {
		do   func(*codefresh.Client) error
		want codefresh.ErrorKind
	}{
		"no address":     {register(" ", userToken()), codefresh.NoAppProxy},
		"bad address":    {register("ftp://example.com", userToken()), codefresh.NoAppProxy},
		"password in it": {register("https://u:"+keyText+"@example.com", userToken()), codefresh.NoAppProxy},
		"http":           {register("http://example.com", userToken()), codefresh.Insecure},
		"no integration": {register(proxy.URL, codefresh.UserToken{Token: gittoken.NewSecret("t")}), codefresh.Incomplete},
		"no user token":  {register(proxy.URL, codefresh.UserToken{Integration: "default"}), codefresh.Incomplete},
		"not UTF-8": {
			register(proxy.URL, codefresh.UserToken{Integration: "d", Token: gittoken.NewSecret("\xff\xfe")}),
			codefresh.Incomplete,
		},
		"no provider":      {update(noProvider), codefresh.Incomplete},
		"no API URL":       {update(noURL), codefresh.Incomplete},
		"no runtime token": {update(noToken), codefresh.Incomplete},
		"deregister from nothing": {
			func(c *codefresh.Client) error {
				return c.DeregisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, "")
			}, codefresh.Incomplete,
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			e := errorOf(t, test.do(newClient(t, nil)), test.want)
			if e.Runtime != "prod" || e.Service != codefresh.AppProxy {
				t.Errorf("error is of the %s of %q", e.Service, e.Runtime)
			}
		})
	}

	t.Cleanup(func() {
		if n := len(proxy.requests()); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestDeregisterUserToken(t *testing.T) {
	t.Parallel()

	done := data(`{"deregisterFromGitIntegration":{"name":"default"}}`)
	refused := gqlErrors(200, "user is not registered to git integration")
	list := func(users string) reply {
		return data(`{"gitIntegrations":[{"name":"default","provider":"GITHUB","apiUrl":"x","users":[` + users + `]}]}`)
	}
	present, absent := list(`{"userId":"u1","isValid":true}`), list(`{"userId":"u2","isValid":true}`)

	tests := map[string]struct {
		answer, reading reply
		wantKind        codefresh.ErrorKind
		wantOps         []string
	}{
		"done":    {answer: done, wantOps: []string{"DeregisterFromGitIntegration"}},
		"no data": {answer: data(`{"deregisterFromGitIntegration":null}`), wantOps: []string{"DeregisterFromGitIntegration"}},
		"was not registered": {
			answer: refused, reading: absent,
			wantOps: []string{"DeregisterFromGitIntegration", "GitIntegrations"},
		},
		"integration is gone": {answer: refused, reading: data(`{"gitIntegrations":[]}`)},
		"odd answer, was done": {
			answer: reply{200, "application/json", `{"ok":true}`}, reading: absent,
			wantOps: []string{"DeregisterFromGitIntegration", "GitIntegrations"},
		},
		"still registered": {answer: refused, reading: present, wantKind: codefresh.Refused},
		"no proof":         {answer: refused, reading: reply{404, "text/html", "<html/>"}, wantKind: codefresh.Refused},
		"half a proof": {
			answer: refused, reading: data(`{"gitIntegrations":[{"name":"default","users":null}]}`), wantKind: codefresh.Refused,
		},
		"unreachable": {
			answer: reply{404, "text/html", "<html/>"}, reading: reply{404, "text/html", "<html/>"},
			wantKind: codefresh.Unreachable, wantOps: []string{"DeregisterFromGitIntegration", "GitIntegrations"},
		},
		"key refused": {
			answer: jsonReply(401, gateway401), wantKind: codefresh.KeyRefused,
			wantOps: []string{"DeregisterFromGitIntegration"},
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			platform := newPlatform(t, always(data(`{"me":`+meJSON+`}`)))
			proxy := newAppProxy(t, func(_ context.Context, r request) reply {
				if r.Authorization != otherKey {
					t.Errorf("%s goes with the key %q", r.Op, r.Authorization)
				}

				if r.Op == "GitIntegrations" {
					return test.reading
				}

				if r.Variables["name"] != "default" {
					t.Errorf("deregisters from %v", r.Variables)
				}

				return test.answer
			})

			err := newClient(t, platform).DeregisterUserToken(
				t.Context(), "prod", proxy.URL, gittoken.NewSecret(otherKey), "default")

			switch {
			case test.wantKind != "":
				if e := errorOf(t, err, test.wantKind); e.Op != "deregisterFromGitIntegration" {
					t.Errorf("error is of %s", e.Op)
				}
			case err != nil:
				t.Fatal(err)
			}

			if test.wantOps != nil {
				if diff := cmp.Diff(test.wantOps, proxy.ops()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// Without knowing who the key's user is, nobody's absence is proved.
func TestDeregisterUserTokenWithoutMe(t *testing.T) {
	t.Parallel()

	platform := newPlatform(t, always(reply{502, "text/html", "<html/>"}))
	proxy := newAppProxy(t, func(_ context.Context, r request) reply {
		if r.Op == "GitIntegrations" {
			return data(`{"gitIntegrations":[]}`)
		}

		return gqlErrors(200, "no")
	})

	err := newClient(t, platform).DeregisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, "default")
	wantKind(t, err, codefresh.Refused)
}

// After a mutation, what was remembered of that app-proxy is asked again, whether or not the mutation succeeded.
func TestMutationForgets(t *testing.T) {
	t.Parallel()

	for name, answer := range map[string]reply{
		"success": data(`{"registerToGitIntegration":{"name":"default"}}`),
		"failure": {502, "text/html", "<html/>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			proxy := newAppProxy(t, func(_ context.Context, r request) reply {
				if r.Op == "GitIntegrations" {
					return data(integrationsJSON)
				}

				return answer
			})
			client := newClient(t, nil)

			for range 2 {
				if _, err := client.Integrations(t.Context(), "prod", proxy.URL); err != nil {
					t.Fatal(err)
				}

				_ = client.RegisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, userToken())
			}

			want := []string{"GitIntegrations", "RegisterToGitIntegration", "GitIntegrations", "RegisterToGitIntegration"}
			if diff := cmp.Diff(want, proxy.ops()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}
