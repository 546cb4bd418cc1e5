package message

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// shown is a Message as users meet it.
type shown struct {
	section  string // what is the matter
	when     string // which walks give it, and how loud
	reason   string // status_reason, if the message is about a judgement
	says     []string
	next     string // what it says to do, if it is the same on each walk
	messages Message
}

// judged is a situation in which a token is judged.
type judged struct {
	name    string
	status  gittoken.Status // that it must come to
	host    gittoken.Host   // by default the public GitHub
	use     gittoken.Type   // by default runtime
	verdict gittoken.Verdict
	probes  []gittoken.ProbeResult
	memory  gittoken.Memory
	request func(*tokencheck.Request)
	says    []string // words that each of its messages must have
	unknown bool     // whether the token is not known
}

// messageNow is when the messages are given.
func messageNow() time.Time { return time.Date(2026, time.August, 1, 12, 0, 0, 0, time.UTC) }

func hostOf(t *testing.T, p gittoken.Provider, address string) gittoken.Host {
	t.Helper()

	h, err := gittoken.NewHost(p, address)
	if err != nil {
		t.Fatal(err)
	}

	return h
}

func accessTo(repository string, access gittoken.Access, o gittoken.Outcome, c gittoken.Cause, detail string,
) gittoken.ProbeResult {
	return gittoken.ProbeResult{
		Probe: gittoken.Probe{Repository: repository, Access: access}, Outcome: o, Cause: c,
		Detail: detail,
	}
}

func permissionAt(repository string, o gittoken.Outcome, c gittoken.Cause, scopes ...gittoken.Scope,
) []gittoken.ProbeResult {
	var results []gittoken.ProbeResult
	for _, s := range scopes {
		results = append(results, gittoken.ProbeResult{
			Probe: gittoken.Probe{Repository: repository, Permission: s}, Outcome: o, Cause: c,
		})
	}

	return results
}

// live returns the verdict on a token that its host accepts and tells the scopes of.
func live(k gittoken.Kind, scopes ...gittoken.Scope) gittoken.Verdict {
	return gittoken.Verdict{
		Standing: gittoken.Live, Kind: k, Owner: "ci-bot", Scopes: scopes, ScopesKnown: k.TellsScopes(),
	}
}

// granular returns the verdict on a token that GitLab accepts and tells the grant of.
func granular(entries ...gittoken.GrantEntry) gittoken.Verdict {
	v := live(gittoken.KindGranular)
	v.Grant = &gittoken.Grant{Entries: entries}

	return v
}

// placed returns the answer to a question at a repository of GitLab's project 3 in the group 5.
func placed(repository string) gittoken.ProbeResult {
	answer := gittoken.ProbeProven().Of(gittoken.Probe{Repository: repository, Access: gittoken.Write})
	answer.Place = &gittoken.GrantPlace{ProjectID: 3, GroupIDs: []int64{5}, AllGroups: true}

	return answer
}

const (
	repositoryA = "https://github.com/acme/a"
	repositoryB = "https://github.com/acme/b"
)

// sharedRepository is the question to the account's shared configuration repository.
var sharedRepository = gittoken.Probe{
	Repository: repositoryA, Access: gittoken.Write, Source: gittoken.SourceSharedConfiguration,
}

// in returns the request and the judgement of a situation.
func (c judged) in(t *testing.T) (tokencheck.Request, gittoken.Judgement) {
	t.Helper()

	s := tokencheck.Request{Type: c.use, Runtime: "prod", Host: c.host, Token: tokencheck.Token{Known: !c.unknown}}
	if s.Host.IsZero() {
		s.Host = hostOf(t, gittoken.GitHub, "")
	}

	if s.Type == "" {
		s.Type = gittoken.Runtime
	}

	if c.request != nil {
		c.request(&s)
	}

	j := gittoken.Judge(c.verdict, s.Requirement(c.verdict), c.probes, c.memory, messageNow())
	if j.Status != c.status {
		t.Fatalf("%s comes to %s, not %s", c.name, j.Status, c.status)
	}

	return s, j
}

// tokenMessages returns every message that a judgement may give, with the walks on which it does.
func tokenMessages(t *testing.T) []shown {
	t.Helper()

	var all []shown

	for _, c := range situations(t) {
		s, j := c.in(t)
		if j.Verdict.Cause == gittoken.CauseSkipped {
			continue // and the user asked for silence
		}

		first := len(all)

		var usual tokencheck.Severity // on the same walk, with the settings that are the default

		for _, when := range occasions() {
			loud := tokencheck.Decide(when.walk, j, when.mode, when.unreachable)
			if when.usual() {
				usual = loud
			}

			if when.walk == tokencheck.Apply && tokencheck.AwaitsApply(j.Verdict.Cause) {
				continue // all is known by then
			}

			if loud == tokencheck.Quiet || !when.usual() && loud == usual {
				continue
			}

			said := Explain(s, j, when.walk, loud)
			severity := map[tokencheck.Severity]string{tokencheck.Warning: "warning", tokencheck.Failure: "error"}[loud]
			occasion := fmt.Sprintf("%s: %s", severity, when.name)

			i := slices.IndexFunc(all[first:], func(earlier shown) bool { return earlier.messages == said })
			if i < 0 {
				all = append(all, shown{
					section: string(j.Status) + ", " + c.name, when: occasion, reason: StatusReason(j), says: c.says,
					next: remedy(s, j), messages: said,
				})

				continue
			}

			all[first+i].when += "; " + occasion
		}
	}

	return all
}

type occasion struct {
	name        string
	walk        tokencheck.Walk
	mode        tokencheck.Mode
	unreachable tokencheck.Unreachable
}

func (o occasion) usual() bool {
	return o.mode == tokencheck.Enforce && o.unreachable == tokencheck.UnreachableWarn
}

func occasions() []occasion {
	var all []occasion
	for _, w := range []struct {
		walk tokencheck.Walk
		name string
	}{
		{tokencheck.Refresh, "refresh"},
		{tokencheck.PlanUnchanged, "plan, token unchanged"},
		{tokencheck.PlanChanged, "plan, token new"},
		{tokencheck.Apply, "apply"},
	} {
		all = append(all,
			occasion{w.name, w.walk, tokencheck.Enforce, tokencheck.UnreachableWarn},
			occasion{w.name + ` (on_unreachable "error")`, w.walk, tokencheck.Enforce, tokencheck.UnreachableError},
			occasion{w.name + ` (validation "warn")`, w.walk, tokencheck.Warn, tokencheck.UnreachableWarn})
	}

	return all
}
