package githost_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// TestSpellingsOfAnAddress finds one repository by every address that people and Codefresh have for it. However it is
// spelled, it is asked about once.
func TestSpellingsOfAnAddress(t *testing.T) {
	t.Parallel()

	for service, token := range services() {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()

			w := newWorld(t)

			path := pathAt(service, "app.js")
			if service == sandbox.GitLab || service == sandbox.GitLabSelfManaged {
				path = "acme/team/deep/app.js"
			}

			clone, err := url.Parse(w.repository(sandbox.Repository{
				Service: service, Path: path, Private: true, Roles: map[string]string{"boss": "admin"},
			}))
			if err != nil {
				t.Fatal(err)
			}

			token.Service, token.Owner = service, "boss"
			c := w.token(token)
			root, _ := strings.CutSuffix(strings.ToLower(clone.Path), strings.ToLower(path)+".git")
			bare := clone.Scheme + "://" + clone.Host + root
			asked := 0

			for name, address := range map[string]string{
				"clone":            bare + path + ".git",
				"page":             bare + path,
				"page, slash":      bare + path + "/",
				"clone, slash":     bare + path + ".git/",
				"with a user":      clone.Scheme + "://ci@" + clone.Host + root + path + ".git",
				"query":            bare + path + ".git?ref=main#readme",
				"percent":          bare + strings.ReplaceAll(path, ".", "%2E") + ".git",
				"white space":      "\t" + bare + path + ".git\n",
				"another case":     bare + strings.ToUpper(path) + ".git",
				"SSH":              "ssh://git@" + clone.Hostname() + ":7999/" + path + ".git",
				"SSH without port": "ssh://git@" + clone.Hostname() + "/" + path,
				"scp":              "git@" + clone.Hostname() + ":" + path + ".git",
				"scp with a root":  "git@" + clone.Hostname() + ":/" + path,
			} {
				if service == sandbox.BitbucketServer && strings.HasPrefix(name, "page") {
					project, slug, _ := strings.Cut(path, "/")
					address = bare[:len(bare)-len("scm/")] + "projects/" + project + "/repos/" + slug + "/browse"
				}

				for _, access := range []gittoken.Access{gittoken.Read, gittoken.Write} {
					p := gittoken.Probe{Repository: address, Access: access}

					got := w.inspector.Probe(t.Context(), c, gittoken.Kind(token.Kind), p, false, 0)
					if got.Outcome != gittoken.Proven {
						t.Errorf("%s, %s: %q: %+v", name, access, address, got)
					}
				}

				switch now := len(w.box.Requests(service)); {
				case asked == 0:
					asked = now
				case now != asked:
					t.Errorf("%s: %d more requests", name, now-asked)

					asked = now
				}
			}
		})
	}
}
