package provider

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func set(words ...string) types.Set {
	elements := make([]attr.Value, 0, len(words))
	for _, word := range words {
		elements = append(elements, types.StringValue(word))
	}

	return types.SetValueMust(types.StringType, elements)
}

// earlier is what an earlier look at a classic token left in the state.
func earlier() verdictModel {
	return verdictModel{
		Status: types.StringValue("valid"), StatusReason: types.StringValue("has every required scope"),
		TokenKind: types.StringValue("classic"), TokenOwner: types.StringValue("ci-bot"),
		GrantedScopes: set("admin:repo_hook", "repo"), MissingScopes: set(), ExcessScopes: set(),
		ExpiresAt:        types.StringValue("2027-01-31T00:00:00Z"),
		RepositoryAccess: types.ListNull(accessType()), HelpURL: types.StringNull(),
	}
}

func judge(t *testing.T, v gittoken.Verdict, m gittoken.Memory) gittoken.Judgement {
	t.Helper()

	return gittoken.Judge(v, gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, v.Kind), nil, m, messageNow())
}

func TestRecord(t *testing.T) {
	t.Parallel()

	narrow := live(gittoken.KindClassic, "repo", "delete_repo")
	narrow.ExpiresAt = time.Date(2027, time.March, 1, 1, 0, 0, 0, time.FixedZone("", 3600))
	rejected := gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindUnknown}
	unreachable := gittoken.Verdict{Kind: gittoken.KindUnknown, Cause: gittoken.CauseTimeout}
	nothing := verdictModel{
		GrantedScopes: noScopes(), MissingScopes: noScopes(), ExcessScopes: noScopes(),
	}
	with := func(m verdictModel, change func(*verdictModel)) verdictModel {
		change(&m)

		return m
	}

	for name, test := range map[string]struct {
		before verdictModel
		judged gittoken.Judgement
		want   verdictModel // after record
		again  verdictModel // after recordAgain
	}{
		"a good answer": {
			before: verdictModel{}, judged: judge(t, live(gittoken.KindClassic, "repo", "admin:repo_hook"), gittoken.Memory{}),
			want:  with(earlier(), func(m *verdictModel) { m.ExpiresAt = types.StringNull() }),
			again: with(earlier(), func(m *verdictModel) { m.ExpiresAt = types.StringNull() }),
		},
		"an answer without the expiry that another one had": {
			before: earlier(), judged: judge(t, live(gittoken.KindClassic, "repo", "admin:repo_hook"), gittoken.Memory{}),
			want:  with(earlier(), func(m *verdictModel) { m.ExpiresAt = types.StringNull() }),
			again: earlier(),
		},
		"a token that got narrower": {
			before: earlier(), judged: judge(t, narrow, gittoken.Memory{}),
			want: verdictModel{
				Status: types.StringValue("under_scoped"), StatusReason: types.StringValue("lacks admin:repo_hook"),
				TokenKind: types.StringValue("classic"), TokenOwner: types.StringValue("ci-bot"),
				GrantedScopes: set("delete_repo", "repo"), MissingScopes: set("admin:repo_hook"),
				ExcessScopes: set("delete_repo"), ExpiresAt: types.StringValue("2027-03-01T00:00:00Z"),
			},
			again: verdictModel{
				Status: types.StringValue("under_scoped"), StatusReason: types.StringValue("lacks admin:repo_hook"),
				TokenKind: types.StringValue("classic"), TokenOwner: types.StringValue("ci-bot"),
				GrantedScopes: set("delete_repo", "repo"), MissingScopes: set("admin:repo_hook"),
				ExcessScopes: set("delete_repo"), ExpiresAt: types.StringValue("2027-03-01T00:00:00Z"),
			},
		},
		"a rejection says nothing else": {
			before: earlier(), judged: judge(t, rejected, gittoken.Memory{Accepted: true}),
			want: with(nothing, func(m *verdictModel) {
				m.Status = types.StringValue("revoked")
				m.StatusReason = types.StringValue("was revoked: the host rejects it, and accepted it earlier")
				m.TokenKind, m.MissingScopes, m.ExcessScopes = types.StringValue("unknown"), set(), set()
			}),
			again: with(earlier(), func(m *verdictModel) {
				m.Status = types.StringValue("revoked")
				m.StatusReason = types.StringValue("was revoked: the host rejects it, and accepted it earlier")
			}),
		},
		"no answer about a token that was judged before": {
			before: earlier(), judged: judge(t, unreachable, gittoken.Memory{}), want: earlier(), again: earlier(),
		},
		"no answer about a token that was not": {
			before: verdictModel{Status: types.StringUnknown()}, judged: judge(t, unreachable, gittoken.Memory{}),
			want: with(nothing, func(m *verdictModel) {
				m.Status = types.StringValue("unchecked")
				m.StatusReason = types.StringValue("the Git host could not be asked")
			}),
			again: with(nothing, func(m *verdictModel) {
				m.Status = types.StringValue("unchecked")
				m.StatusReason = types.StringValue("the Git host could not be asked")
			}),
		},
		"a token that tells no scopes": {
			before: verdictModel{}, judged: judge(t, live(gittoken.KindFineGrained), gittoken.Memory{}),
			want: verdictModel{
				Status: types.StringValue("unproven"),
				StatusReason: types.StringValue("works; its host does not tell its permissions, and nothing proves: " +
					"administration:write, statuses:write, contents:write, metadata:read, pull_requests:write, webhooks:write"),
				TokenKind: types.StringValue("fine_grained"), TokenOwner: types.StringValue("ci-bot"),
				GrantedScopes: noScopes(), MissingScopes: set(), ExcessScopes: set(),
			},
			again: verdictModel{
				Status: types.StringValue("unproven"),
				StatusReason: types.StringValue("works; its host does not tell its permissions, and nothing proves: " +
					"administration:write, statuses:write, contents:write, metadata:read, pull_requests:write, webhooks:write"),
				TokenKind: types.StringValue("fine_grained"), TokenOwner: types.StringValue("ci-bot"),
				GrantedScopes: noScopes(), MissingScopes: set(), ExcessScopes: set(),
			},
		},
		"a token with no scope at all": {
			before: verdictModel{}, judged: judge(t, live(gittoken.KindClassic), gittoken.Memory{}),
			want: verdictModel{
				Status: types.StringValue("under_scoped"), StatusReason: types.StringValue("lacks repo, admin:repo_hook"),
				TokenKind: types.StringValue("classic"), TokenOwner: types.StringValue("ci-bot"),
				GrantedScopes: set(), MissingScopes: set("admin:repo_hook", "repo"), ExcessScopes: set(),
			},
			again: verdictModel{
				Status: types.StringValue("under_scoped"), StatusReason: types.StringValue("lacks repo, admin:repo_hook"),
				TokenKind: types.StringValue("classic"), TokenOwner: types.StringValue("ci-bot"),
				GrantedScopes: set(), MissingScopes: set("admin:repo_hook", "repo"), ExcessScopes: set(),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for _, m := range []*verdictModel{&test.want, &test.again} {
				m.RepositoryAccess = types.ListNull(accessType()) // which no test here asks about
			}

			got := test.before
			got.record(test.judged)

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}

			got = test.before
			got.recordAgain(test.judged)

			if diff := cmp.Diff(test.again, got); diff != "" {
				t.Errorf("recordAgain (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarkResultsUnknown(t *testing.T) {
	t.Parallel()

	m := tokenModel{
		ID: types.StringValue("prod"), Runtime: types.StringValue("prod"), Token: types.StringValue("t"),
		GitProvider: types.StringValue("github"), APIURL: types.StringValue("https://api.github.com"),
		RequiredScopes: set("repo"), Repositories: types.ListNull(repositoryType()), verdictModel: earlier(),
		TokenFingerprint: types.StringValue("f"), CodefreshStatus: types.StringValue(string(codefresh.TokenSuccessful)),
	}
	want := m
	want.verdictModel = verdictModel{
		Status: types.StringUnknown(), StatusReason: types.StringUnknown(), TokenKind: types.StringUnknown(),
		TokenOwner: types.StringUnknown(), ExpiresAt: types.StringUnknown(),
		GrantedScopes: types.SetUnknown(types.StringType), MissingScopes: types.SetUnknown(types.StringType),
		ExcessScopes:     types.SetUnknown(types.StringType),
		RepositoryAccess: types.ListUnknown(accessType()), HelpURL: types.StringUnknown(),
	}
	want.TokenFingerprint, want.CodefreshStatus = types.StringUnknown(), types.StringUnknown()

	m.markResultsUnknown()

	if diff := cmp.Diff(want, m, cmp.AllowUnexported(tokenModel{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLastExpiry(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		expires, hint types.String
		want          string
	}{
		"neither":    {types.StringNull(), types.StringNull(), ""},
		"the host's": {types.StringValue("2027-01-31T10:00:00Z"), types.StringNull(), "2027-01-31T10:00:00Z"},
		"the user's": {types.StringNull(), types.StringValue("2027-02-01"), "2027-02-01T00:00:00Z"},
		"both": {
			types.StringValue("2027-01-31T10:00:00Z"), types.StringValue("2027-02-01"), "2027-01-31T10:00:00Z",
		},
		"not known yet":    {types.StringUnknown(), types.StringValue("2027-02-01"), "2027-02-01T00:00:00Z"},
		"both not known":   {types.StringUnknown(), types.StringUnknown(), ""},
		"what is no time":  {types.StringValue("soon"), types.StringValue("later"), ""},
		"the user's, full": {types.StringNull(), types.StringValue("2027-02-01T02:00:00+02:00"), "2027-02-01T00:00:00Z"},
	} {
		m := tokenModel{verdictModel: verdictModel{ExpiresAt: test.expires}, ExpiresAtHint: test.hint}

		got := ""
		if at := m.lastExpiry(); !at.IsZero() {
			got = at.UTC().Format(time.RFC3339)
		}

		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestScopesIn(t *testing.T) {
	t.Parallel()

	mixed := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("repo"), types.StringUnknown()})
	for name, test := range map[string]struct {
		set  types.Set
		want []gittoken.Scope
	}{
		"null":           {types.SetNull(types.StringType), nil},
		"unknown":        {types.SetUnknown(types.StringType), nil},
		"empty":          {set(), []gittoken.Scope{}}, // which is a requirement, unlike nil
		"words":          {set("a", "b"), []gittoken.Scope{"a", "b"}},
		"partly unknown": {mixed, []gittoken.Scope{"repo"}},
	} {
		if diff := cmp.Diff(test.want, scopesIn(test.set)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestScopeSetHasEachOnce(t *testing.T) {
	t.Parallel()

	if got := scopeSet([]gittoken.Scope{"b", "a", "b"}); !got.Equal(set("a", "b")) {
		t.Errorf("%s", got)
	}

	if got := scopeSet(nil); got.IsNull() || len(got.Elements()) != 0 {
		t.Errorf("of nothing: %s", got)
	}
}

func TestRepositoriesOf(t *testing.T) {
	t.Parallel()

	row := func(url, access types.String) attr.Value {
		return types.ObjectValueMust(repositoryType().AttrTypes, map[string]attr.Value{"url": url, "access": access})
	}
	list := types.ListValueMust(repositoryType(), []attr.Value{
		row(types.StringValue(repositoryB), types.StringValue("write")),
		row(types.StringUnknown(), types.StringValue("read")),
		row(types.StringValue(repositoryA), types.StringUnknown()),
		row(types.StringValue(repositoryA), types.StringValue("read")),
	})
	got := repositoriesOf(list)

	want := []gittoken.RepositoryNeed{
		{URL: repositoryB, Access: gittoken.Write}, {URL: repositoryA, Access: gittoken.Read},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	for _, none := range []types.List{types.ListNull(repositoryType()), types.ListUnknown(repositoryType())} {
		if got := repositoriesOf(none); got != nil {
			t.Errorf("%s: %v", none, got)
		}
	}
}

func TestParseDay(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"2027-01-31":                "2027-01-31T00:00:00Z",
		"2028-02-29":                "2028-02-29T00:00:00Z",
		"2027-01-31T12:00:00Z":      "2027-01-31T12:00:00Z",
		"2027-01-31T12:00:00+02:00": "2027-01-31T10:00:00Z",
		"2027-02-29":                "",
		"2027-1-31":                 "",
		"31.01.2027":                "",
		"2027-01-31 12:00:00":       "",
		"2027-01-31T12:00:00":       "",
		" 2027-01-31":               "",
		"":                          "",
	} {
		at, err := parseDay(text)

		got := ""
		if err == nil {
			got = at.UTC().Format(time.RFC3339)
		}

		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
