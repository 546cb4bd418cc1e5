package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// Names of the two tokens' places in what follows.
const (
	atShared = "shared configuration repository"
	atSource = `a Git Source of runtime "it"`
)

// accessCase is what an account may do at the repositories that Codefresh uses, and what becomes of its tokens. Texts
// are what the one diagnostic says, none for silence.
type accessCase struct {
	shared, source string // roles of the account
	runtime, user  verdictWanted
}

// verdictWanted is the severity and the words of what a plan says of a new token.
type verdictWanted struct {
	severity string // "" for silence
	says     []string
}

func accessCases() map[string]accessCase {
	silent := verdictWanted{}
	warned := func(says ...string) verdictWanted {
		return verdictWanted{"warning", append([]string{"refused at repositories that Codefresh uses"}, says...)}
	}
	refused := func(says ...string) verdictWanted { return verdictWanted{"error", says} }

	return map[string]accessCase{
		"a role for everything":      {"write", "read", silent, silent},
		"a role above what it takes": {"admin", "admin", silent, silent},
		"a role that is too low":     {"read", "read", refused("write", atShared), silent},
		"no role at the shared one":  {"", "read", refused(atShared), warned(atShared)},
		"no role at a Git Source":    {"write", "", warned(atSource), warned(atSource)},
	}
}

// TestRepositoriesAtEveryHost takes tokens with every scope, of accounts with all sorts of roles, to the repositories
// that Codefresh itself uses: at every Git host, for both types of token.
func TestRepositoriesAtEveryHost(t *testing.T) {
	t.Parallel()

	for _, h := range matrixHosts() {
		for name, test := range accessCases() {
			t.Run(h.name+", "+name, func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t, h)
				m.begin()

				wanted := make(map[string]verdictWanted)

				m.rows(func(resourceType string, row matrixRow) {
					c := m.add(matrixCase{resourceType: resourceType, row: row, name: "it", want: row.good["sufficient"]})
					wanted[c.address()] = map[string]verdictWanted{runtimeToken: test.runtime, userToken: test.user}[resourceType]
				})
				m.useRepositories(test.shared, test.source)
				m.configure(m.blocks...)
				got, spoken := m.plan(), 0

				for address, want := range wanted {
					if want.severity != "" {
						spoken++

						got.only(t, want.severity, address).wants(t, want.says...)
					}
				}

				if len(got.diagnostics) != spoken {
					t.Errorf("%d diagnostics are expected: %v", spoken, got.diagnostics)
				}

				if sent := m.Mutations(); len(sent) != 0 {
					t.Errorf("a plan sent %v", sent)
				}
			})
		}
	}
}

// A token whose owner loses the role was good when it was applied, and drifts; with the role it is good again.
func TestALostRoleIsDriftAtEveryHost(t *testing.T) {
	t.Parallel()

	for _, h := range matrixHosts() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, h)
			m.begin()
			c := m.add(matrixCase{resourceType: runtimeToken, row: m.runtime, name: "it", want: m.runtime.good["sufficient"]})
			m.useRepositories("write", "read")
			m.configure(m.blocks...)
			m.apply().wantExit(0)

			if got := rowsOf(m.state()[c.address()]); !cmp.Equal(got, []string{
				"write shared_configuration proved", "read git_source proved",
			}) {
				t.Errorf("repository_access is %v", got)
			}

			m.must(m.SetRole(m.service, m.path("shared"), "ci-bot", "read"))
			m.plan().wantExit(2).only(t, "warning", c.address()).wants(t, `Runtime "it" still relies on it`, atShared)

			before := m.changes()[c.address()].Before
			if before["status"] != "under_scoped" {
				t.Errorf("status %v", before["status"])
			}

			if got := rowsOf(before); !cmp.Equal(got, []string{
				"write shared_configuration denied", "read git_source proved",
			}) {
				t.Errorf("repository_access is %v", got)
			}

			m.must(m.SetRole(m.service, m.path("shared"), "ci-bot", "write"))
			m.apply().wantExit(0)
			m.wantSettled()

			if status := m.state()[c.address()]["status"]; status != "valid" {
				t.Errorf("with the role again the status is %v", status)
			}
		})
	}
}

// A rule of the organisation or group that owns the shared configuration repository keeps a token out, whatever its
// scopes and its owner's role: that blocks a runtime's, and a user's is warned of it.
func TestOwnersRulesAtEveryHost(t *testing.T) {
	t.Parallel()

	rules := map[string]map[sandbox.Rule]string{
		"github": {
			sandbox.RuleSSO: "single sign-on", sandbox.RuleIPAllowList: "IP allow list",
			sandbox.RuleNoClassic: "takes fine-grained tokens only",
		},
		"gitlab": {sandbox.RuleGranular: "fine-grained"},
	}
	for _, h := range matrixHosts() {
		for rule, says := range rules[h.provider] {
			if h.service == sandbox.GitLabSelfManaged {
				continue // only GitLab.com has such groups
			}

			t.Run(h.name+", "+string(rule), func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t, h)
				m.begin()
				good := matrixCase{resourceType: runtimeToken, row: m.runtime, name: "it", want: m.runtime.good["sufficient"]}
				runtime := m.add(good)
				good.resourceType, good.row, good.want = userToken, m.user, m.user.good["sufficient"]
				user := m.add(good)
				m.useRepositories("admin", "admin")
				m.configure(m.blocks...)

				if got := m.plan().wantExit(2); len(got.diagnostics) != 0 {
					t.Errorf("without the rule the plan says %v", got.diagnostics)
				}

				m.must(m.SetRule(m.service, "acme", rule, true))
				got := m.plan().wantExit(1)
				got.only(t, "error", runtime.address()).wants(t, says, atShared)
				got.only(t, "warning", user.address()).wants(t, "refused at repositories that Codefresh uses", atShared)

				m.must(m.SetRule(m.service, "acme", rule, false))
				m.apply().wantExit(0)
				m.wantSettled()
			})
		}
	}
}

// What came of the repositories of a state, in short.
func rowsOf(state map[string]any) []string {
	var rows []string

	list, _ := state["repository_access"].([]any)
	for _, element := range list {
		row, _ := element.(map[string]any)
		rows = append(rows, fmt.Sprintf("%v %v %v", row["access"], row["source"], row["result"]))
	}

	return rows
}

// useRepositories makes the account's shared configuration repository, and a Git Source of the runtime "it", at the
// host of the matrix. The owner of its tokens has these roles there. It returns the first one's clone address.
func (m *matrix) useRepositories(shared, source string) string {
	m.t.Helper()
	m.must(m.SetAccountGit(m.reported, m.URL(m.service)))

	address := m.repositoryFor("shared", shared)
	m.SetSharedConfigRepo(address)
	m.must(m.AddGitSource(sandbox.GitSource{Runtime: "it", Name: "apps", RepoURL: m.repositoryFor("apps", source)}))

	return address
}

// path returns where a repository of that name is at the host.
func (m *matrix) path(name string) string {
	if m.service == sandbox.BitbucketServer {
		return "ACME/" + name
	}

	return "acme/" + name
}

// repositoryFor makes a private repository at the host, in which the owner of the matrix's tokens has a role, and
// returns its clone address.
func (m *matrix) repositoryFor(name, role string) string {
	m.t.Helper()

	r := sandbox.Repository{
		Service: m.service, Path: m.path(name), Private: true, Roles: map[string]string{"boss": "admin"},
	}
	if role != "" {
		r.Roles["ci-bot"] = role
	}

	url, err := m.AddRepository(r)
	m.must(err)

	return url
}

// hostsOf returns the hosts of the matrix with this git_provider.
func hostsOf(provider string) []matrixHost {
	return slices.DeleteFunc(matrixHosts(), func(h matrixHost) bool { return h.provider != provider })
}

// checkedUser is a user token at the runtime "it", and returns its address.
func (m *matrix) checkedUser(token sandbox.Token) string {
	m.t.Helper()
	token.Service, token.Owner = m.service, "ci-bot"
	text := m.token(token).Text
	m.secret(text)
	m.configure(m.world.provider(), provided(userToken, "it", set("runtime", "it"), set("token", text),
		set("git_provider", m.provider), set("api_url", m.URL(m.service))))

	return userToken + ".it"
}

// A fine-grained token is proved wherever it was chosen for what Codefresh uses. What it was not chosen for is told,
// and proves nothing of its permissions: not even where anybody may look.
func TestSelectionOfAFineGrainedToken(t *testing.T) {
	t.Parallel()

	for _, h := range hostsOf("github") {
		for name, test := range map[string]struct {
			selected []string
			status   string
			refused  []string
		}{
			"everything":               {nil, "valid", nil},
			"just what is used":        {[]string{sharedPath, "team/a", "team/public"}, "valid", nil},
			"the shared one":           {[]string{sharedPath}, "valid", []string{"team/a", "team/public"}},
			"a Git Source":             {[]string{"team/a"}, "valid", []string{sharedPath, "team/public"}},
			"one that anybody sees":    {[]string{"team/public"}, "valid", []string{sharedPath, "team/a"}},
			"none that Codefresh uses": {[]string{"team/other"}, "unproven", []string{sharedPath, "team/a", "team/public"}},
		} {
			t.Run(h.name+", "+name, func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t, h)
				m.must(m.AddRuntime(sandbox.Runtime{Name: "it", GitProvider: m.reported, GitAPIURL: m.URL(m.service)}))
				m.must(m.SetAccountGit(m.reported, m.URL(m.service)))

				for _, path := range []string{sharedPath, "team/a", "team/public", "team/other"} {
					url, err := m.AddRepository(sandbox.Repository{
						Service: m.service, Path: path, Private: path != "team/public", Roles: map[string]string{"ci-bot": "write"},
					})
					m.must(err)

					switch path {
					case sharedPath:
						m.SetSharedConfigRepo(url)
					case "team/a", "team/public":
						m.must(m.AddGitSource(sandbox.GitSource{Runtime: "it", Name: strings.ReplaceAll(path, "/", "-"), RepoURL: url}))
					}
				}

				at := m.checkedUser(sandbox.Token{
					Kind: "fine_grained", Repositories: test.selected,
					Permissions: map[string]string{"contents": "write", "metadata": "read"},
				})
				got := m.apply().wantExit(0)

				state := m.state()[at]
				if state["status"] != test.status {
					t.Errorf("status %v: %v", state["status"], state["status_reason"])
				}

				for _, path := range test.refused {
					if !strings.Contains(fmt.Sprint(got.diagnostics), path) {
						t.Errorf("nothing is said of %s: %v", path, got.diagnostics)
					}
				}

				if test.refused == nil && len(got.diagnostics) != 0 {
					t.Errorf("the apply says %v", got.diagnostics)
				}
			})
		}
	}
}

// A granular token of GitLab is judged by its grant, project by project.
func TestGrantOfAGranularToken(t *testing.T) {
	t.Parallel()

	push := []string{"download_code", "push_code", "read_project"}
	self := sandbox.Grant{Access: "user", Permissions: []string{"read_user", "read_personal_access_token"}}

	at := func(permissions []string, group, project string) sandbox.Grant {
		return sandbox.Grant{Access: "selected_memberships", Permissions: permissions, Group: group, Project: project}
	}
	for name, test := range map[string]struct {
		grants   []sandbox.Grant
		severity string
		says     []string
		status   string
	}{
		"of the group": {[]sandbox.Grant{self, at(push, "acme", "")}, "", nil, "valid"},
		"of the projects": {
			[]sandbox.Grant{self, at(push, "", "acme/shared"), at(push, "", "acme/apps")}, "", nil, "valid",
		},
		"of all they are in": {[]sandbox.Grant{self, {Access: "all_memberships", Permissions: push}}, "", nil, "valid"},
		"for reading": {
			[]sandbox.Grant{self, at([]string{"download_code", "read_project"}, "acme", "")},
			"error",
			[]string{"Git token lacks 1 of 4 scopes", `needs "Code: Push"`},
			"",
		},
		"to push elsewhere only": {
			[]sandbox.Grant{self, at([]string{"download_code", "read_project"}, "acme", ""), at(push, "other", "")},
			"warning",
			[]string{"not proved", "Code: Push"},
			"unproven",
		},
		"of one of the projects": {
			[]sandbox.Grant{self, at(push, "", "acme/apps")},
			"warning",
			[]string{"refused at repositories that Codefresh uses", "acme/shared"},
			"valid",
		},
	} {
		for _, h := range hostsOf("gitlab") {
			t.Run(h.name+", "+name, func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t, h)
				// Whether Codefresh insists on pushing where it keeps its configuration is not known.
				m.must(m.AddRuntime(sandbox.Runtime{
					Name: "it", GitProvider: m.reported, GitAPIURL: m.URL(m.service), SkipValidation: true,
				}))
				m.useRepositories("write", "write")
				at := m.checkedUser(sandbox.Token{Kind: "granular", Grants: test.grants})

				got := m.plan()
				if test.severity == "" && len(got.diagnostics) != 0 {
					t.Errorf("the plan says %v", got.diagnostics)
				}

				if test.severity != "" {
					got.only(t, test.severity, at).wants(t, test.says...)
				}

				if test.status == "" {
					return
				}

				m.apply().wantExit(0)

				state := m.state()[at]
				if state["status"] != test.status || state["token_kind"] != "granular" {
					t.Errorf("status %v, kind %v: %v", state["status"], state["token_kind"], state["status_reason"])
				}
			})
		}
	}
}
