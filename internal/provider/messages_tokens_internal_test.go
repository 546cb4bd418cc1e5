package provider

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// shown is a message as users meet it.
type shown struct {
	section  string // what is the matter
	when     string // which walks give it, and how loud
	reason   string // status_reason, if the message is about a judgement
	says     []string
	next     string // what it says to do, if it is the same on each walk
	messages message
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
	subject func(*subject)
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

const (
	repositoryA = "https://github.com/acme/a"
	repositoryB = "https://github.com/acme/b"
)

// in returns the subject and the judgement of a situation.
func (c judged) in(t *testing.T) (subject, gittoken.Judgement) {
	t.Helper()
	s := subject{tokenType: c.use, runtime: "prod", host: c.host, token: tokenValue{known: !c.unknown}}
	if s.host.IsZero() {
		s.host = hostOf(t, gittoken.GitHub, "")
	}
	if s.tokenType == "" {
		s.tokenType = gittoken.Runtime
	}
	if c.subject != nil {
		c.subject(&s)
	}
	j := gittoken.Judge(c.verdict, s.requirement(c.verdict.Kind), c.probes, c.memory, messageNow())
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
		var usual severity // on the same walk, with the settings that are the default
		for _, when := range occasions() {
			loud := decide(when.walk, j, when.validation, when.unreachable)
			if when.usual() {
				usual = loud
			}
			if when.walk == walkApply && awaitsApply(j.Verdict.Cause) {
				continue // all is known by then
			}
			if loud == quiet || !when.usual() && loud == usual {
				continue
			}
			said := explain(s, j, when.walk, loud)
			occasion := fmt.Sprintf("%s: %s", map[severity]string{warning: "warning", failure: "error"}[loud], when.name)
			i := slices.IndexFunc(all[first:], func(earlier shown) bool { return earlier.messages == said })
			if i < 0 {
				all = append(all, shown{
					section: string(j.Status) + ", " + c.name, when: occasion, reason: statusReason(j), says: c.says,
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
	walk        walk
	validation  validation
	unreachable unreachable
}

func (o occasion) usual() bool { return o.validation == enforce && o.unreachable == unreachableWarn }

func occasions() []occasion {
	var all []occasion
	for _, w := range []struct {
		walk walk
		name string
	}{
		{walkRefresh, "refresh"},
		{walkPlanUnchanged, "plan, token unchanged"},
		{walkPlanChanged, "plan, token new"},
		{walkApply, "apply"},
	} {
		all = append(all,
			occasion{w.name, w.walk, enforce, unreachableWarn},
			occasion{w.name + ` (on_unreachable "error")`, w.walk, enforce, unreachableError},
			occasion{w.name + ` (validation "warn")`, w.walk, warn, unreachableWarn})
	}

	return all
}
