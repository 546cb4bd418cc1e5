package provider

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

const (
	repositoryA = "https://ghe.example.com/acme/a"
	repositoryB = "https://ghe.example.com/acme/b"
	enterprise  = "https://ghe.example.com/api/v3"
)

// messageNow is when plans are made.
func messageNow() time.Time { return time.Date(2026, time.August, 1, 12, 0, 0, 0, time.UTC) }

// live returns the verdict on a token that its host accepts and tells the scopes of.
func live(k gittoken.Kind, scopes ...gittoken.Scope) gittoken.Verdict {
	return gittoken.Verdict{
		Standing: gittoken.Live, Kind: k, Owner: "ci-bot", Scopes: scopes, ScopesKnown: k.TellsScopes(),
	}
}

// fixedInspector gives one verdict on every token.
type fixedInspector gittoken.Verdict

func (f fixedInspector) Inspect(context.Context, gittoken.Credential, time.Duration) gittoken.Verdict {
	return gittoken.Verdict(f)
}

func (fixedInspector) Locate(gittoken.Host, string) (string, error) { return "", nil }

func (f fixedInspector) Probe(
	_ context.Context, _ gittoken.Credential, _ gittoken.Kind, p gittoken.Probe, _ bool, _ time.Duration,
) gittoken.ProbeResult {
	return gittoken.ProbeResult{Probe: p, Outcome: gittoken.Proven}
}

// fixedPlace is a place in Codefresh of which it tells one view.
type fixedPlace registration.View

func (p fixedPlace) Read(context.Context, registration.Freshness) (registration.View, error) {
	return registration.View(p), nil
}

func (fixedPlace) GitSources(context.Context) ([]string, bool) { return nil, false }

func (fixedPlace) Reach(context.Context, registration.View) error { return nil }

func (fixedPlace) Write(context.Context, registration.View, gittoken.Credential) error { return nil }

// testSalt is that of the private state of appliedModel.
const testSalt = "0123456789abcdef"

// appliedModel is the state of a classic runtime token for which the configuration gives no more than it must.
func appliedModel() tokenModel {
	return tokenModel{
		ID: types.StringValue("prod"), Runtime: types.StringValue("prod"), Token: types.StringValue("legacy"),
		GitProvider: types.StringValue("github"), APIURL: types.StringValue(enterprise),
		RequiredScopes: set("repo", "admin:repo_hook"), Repositories: types.ListNull(repositoryType()),
		verdictModel: earlier(), CodefreshStatus: types.StringValue(string(codefresh.TokenSuccessful)),
		TokenFingerprint: types.StringValue(gittoken.NewSecret("legacy").Fingerprint([]byte(testSalt))),
	}
}

// minimal is the configuration of appliedModel.
func minimal() tokenModel {
	return tokenModel{
		Runtime: types.StringValue("prod"), Token: types.StringValue("legacy"),
		RequiredScopes: types.SetNull(types.StringType), Repositories: types.ListNull(repositoryType()),
	}
}

// proposed returns what the framework proposes for a configuration: as soon as anything changes, every computed value
// is unknown.
func proposed(config tokenModel) tokenModel {
	plan := config
	plan.TokenWO = types.StringNull()
	plan.ID = types.StringUnknown()
	plan.markResultsUnknown()

	if config.GitProvider.IsNull() {
		plan.GitProvider = types.StringUnknown()
	}

	if config.APIURL.IsNull() {
		plan.APIURL = types.StringUnknown()
	}

	if config.RequiredScopes.IsNull() {
		plan.RequiredScopes = types.SetUnknown(types.StringType)
	}

	return plan
}

// Which values a plan leaves to the apply, and how bad a token without the scope for webhooks is then.
func TestPlannedValues(t *testing.T) {
	t.Parallel()

	expiry := "2027-01-31T00:00:00Z"
	text := types.StringValue

	for name, test := range map[string]struct {
		config  func(*tokenModel)
		state   func(*tokenModel)
		private privateState
		view    func(*registration.View)

		updates  bool
		host     bool // whether git_provider and api_url are known, though not configured
		required bool // likewise required_scopes
		fails    bool // if the token turns out to be bad
	}{
		"nothing new": {host: true, required: true},
		"another token": {
			config: func(m *tokenModel) { m.Token = text("ghp_new") }, updates: true, fails: true,
		},
		"a token that is not known": {
			config: func(m *tokenModel) { m.Token = types.StringUnknown() }, updates: true,
		},
		"host, as it was": {
			config: func(m *tokenModel) { m.GitProvider, m.APIURL = text("github"), text(enterprise) },
			host:   true, required: true,
		},
		"the same host, spelled otherwise": {
			config: func(m *tokenModel) { m.APIURL = text("https://ghe.example.com/") }, host: true, required: true,
		},
		"another provider": {
			config: func(m *tokenModel) { m.GitProvider = text("gitlab") }, updates: true, fails: true,
		},
		"a provider that is not known": {
			config: func(m *tokenModel) { m.GitProvider = types.StringUnknown() }, updates: true,
		},
		"another address": {
			config:  func(m *tokenModel) { m.APIURL = text("https://git.example.com") },
			updates: true, fails: true,
		},
		"an address that is configured no longer": {
			state:   func(m *tokenModel) { m.APIURL = text("https://old.example.com/api/v3") },
			private: privateState{AddressConfigured: true}, updates: true, fails: true,
		},
		"Codefresh moved to another host": {
			view: func(v *registration.View) { v.APIURL = "https://new.example.com/api/v3" }, updates: true, fails: true,
		},
		"another user name": {
			config: func(m *tokenModel) { m.Username = text("ci@example.com") }, updates: true, fails: true,
		},
		"more scopes": {
			config: func(m *tokenModel) { m.RequiredScopes = set("repo", "admin:repo_hook", "gist") }, updates: true,
			fails: true,
		},
		"fewer scopes": {
			config: func(m *tokenModel) { m.RequiredScopes = set("admin:repo_hook") }, updates: true,
		},
		"scopes that are not known": {
			config: func(m *tokenModel) { m.RequiredScopes = types.SetUnknown(types.StringType) }, updates: true,
		},
		"a repository": {
			config: func(m *tokenModel) { m.Repositories = repositories("read", repositoryA) }, updates: true,
			fails: true,
		},
		"write probes": {
			config: func(m *tokenModel) { m.WriteProbes = types.BoolValue(true) }, updates: true,
		},
		// Where the configuration names the host, nobody else can change what the table requires.
		"write probes at a host that is configured": {
			config: func(m *tokenModel) {
				m.WriteProbes, m.GitProvider, m.APIURL = types.BoolValue(true), text("github"), text(enterprise)
			}, updates: true, required: true,
		},
		"a bad token at a host that is configured": {
			config: func(m *tokenModel) { m.GitProvider, m.APIURL = text("github"), text(enterprise) },
			state:  func(m *tokenModel) { m.Status = text("revoked") }, updates: true, required: true,
		},
		"what asks nothing of the token": {
			config: func(m *tokenModel) {
				m.Validation, m.ExpiresAtHint = text("enforce"), text("2027-01-01")
				m.AppProxyURL = text("https://inside.example.com")
			}, updates: true,
		},
		"a bad token": {
			state: func(m *tokenModel) { m.Status = text("revoked") }, updates: true,
		},
		"a token that Codefresh calls invalid": {
			state: func(m *tokenModel) { m.CodefreshStatus = text("failed") }, updates: true,
		},
		"an expiry that moved": {private: privateState{ExpiresAt: new(string)}, updates: true},
		"an expiry as it was":  {private: privateState{ExpiresAt: &expiry}, host: true, required: true},
		"imported": {
			state: func(m *tokenModel) {
				*m = tokenModel{
					ID: text("prod"), Runtime: text("prod"), Token: types.StringNull(),
					RequiredScopes: types.SetNull(types.StringType), Repositories: types.ListNull(repositoryType()),
				}
			},
			updates: true, fails: true,
		},
		"another version of a write-only token": {
			config: func(m *tokenModel) {
				m.Token, m.TokenWO, m.TokenWOVersion = types.StringNull(), text("legacy"), text("2")
			},
			state:   func(m *tokenModel) { m.Token, m.TokenWOVersion = types.StringNull(), text("1") },
			updates: true, fails: true,
		},
		"a write-only token that is ignored": {
			config: func(m *tokenModel) { m.Token = types.StringNull() },
			state:  func(m *tokenModel) { m.Token = types.StringNull() }, host: true, required: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config, state, view := minimal(), appliedModel(), registration.View{
				Registered: true, Provider: gittoken.GitHub, APIURL: enterprise,
			}
			if test.config != nil {
				test.config(&config)
			}

			if test.state != nil {
				test.state(&state)
			}

			if test.view != nil {
				test.view(&view)
			}

			plan := func(v gittoken.Verdict) (planned, diag.Diagnostics) {
				d := &providerData{
					checker:    tokencheck.Checker{Inspector: fixedInspector(v), Now: messageNow},
					validation: tokencheck.Enforce, now: messageNow, notices: newNotices(), places: newPlaces(), uses: newTokenUses(),
					redactor: redact.New(),
				}
				c := planCall{
					tokenType: gittoken.Runtime, plan: proposed(config), config: config, state: &state,
					private: test.private, place: fixedPlace(view),
				}
				c.private.Salt = []byte(testSalt)

				var diags diag.Diagnostics

				c.say = d.reporter(&diags, c.private, &state)

				return d.planToken(t.Context(), c), diags
			}

			good := live(gittoken.KindClassic, "repo", "admin:repo_hook", "gist", "api") // api is GitLab's

			p, diags := plan(good)
			if diags.HasError() {
				t.Fatal(diags)
			}

			if got := p.model.Status.IsUnknown(); got != test.updates {
				t.Errorf("updates is %t", got)
			}

			if diff := cmp.Diff(state.verdictModel, p.model.verdictModel); diff != "" && !test.updates {
				t.Errorf("the verdict changed (-want +got):\n%s", diff)
			}

			if known := !p.model.APIURL.IsUnknown(); config.APIURL.IsNull() && known != test.host {
				t.Errorf("api_url is known: %t", known)
			}

			if known := !p.model.GitProvider.IsUnknown(); config.GitProvider.IsNull() && known != test.host {
				t.Errorf("git_provider is known: %t", known)
			}

			if known := !p.model.RequiredScopes.IsUnknown(); config.RequiredScopes.IsNull() && known != test.required {
				t.Errorf("required_scopes is known: %t", known)
			}

			if !p.model.ID.Equal(state.ID) {
				t.Errorf("id became %s", p.model.ID)
			}

			if _, diags = plan(live(gittoken.KindClassic)); diags.HasError() != test.fails {
				t.Errorf("a bad token fails the plan: %t", diags.HasError())
			}
		})
	}
}

// A create leaves everything to the apply that nobody configured.
func TestPlannedValuesOfACreate(t *testing.T) {
	t.Parallel()

	config := minimal()
	d := &providerData{
		checker: tokencheck.Checker{
			Inspector: fixedInspector(live(gittoken.KindClassic, "repo", "admin:repo_hook")), Now: messageNow,
		},
		validation: tokencheck.Enforce, now: messageNow, notices: newNotices(), places: newPlaces(), uses: newTokenUses(),
		redactor: redact.New(),
	}

	var diags diag.Diagnostics

	c := planCall{
		tokenType: gittoken.Runtime, plan: proposed(config), config: config, say: report(&diags),
		place: fixedPlace(registration.View{Registered: true, Provider: gittoken.GitHub, APIURL: enterprise}),
		others: func() bool {
			t.Error("a plan without an error waits for others")

			return false
		},
	}
	if c.replaces() {
		t.Error("a create is taken for a replacement")
	}

	p := d.planToken(t.Context(), c)
	if diff := cmp.Diff(proposed(config), p.model, cmp.AllowUnexported(tokenModel{})); diff != "" || len(diags) > 0 {
		t.Errorf("%v (-want +got):\n%s", diags, diff)
	}
}

// asker is an Inspector that counts what it is asked.
type asker struct {
	fixedInspector

	asked *int
}

func (a asker) Inspect(ctx context.Context, c gittoken.Credential, age time.Duration) gittoken.Verdict {
	*a.asked++

	return a.fixedInspector.Inspect(ctx, c, age)
}

// A repository at another host than the token's is an error before anybody is asked. One that was accepted before may
// come to be at another host by Codefresh's doing, and must not stand in the way of a destroy.
func TestRepositoriesAtTheTokensHost(t *testing.T) {
	t.Parallel()

	elsewhere := repositories("read", "https://github.com/acme/a")
	ours := repositories("read", repositoryA, "git@ghe.example.com:acme/b.git", "https://www.ghe.example.com/acme/c")
	before := appliedModel()

	before.Repositories = elsewhere
	for name, test := range map[string]struct {
		repositories types.List
		state        *tokenModel
		fails        bool
	}{
		"new":             {elsewhere, nil, true},
		"new, ours":       {ours, nil, false},
		"changed":         {repositories("read", repositoryA, "https://github.com/acme/b"), &before, true},
		"changed to ours": {ours, &before, false},
		"as before":       {elsewhere, &before, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config, asked := minimal(), 0
			config.Repositories = test.repositories
			d := &providerData{
				checker: tokencheck.Checker{
					Inspector: asker{fixedInspector(live(gittoken.KindClassic, "repo", "admin:repo_hook")), &asked}, Now: messageNow,
				},
				validation: tokencheck.Enforce, now: messageNow, random: strings.NewReader(strings.Repeat("r", 99)),
				notices: newNotices(), places: newPlaces(), uses: newTokenUses(), redactor: redact.New(),
			}
			view := registration.View{Registered: true, Provider: gittoken.GitHub, APIURL: enterprise}

			var diags diag.Diagnostics

			wants := func(walk string) {
				t.Helper()

				said := slices.ContainsFunc(diags, func(d diag.Diagnostic) bool {
					return d.Severity() == diag.SeverityError && strings.HasSuffix(d.Summary(), "is not at the token's Git host")
				})
				if said != test.fails || (asked == 0) != test.fails {
					t.Errorf("%s: asked %d times, said %v", walk, asked, diags)
				}

				diags, asked = nil, 0
			}

			d.planToken(t.Context(), planCall{
				tokenType: gittoken.Runtime, plan: proposed(config), config: config, state: test.state,
				private: privateState{Salt: []byte(testSalt)}, place: fixedPlace(view), say: report(&diags),
				others: func() bool { return false },
			})
			wants("plan")

			d.applyToken(t.Context(), applyCall{
				tokenType: gittoken.Runtime, plan: proposed(config), state: test.state,
				private: privateState{Salt: []byte(testSalt)}, place: fixedPlace(view), say: report(&diags),
			})
			wants("apply")
		})
	}
}

func TestModeOf(t *testing.T) {
	t.Parallel()

	d := &providerData{validation: tokencheck.Warn}
	for own, want := range map[types.String]tokencheck.Mode{
		types.StringNull(): tokencheck.Warn, types.StringUnknown(): tokencheck.ModeUnknown,
		types.StringValue("skip"): tokencheck.Skip, types.StringValue("enforce"): tokencheck.Enforce,
	} {
		if got := d.modeOf(&tokenModel{Validation: own}); got != want {
			t.Errorf("%s: %s, want %s", own, got, want)
		}
	}
}

func TestOwnerChanges(t *testing.T) {
	t.Parallel()

	null, key := types.StringNull(), types.StringValue
	for name, test := range map[string]struct {
		caller      string
		before      types.String
		key, keyWas types.String
		moved       bool
		said        int
	}{
		"the same user":             {"u1", key("u1"), null, null, false, 0},
		"another user":              {"u2", key("u1"), null, null, true, 1},
		"the user's own key":        {"u2", key("u1"), key("k"), key("k"), false, 0},
		"another own key":           {"u2", key("u1"), key("l"), key("k"), true, 0},
		"an own key, not known":     {"u2", key("u1"), types.StringUnknown(), null, true, 0},
		"nobody knows whose":        {"u2", null, null, null, false, 0},
		"nobody knows who asks":     {"", key("u1"), null, null, false, 0},
		"the provider's key, again": {"u1", key("u1"), null, key("k"), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var diags diag.Diagnostics

			state := appliedModel()
			c := planCall{
				tokenType: gittoken.User, plan: appliedModel(), state: &state, say: report(&diags),
				owner: owner{key: test.key, id: test.before}, ownerBefore: owner{key: test.keyWas, id: test.before},
			}
			d := &providerData{notices: newNotices()}

			moved := d.ownerChanges(c, registration.View{UserID: "u1", Caller: test.caller})
			if moved != test.moved || len(diags) != test.said || diags.HasError() {
				t.Errorf("changes is %t, and said was %v", moved, diags)
			}
		})
	}
}
