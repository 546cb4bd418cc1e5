package message

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// TestRemediesCanBeCarriedOut reads, for every host, kind and type, what to do about a token that lacks everything, was
// revoked, or is about to expire: whatever it says to make can be made, and can hold what it is said to be made with.
func TestRemediesCanBeCarriedOut(t *testing.T) {
	t.Parallel()

	kinds := make(map[string]gittoken.Kind)
	for _, r := range gittoken.Requirements() {
		kinds[r.Kind.DisplayName()] = r.Kind
	}
	// What an application is handed, and what ended, nobody can make.
	unmade := []gittoken.Kind{
		gittoken.KindOAuth, gittoken.KindAppInstallation, gittoken.KindAppUser, gittoken.KindAppPassword,
	}
	form := regexp.MustCompile(`(?i:create) (?:(a new (?:token|one))|an? ([^,]*?token)(?: of a person's account)? with ` +
		`(.*?)), put it into the configuration and apply`)

	for _, row := range gittoken.Requirements() {
		for _, required := range [][]gittoken.Scope{nil, {row.Scopes[0]}, {"account", "team"}} {
			request := tokencheck.Request{
				Type: row.Type, Runtime: "prod", Required: required,
				Host: hostOf(t, row.Provider, map[gittoken.Provider]string{
					gittoken.BitbucketServer: "https://bitbucket.example.com",
				}[row.Provider]),
			}
			asked := request.Requirement(gittoken.Verdict{Kind: row.Kind})
			lacking := gittoken.Verdict{Standing: gittoken.Live, Kind: row.Kind, ScopesKnown: true}
			gone := gittoken.Verdict{Standing: gittoken.Revoked, Kind: row.Kind}

			said := []string{ExpiryNotice(request, lacking, messageNow().AddDate(0, 0, 1), messageNow()).Detail}
			for _, v := range []gittoken.Verdict{lacking, gone} {
				j := gittoken.Judge(v, asked, nil, gittoken.Memory{}, messageNow())
				said = append(said, Explain(request, j, tokencheck.PlanChanged, tokencheck.Failure).Detail)
			}

			for _, text := range said {
				found := form.FindStringSubmatch(text)
				if found == nil {
					t.Errorf("%s %s %s %v: no remedy in %q", row.Provider, row.Type, row.Kind, required, text)

					continue
				}

				kind, scopes := row.Kind, asked.Scopes
				if found[1] == "" {
					kind, scopes = kinds[found[2]], nil
					for name := range strings.SplitSeq(found[3], ", ") {
						scopes = append(scopes, gittoken.VocabularyOf(row.Provider, kind).Parse(strings.Trim(name, `"`)))
					}
				}

				if kind == "" || !slices.Contains(gittoken.Kinds(row.Provider), kind) || slices.Contains(unmade, kind) {
					t.Errorf("%s %s %s %v: nobody can make a %q: %q", row.Provider, row.Type, row.Kind, required, kind, text)
				}

				if fit := gittoken.RequirementFor(row.Provider, row.Type, kind); fit.Unfit {
					t.Errorf("%s %s %s %v: a %s will not do: %q", row.Provider, row.Type, row.Kind, required, kind, text)
				}

				for _, s := range scopes {
					if !gittoken.CanHold(row.Provider, kind, s) {
						t.Errorf("%s %s %s %v: a %s cannot hold %s: %q", row.Provider, row.Type, row.Kind, required, kind, s, text)
					}
				}
			}
		}
	}
}

// Each reason why a token cannot do the job has words of its own.
func TestEveryUnfitnessIsWorded(t *testing.T) {
	t.Parallel()

	vague := unfitReason(gittoken.Requirement{})
	reasons := []gittoken.Unfitness{gittoken.UnfitNoPerson} // which no row of the table has

	for _, r := range gittoken.Requirements() {
		if r.Unfit {
			reasons = append(reasons, r.Reason)
		}
	}

	for _, reason := range reasons {
		if unfitReason(gittoken.Requirement{Reason: reason}) == vague {
			t.Errorf("%s is not worded", reason)
		}
	}
}
