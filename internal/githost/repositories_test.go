package githost_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// services lists every Git host with the kind of token that most people use there, and all that it can hold.
func services() map[sandbox.Service]sandbox.Token {
	api := []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
		"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
		"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
	}

	return map[sandbox.Service]sandbox.Token{
		sandbox.GitHub:            {Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}},
		sandbox.GitHubEnterprise:  {Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}},
		sandbox.GitLab:            {Kind: "personal", Scopes: []string{"api"}},
		sandbox.GitLabSelfManaged: {Kind: "personal", Scopes: []string{"api"}},
		sandbox.BitbucketServer:   {Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"}},
		sandbox.BitbucketCloud:    {Kind: "api_token", Scopes: api},
	}
}

// tried is a token at a repository, with what is expected there of reading, writing and administering.
type tried struct {
	name  string
	owner string
	path  string
	want  [3]string // outcome or cause, with "denied: " before that of a denial
}

const (
	proved  = "proven"
	noRole  = "denied: role_too_low"
	noSight = "denied: not_visible"
	frozen  = "read_only"
)

// TestRepositories tries tokens of accounts with every role at repositories of every kind, on all hosts. Nothing
// changes there, and nothing is asked twice.
func TestRepositories(t *testing.T) {
	t.Parallel()

	for service, token := range services() {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()

			w := newWorld(t)
			roles := map[string]string{"boss": "admin", "writer": "write", "reader": "read"}
			addresses := map[string]string{
				"acme/private": w.repository(sandbox.Repository{
					Service: service, Path: pathAt(service, "private"), Private: true, Roles: roles,
				}),
				"acme/public": w.repository(sandbox.Repository{
					Service: service, Path: pathAt(service, "public"), Roles: roles,
				}),
			}
			addresses["acme/gone"] = strings.Replace(addresses["acme/private"], "private", "gone", 1)

			rows := []tried{
				{"administrator", "boss", "acme/private", [3]string{proved, proved, proved}},
				{"writer", "writer", "acme/private", [3]string{proved, proved, noRole}},
				{"reader", "reader", "acme/private", [3]string{proved, noRole, noRole}},
				{"stranger", "stranger", "acme/private", [3]string{noSight, noSight, noSight}},
				{"stranger, public", "stranger", "acme/public", [3]string{proved, noRole, noRole}},
				{"administrator, gone", "boss", "acme/gone", [3]string{noSight, noSight, noSight}},
			}

			switch service {
			case sandbox.BitbucketServer:
				// It tells whom it refuses from what is not there.
				rows[3].want = [3]string{noRole, noRole, noRole}
			case sandbox.BitbucketCloud: // archives nothing
			case sandbox.GitLab, sandbox.GitLabSelfManaged:
				// Asking about a push would make such a project.
				addresses["boss/typo"] = strings.Replace(addresses["acme/private"], "acme/private", "boss/typo", 1)

				rows = append(rows, tried{
					"a typo in one's own", "boss", "boss/typo", [3]string{noSight, noSight, noSight},
				})
			case sandbox.GitHub, sandbox.GitHubEnterprise:
			}

			if service != sandbox.BitbucketCloud {
				addresses["acme/archived"] = w.repository(sandbox.Repository{
					Service: service, Path: pathAt(service, "archived"), Private: true, Archived: true, Roles: roles,
				})

				row := tried{"administrator, archived", "boss", "acme/archived", [3]string{proved, frozen, frozen}}
				if service == sandbox.BitbucketServer {
					row.want[2] = proved // an archived repository is still administered
				}

				rows = append(rows, row)
			}

			for _, row := range rows {
				token.Service, token.Owner, token.Text, token.Email = service, row.owner, "", ""
				c := w.token(token)

				for n, access := range []gittoken.Access{gittoken.Read, gittoken.Write, gittoken.Admin} {
					before := len(w.box.Requests(service))
					p := gittoken.Probe{Repository: addresses[row.path], Access: access}

					var got gittoken.ProbeResult
					for range 3 {
						got = w.inspector.Probe(t.Context(), c, gittoken.Kind(token.Kind), p, false, 0)
					}

					if said := inShort(got); said != row.want[n] {
						t.Errorf("%s, %s: %s (%s), want %s", row.name, access, said, got.Detail, row.want[n])
					}

					if got.Outcome != gittoken.Proven && got.Detail == "" {
						t.Errorf("%s, %s: no reason", row.name, access)
					}

					// A proof takes one request, and one more where it is asked whether the project is there.
					if cost := len(w.box.Requests(service)) - before; cost > 4 || got.Outcome == gittoken.Proven && cost > 2 {
						t.Errorf("%s, %s: %d requests", row.name, access, cost)
					}
				}
			}

			if changes, err := w.box.Changes(service); err != nil || len(changes) != 0 {
				t.Errorf("the probes changed something: %q, %v", changes, err)
			}
		})
	}
}

// pathAt returns the path of a repository of acme, which is a project's key on Bitbucket Data Center.
func pathAt(service sandbox.Service, name string) string {
	if service == sandbox.BitbucketServer {
		return "ACME/" + name
	}

	return "acme/" + name
}

// inShort returns the outcome of a proof, the cause of the rest.
func inShort(r gittoken.ProbeResult) string {
	switch r.Outcome {
	case gittoken.Proven:
		return string(r.Outcome)
	case gittoken.Denied:
		return "denied: " + string(r.Cause)
	}

	return string(r.Cause)
}

// TestRepositoriesOfOrganisationsWithRules tries good tokens of an administrator where the owner of the repositories
// has a rule against them.
func TestRepositoriesOfOrganisationsWithRules(t *testing.T) {
	t.Parallel()

	classic, fine := sandbox.Token{Kind: "classic", Scopes: []string{"repo"}}, sandbox.Token{
		Kind: "fine_grained", Repositories: []string{"acme/app"}, Permissions: map[string]string{
			"metadata": "read", "contents": "write",
		},
	}
	oneOff := sandbox.Token{Kind: "personal", Scopes: []string{"api"}}

	for name, test := range map[string]struct {
		service sandbox.Service
		rule    sandbox.Rule
		token   sandbox.Token
		want    string
		help    string // a part of the page that mends it
	}{
		"single sign-on": {
			sandbox.GitHub, sandbox.RuleSSO, classic, "denied: sso_not_authorised", "/orgs/acme/sso?authorization_request=",
		},
		"a lifetime that is too long": {
			sandbox.GitHub, sandbox.RuleLifetime, fine, "denied: policy", "/settings/personal-access-tokens/",
		},
		"no classic tokens": {sandbox.GitHub, sandbox.RuleNoClassic, classic, "denied: fine_grained_only", ""},
		"an IP allow list": {
			sandbox.GitHub, sandbox.RuleIPAllowList, classic, "ip_allow_list", "/organizations/acme/settings/security",
		},
		"granular tokens only": {sandbox.GitLab, sandbox.RuleGranular, oneOff, "denied: fine_grained_only", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := newWorld(t)
			address := w.repository(sandbox.Repository{
				Service: test.service, Path: "acme/app", Private: true, Roles: map[string]string{"boss": "admin"},
			})

			if err := w.box.SetRule(test.service, "acme", test.rule, true); err != nil {
				t.Fatal(err)
			}

			test.token.Service, test.token.Owner = test.service, "boss"
			c := w.token(test.token)

			if test.service == sandbox.GitHub {
				// By its public name, which the links in its answers have.
				c.Host, _ = gittoken.NewHost(gittoken.GitHub, "")
				address = "https://github.com/acme/app"
			}

			probes := []gittoken.Probe{
				{Repository: address, Access: gittoken.Read},
				{Repository: address, Access: gittoken.Write},
			}
			if test.token.Kind == "fine_grained" {
				probes = []gittoken.Probe{
					{Repository: address, Permission: "metadata:read"}, {Repository: address, Permission: "contents:write"},
				}
			}

			for _, p := range probes {
				got := w.inspector.Probe(t.Context(), c, gittoken.Kind(test.token.Kind), p, false, 0)
				if said := inShort(got); said != test.want || got.Detail == "" {
					t.Errorf("%s%s: %s (%s), want %s", p.Access, p.Permission, said, got.Detail, test.want)
				}

				if !strings.Contains(got.HelpURL, test.help) || (test.help == "") != (got.HelpURL == "") {
					t.Errorf("help at %q, want %q", got.HelpURL, test.help)
				}
			}

			v := w.inspector.Inspect(t.Context(), c, 0)
			if v.Standing != gittoken.Live || string(v.Kind) != test.token.Kind {
				t.Errorf("the token itself is %+v", v)
			}
		})
	}
}

// TestRepositoriesThatCannotBeAsked: what keeps a question from being answered is no refusal, and a repository of
// another host is not asked about at all.
func TestRepositoriesThatCannotBeAsked(t *testing.T) {
	t.Parallel()

	for service, token := range services() {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()

			for name, test := range map[string]struct {
				fault sandbox.Fault
				want  gittoken.Cause
			}{
				"rate limited": {sandbox.Fault{Status: 429}, gittoken.CauseRateLimited},
				"in trouble":   {sandbox.Fault{Status: 500}, gittoken.CauseServerError},
				"down":         {sandbox.Fault{Mode: "refuse"}, gittoken.CauseNetwork},
				"a page": {
					sandbox.Fault{
						Status: 200, Body: "<html>Sign in</html>", Header: map[string]string{"Content-Type": "text/html"},
					},
					gittoken.CauseNotUnderstood,
				},
			} {
				w := newWorld(t)
				address := w.repository(sandbox.Repository{
					Service: service, Path: pathAt(service, "app"), Private: true, Roles: map[string]string{"boss": "admin"},
				})

				token.Service, token.Owner, token.Text, token.Email = service, "boss", "", ""
				c := w.token(token)

				if err := w.box.Break(service, test.fault); err != nil {
					t.Fatal(err)
				}

				for _, access := range []gittoken.Access{gittoken.Read, gittoken.Write, gittoken.Admin} {
					p := gittoken.Probe{Repository: address, Access: access}

					got := w.inspector.Probe(t.Context(), c, gittoken.Kind(token.Kind), p, false, 0)
					if got.Outcome != gittoken.Undetermined || got.Cause != test.want {
						t.Errorf("%s, %s: %+v", name, access, got)
					}
				}
			}

			w := newWorld(t)
			token.Service, token.Owner, token.Text, token.Email = service, "boss", "", ""
			c := w.token(token)
			p := gittoken.Probe{Repository: "https://git.elsewhere.example.com/acme/app", Access: gittoken.Read}

			got := w.inspector.Probe(t.Context(), c, gittoken.Kind(token.Kind), p, false, 0)
			if inShort(got) != "other_host" || len(w.box.Requests()) != 0 {
				t.Errorf("at another host: %+v after %d requests", got, len(w.box.Requests()))
			}
		})
	}
}

// TestRepositoriesThatHang: questions about repositories that get no answer in time keep no token from being judged.
func TestRepositoriesThatHang(t *testing.T) {
	t.Parallel()

	w := newWorld(t)

	tr, err := transport.New(transport.Config{
		UserAgent: "githost-test/1", CACertificate: w.box.CACertificate(), DialContext: w.box.DialContext,
		Proxy: http.ProxyURL(nil), RequestTimeout: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}

	w.inspector = githost.New(tr, time.Now, []byte("salt"))
	address := w.repository(sandbox.Repository{Service: sandbox.GitHub, Path: "acme/app", Private: true})

	if err := w.box.Break(sandbox.GitHub, sandbox.Fault{Mode: "hang", Match: "/repos/"}); err != nil {
		t.Fatal(err)
	}

	mint := func() gittoken.Credential {
		return w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})
	}

	for range 4 {
		p := gittoken.Probe{Repository: address, Access: gittoken.Read}

		r := w.inspector.Probe(t.Context(), mint(), gittoken.KindClassic, p, false, 0)
		if r.Cause != gittoken.CauseTimeout {
			t.Errorf("the repository: %+v", r)
		}
	}

	if v := w.inspector.Inspect(t.Context(), mint(), 0); v.Standing != gittoken.Live {
		t.Errorf("the token: %+v", v)
	}
}

// TestRenamedRepositories finds a repository by the name that it had, where the host leads on from there.
func TestRenamedRepositories(t *testing.T) {
	t.Parallel()

	for service, token := range services() {
		if service == sandbox.BitbucketServer || service == sandbox.BitbucketCloud {
			continue // not emulated there
		}

		t.Run(string(service), func(t *testing.T) {
			t.Parallel()

			w := newWorld(t)
			address := w.repository(sandbox.Repository{
				Service: service, Path: pathAt(service, "before"), Private: true, Roles: map[string]string{"boss": "admin"},
			})

			if err := w.box.RenameRepository(service, pathAt(service, "before"), pathAt(service, "after")); err != nil {
				t.Fatal(err)
			}

			token.Service, token.Owner = service, "boss"
			c := w.token(token)

			for _, access := range []gittoken.Access{gittoken.Read, gittoken.Write, gittoken.Admin} {
				p := gittoken.Probe{Repository: address, Access: access}

				got := w.inspector.Probe(t.Context(), c, gittoken.Kind(token.Kind), p, false, 0)
				if got.Outcome != gittoken.Proven {
					t.Errorf("%s: %+v", access, got)
				}
			}
		})
	}
}

// TestGranularTokens judges grants of GitLab at projects: what GitLab grants is what the judgement says.
func TestGranularTokens(t *testing.T) {
	t.Parallel()

	all := []string{"download_code", "push_code", "read_project"}
	account := sandbox.Grant{Access: "user", Permissions: []string{"read_user", "read_personal_access_token"}}
	selected := func(group string, permissions ...string) sandbox.Grant {
		return sandbox.Grant{Access: "selected_memberships", Group: group, Permissions: permissions}
	}

	for name, test := range map[string]struct {
		grants  []sandbox.Grant
		byID    bool
		status  gittoken.Status
		missing []gittoken.Scope
	}{
		"a group above": {[]sandbox.Grant{account, selected("acme", all...)}, false, gittoken.StatusValid, nil},
		"of an older GitLab": {
			[]sandbox.Grant{account, selected("acme", all...)}, true, gittoken.StatusValid, nil,
		},
		"may not push": {
			[]sandbox.Grant{account, selected("acme", "download_code", "read_project")},
			false,
			gittoken.StatusUnderScoped,
			[]gittoken.Scope{"push_code"},
		},
		"may not tell": {
			[]sandbox.Grant{selected("acme", all...)}, false, gittoken.StatusUnproven, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := newWorld(t)
			address := w.repository(sandbox.Repository{
				Service: sandbox.GitLab, Path: "acme/team/deep/app", Private: true, Roles: map[string]string{"boss": "admin"},
			})

			if err := w.box.SetBehaviour(sandbox.GitLab, sandbox.GrantsByID, test.byID); err != nil {
				t.Fatal(err)
			}

			c := w.token(sandbox.Token{
				Service: sandbox.GitLab, Kind: "granular", Owner: "boss", Grants: test.grants,
			})
			v := w.inspector.Inspect(t.Context(), c, 0)
			requirement := gittoken.RequirementFor(gittoken.GitLab, gittoken.User, v.Kind)

			var results []gittoken.ProbeResult

			for _, p := range gittoken.Probes(requirement, []gittoken.RepositoryNeed{
				{URL: address, Access: gittoken.Read}, {URL: address, Access: gittoken.Write},
			}) {
				results = append(results, w.inspector.Probe(t.Context(), c, v.Kind, p, false, 0))
			}

			j := gittoken.Judge(v, requirement, results, gittoken.Memory{}, time.Now())
			if j.Status != test.status || !slices.Equal(j.Missing, test.missing) {
				t.Errorf("%s, missing %q, unproven %q; %+v; %+v", j.Status, j.Missing, j.Unproven, v, results)
			}
		})
	}
}
