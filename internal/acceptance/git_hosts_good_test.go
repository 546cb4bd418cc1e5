package acceptance_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (m *matrix) registersGood() {
	m.t.Helper()
	m.begin()
	m.rows(func(resourceType string, row matrixRow) {
		for _, name := range slices.Sorted(maps.Keys(row.good)) {
			m.good = append(m.good, m.add(matrixCase{resourceType: resourceType, row: row, name: name, want: row.good[name]}))
		}

		whole := matrixCase{resourceType: resourceType, row: row, want: row.good["sufficient"]}
		for name, status := range map[string]string{
			"expired": m.seen.expired, "revoked": m.seen.revoked, "blocked": m.seen.blocked, "narrowed": "under_scoped",
		} {
			c := whole

			c.name, c.end = "later-"+name, status
			if name == "expired" {
				c.token.ExpiresAt = matrixExpiry()
				if !m.expiry {
					c.hint = matrixExpiry().Format(time.DateOnly)
				}
			}

			m.good = append(m.good, m.add(c))
		}
	})
	m.configure(m.blocks...)

	got := m.apply().wantExit(0)
	if len(got.diagnostics) != 0 {
		m.t.Errorf("good tokens are no reason to speak, and Terraform says:\n%v", got.diagnostics)
	}

	state := m.state()
	for _, c := range m.good {
		m.wantRegistered(c, state[c.address()])
	}
}

// wantRegistered checks the state of a registered token, and that Codefresh holds it.
func (m *matrix) wantRegistered(c *matrixCase, state map[string]any) {
	m.t.Helper()

	want := map[string]any{
		"status": "valid", "codefresh_status": "successful", "token_kind": m.kind, "token_owner": any("ci-bot"),
		"granted_scopes": setOf(c.want.tells()), "missing_scopes": setOf(nil), "excess_scopes": setOf(c.want.exceeds),
		"expires_at": nil, "runtime": c.name, "git_provider": m.provider, "api_url": m.URL(m.service),
	}
	if !c.token.ExpiresAt.IsZero() && m.expiry {
		want["expires_at"] = matrixExpiry().Format(time.RFC3339)
	}

	got := make(map[string]any)
	for name := range want {
		got[name] = state[name]
	}

	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Errorf("%s: the state (-want +got):\n%s", c.address(), diff)
	}

	if c.resourceType == userToken {
		id, _ := m.DefaultUser()
		if held, ok := m.UserToken(c.name, "default", id); !ok || held != c.token.Text {
			m.t.Errorf("%s: Codefresh does not hold the token", c.address())
		}

		return
	}

	held, provider, apiURL, username, ok := m.RuntimeToken(c.name)
	if !ok || held != c.token.Text || provider != m.reported || apiURL != m.URL(m.service)+m.usual {
		m.t.Errorf("%s: Codefresh does not hold the token, or as one of %s at %s", c.address(), provider, apiURL)
	}

	if username != m.login(c.token) {
		m.t.Errorf("%s: Codefresh was given the user name %q", c.address(), username)
	}
}

func (m *matrix) noticesEnds() {
	m.t.Helper()

	for _, c := range m.good {
		switch c.name {
		case "later-revoked", "later-blocked":
			m.end(c.token.Text, strings.TrimPrefix(c.name, "later-"))
		case "later-narrowed":
			m.must(m.SetScopes(c.token.Text, c.row.bad[c.row.narrow].holds...))
		}
	}

	m.moved.Store(int64(matrixExpiry().Add(time.Hour).Sub(matrixStart())))
	sent := len(m.Mutations())

	got := m.plan().wantExit(2)
	changes := m.changes()
	warnings := 0

	for _, c := range m.good {
		action, status := "no-op", "valid"
		if c.end != "" {
			action, status = "update", c.end
			warnings++

			m.wantNotice(c, got.only(m.t, "warning", c.address()))
		}

		change := changes[c.address()]
		if !slices.Equal(change.Actions, []string{action}) || change.Before["status"] != status {
			m.t.Errorf("%s: the plan is to %v and finds it %v, instead of to %s and %s", c.address(), change.Actions,
				change.Before["status"], action, status)
		}
	}

	if len(got.diagnostics) != warnings {
		m.t.Errorf("%d diagnostics, and %d tokens came to an end:\n%v", len(got.diagnostics), warnings, got.diagnostics)
	}

	if len(m.Mutations()) != sent {
		m.t.Errorf("a plan sent %v", m.Mutations()[sent:])
	}
}

// wantNotice checks what a plan says of a registered token that came to an end.
func (m *matrix) wantNotice(c *matrixCase, d diagnostic) {
	m.t.Helper()
	m.wantRemedy(c, d, c.end)
	d.wants(m.t, `Runtime "`+c.name+`" still relies on it`)

	switch {
	case c.end == "under_scoped":
		want := *c
		want.want = c.row.bad[c.row.narrow]
		m.wantShortfall(&want, d)
	case c.end == "expired" && c.end != m.unseen.expired: // GitLab says so itself, without a date
		d.wants(m.t, "Git token expired on "+matrixExpiry().Format(time.DateOnly))
	default:
		d.wants(m.t, m.summaryOf(c.end))
	}

	if c.end != "under_scoped" {
		d.wants(m.t, `of "ci-bot"`)
	}
}
