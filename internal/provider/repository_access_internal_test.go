package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// What was proved at a repository outlives a look that gets no answer there: it is neither forgotten nor, if it was a
// refusal, forgiven.
func TestProofsAtRepositoriesOutliveSilence(t *testing.T) {
	t.Parallel()

	const shared, apps = "https://github.com/acme/shared", "https://github.com/acme/apps"

	access := func(url string, source gittoken.Source, o gittoken.Outcome, c gittoken.Cause) gittoken.RepositoryAccess {
		return gittoken.RepositoryAccess{
			Need:    gittoken.RepositoryNeed{URL: url, Access: gittoken.Read, Source: source},
			Outcome: o, Cause: c,
		}
	}
	own := func(o gittoken.Outcome, c gittoken.Cause) gittoken.RepositoryAccess {
		return access(apps, gittoken.SourceConfiguration, o, c)
	}
	used := func(o gittoken.Outcome, c gittoken.Cause) gittoken.RepositoryAccess {
		return access(shared, gittoken.SourceSharedConfiguration, o, c)
	}
	judged := func(s gittoken.Status, all ...gittoken.RepositoryAccess) gittoken.Judgement {
		return gittoken.Judgement{
			Status: s, Verdict: gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindFineGrained}, Access: all,
		}
	}
	unknown := func(j gittoken.Judgement) gittoken.Judgement {
		j.UsedUnknown = true

		return j
	}

	const silent, tells = gittoken.CauseTimeout, gittoken.CauseNotReadOnly

	for name, test := range map[string]struct {
		before, now gittoken.Judgement
		status      gittoken.Status
		rows        []string
	}{
		"proved, and no answer": {
			judged(gittoken.StatusValid, used(gittoken.Proven, "")), judged(gittoken.StatusUnproven, used("", silent)),
			gittoken.StatusValid,
			[]string{"shared_configuration proved"},
		},
		"refused, and no answer": {
			judged(gittoken.StatusBlocked, used(gittoken.Denied, gittoken.CauseSSO)),
			judged(gittoken.StatusValid, used("", silent)), gittoken.StatusBlocked,
			[]string{"shared_configuration denied"},
		},
		"refused, and proved now": {
			judged(gittoken.StatusBlocked, used(gittoken.Denied, gittoken.CauseSSO)),
			judged(gittoken.StatusValid, used(gittoken.Proven, "")), gittoken.StatusValid,
			[]string{"shared_configuration proved"},
		},
		"proved, and refused now": {
			judged(gittoken.StatusValid, used(gittoken.Proven, "")),
			judged(gittoken.StatusUnderScoped, used(gittoken.Denied, gittoken.CauseRole)), gittoken.StatusUnderScoped,
			[]string{"shared_configuration denied"},
		},
		"proved, and the host does not tell any more": {
			judged(gittoken.StatusValid, used(gittoken.Proven, "")), judged(gittoken.StatusUnproven, used("", tells)),
			gittoken.StatusUnproven,
			[]string{"shared_configuration unproved"},
		},
		"nothing proved, and no answer": {
			judged(gittoken.StatusUnproven, used("", tells)), judged(gittoken.StatusUnproven, used("", silent)),
			gittoken.StatusUnproven,
			[]string{"shared_configuration unproved"},
		},
		"Codefresh does not tell what it uses": {
			judged(gittoken.StatusValid, own(gittoken.Proven, ""), used(gittoken.Proven, "")),
			unknown(judged(gittoken.StatusUnproven, own(gittoken.Proven, ""))), gittoken.StatusValid,
			[]string{"configuration proved", "shared_configuration proved"},
		},
		"Codefresh does not use it any more": {
			judged(gittoken.StatusUnderScoped, used(gittoken.Denied, gittoken.CauseRole)), judged(gittoken.StatusValid),
			gittoken.StatusValid, nil,
		},
		"it is in the configuration no longer": {
			judged(gittoken.StatusUnderScoped, own(gittoken.Denied, gittoken.CauseRole)),
			unknown(judged(gittoken.StatusValid)), gittoken.StatusValid, nil,
		},
		"one refused and one silent": {
			judged(gittoken.StatusValid, own(gittoken.Proven, ""), used(gittoken.Proven, "")),
			judged(gittoken.StatusUnderScoped, own("", silent), used(gittoken.Denied, gittoken.CauseRole)),
			gittoken.StatusUnderScoped,
			[]string{"configuration proved", "shared_configuration denied"},
		},
		"scopes that lacked, and silence": {
			judged(gittoken.StatusUnderScoped, used(gittoken.Proven, "")), judged(gittoken.StatusValid, used("", silent)),
			gittoken.StatusValid,
			[]string{"shared_configuration proved"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var m verdictModel
			m.record(test.before)
			m.recordAgain(test.now)

			var rows []string

			for _, element := range m.RepositoryAccess.Elements() {
				row := rowOfRepository(element)
				rows = append(rows, row.source+" "+row.result)
			}

			if diff := cmp.Diff(test.rows, rows); diff != "" {
				t.Errorf("repository_access (-want +got):\n%s", diff)
			}

			if got := m.Status.ValueString(); got != string(test.status) {
				t.Errorf("status %s, want %s", got, test.status)
			}
		})
	}
}
