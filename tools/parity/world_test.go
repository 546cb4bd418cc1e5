package parity_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// judged is a token that was made, with all that is needed to ask about it.
type judged struct {
	gitToken

	text, username string
	provider       string // as the validator and the provider of Terraform call the Git host
	apiURL         string // as a configuration has it
	sentURL        string // as Codefresh is told it: with the API's path
	repository     string // clone URL
}

// world is a sandbox with all tokens in it.
type world struct {
	*sandbox.Sandbox

	tokens []judged
}

func providerOf(service sandbox.Service) string {
	switch service {
	case sandbox.GitHub, sandbox.GitHubEnterprise:
		return "github"
	case sandbox.GitLab, sandbox.GitLabSelfManaged:
		return "gitlab"
	case sandbox.BitbucketServer:
		return "bitbucket-server"
	default:
		return "bitbucket"
	}
}

// begin makes every token.
func begin(t *testing.T) *world {
	t.Helper()

	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(s.Close)
	// They are made, and then mostly judged as they are now: without it.
	if err := s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, true); err != nil {
		t.Fatal(err)
	}

	w, places := &world{Sandbox: s}, map[string]map[sandbox.Service]string{"": {}}
	for _, service := range sandbox.GitHosts() {
		if places[""][service], err = w.place(service); err != nil {
			t.Fatal(err)
		}
	}

	for _, x := range sites() {
		if places[x.name], err = x.open(s); err != nil {
			t.Fatal(err)
		}
	}

	seen := map[string]bool{}

	for _, g := range tokens() {
		j, err := w.make(g)
		if err != nil || seen[g.id()] {
			t.Fatalf("%s: %v, another of that name: %t", g.id(), err, seen[g.id()])
		}

		seen[g.id()] = true
		j.repository = places[g.at][g.spec.Service]
		w.tokens = append(w.tokens, j)
	}

	return w
}

// place adds the repository of a host and returns its clone URL.
func (w *world) place(service sandbox.Service) (string, error) {
	if service == sandbox.BitbucketServer {
		return w.URL(service) + "/scm/plat/gitops.git", nil
	}

	return w.AddRepository(sandbox.Repository{
		Service: service, Path: place(service), Private: true, Roles: map[string]string{owner: "admin"},
	})
}

func (w *world) make(g gitToken) (judged, error) {
	made, err := w.CreateToken(g.spec)
	if err != nil {
		return judged{}, err
	}

	switch g.fate {
	case "":
	case revoked:
		err = w.RevokeToken(made.Text)
	case expired:
		err = w.ExpireToken(made.Text)
	default:
		err = w.BlockToken(made.Text, sandbox.Block(g.fate))
	}

	j := judged{
		gitToken: g, text: made.Text, username: g.username,
		provider: providerOf(g.spec.Service), apiURL: w.URL(g.spec.Service),
	}

	j.sentURL = j.apiURL + map[sandbox.Service]string{
		sandbox.GitHubEnterprise: "/api/v3", sandbox.GitLabSelfManaged: "/api/v4", sandbox.BitbucketServer: "/rest/api/1.0",
	}[g.spec.Service]
	switch g.spec.Kind {
	case "api_token":
		j.username = cmp.Or(g.username, made.Email)
	case "app_password":
		j.username = made.Owner
	}

	return j, err
}

// rounds has do judge all tokens, those that need a behaviour of their host while it is on. do gets their places among
// all tokens.
func (w *world) rounds(t *testing.T, do func(places []int)) {
	t.Helper()

	byBehaviour := map[sandbox.Behaviour][]int{}
	for i, j := range w.tokens {
		byBehaviour[j.behaviour] = append(byBehaviour[j.behaviour], i)
	}

	for _, behaviour := range slices.Sorted(maps.Keys(byBehaviour)) {
		places := byBehaviour[behaviour]
		w.switchTo(t, sandbox.BitbucketCloud, sandbox.AppPasswords, behaviour == sandbox.AppPasswords)
		w.switchTo(t, sandbox.BitbucketServer, sandbox.OwnTokenRecord, behaviour == sandbox.OwnTokenRecord)
		do(places)
	}
}

func (w *world) switchTo(t *testing.T, service sandbox.Service, b sandbox.Behaviour, on bool) {
	t.Helper()

	if err := w.SetBehaviour(service, b, on); err != nil {
		t.Fatal(err)
	}
}

// tokenTypes are the two uses of a token.
func tokenTypes() []string { return []string{"runtime", "user"} }

// pair is a token and a use, and what somebody says of them: "" is good, the rest is a reason.
type pair struct{ token, use string }

func (p pair) String() string { return fmt.Sprintf("%s, as %s token", p.token, p.use) }

// answers are somebody's, for every pair.
type answers map[pair]string
