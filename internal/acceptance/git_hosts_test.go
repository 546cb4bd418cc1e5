package acceptance_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// Patterns of owners.
const (
	noOwner    = "-"        // the host does not tell one
	userNumber = `user \d+` // GitLab, for a token that may not read its owner's record
)

// eachMissing returns for each of these scopes a token that holds all the others.
func eachMissing(scopes []string) map[string]matrixToken {
	tokens := make(map[string]matrixToken)
	for _, scope := range scopes {
		tokens["without-"+strings.ReplaceAll(scope, ":", "-")] = matrixToken{
			holds: slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == scope }),
			lacks: []string{scope},
		}
	}

	return tokens
}

// nobodysWithout is eachMissing where a token without the scope reads works, but its host does not tell whose it is.
func nobodysWithout(reads string, scopes []string) map[string]matrixToken {
	tokens := eachMissing(scopes)
	for name, token := range tokens {
		if token.lacks[0] == reads {
			token.owner = noOwner
			tokens[name] = token
		}
	}

	return tokens
}

// TestMatrix takes every Git host with tokens of both types through their lives: a plan refuses those that cannot do
// their job, an apply registers those that can, and the next plan notices those that ceased to.
func TestMatrix(t *testing.T) {
	t.Parallel()

	for _, h := range matrixHosts() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, h)
			m.refusesBad()
			m.registersGood()
			m.noticesEnds()
		})
	}
}

// matrix is a world around one Git host. Its clock stands until it is moved.
type matrix struct {
	*cli
	matrixHost

	moved  *atomic.Int64 // the clock, in ns
	blocks []string
	good   []*matrixCase
}

// matrixCase is one resource.
type matrixCase struct {
	resourceType string
	row          matrixRow
	name         string // of the resource and of its runtime
	token        sandbox.Token
	want         matrixToken
	hint         string // expires_at_hint
	end          string // what becomes of it after it was registered: the status in the end
}

func (c matrixCase) address() string { return c.resourceType + "." + c.name }

// The clock of the matrix, and when tokens expire that do so in the course of a test.
func matrixStart() time.Time  { return time.Date(2030, 1, 10, 12, 0, 0, 0, time.UTC) }
func matrixExpiry() time.Time { return time.Date(2030, 3, 1, 0, 0, 0, 0, time.UTC) }

func newMatrix(t *testing.T, h matrixHost) *matrix {
	t.Helper()

	moved := new(atomic.Int64)
	now := func() time.Time { return matrixStart().Add(time.Duration(moved.Load())) }

	s, err := sandbox.Start(sandbox.Options{Now: now})
	if err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}

	t.Cleanup(s.Close)

	if h.kind == "app_password" {
		if err := s.SetBehaviour(h.service, sandbox.AppPasswords, true); err != nil {
			t.Fatalf("going back to app passwords: %v", err)
		}
	}

	w := &world{Sandbox: s, t: t, clock: now, env: map[string]string{}}

	return &matrix{cli: w.session(), matrixHost: h, moved: moved}
}

// add adds a resource, with a runtime of the same name if there is none yet.
func (m *matrix) add(c matrixCase) *matrixCase {
	m.t.Helper()

	if !slices.ContainsFunc(m.blocks, func(b string) bool { return strings.Contains(b, set("runtime", c.name)+"\n") }) {
		m.must(m.AddRuntime(sandbox.Runtime{Name: c.name, GitProvider: m.reported, GitAPIURL: m.URL(m.service)}))
	}

	kind := m.kind
	if c.want.kind != "" {
		kind = c.want.kind
	}

	c.token.Service, c.token.Kind, c.token.Owner = m.service, kind, "ci-bot"
	c.token.Scopes, c.token.Repositories = c.want.holds, c.want.limited
	c.token = m.token(c.token)
	m.secret(c.token.Text)

	lines := []string{
		set("runtime", c.name), set("token", c.token.Text), set("git_provider", m.provider), set("api_url", m.URL(m.service)),
	}
	if login := m.login(c.token); login != "" {
		lines = append(lines, set("username", login))
	}

	if c.hint != "" {
		lines = append(lines, set("expires_at_hint", c.hint))
	}

	m.blocks = append(m.blocks, provided(c.resourceType, c.name, lines...))

	return &c
}

// login returns the user name that goes with a token.
func (m *matrix) login(token sandbox.Token) string {
	switch {
	case !m.username:
		return ""
	case token.Kind == "app_password":
		return token.Owner
	}

	return token.Email
}

// begin starts a new configuration.
func (m *matrix) begin() { m.blocks = []string{m.world.provider()} }

// rows gives f both types of token.
func (m *matrix) rows(f func(resourceType string, row matrixRow)) {
	f(runtimeToken, m.runtime)
	f(userToken, m.user)
}

func (m *matrix) refusesBad() {
	m.t.Helper()
	m.begin()

	var lacking []*matrixCase

	ended := make(map[*matrixCase]string)

	m.rows(func(resourceType string, row matrixRow) {
		for _, name := range slices.Sorted(maps.Keys(row.bad)) {
			lacking = append(lacking, m.add(matrixCase{resourceType: resourceType, row: row, name: name, want: row.bad[name]}))
		}

		whole := matrixCase{resourceType: resourceType, row: row, want: row.good["sufficient"]}
		for name, status := range map[string]string{
			"expired": m.unseen.expired, "revoked": m.unseen.revoked, "blocked": m.unseen.blocked,
		} {
			whole.name = name
			c := m.add(whole)
			m.end(c.token.Text, name)
			ended[c] = status
		}
	})
	m.configure(m.blocks...)

	got := m.plan().wantExit(1)
	for _, c := range lacking {
		d := got.only(m.t, "error", c.address())
		m.wantShortfall(c, d)
		m.wantRemedy(c, d, "under_scoped")
	}

	for c, status := range ended {
		d := got.only(m.t, "error", c.address())
		d.wants(m.t, m.summaryOf(status))
		m.wantRemedy(c, d, status)
	}

	if want := len(lacking) + len(ended); len(got.diagnostics) != want {
		m.t.Errorf("%d diagnostics, and there are %d bad tokens:\n%v", len(got.diagnostics), want, got.diagnostics)
	}

	if sent := m.Mutations(); len(sent) != 0 {
		m.t.Errorf("a plan sent %v", sent)
	}
}

// end puts an end to a token; what names it.
func (m *matrix) end(token, what string) {
	m.t.Helper()

	switch what {
	case "expired":
		m.must(m.SetExpiry(token, matrixStart().Add(-48*time.Hour)))
	case "revoked":
		m.must(m.RevokeToken(token))
	case "blocked":
		m.must(m.BlockToken(token, sandbox.BlockSuspended))
	default:
		m.t.Fatalf("no token ends by being %q", what)
	}
}

// summaryOf returns how the message about a token with this status begins.
func (m *matrix) summaryOf(status string) string {
	return map[string]string{
		"invalid": "Git token is not valid at " + m.URL(m.service) + m.usual,
		"expired": "Git token has expired",
		"revoked": "Git token was revoked",
		"blocked": "Owner of the Git token is blocked",
	}[status]
}

// wantShortfall checks that a message names what the token has and what it lacks, in the host's spelling and nothing
// else, and whose it is.
func (m *matrix) wantShortfall(c *matrixCase, d diagnostic) {
	m.t.Helper()

	lacks := c.want.lacks

	shortfall := "Git token lacks " + strconv.Itoa(len(lacks)) + " of " + strconv.Itoa(c.row.required) + " scopes"
	if c.row.required == 1 {
		shortfall = "Git token lacks its only required scope"
	}

	d.wants(m.t, shortfall)

	who := m.called + ` of "ci-bot"`

	switch {
	case c.want.owner == noOwner:
		who = m.called
	case c.want.owner == userNumber:
		who = `token of "` + userNumber + `"` // the kind, too, is told by the owner's record
	case c.want.owner != "":
		who = m.called + ` of "` + c.want.owner + `"`
	}

	use := strings.TrimSuffix(strings.TrimPrefix(c.resourceType, "codefresh_git_"), "_token")
	form := `^The ` + who + ` at ` + regexp.QuoteMeta(m.URL(m.service)+m.usual) +
		` has ([^.]*)\. A ` + use + ` token (?:also )?needs ([^.]*)\.`

	parts := regexp.MustCompile(form).FindStringSubmatch(d.Detail)
	if parts == nil {
		m.t.Errorf("%s: the message is not of the form %s:\n%s", c.address(), form, d)

		return
	}

	var has, needs []string
	if parts[1] != "no scope" {
		has = strings.Split(parts[1], ", ")
	}

	for item := range strings.SplitSeq(parts[2], "; ") {
		word, _, _ := strings.Cut(item, " ")
		needs = append(needs, strings.TrimSuffix(word, ":"))
	}

	if diff := cmp.Diff(sorted(c.want.tells()), sorted(has)); diff != "" {
		m.t.Errorf("%s: what the message says that the token has (-want +got):\n%s", c.address(), diff)
	}

	if diff := cmp.Diff(lacks, needs); diff != "" {
		m.t.Errorf("%s: what the message says that the token lacks (-want +got):\n%s", c.address(), diff)
	}
}

// wantRemedy checks that a message ends with the page on which a better token is made. Nothing is wrong with a token
// whose owner is blocked.
func (m *matrix) wantRemedy(c *matrixCase, d diagnostic, status string) {
	m.t.Helper()

	if status == "blocked" {
		d.wants(m.t, "Have an administrator of the host restore the account, or use a token of another account")

		return
	}

	page := c.row.page
	if strings.HasPrefix(page, "/") {
		page = strings.TrimSuffix(m.URL(m.service), m.beyond) + page
	}

	_, link, found := strings.Cut(d.Detail, "put it into the configuration and apply: ")
	if !found || !strings.HasPrefix(link, page) {
		m.t.Errorf("%s: the message does not link to %s:\n%s", c.address(), page, d)
	}
}

// tells returns what the host tells of the token's scopes.
func (t matrixToken) tells() []string {
	if t.told != nil {
		return t.told
	}

	return t.holds
}

func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }

// setOf returns a set of words as decoded JSON has it.
func setOf(words []string) []any {
	set := []any{}
	for _, word := range sorted(words) {
		set = append(set, word)
	}

	return set
}
