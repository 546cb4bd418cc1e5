package provider

import (
	"bytes"
	"errors"
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

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

var update = flag.Bool("update", false, "write testdata/messages.golden") //nolint:gochecknoglobals // how flags work

// everyMessage lists every message of this package with the facts that it depends on.
func everyMessage(t *testing.T) []shown {
	t.Helper()

	return slices.Concat(tokenMessages(t), expiryMessages(t), codefreshMessages(), slotMessages(), settingMessages())
}

// TestMessagesGolden keeps every message where people can read them all. "go test ./internal/provider -run
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
		first, rest, split := strings.Cut(m.messages.detail, "\n\n")
		if now := m.messages.summary + "\n" + wrapped(first); now != facts || !split {
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
func wrapped(paragraph string) string {
	const width = 110
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

// A message says what is wrong in one line and, in whole sentences, what to do next.
func TestEveryMessageIsComplete(t *testing.T) {
	t.Parallel()

	// The imperatives with which these messages begin what there is to do.
	next := regexp.MustCompile(`(?:^|[.:,;] |\n|or |and |then )(?i:Add|Apply|Authorise|Check|Compare|Complete|` +
		`Correct|Create|Give|Have|If|Keep|Leave|Let|Name|Nothing|Pass|Put|Remove|Restore|Revoke|Set|Sign|Try|Upgrade|Use)\b`)
	faulty := []string{"%!", "  ", "..", " .", " ,", "::", ": :", " ()", `""`, "\t", ": ."}

	for _, m := range everyMessage(t) {
		t.Run(m.section+"/"+m.when, func(t *testing.T) {
			t.Parallel()

			whole := m.messages.summary + "\n" + m.messages.detail
			switch summary := m.messages.summary; {
			case summary == "", strings.Contains(summary, "\n"), strings.HasSuffix(summary, "."):
				t.Errorf("the summary is no line that says what is wrong: %q", summary)
			case len(summary) > 90:
				t.Errorf("the summary is longer than a line: %q", summary)
			}
			if m.messages.detail == "" {
				t.Fatal("there is no detail")
			}
			for _, bad := range faulty {
				if strings.Contains(whole, bad) {
					t.Errorf("%q in:\n%s", bad, whole)
				}
			}
			for paragraph := range strings.SplitSeq(m.messages.detail, "\n\n") {
				if !regexp.MustCompile(`[.)]$|https://\S+$|my-runtime/default$`).MatchString(paragraph) {
					t.Errorf("a paragraph does not end as a sentence or an address does:\n%s", paragraph)
				}
				if first := paragraph[:1]; first != strings.ToUpper(first) && !strings.HasPrefix(paragraph, "https://") &&
					!strings.HasPrefix(paragraph, "ca_certificate") && !strings.HasPrefix(paragraph, "token_wo_version") {
					t.Errorf("a paragraph does not begin as a sentence does:\n%s", paragraph)
				}
			}
			if !m.silent && !next.MatchString(m.messages.detail) {
				t.Errorf("nothing says what to do next:\n%s", whole)
			}
			for _, want := range m.says {
				if !strings.Contains(whole, want) {
					t.Errorf("%q is not said:\n%s", want, whole)
				}
			}
		})
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
			reason := statusReason(j)
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

func expiryMessages(t *testing.T) []shown {
	t.Helper()
	s := subject{tokenType: gittoken.Runtime, runtime: "prod", host: hostOf(t, gittoken.GitHub, "")}
	verdict := live(gittoken.KindClassic, "repo", "admin:repo_hook")
	notice := func(when string, left time.Duration, says ...string) shown {
		return shown{
			section: "expiry", when: "warning: " + when, says: says,
			messages: expiryNotice(s, verdict, messageNow().Add(left), messageNow()),
		}
	}
	moved := func(when, before, now string, says ...string) shown {
		return shown{
			section: "expiry", when: "warning: " + when, says: says, silent: true,
			messages: expiryMoved(s, verdict, before, now),
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
	}
}

// codefreshErrors lists an error of every kind that codefresh has.
func codefreshErrors() []struct {
	err  error
	says []string
} {
	proxy := func(k codefresh.ErrorKind, op string, c gittoken.Cause, detail string) error {
		return fmt.Errorf("wrapped: %w", &codefresh.Error{
			Kind: k, Op: op, Service: codefresh.AppProxy, Runtime: "prod",
			Address: "https://prod.example.com", Cause: c, Detail: detail,
		})
	}
	platform := func(k codefresh.ErrorKind, op string, c gittoken.Cause, detail string) error {
		return &codefresh.Error{
			Kind: k, Op: op, Service: codefresh.Platform, Address: "https://g.codefresh.io", Cause: c,
			Detail: detail,
		}
	}

	return []struct {
		err  error
		says []string
	}{
		{errKeyMissing, []string{"API key is missing", "api_key", "CODEFRESH_API_KEY"}},
		{errSettingsUnknown, []string{"not known before apply", "api_key"}},
		{errors.New("boom"), []string{"could not be asked", `"prod"`}},
		{platform(codefresh.KeyMissing, "runtimes", "", ""), []string{"API key is missing"}},
		{
			platform(codefresh.KeyRefused, "runtimes", "", "Unauthorized."),
			[]string{"refuses the API key", "https://g.codefresh.io", "(Unauthorized)"},
		},
		{proxy(codefresh.KeyRefused, "gitIntegrations", "", ""), []string{"The app-proxy of runtime \"prod\" at"}},
		{
			platform(codefresh.Unreachable, "runtimes", gittoken.CauseNetwork, "g.codefresh.io: no such host"),
			[]string{"could not be reached", "no such host", "Check url"},
		},
		{
			platform(codefresh.Unreachable, "runtimes", gittoken.CauseTLS, "signed by an unknown authority"),
			[]string{"certificate", "ca_certificate"},
		},
		{platform(codefresh.Unreachable, "runtimes", gittoken.CauseServerError, "HTTP status 502"), []string{"502"}},
		{platform(codefresh.Unreachable, "runtimes", "", ""), []string{"the reason is not known"}},
		{
			proxy(codefresh.Unreachable, "gitIntegrations", gittoken.CauseTimeout, "no answer within 30s"),
			[]string{"app-proxy", "no answer within 30s", "app_proxy_url"},
		},
		{platform(codefresh.RateLimited, "runtimes", "", "Too many requests."), []string{"rate limiting", "later"}},
		{platform(codefresh.RuntimeNotFound, "runtime", "", ""), []string{`Runtime "prod" does not exist`, "API key"}},
		{
			proxy(codefresh.NoAppProxy, "gitIntegrations", "", "the runtime has no ingress host"),
			[]string{"no address", "(the runtime has no ingress host)", "app_proxy_url"},
		},
		{
			proxy(codefresh.NoSuchOperation, "updateRuntimeGitToken", "", ""),
			[]string{"Runtime is too old", "updateRuntimeGitToken", "Upgrade the runtime"},
		},
		{platform(codefresh.NoSuchOperation, "runtimes", "", ""), []string{"Platform is too old", "Upgrade the platform"}},
		{
			proxy(codefresh.Refused, "registerToGitIntegration", "", "ValidationError: missing scopes: repo."),
			[]string{"refuses the Git token", "(ValidationError: missing scopes: repo)", "required_scopes", "git_provider"},
		},
		{
			proxy(codefresh.Refused, "deregisterFromGitIntegration", "", "Forbidden"),
			[]string{"refuses a request", "Forbidden"},
		},
		{proxy(codefresh.Insecure, "gitIntegrations", gittoken.CauseInsecure, ""), []string{"http://", "allow_http"}},
		{
			platform(codefresh.Incomplete, "registerToGitIntegration", "", "the integration's name and a token are needed"),
			[]string{"the integration's name and a token are needed"},
		},
		{
			proxy(codefresh.NotUnderstood, "gitIntegrations", gittoken.CauseNotUnderstood, "the answer is HTML"),
			[]string{"not be understood", "HTML"},
		},
	}
}

func codefreshMessages() []shown {
	var all []shown
	for _, c := range codefreshErrors() {
		section := "Codefresh: " + strings.TrimPrefix(strings.TrimPrefix(c.err.Error(), "wrapped: "), "codefresh: ")
		add := func(when string, m message, says ...string) {
			all = append(all, shown{section: section, when: when, messages: m, says: append(slices.Clone(c.says), says...)})
		}
		add("whenever it is asked", explainCodefresh(c.err, "prod"))
		if put := explainPut(c.err, subject{runtime: "prod"}, true); !strings.HasSuffix(put.detail, "The state was left as it is.") {
			add("sending a token", put, "an end that tells of the state")
		}
	}
	lost := &codefresh.Error{Kind: codefresh.Unreachable, Service: codefresh.AppProxy, Cause: gittoken.CauseTimeout}
	refusal := &codefresh.Error{Kind: codefresh.Refused, Service: codefresh.AppProxy, Op: "registerToGitIntegration"}

	return append(all,
		shown{
			section: "Codefresh: sending a token, and no answer", when: "error: apply", messages: explainPut(lost, subject{runtime: "prod"}, true),
			says: []string{"Whether it took the token is not known", "The state was left as it is."},
		},
		shown{
			section: "Codefresh: sending a token that it refuses", when: "error: apply",
			messages: explainPut(refusal, subject{runtime: "prod"}, true), says: []string{"The state was left as it is."},
		},
		shown{
			section: "Codefresh: sent, and not read back", when: "warning: apply",
			messages: registrationUnseen(explainCodefresh(lost, "prod")), says: []string{"accepted the token"},
		})
}

func slotMessages() []shown {
	runtimes := slotView{missing: missingRuntime, runtimes: []string{"dev", "test"}}
	integration := slotView{missing: missingIntegration}
	in := func(when string, m message, says ...string) shown {
		return shown{section: "places in Codefresh", when: when, messages: m, says: says}
	}

	return []shown{
		in("warning: plan", missingInCodefresh(runtimes, "prod", "", walkPlanChanged), `Runtime "prod" does not exist`,
			"It has: dev, test.", "same apply"),
		in("error: apply", missingInCodefresh(runtimes, "prod", "", walkApply), "Nothing was sent to Codefresh."),
		in("warning: plan", missingInCodefresh(slotView{missing: missingRuntime}, "prod", "", walkPlanChanged), "prod"),
		in("warning: plan", missingInCodefresh(integration, "prod", "lab", walkPlanChanged), `no Git integration "lab"`),
		in("error: apply", missingInCodefresh(integration, "prod", "lab", walkApply), "Nothing was sent to Codefresh."),
		in("warning: refresh", goneFromCodefresh(runtimes, "prod", "default", gittoken.Runtime), `Runtime "prod" is gone`),
		in("warning: refresh", goneFromCodefresh(integration, "prod", "lab", gittoken.User), "integration is gone"),
		in("warning: refresh", goneFromCodefresh(slotView{}, "prod", "default", gittoken.User), "no longer registered"),
		in("error: refresh", otherAccount("prod"), "another Codefresh account"),
		in("warning: plan", refusedByCodefreshNotice("prod", "bad token."), "calls the Git token invalid", "(bad token)"),
		in("warning: plan", refusedByCodefreshNotice("prod", ""), "as failed, but"),
		in("warning: destroy", forgotten("prod"), "stays in Codefresh", "Revoke it"),
		in("warning: plan", handedOver("prod", "u1", "u2"), "another user's", "user u1", "user u2"),
		in("error: destroy", anotherUsersKey("prod", "u1", "u2"), "another user's", "nothing was changed"),
		in("plan", claimedTwice(gittoken.User, "prod", "default"), "managed twice", `integration "default" of runtime "prod"`),
		in("plan", claimedTwice(gittoken.Runtime, "prod", ""), "managed twice", `Git runtime token of runtime "prod"`),
		in("plan", usernameMissing(gittoken.KindAPIToken), "Set username to the e-mail address"),
		in("plan", usernameMissing(gittoken.KindAppPassword), "Set username to the name of its Bitbucket user"),
		in("warning: data source", incompleteOverview(), "not listed"),
	}
}
