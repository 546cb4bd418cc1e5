package acceptance_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// alarm is what happens to the repositories that Codefresh uses, none of which is a matter of the token.
type alarm struct {
	happens func(m *matrix, shared string)
	at      func(h matrixHost) bool // nil: at every host
}

// alarms lists them. shared is the clone address of the shared configuration repository.
func alarms() map[string]alarm {
	does := func(happens func(m *matrix, shared string)) alarm { return alarm{happens: happens} }
	source := func(m *matrix, name, address string) {
		m.must(m.AddGitSource(sandbox.GitSource{Runtime: "it", Name: name, RepoURL: address}))
	}
	fails := func(name string, fault sandbox.Fault) alarm {
		fault.Match = name

		return does(func(m *matrix, _ string) { m.must(m.Break(m.service, fault)) })
	}

	return map[string]alarm{
		"all are public": does(func(m *matrix, _ string) {
			m.must(m.SetPrivate(m.service, m.path("shared"), false))
			m.must(m.SetPrivate(m.service, m.path("apps"), false))
		}),
		"all are archived": {
			happens: func(m *matrix, _ string) {
				m.must(m.SetArchived(m.service, m.path("apps"), true))

				if m.provider == "github" { // elsewhere Codefresh itself tries a user's token by a push to the shared one
					m.must(m.SetArchived(m.service, m.path("shared"), true))
				}
			},
			at: func(h matrixHost) bool { return h.service != sandbox.BitbucketCloud },
		},
		"all are renamed": {
			happens: func(m *matrix, _ string) {
				m.must(m.RenameRepository(m.service, m.path("shared"), m.path("configuration")))
				m.must(m.RenameRepository(m.service, m.path("apps"), m.path("applications")))
			},
			at: func(h matrixHost) bool { return h.provider == "github" || h.provider == "gitlab" },
		},
		"one moved to another host": does(func(m *matrix, _ string) {
			m.SetSharedConfigRepo("https://git.example.com/acme/shared.git")
			source(m, "moved", "git@git.example.com:acme/apps.git")
		}),
		"one is empty": does(func(m *matrix, _ string) {
			address, err := m.AddRepository(sandbox.Repository{
				Service: m.service, Path: m.path("empty"), Private: true, Empty: true, Roles: map[string]string{"ci-bot": "write"},
			})
			m.must(err)
			m.SetSharedConfigRepo(address)
			source(m, "empty", address)
		}),
		"addresses are spelled in every way": does(func(m *matrix, shared string) {
			u, err := url.Parse(shared)
			m.must(err)

			path := m.path("shared")
			capitals := strings.ToUpper(u.Scheme+"://"+u.Host) + strings.Replace(u.Path, path, strings.ToUpper(path), 1)

			for name, address := range map[string]string{
				"slash": shared + "/", "bare": strings.TrimSuffix(shared, ".git"), "case": capitals,
				"user": strings.Replace(shared, "://", "://ci@", 1), "space": " " + shared + "\n",
				"ssh": "ssh://git@" + u.Hostname() + ":7999/" + path + ".git", "scp": "git@" + u.Hostname() + ":" + path,
			} {
				source(m, name, address)
			}
		}),
		"addresses are none": does(func(m *matrix, shared string) {
			for n, address := range []string{
				"", "acme/apps", shared + "\x00", "https://", "file:///srv/git/apps.git", "https://%zz/", shared + "/../../..",
			} {
				source(m, fmt.Sprintf("none-%d", n), address)
			}
		}),
		"there are more than are tried": does(func(m *matrix, _ string) {
			for n := range 25 {
				name := fmt.Sprintf("apps-%d", n)
				source(m, name, m.repositoryFor(name, "read"))
			}
		}),
		"the platform refuses":      does(func(m *matrix, _ string) { listing(sandbox.SourcesRefused)(m.world) }),
		"the platform tells a part": does(func(m *matrix, _ string) { listing(sandbox.SourcesPartial)(m.world) }),
		"a limit at the first":      fails("shared", sandbox.Fault{Status: 429}),
		"a limit amid them":         fails("apps", sandbox.Fault{Status: 429}),
		"trouble at the first":      fails("shared", sandbox.Fault{Status: 502}),
		"nobody answers for one":    fails("apps", sandbox.Fault{Mode: "reset"}),
		"a page in place of one": fails("apps", sandbox.Fault{
			Status: 403, Body: "<html>Blocked</html>", Header: map[string]string{"Content-Type": "text/html"},
		}),
		"an answer of somebody else": fails("shared", sandbox.Fault{
			Status: 404, Body: `{"message":"Not Found"}`, Header: map[string]string{"Content-Type": "application/json"},
		}),
	}
}

// TestNoFalseAlarmsAtEveryHost has good tokens of both types, and what is no matter of theirs happens to repositories
// that Codefresh uses: nothing is said of it, and the apply that follows goes through and is settled.
func TestNoFalseAlarmsAtEveryHost(t *testing.T) {
	t.Parallel()

	for _, h := range matrixHosts() {
		for name, test := range alarms() {
			if test.at != nil && !test.at(h) {
				continue
			}

			t.Run(h.name+", "+name, func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t, h)
				m.begin()

				var resources []string

				m.rows(func(resourceType string, row matrixRow) {
					c := m.add(matrixCase{resourceType: resourceType, row: row, name: "it", want: row.good["sufficient"]})
					resources = append(resources, c.address())
				})

				test.happens(m, m.useRepositories("write", "read"))
				m.configure(m.blocks...)

				if got := m.plan().wantExit(2); len(got.diagnostics) != 0 {
					t.Errorf("the plan says %v", got.diagnostics)
				}

				if h.service != lifeHost {
					return // the walks that follow do the same whichever host it is
				}

				if got := m.apply().wantExit(0); len(got.diagnostics) != 0 {
					t.Errorf("the apply says %v", got.diagnostics)
				}

				m.wantSettled()

				for _, at := range resources {
					if status := m.state()[at]["status"]; status != "valid" {
						t.Errorf("%s: status %v", at, status)
					}
				}
			})
		}
	}
}

// TestCodefreshPushesToTheSharedRepository has Codefresh refuse good user tokens of the hosts where it finds out by a
// push whether they may write: the message says what it tried, and where.
func TestCodefreshPushesToTheSharedRepository(t *testing.T) {
	t.Parallel()

	for _, h := range matrixHosts() {
		if h.provider != "gitlab" && h.provider != "bitbucket-server" {
			continue
		}

		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, h)
			m.begin()
			c := m.add(matrixCase{resourceType: userToken, row: m.user, name: "it", want: m.user.good["sufficient"]})
			shared := m.useRepositories("write", "read")
			m.must(m.SetArchived(m.service, m.path("shared"), true))
			m.configure(m.blocks...)
			m.apply().wantExit(1).only(t, "error", c.address()).wants(t, "Codefresh refuses the Git token", "pushes a tag to",
				shared, "is not archived")

			m.must(m.SetArchived(m.service, m.path("shared"), false))
			m.apply().wantExit(0)
		})
	}
}
