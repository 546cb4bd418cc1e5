package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// applied is the state of a classic runtime token for which the configuration gives no more than it must.
func applied() tokenModel {
	return tokenModel{
		ID: types.StringValue("prod"), Runtime: types.StringValue("prod"), Token: types.StringValue("t"),
		GitProvider: types.StringValue("github"), APIURL: types.StringValue("https://ghe.example.com/api/v3"),
		RequiredScopes: set("repo", "admin:repo_hook"), Repositories: types.ListNull(repositoryType()),
		verdictModel: earlier(), TokenFingerprint: types.StringValue("f"),
		CodefreshStatus: types.StringValue(codefreshSuccessful),
	}
}

// minimal is the configuration of applied.
func minimal() tokenModel {
	return tokenModel{
		Runtime: types.StringValue("prod"), Token: types.StringValue("t"),
		RequiredScopes: types.SetNull(types.StringType), Repositories: types.ListNull(repositoryType()),
	}
}

// planOf returns what the framework proposes for a configuration beside a state: as soon as anything changes, every
// computed value is unknown.
func planOf(config tokenModel) tokenModel {
	plan := config
	plan.ID = types.StringUnknown()
	plan.unsettle()
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

func repositories(url string) types.List {
	return types.ListValueMust(repositoryType(), []attr.Value{types.ObjectValueMust(repositoryType().AttrTypes,
		map[string]attr.Value{"url": types.StringValue(url), "access": types.StringValue("read")})})
}

func TestSettleAndDemands(t *testing.T) {
	t.Parallel()

	unknown, unknownSet := types.StringUnknown(), types.SetUnknown(types.StringType)
	same := applied()
	bitbucket := func(m *tokenModel) { m.Username = types.StringValue("ci@example.com") }

	for name, test := range map[string]struct {
		config  func(*tokenModel)
		state   func(*tokenModel)
		another bool

		provider types.String
		apiURL   types.String
		scopes   types.Set
		demands  bool
	}{
		"nothing new":   {provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes},
		"another token": {another: true, provider: same.GitProvider, apiURL: same.APIURL, scopes: unknownSet},
		"host, as it was": {
			config:   func(m *tokenModel) { m.GitProvider = same.GitProvider; m.APIURL = same.APIURL },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes,
		},
		"another provider": {
			config:   func(m *tokenModel) { m.GitProvider = types.StringValue("gitlab") },
			provider: types.StringValue("gitlab"), apiURL: unknown, scopes: same.RequiredScopes, demands: true,
		},
		"a provider that is not known": {
			config:   func(m *tokenModel) { m.GitProvider = unknown },
			provider: unknown, apiURL: unknown, scopes: same.RequiredScopes, demands: true,
		},
		"another address": {
			config:   func(m *tokenModel) { m.APIURL = types.StringValue("https://git.example.com") },
			provider: same.GitProvider, apiURL: types.StringValue("https://git.example.com"), scopes: same.RequiredScopes,
			demands: true,
		},
		"another user name": {
			config: bitbucket, provider: same.GitProvider, apiURL: same.APIURL,
			scopes: same.RequiredScopes, demands: true,
		},
		"a user name, as it was": {
			config: bitbucket, state: bitbucket, provider: same.GitProvider, apiURL: same.APIURL,
			scopes: same.RequiredScopes,
		},
		"the same scopes in the user's words": {
			config:   func(m *tokenModel) { m.RequiredScopes = set("admin:repo_hook", "repo") },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: set("admin:repo_hook", "repo"),
		},
		"more scopes": {
			config:   func(m *tokenModel) { m.RequiredScopes = set("admin:repo_hook", "repo", "gist") },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: set("admin:repo_hook", "repo", "gist"), demands: true,
		},
		"fewer scopes": {
			config:   func(m *tokenModel) { m.RequiredScopes = set("repo") },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: set("repo"), demands: true,
		},
		"the user's own scopes no more": {
			state:    func(m *tokenModel) { m.RequiredScopes = set("repo", "gist") },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: unknownSet, demands: true,
		},
		"a repository": {
			config:   func(m *tokenModel) { m.Repositories = repositories(repositoryA) },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes, demands: true,
		},
		"another repository": {
			config:   func(m *tokenModel) { m.Repositories = repositories(repositoryA) },
			state:    func(m *tokenModel) { m.Repositories = repositories(repositoryB) },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes, demands: true,
		},
		"a repository, as it was": {
			config:   func(m *tokenModel) { m.Repositories = repositories(repositoryA) },
			state:    func(m *tokenModel) { m.Repositories = repositories(repositoryA) },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes,
		},
		"write probes": {
			config:   func(m *tokenModel) { m.WriteProbes = types.BoolValue(true) },
			provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes, demands: true,
		},
		"what asks nothing of the token": {config: func(m *tokenModel) {
			m.Validation = types.StringValue("warn")
			m.ExpiresAtHint = types.StringValue("2027-01-01")
			m.AppProxyURL = types.StringValue("https://inside.example.com")
		}, provider: same.GitProvider, apiURL: same.APIURL, scopes: same.RequiredScopes},
		"a fine-grained token": { // whose row is another one
			state: func(m *tokenModel) {
				m.TokenKind = types.StringValue("fine_grained")
				m.RequiredScopes = set("administration:write", "contents:write", "metadata:read", "pull_requests:write",
					"statuses:write", "webhooks:write")
			}, provider: same.GitProvider, apiURL: same.APIURL, scopes: set("administration:write", "contents:write",
				"metadata:read", "pull_requests:write", "statuses:write", "webhooks:write")},
		"imported": {
			state: func(m *tokenModel) {
				*m = tokenModel{
					ID: types.StringValue("prod"), Runtime: types.StringValue("prod"),
					RequiredScopes: types.SetNull(types.StringType), Repositories: types.ListNull(repositoryType()),
				}
			},
			another: true, provider: unknown, apiURL: unknown, scopes: unknownSet, demands: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config, state := minimal(), applied()
			if test.config != nil {
				test.config(&config)
			}
			if test.state != nil {
				test.state(&state)
			}
			plan := planOf(config)
			p := &proposal{tokenType: gittoken.Runtime, plan: &plan, config: &config, state: &state}
			p.settle(test.another)

			want := planOf(config)
			want.ID, want.GitProvider, want.APIURL = types.StringValue("prod"), test.provider, test.apiURL
			want.RequiredScopes = test.scopes
			if diff := cmp.Diff(want, plan, cmp.AllowUnexported(tokenModel{})); diff != "" {
				t.Errorf("settled plan (-want +got):\n%s", diff)
			}
			if got := p.demands(); got != test.demands {
				t.Errorf("demands is %t", got)
			}
		})
	}
}

// Without a state there is nothing to settle by, and nothing was demanded before.
func TestSettleOfACreate(t *testing.T) {
	t.Parallel()

	config := minimal()
	plan := planOf(config)
	p := &proposal{tokenType: gittoken.Runtime, plan: &plan, config: &config}
	p.settle(true)
	if diff := cmp.Diff(planOf(config), plan, cmp.AllowUnexported(tokenModel{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if p.demands() || p.id() != "" || p.replaces() {
		t.Error("a create is taken for an update")
	}
}

func TestValidationOf(t *testing.T) {
	t.Parallel()

	d := &providerData{validation: warn}
	for own, want := range map[types.String]validation{
		types.StringNull(): warn, types.StringUnknown(): warn, types.StringValue("skip"): skip,
		types.StringValue("enforce"): enforce,
	} {
		if got := d.validationOf(&tokenModel{Validation: own}); got != want {
			t.Errorf("%s: %s, want %s", own, got, want)
		}
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		view    slotView
		userID  bool // whether the resource has one
		ownKey  types.String
		moved   bool
		told    int
		movedTo bool
	}{
		"the same user":         {slotView{userID: "u1", caller: "u1"}, true, types.StringNull(), false, 0, false},
		"another user":          {slotView{userID: "u1", caller: "u2"}, true, types.StringNull(), false, 1, true},
		"the user's own key":    {slotView{userID: "u1", caller: "u2"}, true, types.StringValue("k"), false, 0, false},
		"an own key, not known": {slotView{userID: "u1", caller: "u2"}, true, types.StringUnknown(), false, 0, false},
		"moved already":         {slotView{userID: "u1", caller: "u2"}, true, types.StringNull(), true, 0, true},
		"a runtime token":       {slotView{userID: "", caller: "u2"}, false, types.StringNull(), false, 0, false},
		"nobody knows whose":    {slotView{caller: "u2"}, true, types.StringNull(), false, 0, false},
		"nobody knows who asks": {slotView{userID: "u1"}, true, types.StringNull(), false, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			plan, userID := applied(), types.StringValue("u1")
			p := &proposal{plan: &plan, moved: test.moved, ownKey: test.ownKey}
			if test.userID {
				p.userID = &userID
			}
			var diags diag.Diagnostics
			p.handOver(&providerData{told: newNotices()}, &diags, test.view)
			if len(diags) != test.told || diags.HasError() || p.moved != test.movedTo {
				t.Errorf("moved is %t, and told was %v", p.moved, diags)
			}
			if unknown := userID.IsUnknown(); unknown != (test.told > 0) {
				t.Errorf("user_id is unknown: %t", unknown)
			}
		})
	}
}
