package gitlab_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const (
	numberLine = "GET /gitlab/api/v4/personal_access_tokens/7"
	groupsLine = "GET /gitlab/api/v4/projects/5/groups?per_page=100"

	pushing = `{"access":"selected_memberships","permissions":["push_code","download_code"],"group_id":9}`
	naming  = `{"access":"user","permissions":["read_user"],"project_id":null,"group_id":null}`
)

func granularSelf(grant string) reply { return self(`"granular"`, grant) }

// TestInspectGrant reads the grant wherever the version of GitLab has it, and asks for nothing that it does not open.
func TestInspectGrant(t *testing.T) {
	t.Parallel()

	entry := gittoken.GrantEntry{
		Access: gittoken.GrantSelected, GroupID: 9, Permissions: []gittoken.Scope{"push_code", "download_code"},
	}
	account := gittoken.GrantEntry{Access: gittoken.GrantUser, Permissions: []gittoken.Scope{"read_user"}}
	granted := func(entries ...gittoken.GrantEntry) *gittoken.Grant { return &gittoken.Grant{Entries: entries} }

	tests := map[string]struct {
		answers map[string]reply
		owner   string
		want    *gittoken.Grant
	}{
		"from 19.5 on": {
			map[string]reply{selfLine: granularSelf(`,"granular_scopes":[` + pushing + `]`)}, "user 42", granted(entry),
		},
		"with the user's name": {
			map[string]reply{
				selfLine: granularSelf(`,"granular_scopes":[` + pushing + `,` + naming + `]`), userLine: ok(human),
			},
			"ci-bot", granted(entry, account),
		},
		"with the name of somebody else": {
			map[string]reply{
				selfLine: granularSelf(`,"granular_scopes":[` + naming + `]`), userLine: ok(`{"id":43,"username":"eve"}`),
			},
			"user 42", granted(account),
		},
		"nothing granted": {
			map[string]reply{selfLine: granularSelf(`,"granular_scopes":[]`)}, "user 42", granted(),
		},
		"before 19.5": {
			map[string]reply{
				selfLine: granularSelf(""), numberLine: granularSelf(`,"granular_scopes":[` + pushing + `,` + naming + `]`),
			},
			"user 42", granted(entry, account),
		},
		"told as null": {
			map[string]reply{selfLine: granularSelf(`,"granular_scopes":null`), numberLine: granularSelf("")}, "user 42", nil,
		},
		"without the permission to look": {
			map[string]reply{selfLine: granularSelf(""), numberLine: granularOnly}, "user 42", nil,
		},
		"another's record": {
			map[string]reply{
				selfLine:   granularSelf(""),
				numberLine: ok(`{"id":7,"user_id":43,"scopes":["granular"],"granular_scopes":[` + pushing + `]}`),
			},
			"user 42", nil,
		},
		"a page in its place": {
			map[string]reply{selfLine: granularSelf(""), numberLine: page(200)}, "user 42", nil,
		},
		"an error in its place": {
			map[string]reply{selfLine: granularSelf(""), numberLine: page(502)}, "user 42", nil,
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, tt.answers)

			want := gittoken.Verdict{
				Standing: gittoken.Live, Kind: gittoken.KindGranular, Owner: tt.owner, Grant: tt.want,
			}
			if diff := cmp.Diff(want, inspector(t).Inspect(t.Context(), credential(t, s.URL+root))); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}

			if asked := s.Requests(); len(asked) != len(tt.answers) {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// A grant of hundreds of permissions for each of hundreds of projects is read, however long that is.
func TestInspectLongGrant(t *testing.T) {
	t.Parallel()

	permissions := strings.TrimSuffix(strings.Repeat(`"read_something_of_a_project_that_has_many",`, 800), ",")

	var entries []string
	for n := range 200 {
		entries = append(entries, fmt.Sprintf(
			`{"access":"selected_memberships","permissions":[%s],"project_id":%d,"group_id":null}`, permissions, n+1))
	}

	s := serve(t, map[string]reply{
		selfLine: granularSelf(`,"granular_scopes":[` + strings.Join(entries, ",") + `]`),
	})

	v := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))
	if v.Standing != gittoken.Live || v.Grant == nil || len(v.Grant.Entries) != 200 {
		t.Errorf("standing %q, cause %q", v.Standing, v.Cause)
	}
}

func inNamespace(namespace string) reply {
	return project(roles(level("30"), "null") + `,"namespace":` + namespace)
}

// TestProbePlace tells of a project what grants are given for: itself, the groups above it, or its owner.
func TestProbePlace(t *testing.T) {
	t.Parallel()

	const (
		top  = `{"id":9,"kind":"group","full_path":"acme","parent_id":null}`
		sub  = `{"id":8,"kind":"group","full_path":"acme/team","parent_id":9}`
		deep = `{"id":7,"kind":"group","full_path":"acme/team/apps","parent_id":8}`
		mine = `{"id":3,"kind":"user","full_path":"ci-bot","parent_id":null},"owner":{"id":42,"username":"ci-bot"}`
		hers = `{"id":4,"kind":"user","full_path":"eve","parent_id":null},"owner":{"id":43,"username":"eve"}`
		anon = `{"id":4,"kind":"user","full_path":"eve","parent_id":null}`
	)

	of := func(all, personal bool, groups ...int64) *gittoken.GrantPlace {
		return &gittoken.GrantPlace{ProjectID: 5, GroupIDs: groups, AllGroups: all, Personal: personal}
	}

	tests := map[string]struct {
		project reply
		groups  reply // with a status if they are asked for
		want    *gittoken.GrantPlace
	}{
		"in a group":               {inNamespace(top), reply{}, of(true, false, 9)},
		"in a group of a group":    {inNamespace(sub), reply{}, of(true, false, 8, 9)},
		"in a deeper group":        {inNamespace(deep), ok(`[{"id":7},{"id":8},{"id":9}]`), of(true, false, 7, 8, 9)},
		"groups not shown":         {inNamespace(deep), granularOnly, of(false, false, 7, 8)},
		"groups that are none":     {inNamespace(deep), ok(`[{"id":0}]`), of(false, false, 7, 8)},
		"groups on a page":         {inNamespace(deep), page(200), of(false, false, 7, 8)},
		"no groups":                {inNamespace(deep), ok(`[]`), of(false, false, 7, 8)},
		"one's own":                {inNamespace(mine), reply{}, of(true, true)},
		"another's":                {inNamespace(hers), reply{}, of(true, false)},
		"somebody's":               {inNamespace(anon), reply{}, nil},
		"without a namespace":      {project(roles(level("30"), "null")), reply{}, nil},
		"a project that is hidden": {message(404, "404 Project Not Found"), reply{}, nil},
		"without the permission":   {granularOnly, reply{}, nil},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			answers := map[string]reply{
				selfLine: granularSelf(`,"granular_scopes":[` + pushing + `]`),
				pullLine: pulled, pushLine: pushed, projectLine: tt.project,
			}
			if tt.groups.Status != 0 {
				answers[groupsLine] = tt.groups
			}

			s := serve(t, answers)
			i, c := inspector(t), credential(t, s.URL+root)
			i.Inspect(t.Context(), c)

			for _, access := range []gittoken.Access{gittoken.Read, gittoken.Write} {
				p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: access}

				got := i.Probe(t.Context(), c, gittoken.KindGranular, p, true)
				if diff := cmp.Diff(tt.want, got.Place); diff != "" || got.Outcome != gittoken.Proven {
					t.Errorf("%s: %+v; place (-want +got):\n%s", access, got, diff)
				}
			}

			if asked := s.Requests(); len(asked) != len(answers) {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// TestProbeWithoutAGrant asks for no place where there is no grant to judge by it.
func TestProbeWithoutAGrant(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{selfLine: granularOnly, pullLine: pulled})
	i, c := inspector(t), credential(t, s.URL+root)
	i.Inspect(t.Context(), c)

	p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: gittoken.Read}
	if got := i.Probe(t.Context(), c, gittoken.KindGranular, p, true); got.Place != nil || got.Outcome != gittoken.Proven {
		t.Errorf("= %+v", got)
	}

	if asked := s.Requests(); len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
}
