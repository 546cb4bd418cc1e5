package acceptance_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const tokenRevoke = "codefresh_git_token_revoke"

// revokeWorld is a world whose account is at GitHub.com, with a runtime token and a user's in it.
func revokeWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(w.SetAccountGit("GITHUB", "https://api.github.com"))

	return w
}

// revoking is a provider with this token as ci-old, among others.
func (w *world) revoking(text string, settings map[string]any) *wire {
	w.t.Helper()
	all := map[string]any{
		"ca_certificate": string(w.CACertificate()), "git_tokens": map[string]string{"ci-old": text, "ci": w.mint("repo")},
	}
	maps.Copy(all, settings)

	return w.wire(all)
}

// wantRevoked says if the host still takes the token, or did something else besides.
func (w *world) wantRevoked(t *testing.T, service sandbox.Service, revoked bool) {
	t.Helper()

	changes, err := w.Changes(service)
	w.must(err)

	if want := map[bool]int{true: 1}[revoked]; len(changes) != want {
		t.Errorf("%s changed %q, want %d", service, changes, want)
	}
}

// TestRevoke invokes the action at each host that revokes: the host is asked before and after, and for nothing else.
func TestRevoke(t *testing.T) {
	t.Parallel()

	const gitHubAPI, gitLabAPI = "https://api.github.com", "/gitlab/api/v4" // the latter with the site's relative root
	for name, tt := range map[string]struct {
		token    sandbox.Token
		provider string
		path     string // of the API, below the host's own address
		asked    map[string]int
	}{
		"GitHub, classic": {
			sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}},
			"github", "",
			map[string]int{"GET /user": 2, "POST /credentials/revoke": 1},
		},
		"GitHub, fine-grained": {
			sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained"},
			"github", "",
			map[string]int{"GET /user": 2, "POST /credentials/revoke": 1},
		},
		"GitHub, OAuth": {
			sandbox.Token{Service: sandbox.GitHub, Kind: "oauth"},
			"github", "",
			map[string]int{"GET /user": 2, "POST /credentials/revoke": 1},
		},
		"GitHub Enterprise Server": {
			sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic"},
			"github", "/api/v3",
			map[string]int{"GET /api/v3/user": 2, "POST /api/v3/credentials/revoke": 1},
		},
		"GitLab, personal": {
			sandbox.Token{Service: sandbox.GitLabSelfManaged, Kind: "personal", Scopes: []string{"read_repository"}},
			"gitlab",
			gitLabAPI,
			map[string]int{
				"GET " + gitLabAPI + "/personal_access_tokens/self":    2,
				"DELETE " + gitLabAPI + "/personal_access_tokens/self": 1,
			},
		},
		"GitLab, granular": {
			sandbox.Token{Service: sandbox.GitLabSelfManaged, Kind: "granular", Grants: []sandbox.Grant{
				{Access: "user", Permissions: []string{"read_personal_access_token", "revoke_personal_access_token"}},
			}}, "gitlab", gitLabAPI, map[string]int{
				"GET " + gitLabAPI + "/personal_access_tokens/self":    2,
				"DELETE " + gitLabAPI + "/personal_access_tokens/self": 1,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := revokeWorld(t)
			tt.token.Owner = "ci-bot"

			api := gitHubAPI
			if tt.token.Service != sandbox.GitHub {
				api = strings.TrimSuffix(w.URL(tt.token.Service), "/gitlab") + tt.path
			}

			x := w.revoking(w.token(tt.token).Text, nil)

			config := map[string]any{
				"token_name": "ci-old", "git_provider": tt.provider, "api_url": api, "unused_by": []string{runtimeName},
			}
			if planned := x.planAction(tokenRevoke, config); len(planned) > 0 {
				t.Fatalf("the plan says %v", planned)
			}

			if asked := w.hostOperations(tt.token.Service); len(asked) > 0 {
				t.Errorf("the plan asked %v", asked)
			}

			progress, ended := x.invoke(tokenRevoke, config)
			if len(ended) > 0 {
				t.Fatalf("it ends with %v", ended)
			}

			w.wantRevoked(t, tt.token.Service, true)

			if diff := cmp.Diff(tt.asked, w.hostOperations(tt.token.Service)); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}

			if n := len(progress); n != 4 || !strings.Contains(progress[n-1], "is revoked") {
				t.Errorf("it says %q", progress)
			}
			// Once more is no error, and asks for nothing but the host's word.
			_, ended = x.invoke(tokenRevoke, config)
			if severities(ended)["error"] > 0 {
				t.Errorf("the second time it ends with %v", ended)
			}

			w.wantRevoked(t, tt.token.Service, true)
		})
	}
}

// hostOperations counts the requests to one host.
func (w *world) hostOperations(service sandbox.Service) map[string]int {
	found := make(map[string]int)

	for what, n := range w.operations() {
		if operation, ok := strings.CutPrefix(what, string(service)+" "); ok {
			found[operation] = n
		}
	}

	return found
}

// TestRevokeRefuses goes through all that a token may be in use for, and all that keeps that from being known.
func TestRevokeRefuses(t *testing.T) {
	t.Parallel()

	type refusal struct {
		token    sandbox.Token // by default a classic one of GitHub.com
		prepare  func(w *world, text string)
		settings func(w *world, text string) map[string]any
		config   map[string]any
		planned  string // what a plan says of it: error, warning or nothing
		says     []string
	}

	breaks := func(s sandbox.Service, f sandbox.Fault) func(*world, string) {
		return func(w *world, _ string) { w.must(w.Break(s, f)) }
	}

	named := func(service sandbox.Service, kind string) sandbox.Token {
		return sandbox.Token{Service: service, Kind: kind}
	}
	for name, tt := range map[string]refusal{
		"another name": {
			settings: func(_ *world, text string) map[string]any {
				return map[string]any{"git_tokens": map[string]string{"ci-old": text, "ci": text, "zz": text}}
			},
			planned: "error",
			says:    []string{"in use under another name", `git_tokens["ci"], git_tokens["zz"]`, "Nothing was revoked"},
		},
		"the runtime's own": {
			config: map[string]any{"unused_by": nil}, planned: "error",
			says: []string{"may be in use at Codefresh", "holds GitHub tokens in prod,", "unused_by"},
		},
		"a user's": {
			prepare: func(w *world, _ string) {
				id, _, err := w.AddUser("ann", false)
				w.must(err)
				w.must(w.Register(runtimeName, "default", map[string]string{id: "ghp_hers"}))
			},
			planned: "error", says: []string{"holds GitHub tokens in prod/default/", "Nothing was revoked"},
		},
		"a new runtime": {
			prepare: func(w *world, _ string) { w.must(w.AddRuntime(sandbox.Runtime{Name: "edge"})) },
			planned: "error", says: []string{"holds GitHub tokens in edge,"},
		},
		"no Codefresh": {
			settings: func(*world, string) map[string]any { return map[string]any{"api_key": nil} },
			planned:  "error", says: []string{"API key is missing"},
		},
		"Codefresh is silent": {
			prepare: breaks(sandbox.Codefresh, sandbox.Fault{Status: 500}), planned: "warning",
			says: []string{"Nothing was revoked"},
		},
		"an app-proxy is silent": {
			prepare: func(w *world, _ string) { w.must(w.SetReach(runtimeName, sandbox.ReachTunnelDown)) },
			planned: "warning", says: []string{"Nothing was revoked"},
		},
		"no administrator": {
			settings: func(w *world, _ string) map[string]any {
				_, key, err := w.AddUser("intern", false)
				w.must(err)

				return map[string]any{"api_key": key}
			},
			planned: "error", says: []string{"may not show every Git token", "administrator"},
		},
		"the host is silent": {
			prepare: breaks(sandbox.GitHub, sandbox.Fault{Status: 503}),
			says:    []string{"Git token could not be checked", "Nothing was revoked"},
		},
		"GitHub App": {
			token: named(sandbox.GitHub, "app_installation"), planned: "error",
			says: []string{"cannot be revoked from here", "App installation token", "https://github.com/settings/"},
		},
		"GitLab OAuth": {
			token:  sandbox.Token{Service: sandbox.GitLab, Kind: "oauth", Scopes: []string{"api"}},
			config: map[string]any{"git_provider": "gitlab"},
			says:   []string{"cannot be revoked from here", "https://gitlab.com/-/user_settings/personal_access_tokens"},
		},
		"Bitbucket Cloud": {
			token: named(sandbox.BitbucketCloud, "api_token"), config: map[string]any{"git_provider": "bitbucket"},
			planned: "error", says: []string{"cannot be revoked from here", "https://id.atlassian.com/"},
		},
		"Bitbucket Data Center": {
			token: sandbox.Token{
				Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_READ", "REPO_READ"},
			},
			config:  map[string]any{"git_provider": "bitbucket-server", "api_url": "https://git.example.com"},
			planned: "error", says: []string{"cannot be revoked from here", "https://git.example.com/plugins/servlet/"},
		},
		"no such name": {
			config: map[string]any{"token_name": "gone"}, planned: "error", says: []string{"Git token name is not known"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := revokeWorld(t)

			if tt.token.Kind == "" {
				tt.token = sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}
			}

			tt.token.Owner, tt.token.Email = "ci-bot", "ci-bot@example.com"

			text := w.token(tt.token).Text
			if tt.prepare != nil {
				tt.prepare(w, text)
			}

			settings := map[string]any{"max_retries": nil}
			if tt.settings != nil {
				settings = tt.settings(w, text)
			}

			x := w.revoking(text, settings)
			config := map[string]any{"token_name": "ci-old", "git_provider": "github", "unused_by": []string{runtimeName}}
			maps.Copy(config, tt.config)

			planned := x.planAction(tokenRevoke, config)
			if tt.planned == "" && len(planned) > 0 ||
				tt.planned != "" && (len(planned) != 1 || planned[0].Severity != tt.planned) {
				t.Errorf("the plan says %v, want %q", planned, tt.planned)
			}

			_, ended := x.invoke(tokenRevoke, config)
			if len(ended) != 1 || ended[0].Severity != "error" {
				t.Fatalf("it ends with %v", ended)
			}

			ended[0].wants(t, tt.says...)
			w.wantRevoked(t, tt.token.Service, false)

			for _, d := range slices.Concat(planned, ended) {
				if strings.Contains(d.String(), text) {
					t.Errorf("the message repeats the token:\n%s", d)
				}
			}
		})
	}
}

// What Codefresh holds for another Git provider is nothing that the token could be in use for.
func TestRevokeWithOtherProviders(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.must(w.SetAccountGit("GITLAB", "https://gitlab.com/api/v4"))
	x := w.revoking(w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic"}).Text, nil)

	config := map[string]any{"token_name": "ci-old", "git_provider": "github"}
	if _, ended := x.invoke(tokenRevoke, config); len(ended) > 0 {
		t.Errorf("it ends with %v", ended)
	}

	w.wantRevoked(t, sandbox.GitHub, true)
}

// A token that is dead already is no error, with no Codefresh to ask. That a host merely rejects it is told: another
// host's token would be rejected, too.
func TestRevokeOfDeadTokens(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		token    sandbox.Token
		kill     func(w *world, text string) error
		progress string
		warns    bool
	}{
		"GitHub": {
			sandbox.Token{Service: sandbox.GitHub, Kind: "classic"}, (*world).revoked, "", true,
		},
		"GitLab, revoked": {
			sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}},
			(*world).revoked,
			"https://gitlab.com/api/v4 says that the token was revoked already", false,
		},
		"GitLab, expired": {
			sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}},
			func(w *world, text string) error {
				return w.SetExpiry(text, time.Now().AddDate(0, 0, -3))
			}, "https://gitlab.com/api/v4 says that the token has expired already", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := revokeWorld(t)
			tt.token.Owner = "ci-bot"
			text := w.token(tt.token).Text
			w.must(tt.kill(w, text))
			x := w.revoking(text, map[string]any{"api_key": nil})

			progress, ended := x.invoke(tokenRevoke, map[string]any{
				"token_name": "ci-old", "git_provider": strings.TrimSuffix(string(tt.token.Service), ".com"),
			})
			if severities(ended)["error"] > 0 || (len(ended) == 1) != tt.warns || len(ended) > 1 {
				t.Fatalf("it ends with %v", ended)
			}

			if tt.warns {
				ended[0].wants(t, "Git token is rejected already", `"Bad credentials"`, "api_url")
			}

			if last := progress[len(progress)-1]; tt.progress != "" && !strings.Contains(last, tt.progress) {
				t.Errorf("it says %q", progress)
			}

			if asked := w.hostOperations(sandbox.Codefresh); len(asked) > 0 {
				t.Errorf("Codefresh was asked %v", asked)
			}

			w.wantRevoked(t, tt.token.Service, false)
		})
	}
}

func (w *world) revoked(text string) error { return w.RevokeToken(text) }

// A host that accepts and takes its time, refuses, or does not answer any more, is quoted as such.
func TestRevokeSaysWhatCameOfIt(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		token    sandbox.Token
		path     string
		prepare  func(w *world) error
		severity string
		says     []string
	}{
		"slow": {
			sandbox.Token{Service: sandbox.GitHub, Kind: "classic"},
			"",
			func(w *world) error { return w.SetBehaviour(sandbox.GitHub, sandbox.SlowRevocation, true) },
			"warning",
			[]string{"is not seen revoked yet", "takes the token still", "Try again"},
		},
		"an old Enterprise Server": {
			sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic"},
			"/api/v3",
			func(w *world) error { return w.SetBehaviour(sandbox.GitHubEnterprise, sandbox.NoRevocation, true) },
			"error",
			[]string{"Git token was not revoked", "since 3.19", "/settings/tokens"},
		},
		"a granular token without the right": {
			sandbox.Token{Service: sandbox.GitLab, Kind: "granular", Grants: []sandbox.Grant{
				{Access: "user", Permissions: []string{"read_personal_access_token"}},
			}},
			"", func(*world) error { return nil },
			"error",
			[]string{"Git token was not revoked", "Personal Access Token: Revoke"},
		},
		"in trouble": {
			sandbox.Token{Service: sandbox.GitHub, Kind: "classic"},
			"",
			func(w *world) error {
				return w.Break(sandbox.GitHub, sandbox.Fault{Status: 500, Match: "credentials"})
			},
			"error",
			[]string{"Git token was not revoked", "did not say that it will"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := revokeWorld(t)
			tt.token.Owner = "ci-bot"
			w.must(tt.prepare(w))
			x := w.revoking(w.token(tt.token).Text, nil)
			config := map[string]any{"token_name": "ci-old", "git_provider": "github", "unused_by": []string{runtimeName}}

			switch tt.token.Service {
			case sandbox.GitHubEnterprise:
				config["api_url"] = w.URL(tt.token.Service)
			case sandbox.GitLab:
				config["git_provider"] = "gitlab"
			}

			_, ended := x.invoke(tokenRevoke, config)
			if len(ended) != 1 || ended[0].Severity != tt.severity {
				t.Fatalf("it ends with %v", ended)
			}

			ended[0].wants(t, tt.says...)
			w.wantRevoked(t, tt.token.Service, false)
		})
	}
}

// A request whose answer got lost may have arrived: the host is asked, and the token is not revoked a second time.
func TestRevokeWithALostAnswer(t *testing.T) {
	t.Parallel()

	w := revokeWorld(t)
	w.must(w.Break(sandbox.GitHub, sandbox.Fault{Mode: "reset", Match: "credentials"}))
	x := w.revoking(w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic"}).Text, nil)

	_, ended := x.invoke(tokenRevoke, map[string]any{
		"token_name": "ci-old", "git_provider": "github", "unused_by": []string{runtimeName},
	})
	if len(ended) > 0 {
		t.Errorf("it ends with %v", ended)
	}

	w.wantRevoked(t, sandbox.GitHub, true)

	if n := w.hostOperations(sandbox.GitHub)["POST /credentials/revoke"]; n != 1 {
		t.Errorf("the host was asked %d times to revoke", n)
	}
}

// Terraform reads, plans and applies resources and actions in any order: whichever comes second sees that the action
// would take away what the resource lives by. That it is named in unused_by does not help.
func TestRevokeOfATokenInUse(t *testing.T) {
	t.Parallel()

	for _, k := range lifeKinds() {
		t.Run(k.resourceType, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			first, second := w.mint(k.scopes...), w.mint(k.scopes...)
			settings := map[string]any{"git_tokens": map[string]string{"one": first, "two": second}}
			o := &oldClient{name: k.resourceType, wire: w.wire(settings)}
			user, _ := w.DefaultUser()
			revoke := func(name string) map[string]any {
				return map[string]any{
					"token_name": name, "git_provider": "github", "api_url": w.api(),
					"unused_by": []string{runtimeName, runtimeName + "/default/" + user},
				}
			}
			with := func(name string) map[string]any { return map[string]any{"runtime": runtimeName, "token_name": name} }
			place := map[string]string{runtimeToken: runtimeName, userToken: runtimeName + "/default"}[k.resourceType]
			refused := func(when string, ended []diagnostic, says ...string) {
				t.Helper()

				if len(ended) != 1 || ended[0].Severity != "error" {
					t.Fatalf("%s: %v", when, ended)
				}

				ended[0].wants(t, append(says, place)...)
			}

			// A plan that is to register the token.
			if planned := o.planAction(tokenRevoke, revoke("one")); len(planned) > 0 {
				t.Fatalf("nothing uses it yet: %v", planned)
			}

			_, said := o.walk(with("one"))
			refused("a create after the action", said, "Git token is about to be revoked")

			if changed, said := o.walk(with("one")); !changed || severities(said)["error"] > 0 {
				t.Fatalf("the create: %v", said)
			}
			// The state has it: after a refresh, which is all that -invoke does, and after a plan, even of another token.
			o.refresh()
			refused("after a refresh", o.planAction(tokenRevoke, revoke("one")), "Git token is in use")
			_, ended := o.invoke(tokenRevoke, revoke("one"))
			refused("after a refresh", ended, "Git token is in use")

			o.wire = w.wire(settings)
			o.planAction(tokenRevoke, revoke("one"))
			_, said = o.walk(with("two"))
			refused("a rotation after the action", said, "Git token is about to be revoked")
			// Once another one is in its place, and in the state, it can go.
			if changed, said := o.walk(with("two")); !changed || severities(said)["error"] > 0 {
				t.Fatalf("the rotation: %v", said)
			}

			w.wantRevoked(t, lifeHost, false)
			o.refresh()
			refused("the new one", o.planAction(tokenRevoke, revoke("two")), "Git token is in use")

			if planned := o.planAction(tokenRevoke, revoke("one")); len(planned) > 0 {
				t.Fatalf("the old one: %v", planned)
			}

			if _, ended := o.invoke(tokenRevoke, revoke("one")); len(ended) > 0 {
				t.Fatalf("the old one: %v", ended)
			}

			w.wantRevoked(t, lifeHost, true)
		})
	}
}

// A host may quote the token in whatever it says, in clear or in JSON's escapes: neither the progress of an action nor
// its end repeats it.
func TestActionsTellNoSecret(t *testing.T) {
	t.Parallel()

	w := revokeWorld(t)
	text := w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
	x := w.revoking(text, map[string]any{"max_retries": nil})
	revoke := map[string]any{"token_name": "ci-old", "git_provider": "github", "unused_by": []string{runtimeName}}
	verify := map[string]any{"token_name": "ci-old", "git_provider": "github", "token_type": "user"}

	escaped := `\u0067` + text[1:]
	for _, quoted := range []string{text, escaped} {
		for match, body := range map[string]string{
			"credentials": `{"message":"no ` + quoted + `","documentation_url":"https://docs.github.com/rest"}`,
			"user":        `{"login":"bot ` + quoted + `","id":7,"type":"User"}`,
		} {
			status := map[string]int{"credentials": 422, "user": 200}[match]
			w.must(w.Break(sandbox.GitHub, sandbox.Fault{Status: status, Match: match, Body: body}))

			for name, config := range map[string]map[string]any{tokenRevoke: revoke, tokenVerify: verify} {
				progress, ended := x.invoke(name, config)

				said := strings.Join(progress, "\n")
				for _, d := range ended {
					said += d.String()
				}

				if strings.Contains(said, text) || strings.Contains(said, text[4:]) {
					t.Errorf("%s of a host that quotes in %s says\n%s", name, match, said)
				}

				if len(progress) < 1 {
					t.Errorf("%s says nothing", name)
				}
			}

			w.Heal(sandbox.GitHub)
		}
	}
}
