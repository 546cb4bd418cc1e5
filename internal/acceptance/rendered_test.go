package acceptance_test

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	diffs "github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const screensDir = "testdata/rendered"

var rewrite = flag.Bool("update", false, "write testdata/rendered/*.golden")

// TestRendered keeps what people see: messages as Terraform itself prints them on a terminal of 80 and of 120 columns.
// "go test ./internal/acceptance -run TestRendered -update" writes the files anew.
func TestRendered(t *testing.T) {
	t.Parallel()

	// No two ids of requests are the same, but all of a host are as long.
	ids := regexp.MustCompile(`\b(?:[0-9A-F]{4}(?::[0-9A-F]{6}){3}:[0-9A-F]{8}|[0-9a-f]{16}-FRA)\b`)
	character := regexp.MustCompile(`\w`)
	anyID := func(id string) string { return character.ReplaceAllString(id, "0") }

	scenes := map[string]struct {
		args []string
		make func(w *world, c *cli) (config string)
	}{
		"plan_wrong_settings": {[]string{"plan"}, wrongSettings},
		"plan_wrong_values":   {[]string{"plan"}, wrongValues},
		"plan_new_tokens":     {[]string{"plan"}, newTokens},
		"plan_drift":          {[]string{"plan"}, driftedTokens},
		"plan_refused_key":    {[]string{"plan"}, revokedKey},
		"apply":               {[]string{"apply", "-auto-approve"}, lateTokens},
		"destroy":             {[]string{"destroy", "-auto-approve"}, keptToken},
	}
	for name, scene := range scenes {
		for _, columns := range []uint16{80, 120} {
			file := fmt.Sprintf("%s_%d.golden", name, columns)
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				w := screenWorld(t)
				c := w.cli()
				c.configure(scene.make(w, c))
				printed := strings.Join(c.onScreen(columns, scene.args...), "\n")
				wantGolden(t, filepath.Join(screensDir, file), ids.ReplaceAllStringFunc(printed, anyID))
			})
		}
	}

	files, err := os.ReadDir(screensDir)
	if err != nil || len(files) > 2*len(scenes) {
		t.Errorf("%s holds %d files for %d scenes (%v)", screensDir, len(files), len(scenes), err)
	}
}

// wantGolden fails the test unless text is what the file holds. With -update it writes the file first.
func wantGolden(t *testing.T, path, text string) {
	t.Helper()

	if *rewrite {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if diff := diffs.Diff(readText(t, path), text); diff != "" {
		t.Errorf("%s: read what is printed, and run with -update if it is better (-was +is):\n%s", path, diff)
	}
}

// screenNow is when these messages are given: they tell dates, and days that are left.
func screenNow() time.Time { return time.Date(2026, time.August, 1, 12, 0, 0, 0, time.UTC) }

// screenWorld is a world at that time in which the account uses the public GitHub, and everything has its public name.
func screenWorld(t *testing.T) *world {
	t.Helper()

	s, err := sandbox.Start(sandbox.Options{Now: screenNow})
	if err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}

	t.Cleanup(s.Close)
	_, key := s.DefaultUser()
	w := &world{Sandbox: s, t: t, clock: screenNow, env: map[string]string{"CODEFRESH_API_KEY": key}}
	w.must(w.SetAccountGit("GITHUB", "https://api.github.com"))

	return w
}

// screen is a configuration with a runtime and a named token for each of its resources.
type screen struct {
	*world

	named  map[string]string
	blocks []string
}

func (w *world) screen() *screen { return &screen{world: w, named: make(map[string]string)} }

// add adds a resource on a runtime of its own, with a token of this name.
func (s *screen) add(resourceType, name, token string, lines ...string) {
	s.t.Helper()
	s.must(s.AddRuntime(sandbox.Runtime{Name: name}))
	s.named[name] = token
	s.blocks = append(s.blocks, provided(resourceType, name,
		append([]string{set("runtime", name), set("token_name", name)}, lines...)...))
}

// wrong adds a resource that cannot be right.
func (s *screen) wrong(name string, lines ...string) {
	s.blocks = append(s.blocks, provided(runtimeToken, name, append([]string{set("runtime", name)}, lines...)...))
}

// mint makes a token of ci-bot at a public host.
func (s *screen) mint(service sandbox.Service, kind string, scopes ...string) string {
	s.t.Helper()

	return s.token(sandbox.Token{Service: service, Kind: kind, Owner: "ci-bot", Scopes: scopes}).Text
}

// good makes a token that can do everything here.
func (s *screen) good() string { return s.mint(sandbox.GitHub, "classic", "repo", "admin:repo_hook") }

// text returns the configuration. The provider block comes last: the certificate in it is as long as it is.
func (s *screen) text(c *cli) string {
	for _, token := range s.named {
		c.secret(token)
	}

	return strings.Join(s.blocks, "\n") + "\nprovider \"codefresh\" {\n  " + namedTokens(s.named) +
		"\n  ca_certificate = <<-EOT\n" + string(s.CACertificate()) + "EOT\n}\n"
}

func wrongSettings(w *world, c *cli) string {
	s := w.screen()
	s.wrong("two", set("token", s.good()), set("token_name", "two"))
	s.wrong("none")
	s.wrong("password", set("token_name", "x"), set("git_provider", "gitlab"),
		set("api_url", "https://me:pw@git.example.com"))
	s.wrong("version", set("token_name", "x"), set("token_wo_version", "2"))
	s.wrong("date", set("token_name", "x"), set("expires_at_hint", "31.01.2027"))

	return s.text(c)
}

func wrongValues(w *world, c *cli) string {
	s := w.screen()
	github := set("git_provider", "github")
	s.wrong("newline", set("token", s.good()+"\n"))
	s.wrong("elsewhere", github, set("token", s.mint(sandbox.GitLab, "personal", "api")))
	s.wrong("page", github, set("token", s.good()), set("api_url", "https://github.com/acme/repository"))

	return s.text(c)
}

func newTokens(w *world, c *cli) string {
	s := w.screen()
	gitlab := set("git_provider", "gitlab")
	expired, revoked := s.mint(sandbox.GitLab, "personal", "api"), s.mint(sandbox.GitLab, "personal", "api")
	w.must(w.ExpireToken(expired))
	w.must(w.RevokeToken(revoked))
	_, err := w.AddRepository(sandbox.Repository{
		Service: sandbox.GitHub, Path: "acme/gitops", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	w.must(err)

	blocked := s.good()
	w.must(w.BlockToken(blocked, sandbox.BlockSSO))
	_, err = w.AddRepository(sandbox.Repository{Service: sandbox.GitLab, Path: "acme/gitops", Private: true})
	w.must(err)
	project := w.token(sandbox.Token{
		Service: sandbox.GitLab, Kind: "project", Scopes: []string{"api"}, Repositories: []string{"acme/gitops"},
	}).Text
	soon := w.token(sandbox.Token{
		Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo", "admin:repo_hook"},
		ExpiresAt: screenNow().Add(80 * time.Hour),
	}).Text

	s.add(runtimeToken, "valid", s.good())
	s.add(runtimeToken, "under-scoped", s.mint(sandbox.GitHub, "classic", "repo"))
	s.add(userToken, "no-scope", s.mint(sandbox.GitHub, "classic"))
	s.add(runtimeToken, "project", project, gitlab)
	s.add(runtimeToken, "expired", expired, gitlab)
	s.add(runtimeToken, "revoked", revoked, gitlab)
	s.add(runtimeToken, "invalid", "ghp_000000000000000000000000000000000000")
	s.add(runtimeToken, "blocked", blocked,
		`repositories = [{ url = "https://github.com/acme/gitops", access = "read" }]`)
	s.add(runtimeToken, "unproven", s.mint(sandbox.GitHub, "fine_grained"))
	s.add(runtimeToken, "unchecked", s.mint(sandbox.BitbucketCloud, "access_token"), set("git_provider", "bitbucket"))
	w.must(w.Break(sandbox.BitbucketCloud, sandbox.Fault{Status: 503}))
	s.add(runtimeToken, "expiring", soon)
	s.add(runtimeToken, "username", s.mint(sandbox.BitbucketCloud, "api_token"), set("git_provider", "bitbucket"))
	s.add(runtimeToken, "server", s.mint(sandbox.BitbucketServer, "http_access", "PROJECT_ADMIN", "REPO_ADMIN"),
		set("git_provider", "bitbucket-server"))
	s.add(runtimeToken, "nowhere", s.good())
	w.must(w.RemoveRuntime("nowhere"))

	s.blocks = append(s.blocks, provided(runtimeToken, "unnamed", set("runtime", "valid"), set("token_name", "typo")))

	return s.text(c)
}

func driftedTokens(w *world, c *cli) string {
	s := w.screen()
	revoked, narrowed := s.good(), s.good()
	s.add(runtimeToken, "revoked", revoked)
	s.add(runtimeToken, "narrowed", narrowed)
	s.add(runtimeToken, "removed", s.good())
	s.add(userToken, "deregistered", s.good())
	s.add(runtimeToken, "failed", s.good())
	s.add(userToken, "unreachable", s.good())
	c.configure(s.text(c))
	c.apply().wantExit(0)

	id, _ := w.DefaultUser()
	w.must(w.RevokeToken(revoked))
	w.must(w.SetScopes(narrowed, "repo"))
	w.must(w.RemoveRuntime("removed"))
	w.must(w.Unregister("deregistered", "default", id))
	w.must(w.SetRuntimeTokenStatus("failed", "FAILED"))
	w.must(w.SetReach("unreachable", sandbox.ReachTunnelDown))

	return s.text(c)
}

func revokedKey(w *world, c *cli) string {
	s := w.screen()
	s.add(runtimeToken, "prod", s.good())

	_, key := w.DefaultUser()
	w.must(w.RevokeKey(key))

	return s.text(c)
}

func lateTokens(w *world, c *cli) string {
	s := w.screen()
	s.add(runtimeToken, "lost", s.good())
	w.must(w.LoseAnswers("lost", 1))
	s.must(s.AddRuntime(sandbox.Runtime{Name: "late"}))
	s.named["late"] = s.mint(sandbox.GitHub, "classic", "repo")
	s.blocks = append(s.blocks, later("name", "late"), provided(runtimeToken, "late", set("runtime", "late"),
		"token_name = terraform_data.name.output"))

	return s.text(c)
}

func keptToken(w *world, c *cli) string {
	s := w.screen()
	s.add(runtimeToken, "prod", s.good())
	c.configure(s.text(c))
	c.apply().wantExit(0)

	return s.text(c)
}

var (
	escapeSequence = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	messageBox     = regexp.MustCompile(`(?ms)^╷ *\n.*?^╵ *\n`)
	sourceLine     = regexp.MustCompile(`on main\.tf line (\d+)`)
	trailingSpace  = regexp.MustCompile(`(?m) +$`)
	loopbackPort   = regexp.MustCompile(`127\.0\.0\.1:\d{5}`)
	madeUp         = regexp.MustCompile(`[0-9a-fA-F]{32}`) // parts of names and links that the sandbox draws by lot
)

// onScreen runs Terraform on a terminal of so many columns and returns its messages without their colours, in the order
// of the configuration: Terraform walks it in no order.
func (c *cli) onScreen(columns uint16, args ...string) []string {
	c.t.Helper()

	reattach, stop := c.serve()
	defer stop()

	terraform := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	command := exec.CommandContext(c.t.Context(), terraform, append([]string{args[0], "-input=false"}, args[1:]...)...)
	command.Dir = c.folder
	command.Env = slices.DeleteFunc(c.environment(reattach), func(variable string) bool {
		return strings.HasPrefix(variable, "NO_COLOR=") // without colours Terraform draws no boxes
	})
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 50, Cols: columns})

	c.must(err)
	defer func() { c.must(terminal.Close()) }()

	var printed bytes.Buffer
	if _, err := io.Copy(&printed, terminal); err != nil && !errors.Is(err, syscall.EIO) { // how Linux tells the end
		c.t.Fatalf("reading the terminal: %v", err)
	}

	exited := (*exec.ExitError)(nil)
	if err := command.Wait(); err != nil && !errors.As(err, &exited) {
		c.t.Fatalf("running terraform: %v", err)
	}

	text := escapeSequence.ReplaceAllString(strings.ReplaceAll(printed.String(), "\r\n", "\n"), "")
	for _, secret := range c.secrets {
		if strings.Contains(text, secret) {
			c.t.Errorf("terraform %s printed a secret", args[0])
		}
	}

	boxes := messageBox.FindAllString(text, -1)
	if len(boxes) == 0 {
		c.t.Fatalf("terraform %s printed no message:\n%s", args[0], text)
	}

	slices.SortFunc(boxes, func(a, b string) int {
		return cmp.Or(cmp.Compare(lineOf(a), lineOf(b)), strings.Compare(a, b))
	})

	for i, box := range boxes {
		box = loopbackPort.ReplaceAllString(trailingSpace.ReplaceAllString(box, ""), "127.0.0.1:40000")
		boxes[i] = madeUp.ReplaceAllString(box, strings.Repeat("0", 32)) // as long, so that lines end where they did
	}

	return boxes
}

func lineOf(box string) int {
	found := sourceLine.FindStringSubmatch(box)
	if found == nil {
		return 0
	}

	line, _ := strconv.Atoi(found[1]) // which are digits

	return line
}
