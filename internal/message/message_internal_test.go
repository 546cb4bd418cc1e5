package message

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

var update = flag.Bool("update", false, "write testdata/*.golden")

// everyMessage lists every message of this package with the facts that it depends on.
func everyMessage(t *testing.T) []shown {
	t.Helper()

	return slices.Concat(tokenMessages(t), expiryMessages(t), codefreshMessages(), slotMessages(), settingMessages(t),
		repositoryMessages(t), actionMessages(t))
}

// TestMessagesGolden keeps every Message where people can read them all. "go test ./internal/message -run
// TestMessagesGolden -update" writes the file anew.
func TestMessagesGolden(t *testing.T) {
	t.Parallel()

	var b bytes.Buffer
	b.WriteString("Every message of the provider. Written by TestMessagesGolden: see there.\n")

	section, facts := "", ""
	for _, m := range everyMessage(t) {
		if m.section != section {
			section, facts = m.section, ""
			fmt.Fprintf(&b, "\n=== %s\n", section)

			if m.reason != "" {
				fmt.Fprintf(&b, "status_reason: %s\n", m.reason)
			}
		}
		// The facts are the same on each walk; what follows from them is not.
		first, rest, split := strings.Cut(m.messages.Detail, "\n\n")
		if now := m.messages.Summary + "\n" + wrapped(first); now != facts || !split {
			facts = now
			fmt.Fprintf(&b, "\n%s", facts)

			if m.next != "" {
				b.WriteString("  next:\n" + wrapped(m.next))
			}
		}

		fmt.Fprintf(&b, "  [%s]\n", m.when)

		if m.next != "" && !strings.HasSuffix(rest, m.next) {
			t.Errorf("%s: %q does not end with what is to be done: %q", section, rest, m.next)
		}

		if rest = strings.TrimSuffix(rest, m.next); rest != "" {
			b.WriteString(wrapped(rest))
		}
	}

	path := filepath.Join("testdata", "messages.golden")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("messages changed; read them, and run with -update if they are better (-was +is):\n%s", diff)
	}
}

// wrapped breaks a paragraph into indented lines of at most 110 columns.
func wrapped(paragraph string) string { return wrappedTo(110, paragraph) }

func wrappedTo(width int, paragraph string) string {
	var b strings.Builder

	column := 0
	for _, word := range strings.Fields(paragraph) {
		if column > 0 && column+1+len(word) > width {
			b.WriteString("\n")

			column = 0
		}

		if column == 0 {
			b.WriteString("   ")

			column = 3
		}

		b.WriteString(" " + word)
		column += 1 + len(word)
	}

	return b.String() + "\n"
}

// nextStep matches a sentence that tells what to do, or that nothing needs to be done. A condition or a reason may come
// first.
var nextStep = regexp.MustCompile(`^(?:(?:If|To) [^,]*, |[^:]*: )?(?i:Add|Apply|Authorise|Change|Check|Compare|` +
	`Complete|Correct|Create|Give|Have|Keep|Leave|Let|Name|Pass|Put|Remove|Restore|Revoke|Set|Sign|Take|Try|Upgrade|` +
	`Use)\b|` +
	`(?i:nothing needs to be done)\.$`)

// lastSentence returns what a message ends with, but for an example and for the assurance that the state is as it was.
func lastSentence(m Message) string {
	detail := strings.TrimSuffix(regexp.MustCompile(` Example: \S+$`).ReplaceAllString(m.Detail, ""), stateKept)
	paragraphs := strings.Split(detail, "\n\n")
	sentences := strings.Split(paragraphs[len(paragraphs)-1], ". ")

	return sentences[len(sentences)-1]
}

// A message says what is wrong in one line and, in whole sentences, why; it ends with what to do next.
func TestEveryMessageIsComplete(t *testing.T) {
	t.Parallel()

	const mostLines = 12 // what the eye takes in, with Terraform's own lines around it

	settingFirst := regexp.MustCompile(`^[a-z]+_[a-z_]+ `)
	faulty := []string{"%!", "  ", "..", " .", " ,", "::", ": :", " ()", `""`, "\t", ": ."}

	for _, m := range everyMessage(t) {
		t.Run(m.section+"/"+m.when, func(t *testing.T) {
			t.Parallel()

			whole := m.messages.Summary + "\n" + m.messages.Detail
			switch summary := m.messages.Summary; {
			case summary == "", strings.Contains(summary, "\n"), strings.HasSuffix(summary, "."):
				t.Errorf("the summary is no line that says what is wrong: %q", summary)
			case len(summary) > 90:
				t.Errorf("the summary is longer than a line: %q", summary)
			}

			if m.messages.Detail == "" {
				t.Fatal("there is no detail")
			}

			for _, bad := range faulty {
				if strings.Contains(whole, bad) {
					t.Errorf("%q in:\n%s", bad, whole)
				}
			}

			for paragraph := range strings.SplitSeq(m.messages.Detail, "\n\n") {
				if !regexp.MustCompile(`[^.]\.$|https://\S+[^.]$`).MatchString(paragraph) {
					t.Errorf("a paragraph does not end as a sentence or an address does:\n%s", paragraph)
				}

				if first := paragraph[:1]; first != strings.ToUpper(first) && !strings.HasPrefix(paragraph, "https://") &&
					!settingFirst.MatchString(paragraph) {
					t.Errorf("a paragraph does not begin as a sentence does:\n%s", paragraph)
				}
			}

			if last := lastSentence(m.messages); !nextStep.MatchString(last) {
				t.Errorf("the end does not say what to do next: %q", last)
			}

			paragraphs := strings.Split(m.messages.Detail, "\n\n")

			lines := len(paragraphs) - 1
			for _, paragraph := range paragraphs {
				lines += strings.Count(wrappedTo(80, paragraph), "\n")
			}

			if lines > mostLines {
				t.Errorf("%d lines on a terminal of 80 columns:\n%s", lines, whole)
			}

			for _, want := range m.says {
				if !strings.Contains(whole, want) {
					t.Errorf("%q is not said:\n%s", want, whole)
				}
			}
		})
	}
}

// Every function that words a message is called here, or by another one that is.
func TestEveryMessageIsListed(t *testing.T) {
	t.Parallel()

	read := func(pattern, without string) string {
		files, err := filepath.Glob(pattern)

		files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, without) })
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}

		var all strings.Builder

		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}

			all.Write(text)
		}

		return all.String()
	}

	words, tests := read("*.go", "_test.go"), read("*_internal_test.go", " ")
	for _, declared := range regexp.MustCompile(`(?m)^func (\w+)\(.*\bMessage\)? \{$`).FindAllStringSubmatch(words, -1) {
		named := regexp.MustCompile(`\b`+declared[1]+`\(`).FindAllString(words, -1) // its declaration among them
		if len(named) < 2 && !strings.Contains(tests, declared[1]+"(") {
			t.Errorf("no test shows what %s says", declared[1])
		}
	}
}

// Every status can come about, so that the messages above are all there are.
func TestSituationsCoverEveryStatus(t *testing.T) {
	t.Parallel()

	seen := make(map[gittoken.Status]bool)
	for _, c := range situations(t) {
		seen[c.status] = true
	}

	for _, s := range []gittoken.Status{
		gittoken.StatusValid, gittoken.StatusUnproven, gittoken.StatusUnderScoped, gittoken.StatusExpired,
		gittoken.StatusRevoked, gittoken.StatusInvalid, gittoken.StatusBlocked, gittoken.StatusUnchecked,
	} {
		if !seen[s] {
			t.Errorf("no situation comes to %s", s)
		}
	}
}

// The reason in the state is one clause that never changes by itself.
func TestStatusReasons(t *testing.T) {
	t.Parallel()

	for _, c := range situations(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()

			_, j := c.in(t)

			reason := StatusReason(j)
			if reason == "" || strings.HasSuffix(reason, ".") || strings.Contains(reason, "\n") ||
				strings.Contains(reason, "%!") || strings.HasSuffix(reason, ": ") {
				t.Errorf("reason %q", reason)
			}

			if regexp.MustCompile(`\d{4}-\d\d`).MatchString(reason) {
				t.Errorf("the reason %q names a time", reason)
			}

			for word, status := range map[string]gittoken.Status{
				"expir": gittoken.StatusExpired, "revoked": gittoken.StatusRevoked, "lacks": gittoken.StatusUnderScoped,
				"every required scope": "",
			} {
				if strings.Contains(reason, word) && j.Status != status && status != "" {
					t.Errorf("%s, because it %q", j.Status, reason)
				}
			}
		})
	}
}

// A check by itself tells in its reason what a plan of a resource warns of.
func TestCheckedReasons(t *testing.T) {
	t.Parallel()

	tenant, server := hostOf(t, gittoken.GitHub, "https://acme.ghe.com"),
		hostOf(t, gittoken.BitbucketServer, "https://git.example.com")
	for name, test := range map[string]struct {
		host   gittoken.Host
		use    gittoken.Type
		owner  string
		status gittoken.Status
		adds   string
	}{
		"a tenant":                   {tenant, gittoken.User, "octocat", gittoken.StatusValid, "below /api/v3"},
		"a tenant, a bad token":      {tenant, gittoken.User, "octocat", gittoken.StatusUnderScoped, ""},
		"GitHub.com":                 {hostOf(t, gittoken.GitHub, ""), gittoken.User, "octocat", gittoken.StatusValid, ""},
		"a doubtful owner":           {server, gittoken.Runtime, "ci@example.com", gittoken.StatusValid, "personal project"},
		"a doubtful owner, a user's": {server, gittoken.User, "ci@example.com", gittoken.StatusValid, ""},
		"an owner":                   {server, gittoken.Runtime, "ci-bot", gittoken.StatusValid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			j := gittoken.Judgement{
				Status: test.status, Verdict: gittoken.Verdict{Standing: gittoken.Live, Owner: test.owner},
			}
			reason := CheckedReason(tokencheck.Request{Type: test.use, Host: test.host}, j)

			added, found := strings.CutPrefix(reason, StatusReason(j))
			if !found || (added != "") != (test.adds != "") || !strings.Contains(added, test.adds) {
				t.Errorf("the reason is %q", reason)
			}
		})
	}
}

func expiryMessages(t *testing.T) []shown {
	t.Helper()
	s := tokencheck.Request{Type: gittoken.Runtime, Runtime: "prod", Host: hostOf(t, gittoken.GitHub, "")}
	verdict := live(gittoken.KindClassic, "repo", "admin:repo_hook")
	notice := func(when string, left time.Duration, says ...string) shown {
		return shown{
			section: "expiry", when: "warning: " + when, says: says,
			messages: ExpiryNotice(s, verdict, messageNow().Add(left), messageNow()),
		}
	}
	moved := func(when, before, now string, says ...string) shown {
		return shown{
			section: "expiry", when: "warning: " + when, says: says,
			messages: ExpiryMoved(s, verdict, before, now),
		}
	}

	return []shown{
		notice("in 13 days and a half", 13*24*time.Hour+12*time.Hour, "expires in 13 days", "2026-08-15T00:00:00Z",
			"/settings/tokens/new?scopes="),
		notice("in a day", 24*time.Hour, "expires in 1 day"),
		notice("in an hour", time.Hour, "less than a day"),
		notice("by the user's word it is past", -time.Hour, "outlived its expires_at_hint", "Correct expires_at_hint"),
		moved("it moved", "2027-01-01T00:00:00Z", "2026-09-01T00:00:00Z", "from 2027-01-01", "to 2026-09-01"),
		moved("it came to be known", "", "2026-09-01T00:00:00Z", "2026-09-01"),
		moved("it is gone", "2027-01-01T00:00:00Z", "", "2027-01-01"),
		{
			section: "a host that Codefresh may miss", when: "warning: plan, token new",
			says:     []string{"at https://api.acme.ghe.com.", "is not confirmed"},
			messages: HostDoubtful(hostOf(t, gittoken.GitHub, "https://acme.ghe.com")),
		},
		{
			section: "an owner whom Codefresh may miss", when: "warning: plan, token new",
			says: []string{`HTTP access token of "ci@example.com" at`, "is not confirmed", "use a token of an account"},
			messages: OwnerDoubtful(
				tokencheck.Request{Type: gittoken.Runtime, Host: hostOf(t, gittoken.BitbucketServer, "https://git.example.com")},
				gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindHTTPAccess, Owner: "ci@example.com"},
			),
		},
	}
}

// A refresh that failed would stop every walk, the one that repairs the token included.
func TestNothingAboutATokenFailsARefresh(t *testing.T) {
	t.Parallel()

	for _, c := range situations(t) {
		_, j := c.in(t)

		for _, v := range []tokencheck.Mode{tokencheck.Enforce, tokencheck.Warn, tokencheck.Skip, ""} {
			for _, u := range []tokencheck.Unreachable{tokencheck.UnreachableWarn, tokencheck.UnreachableError} {
				for _, w := range []tokencheck.Walk{tokencheck.Refresh, tokencheck.PlanUnchanged} {
					if tokencheck.Decide(w, j, v, u) == tokencheck.Failure {
						t.Errorf("%s fails walk %d with validation %q and on_unreachable %q", c.name, w, v, u)
					}
				}
			}
		}
	}
}
