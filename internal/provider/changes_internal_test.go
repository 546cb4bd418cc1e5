package provider

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// Every combination of what may change, and what follows from it.
func TestChangeCombinations(t *testing.T) {
	t.Parallel()

	for bits := range 1 << 8 {
		has := func(bit int) bool { return bits&(1<<bit) != 0 }
		c := change{
			create: has(0), token: has(1), owner: has(2), host: has(3), requirement: has(4), drift: has(5),
			gone: has(6), reasserted: has(7),
		}
		// A requirement alone asks nothing of Codefresh.
		if want := bits&^(1<<4) != 0; c.sends() != want {
			t.Errorf("%+v: sends is %t", c, !want)
		}
		// Another owner, a token that went bad, and one that is not registered any more, are no new token.
		isNew := bits&^(1<<2|1<<5|1<<6|1<<7) != 0
		if c.isNew() != isNew {
			t.Errorf("%+v: isNew is %t", c, !isNew)
		}

		if want := bits != 0 && !c.create; c.updates() != want {
			t.Errorf("%+v: updates is %t", c, !want)
		}

		want := tokencheck.PlanUnchanged
		if isNew {
			want = tokencheck.PlanChanged
		}

		if c.walk() != want {
			t.Errorf("%+v: walk %d", c, c.walk())
		}
	}
}

func TestTokenChanged(t *testing.T) {
	t.Parallel()

	salt := []byte("salt")
	secret := gittoken.NewSecret("a")
	from := func(attribute, text string) source {
		return source{tokencheck.Token{Secret: gittoken.NewSecret(text), Known: true}, attribute}
	}
	unknown := source{tokencheck.Token{}, "token"}
	mark := types.StringValue(secret.Fingerprint(salt))
	version := types.StringValue
	state := tokenModel{TokenFingerprint: mark}
	versioned := tokenModel{TokenFingerprint: mark, TokenWOVersion: version("1")}

	planned := func(v types.String) tokenModel { return tokenModel{TokenWOVersion: v} }
	for name, test := range map[string]struct {
		token       source
		plan, state tokenModel
		private     privateState
		drift       bool
		want        bool
	}{
		"the same":     {from("token", "a"), tokenModel{}, state, privateState{Salt: salt}, false, false},
		"another":      {from("token", "b"), tokenModel{}, state, privateState{Salt: salt}, false, true},
		"not known":    {unknown, tokenModel{}, state, privateState{Salt: salt}, false, true},
		"ignored":      {source{}, tokenModel{}, state, privateState{Salt: salt}, true, false},
		"imported":     {from("token", "a"), tokenModel{}, tokenModel{}, privateState{Salt: salt}, false, true},
		"no salt":      {from("token", "a"), tokenModel{}, state, privateState{}, false, true},
		"another salt": {from("token", "a"), tokenModel{}, state, privateState{Salt: []byte("pepper")}, false, true},
		"write-only, no version": {
			from("token_wo", "a"), planned(types.StringNull()), state, privateState{Salt: salt}, false, false,
		},
		"write-only, no version, another": {
			from("token_wo", "b"), planned(types.StringNull()), state, privateState{Salt: salt}, false, true,
		},
		"the same version of another value": {
			from("token_wo", "b"), planned(version("1")), versioned, privateState{Salt: salt}, false, false,
		},
		"the same version of another value, and the registered token bad": {
			from("token_wo", "b"), planned(version("1")), versioned, privateState{Salt: salt}, true, true,
		},
		"the same version of the same value, and the registered token bad": {
			from("token_wo", "a"), planned(version("1")), versioned, privateState{Salt: salt}, true, false,
		},
		"another version of the same value": {
			from("token_wo", "a"), planned(version("2")), versioned, privateState{Salt: salt}, false, true,
		},
		"a first version of the registered value": {
			from("token_wo", "a"), planned(version("1")), state, privateState{Salt: salt}, false, false,
		},
		"a first version of another value": {
			from("token_wo", "b"), planned(version("1")), state, privateState{Salt: salt}, false, true,
		},
		"a version that is not known": {
			from("token_wo", "a"), planned(types.StringUnknown()), versioned, privateState{Salt: salt}, false, true,
		},
		"no version any more": {
			from("token_wo", "a"), planned(types.StringNull()), versioned, privateState{Salt: salt}, false, false,
		},
		"a version, and the token not write-only": {
			from("token", "a"), planned(version("2")), versioned, privateState{Salt: salt}, false, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := tokenChanged(test.token, &test.plan, &test.state, test.private, test.drift); got != test.want {
				t.Errorf("changed is %t", got)
			}
		})
	}
}

func repositories(access string, urls ...string) types.List {
	var rows []attr.Value
	for _, url := range urls {
		rows = append(rows, types.ObjectValueMust(repositoryType().AttrTypes,
			map[string]attr.Value{"url": types.StringValue(url), "access": types.StringValue(access)}))
	}

	return types.ListValueMust(repositoryType(), rows)
}

func TestRequirementGrew(t *testing.T) {
	t.Parallel()

	both := []gittoken.Scope{"admin:repo_hook", "repo"}

	type row struct {
		required     []gittoken.Scope
		plan, before types.List
		scopes       []string // in the state; by default those of the table
		want         bool
	}

	readA, writeA := repositories("read", repositoryA), repositories("write", repositoryA)
	for name, test := range map[string]row{
		"as it was":                       {},
		"the same in the user's words":    {required: both},
		"more scopes":                     {required: append([]gittoken.Scope{"gist"}, both...), want: true},
		"fewer scopes":                    {required: both[:1]},
		"what a required one implied":     {required: []gittoken.Scope{"public_repo"}},
		"a wider one":                     {required: []gittoken.Scope{"repo"}, scopes: []string{"public_repo"}, want: true},
		"the table's again, after fewer":  {scopes: []string{"repo"}, want: true},
		"the table's again, after more":   {scopes: []string{"repo", "admin:repo_hook", "gist"}},
		"a repository":                    {plan: readA, want: true},
		"a repository, as it was":         {plan: readA, before: readA},
		"it, spelled otherwise, and less": {plan: repositories("read", repositoryA+"/"), before: writeA},
		"another repository":              {plan: readA, before: repositories("read", repositoryB), want: true},
		"one repository less":             {plan: readA, before: repositories("read", repositoryA, repositoryB)},
		"no repository any more":          {before: readA},
		"more access to a repository":     {plan: writeA, before: readA, want: true},
		"less access to a repository":     {plan: readA, before: writeA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			state := appliedModel()

			state.Repositories = test.before
			if test.scopes != nil {
				state.RequiredScopes = set(test.scopes...)
			}

			plan := tokenModel{Repositories: test.plan, WriteProbes: types.BoolValue(true)}
			if got := requirementGrew(gittoken.Runtime, &plan, &state, test.required); got != test.want {
				t.Errorf("grew is %t", got)
			}
		})
	}

	t.Run("a kind with another row", func(t *testing.T) {
		t.Parallel()

		state := appliedModel()
		state.TokenKind = types.StringValue("fine_grained")
		row := gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindFineGrained)

		state.RequiredScopes = scopeSet(row.Scopes)
		if requirementGrew(gittoken.Runtime, &tokenModel{}, &state, nil) {
			t.Error("the row of another kind counts")
		}
	})
}

func TestRecall(t *testing.T) {
	t.Parallel()

	for status, accepted := range map[gittoken.Status]bool{
		gittoken.StatusValid:       true,
		gittoken.StatusUnproven:    true,
		gittoken.StatusUnderScoped: true,
		gittoken.StatusBlocked:     true,
		gittoken.StatusRevoked:     true, // only a token that worked is called so
		gittoken.StatusExpired:     false,
		gittoken.StatusInvalid:     false,
		gittoken.StatusUnchecked:   false,
		"":                         false,
	} {
		m := &tokenModel{verdictModel: verdictModel{Status: textOrNull(string(status))}}
		if got := recall(m); got.Accepted != accepted || !got.ExpiresAt.IsZero() {
			t.Errorf("%q: %+v", status, got)
		}
	}

	m := &tokenModel{ExpiresAtHint: types.StringValue("2027-01-31")}
	if got := recall(m).ExpiresAt.String(); got != "2027-01-31 00:00:00 +0000 UTC" {
		t.Errorf("with a hint: %s", got)
	}
}

func TestDrifted(t *testing.T) {
	t.Parallel()

	const successful, failed, unknown = string(codefresh.TokenSuccessful), string(codefresh.TokenFailed),
		string(codefresh.TokenUnknown)
	for _, test := range []struct {
		status           string
		codefresh        string
		accepted         string
		drifted, refused bool
	}{
		{"valid", successful, "", false, false},
		{"valid", unknown, "", false, false},
		{"valid", "", "", false, false},
		{"valid", failed, "", true, true},
		{"unproven", successful, "", false, false},
		{"unproven", failed, "", true, true},
		{"unchecked", successful, "", false, false},
		{"unchecked", failed, "", true, true},
		{"", "", "", false, false},
		{"under_scoped", successful, "", true, false},
		{"expired", successful, "", true, false},
		{"revoked", failed, "", true, false}, // what Codefresh says is no surprise then
		{"invalid", unknown, "", true, false},
		{"blocked", successful, "", true, false},
		{"under_scoped", failed, "under_scoped", false, false}, // accepted as it is
		{"revoked", failed, "under_scoped", true, false},       // but not this
		{"valid", successful, "under_scoped", false, false},
	} {
		m := &tokenModel{
			verdictModel: verdictModel{Status: textOrNull(test.status)}, CodefreshStatus: textOrNull(test.codefresh),
		}
		if got := drifted(m, privateState{Accepted: test.accepted}); got != test.drifted {
			t.Errorf("%s, Codefresh says %q: drifted is %t", test.status, test.codefresh, got)
		}

		if drifted(m, privateState{Accepted: test.accepted, RefusedAnyway: true}) != (test.drifted && !test.refused) {
			t.Errorf("%s, Codefresh says %q, as it did at once: drifted is not what it is", test.status, test.codefresh)
		}

		if got := refusedByCodefresh(m); got != test.refused {
			t.Errorf("%s, Codefresh says %q: refused is %t", test.status, test.codefresh, got)
		}
	}
}

// Whatever a user can set counts as a difference: else what is computed would be kept beside a setting that it does not
// follow from.
func TestSameSettingsLooksAtEverySetting(t *testing.T) {
	t.Parallel()

	settings := 0

	for name, attribute := range tokenSchema(nil) {
		if attribute.IsWriteOnly() || !attribute.IsOptional() && !attribute.IsRequired() {
			continue
		}

		settings++
		state := tokenModel{Repositories: types.ListNull(repositoryType()), RequiredScopes: types.SetNull(types.StringType)}
		plan := state

		field := reflect.ValueOf(&plan).Elem()
		for i := range field.NumField() {
			if field.Type().Field(i).Tag.Get("tfsdk") != name {
				continue
			}

			switch value := field.Field(i).Addr().Interface().(type) {
			case *types.String:
				*value = types.StringValue("x")
			case *types.Bool:
				*value = types.BoolValue(true)
			case *types.Set:
				*value = set("x")
			case *types.List:
				*value = types.ListUnknown(repositoryType())
			default:
				t.Errorf("%s is a %T", name, value)
			}
		}

		if sameSettings(&plan, &plan, &state) {
			t.Errorf("%s is no difference", name)
		}

		if same := sameSettings(&plan, &plan, &plan); !same {
			t.Errorf("%s differs from itself", name)
		}
	}

	if settings < 14 {
		t.Errorf("there are %d settings only", settings)
	}
}
