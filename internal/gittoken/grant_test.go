package gittoken_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func entry(access gittoken.GrantAccess, permissions string) gittoken.GrantEntry {
	return gittoken.GrantEntry{Access: access, Permissions: scopes(permissions)}
}

func ofProject(id int64, permissions string) gittoken.GrantEntry {
	return gittoken.GrantEntry{Access: gittoken.GrantSelected, ProjectID: id, Permissions: scopes(permissions)}
}

func ofGroup(id int64, permissions string) gittoken.GrantEntry {
	return gittoken.GrantEntry{Access: gittoken.GrantSelected, GroupID: id, Permissions: scopes(permissions)}
}

func TestParseGrant(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		raw  string
		want *gittoken.Grant
	}{
		"absent":   {"", nil},
		"null":     {"null", nil},
		"no list":  {`{"access":"user"}`, nil},
		"a text":   {`"all"`, nil},
		"no JSON":  {`[{`, nil},
		"an empty": {"[]", &gittoken.Grant{}},
		"every kind": {
			`[{"access":"personal_projects","permissions":["push_code"],"project_id":null,"group_id":null},
			{"access":"all_memberships","permissions":["read_project","read_job"]},
			{"access":"selected_memberships","permissions":["push_code"],"project_id":3,"group_id":null},
			{"access":"selected_memberships","permissions":["push_code"],"group_id":5},
			{"access":"user","permissions":["read_user"]},
			{"access":"instance","permissions":[]}]`,
			&gittoken.Grant{Entries: []gittoken.GrantEntry{
				entry(gittoken.GrantPersonalProjects, "push_code"),
				entry(gittoken.GrantAllMemberships, "read_project read_job"),
				ofProject(3, "push_code"), ofGroup(5, "push_code"),
				entry(gittoken.GrantUser, "read_user"), entry(gittoken.GrantInstance, ""),
			}},
		},
		"a new reach": {
			`[{"access":"organization","permissions":["push_code"]},{"access":"user","permissions":["read_user"]}]`,
			&gittoken.Grant{Entries: []gittoken.GrantEntry{entry(gittoken.GrantUser, "read_user")}, Partial: true},
		},
		"selected, but what?": {
			`[{"access":"selected_memberships","permissions":["push_code"]}]`, &gittoken.Grant{Partial: true},
		},
		"selected twice": {
			`[{"access":"selected_memberships","permissions":["push_code"],"project_id":3,"group_id":5}]`,
			&gittoken.Grant{Partial: true},
		},
		"permissions of another type": {`[{"access":"user","permissions":"all"}]`, &gittoken.Grant{Partial: true}},
		"a permission that is none":   {`[{"access":"user","permissions":["read user"]}]`, &gittoken.Grant{Partial: true}},
		"an entry that is none":       {`[7]`, &gittoken.Grant{Partial: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if diff := cmp.Diff(tt.want, gittoken.ParseGrant(json.RawMessage(tt.raw))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseGrantIsBounded(t *testing.T) {
	t.Parallel()

	many := strings.TrimSuffix(strings.Repeat(`{"access":"user","permissions":["read_user"]},`, 5000), ",")
	if g := gittoken.ParseGrant(json.RawMessage("[" + many + "]")); !g.Partial || len(g.Entries) != 2000 {
		t.Errorf("%d entries, partial %t", len(g.Entries), g.Partial)
	}

	var names []string
	for i := range 5000 {
		names = append(names, fmt.Sprintf(`"read_%d"`, i))
	}

	wide := `[{"access":"user","permissions":[` + strings.Join(names, ",") + `]}]`
	if g := gittoken.ParseGrant(json.RawMessage(wide)); !g.Partial || len(g.Entries) != 0 {
		t.Errorf("%d entries, partial %t", len(g.Entries), g.Partial)
	}
}

func TestGrantAt(t *testing.T) {
	t.Parallel()

	const (
		proven, denied, open = gittoken.Proven, gittoken.Denied, gittoken.Undetermined
		push                 = gittoken.Scope("push_code")
	)

	one := func(e gittoken.GrantEntry) []gittoken.GrantEntry { return []gittoken.GrantEntry{e} }
	pushes := func(access gittoken.GrantAccess) []gittoken.GrantEntry { return one(entry(access, "push_code")) }
	place := gittoken.GrantPlace{ProjectID: 3, GroupIDs: []int64{5, 6}, AllGroups: true}
	own := gittoken.GrantPlace{ProjectID: 3, Personal: true, AllGroups: true}
	hazy := gittoken.GrantPlace{ProjectID: 3, GroupIDs: []int64{5}}

	for name, tt := range map[string]struct {
		entries []gittoken.GrantEntry
		partial bool
		place   gittoken.GrantPlace
		asked   gittoken.Scope
		want    gittoken.Outcome
	}{
		"nothing granted":             {nil, false, place, push, denied},
		"part of a grant":             {nil, true, place, push, open},
		"another permission":          {one(ofProject(3, "download_code")), false, place, push, denied},
		"the project":                 {one(ofProject(3, "push_code")), false, place, push, proven},
		"another project":             {one(ofProject(4, "push_code")), false, place, push, denied},
		"a group's number":            {one(ofProject(5, "push_code")), false, place, push, denied},
		"its group":                   {one(ofGroup(5, "push_code")), false, place, push, proven},
		"the group above":             {one(ofGroup(6, "push_code")), false, place, push, proven},
		"another group":               {one(ofGroup(7, "push_code")), false, place, push, denied},
		"another group, perhaps":      {one(ofGroup(7, "push_code")), false, hazy, push, open},
		"a group without it, perhaps": {one(ofGroup(7, "read_code")), false, hazy, push, denied},
		"its group, for certain": {
			[]gittoken.GrantEntry{ofGroup(7, "push_code"), ofGroup(5, "push_code")}, false, hazy, push, proven,
		},
		"all memberships":                        {pushes(gittoken.GrantAllMemberships), false, place, push, proven},
		"personal, another's":                    {pushes(gittoken.GrantPersonalProjects), false, place, push, denied},
		"personal, one's own":                    {pushes(gittoken.GrantPersonalProjects), false, own, push, proven},
		"the account":                            {pushes(gittoken.GrantUser), false, place, push, denied},
		"the server":                             {pushes(gittoken.GrantInstance), false, place, push, denied},
		"a permission that GitLab does not have": {nil, false, place, "hoist_code", open},
		"held by whatever name it has": {
			one(ofProject(3, "hoist_code")), false, place, "hoist_code", proven,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			g := gittoken.Grant{Entries: tt.entries, Partial: tt.partial}
			if got := g.At(tt.place, tt.asked); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestJudgeGrant judges granular tokens by what they were granted and where they are needed.
func TestJudgeGrant(t *testing.T) {
	t.Parallel()

	const (
		project = "download_code push_code read_project"
		hooks   = "read_webhook create_webhook update_webhook delete_webhook"
		gitops  = "https://gitlab.com/acme/gitops"
		apps    = "https://gitlab.com/acme/apps"
	)

	everywhere := func(permissions string) gittoken.GrantEntry {
		return entry(gittoken.GrantAllMemberships, permissions)
	}
	account := func(permissions string) gittoken.GrantEntry { return entry(gittoken.GrantUser, permissions) }
	at := func(repository string, id int64, access gittoken.Access) gittoken.ProbeResult {
		r := gittoken.ProbeProven().Of(gittoken.Probe{Repository: repository, Access: access})
		r.Place = &gittoken.GrantPlace{ProjectID: id, GroupIDs: []int64{5}, AllGroups: true}

		return r
	}
	nowhere := gittoken.ProbeProven().Of(gittoken.Probe{Repository: gitops, Access: gittoken.Write})

	for name, tt := range map[string]struct {
		use      gittoken.Type
		entries  []gittoken.GrantEntry
		partial  bool
		probes   []gittoken.ProbeResult
		status   gittoken.Status
		missing  string
		unproven string
		refused  string
	}{
		"all of it": {
			use:     gittoken.Runtime,
			entries: []gittoken.GrantEntry{everywhere(project + " " + hooks), account("create_project")},
			status:  gittoken.StatusValid,
		},
		"nothing": {
			use: gittoken.User, status: gittoken.StatusUnderScoped,
			missing: project + " read_user",
		},
		"nothing that is known": {
			use: gittoken.User, partial: true, status: gittoken.StatusUnproven,
			unproven: project + " read_user",
		},
		"no project to be created": {
			use: gittoken.Runtime, entries: []gittoken.GrantEntry{everywhere(project + " " + hooks)},
			status: gittoken.StatusUnderScoped, missing: "create_project",
		},
		"a selected project that nobody asked about": {
			use: gittoken.User, entries: []gittoken.GrantEntry{ofProject(3, project), account("read_user")},
			status: gittoken.StatusUnproven, unproven: project,
		},
		"a selected project": {
			use: gittoken.User, entries: []gittoken.GrantEntry{ofProject(3, project), account("read_user")},
			probes: []gittoken.ProbeResult{at(gitops, 3, gittoken.Write)},
			status: gittoken.StatusValid,
		},
		"a selected group": {
			use: gittoken.User, entries: []gittoken.GrantEntry{ofGroup(5, project), account("read_user")},
			probes: []gittoken.ProbeResult{at(gitops, 3, gittoken.Write)},
			status: gittoken.StatusValid,
		},
		"a project of which GitLab said no number": {
			use: gittoken.User, entries: []gittoken.GrantEntry{ofProject(3, project), account("read_user")},
			probes: []gittoken.ProbeResult{nowhere},
			status: gittoken.StatusUnproven, unproven: "read_project", // Git was asked, and took it
		},
		"one of two selected": {
			use: gittoken.User, entries: []gittoken.GrantEntry{ofProject(3, project), account("read_user")},
			probes: []gittoken.ProbeResult{at(gitops, 3, gittoken.Write), at(apps, 4, gittoken.Read)},
			status: gittoken.StatusUnderScoped, missing: "download_code read_project",
			refused: apps + " download_code, " + apps + " read_project",
		},
		"pulls, and may not push": {
			use: gittoken.User,
			entries: []gittoken.GrantEntry{
				ofGroup(5, "download_code read_project"), ofProject(4, "push_code"), account("read_user"),
			},
			probes: []gittoken.ProbeResult{at(gitops, 3, gittoken.Write)},
			status: gittoken.StatusUnderScoped, missing: "push_code", refused: gitops + " push_code",
		},
		"where it is read only": {
			use: gittoken.User,
			entries: []gittoken.GrantEntry{
				ofGroup(5, "download_code read_project"), ofProject(3, "push_code"), account("read_user"),
			},
			probes: []gittoken.ProbeResult{at(gitops, 3, gittoken.Write), at(apps, 4, gittoken.Read)},
			status: gittoken.StatusValid,
		},
		"one's own project": {
			use:     gittoken.User,
			entries: []gittoken.GrantEntry{entry(gittoken.GrantPersonalProjects, project), account("read_user")},
			probes:  []gittoken.ProbeResult{at(gitops, 3, gittoken.Write)},
			status:  gittoken.StatusUnderScoped, missing: project,
			refused: gitops + " download_code, " + gitops + " push_code, " + gitops + " read_project",
		},
		"the account instead of projects": {
			use: gittoken.User, entries: []gittoken.GrantEntry{account(project + " read_user")},
			status: gittoken.StatusUnderScoped, missing: project,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := gittoken.Verdict{
				Standing: gittoken.Live, Kind: gittoken.KindGranular,
				Grant: &gittoken.Grant{Entries: tt.entries, Partial: tt.partial},
			}
			j := gittoken.Judge(v, requirement(gittoken.GitLab, tt.use, gittoken.KindGranular), tt.probes,
				gittoken.Memory{}, now)

			if j.Status != tt.status {
				t.Errorf("status %s, want %s", j.Status, tt.status)
			}

			sorted := func(list []gittoken.Scope) []gittoken.Scope { return slices.Sorted(slices.Values(list)) }
			if diff := cmp.Diff(sorted(scopes(tt.missing)), sorted(j.Missing)); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(sorted(scopes(tt.unproven)), sorted(j.Unproven)); diff != "" {
				t.Errorf("unproven (-want +got):\n%s", diff)
			}

			var refused []string
			for _, r := range j.Refused {
				refused = append(refused, r.Probe.Repository+" "+string(r.Probe.Permission))
			}

			slices.Sort(refused)

			if got := strings.Join(refused, ", "); got != tt.refused {
				t.Errorf("refused %q, want %q", got, tt.refused)
			}
		})
	}
}

// Only a permission that GitLab has by that name makes a token bad: one of the user's own may be newer than the table.
func TestJudgeGrantByAnUnknownPermission(t *testing.T) {
	t.Parallel()

	r := requirement(gittoken.GitLab, gittoken.User, gittoken.KindGranular).Override(scopes("push_code hoist_code"))
	v := gittoken.Verdict{
		Standing: gittoken.Live, Kind: gittoken.KindGranular,
		Grant: &gittoken.Grant{Entries: []gittoken.GrantEntry{entry(gittoken.GrantAllMemberships, "push_code")}},
	}

	j := gittoken.Judge(v, r, nil, gittoken.Memory{}, now)
	if diff := cmp.Diff(scopes("hoist_code"), j.Unproven); diff != "" || j.Status != gittoken.StatusUnproven {
		t.Errorf("%s; unproven (-want +got):\n%s", j.Status, diff)
	}
}

func TestPermissionLabels(t *testing.T) {
	t.Parallel()

	v := gittoken.VocabularyOf(gittoken.GitLab, gittoken.KindGranular)

	for s, want := range map[gittoken.Scope]string{
		"push_code": "Code: Push", "create_webhook": "Webhook: Create", "noun": "noun", "_code": "_code",
		"read_personal_access_token": "Personal Access Token: Read", "read_": "read_",
	} {
		if got := v.Label(s); got != want {
			t.Errorf("%s is called %q, want %q", s, got, want)
		}
	}

	for _, s := range v.Scopes() {
		if got := v.Parse(v.Label(s)); got != s {
			t.Errorf("%q is read as %s", v.Label(s), got)
		}
	}

	classic := gittoken.VocabularyOf(gittoken.GitHub, gittoken.KindClassic)
	if got := classic.Label("admin:repo_hook"); got != "admin:repo_hook" {
		t.Errorf("GitHub calls it %q", got)
	}

	if got := (gittoken.Vocabulary{}).Label("repo"); got != "repo" {
		t.Errorf("nobody calls it %q", got)
	}
}

// FuzzGrant takes any answer through everything that is done with a grant.
func FuzzGrant(f *testing.F) {
	f.Add([]byte(`[{"access":"selected_memberships","permissions":["push_code"],"group_id":5}]`), "push_code")
	f.Add([]byte(`[{"access":"x"},7,null,{"permissions":[null]}]`), "")
	f.Add([]byte(`null`), "\x1b[31m")

	f.Fuzz(func(t *testing.T, raw []byte, permission string) {
		g := gittoken.ParseGrant(raw)
		if g == nil {
			return
		}

		for _, e := range g.Entries {
			for _, s := range e.Permissions {
				if strings.ContainsFunc(string(s), func(r rune) bool { return r <= ' ' || r > '~' }) {
					t.Errorf("%q counts as a permission", s)
				}
			}
		}

		place := gittoken.GrantPlace{ProjectID: 3, GroupIDs: []int64{5}}
		if outcome := g.At(place, gittoken.Scope(permission)); g.Partial && outcome == gittoken.Denied {
			t.Errorf("part of a grant proves that it lacks %q", permission)
		}

		answer := gittoken.ProbeProven().Of(gittoken.Probe{Repository: "r", Access: gittoken.Write})
		answer.Place = &place

		v := gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindGranular, Grant: g}
		r := requirement(gittoken.GitLab, gittoken.Runtime, gittoken.KindGranular).
			Override([]gittoken.Scope{gittoken.Scope(permission)})

		if j := gittoken.Judge(v, r, []gittoken.ProbeResult{answer}, gittoken.Memory{}, now); g.Partial &&
			len(j.Missing) > 0 {
			t.Errorf("part of a grant proves that it lacks %q", j.Missing)
		}
	})
}

// What a grant says of the permissions at repositories that Codefresh uses: it proves them wherever it has them, and
// their lack only where a token of that type must be taken.
func TestGrantWhereCodefreshUsesIt(t *testing.T) {
	t.Parallel()

	const shared, apps = 1, 2

	pushing := []gittoken.Scope{"download_code", "push_code", "read_project", "read_user"}
	reading := []gittoken.Scope{"download_code", "read_project", "read_user"}
	at := func(project int64, permissions []gittoken.Scope) gittoken.GrantEntry {
		return gittoken.GrantEntry{Access: gittoken.GrantSelected, ProjectID: project, Permissions: permissions}
	}
	account := gittoken.GrantEntry{Access: gittoken.GrantUser, Permissions: []gittoken.Scope{"read_user", "read_project"}}

	tests := map[string]struct {
		entries  []gittoken.GrantEntry
		refused  []int64 // projects that refuse the token
		status   gittoken.Status
		unproven []gittoken.Scope
	}{
		"pushes to all of them": {
			[]gittoken.GrantEntry{account, at(shared, pushing), at(apps, pushing)}, nil, gittoken.StatusValid, nil,
		},
		"pushes to one of them": {
			[]gittoken.GrantEntry{account, at(shared, reading), at(apps, pushing)}, nil, gittoken.StatusValid, nil,
		},
		"was chosen for one of them": {
			[]gittoken.GrantEntry{account, at(apps, pushing)}, []int64{shared}, gittoken.StatusValid, nil,
		},
		"pushes elsewhere": {
			[]gittoken.GrantEntry{account, at(shared, reading), at(apps, reading), at(3, pushing)},
			nil,
			gittoken.StatusUnproven,
			[]gittoken.Scope{"push_code"},
		},
		"pushes nowhere": {
			[]gittoken.GrantEntry{account, at(shared, reading), at(apps, reading)}, nil, gittoken.StatusUnderScoped, nil,
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := gittoken.RequirementFor(gittoken.GitLab, gittoken.User, gittoken.KindGranular)
			v := gittoken.Verdict{
				Standing: gittoken.Live, Kind: gittoken.KindGranular, Grant: &gittoken.Grant{Entries: tt.entries},
			}

			var answers []gittoken.ProbeResult

			for project, source := range map[int64]gittoken.Source{
				shared: gittoken.SourceSharedConfiguration, apps: gittoken.SourceGitSource,
			} {
				answer := gittoken.ProbeProven()
				if slices.Contains(tt.refused, project) {
					answer = gittoken.ProbeDenied(gittoken.CauseNotGranted, "refused")
				}

				answer.Place = &gittoken.GrantPlace{ProjectID: project, AllGroups: true}
				answers = append(answers, answer.Of(gittoken.Probe{
					Repository: fmt.Sprintf("https://gitlab.com/acme/%d", project), Access: gittoken.Read, Source: source,
				}))
			}

			j := gittoken.Judge(v, r, answers, gittoken.Memory{}, time.Now())
			if j.Status != tt.status || !slices.Equal(j.Unproven, tt.unproven) {
				t.Errorf("status %s, unproven %v, missing %v", j.Status, j.Unproven, j.Missing)
			}
		})
	}
}

// A runtime's token that was not chosen for the shared configuration repository is refused there; which of its
// permissions lack is not to be said.
func TestGrantBeyondTheSharedRepository(t *testing.T) {
	t.Parallel()

	r := gittoken.RequirementFor(gittoken.GitLab, gittoken.Runtime, gittoken.KindGranular)
	v := gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindGranular, Grant: &gittoken.Grant{
		Entries: []gittoken.GrantEntry{{Access: gittoken.GrantSelected, ProjectID: 2, Permissions: r.Scopes}},
	}}
	refused := gittoken.ProbeDenied(gittoken.CauseNotGranted, "refused")
	refused.Place = &gittoken.GrantPlace{ProjectID: 1, AllGroups: true}

	j := gittoken.Judge(v, r, []gittoken.ProbeResult{refused.Of(gittoken.Probe{
		Repository: "https://gitlab.com/acme/shared", Access: gittoken.Write, Source: gittoken.SourceSharedConfiguration,
	})}, gittoken.Memory{}, time.Now())
	if j.Status != gittoken.StatusUnderScoped || len(j.Refused) != 1 || slices.Contains(j.Missing, "push_code") {
		t.Errorf("status %s, refused %v, missing %v", j.Status, j.Refused, j.Missing)
	}
}
