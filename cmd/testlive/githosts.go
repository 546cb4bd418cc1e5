package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// account is a token with what its host said of it.
type account struct {
	variables  hostVariables
	credential gittoken.Credential
	verdict    gittoken.Verdict
}

// askHost compares one Git host with its emulator, if there is a token for it.
func (s *session) askHost(ctx context.Context, h hostVariables) error {
	s.report.section(h.provider.DisplayName())
	a := account{variables: h}

	text := strings.TrimSpace(s.getenv(h.token))
	if text == "" {
		s.report.tell(untried, "everything", h.token+" is not set")

		return nil
	}

	host, err := gittoken.NewHost(h.provider, strings.TrimSpace(s.getenv(h.apiURL)))
	switch {
	case errors.Is(err, gittoken.ErrNoAPIURL):
		s.report.tell(untried, "everything", h.apiURL+" is not set")

		return nil
	case err != nil: // whose text has the address in it
		s.report.tell(failed, "everything", h.apiURL+" is no address of an API")

		return nil //nolint:nilerr // it is in the report
	}

	a.credential = gittoken.Credential{Host: host, Token: gittoken.NewSecret(text)}
	if h.username != "" {
		a.credential.Username = strings.TrimSpace(s.getenv(h.username))
	}

	s.report.knows(basicOf(a.credential))

	kind := gittoken.KindByPrefix(h.provider, a.credential.Token)
	if a.credential.Username == "" && (kind == gittoken.KindAPIToken || kind == gittoken.KindAppPassword) {
		s.report.tell(untried, "everything", h.username+" is not set, which a token of this kind needs")

		return nil
	}

	if err := gittoken.CheckShape(h.provider, a.credential.Token); err != nil {
		s.report.tell(failed, "everything", h.token+": "+err.Error())

		return nil //nolint:nilerr // it is in the report
	}

	a.verdict = s.inspector.Inspect(ctx, a.credential, 0)
	s.describe(a.verdict)

	if a.verdict.Standing == gittoken.Live {
		s.works = append(s.works, a)
	}

	return s.compareHost(ctx, a)
}

// describe prints the provider's verdict, without what names anybody.
func (s *session) describe(v gittoken.Verdict) {
	scopes := "not told"

	if v.ScopesKnown {
		var known []string
		for _, scope := range v.Scopes {
			known = append(known, string(scope))
		}

		scopes = strings.Join(known, ", ")
		if scopes == "" {
			scopes = "none"
		}
	}

	standing := string(v.Standing)
	if v.Standing == gittoken.Unchecked {
		standing = "unchecked"
	}

	if v.Cause != "" {
		standing += " (" + string(v.Cause) + ")"
	}

	told := func(known bool) string {
		if known {
			return "told"
		}

		return "not told"
	}
	s.report.line("  The provider finds: %s, kind %s, scopes %s, expiry %s, owner %s.", standing, v.Kind,
		transport.Printable(scopes), told(!v.ExpiresAt.IsZero()), told(v.Owner != ""))
}

// compareHost puts the questions to the host and to the emulator.
func (s *session) compareHost(ctx context.Context, a account) error {
	t := newTwin(s.box, a)
	switch {
	case t.token.Service != "":
	case a.verdict.Standing == gittoken.Unchecked:
		s.report.tell(failed, "everything else", "the host did not say whether the token works")

		return nil
	default:
		s.report.tell(untried, "everything else", "the sandbox has no token in such a state")

		return nil
	}

	if err := t.create(); err != nil {
		return err
	}

	for _, scope := range t.strange {
		s.report.tell(refuted, "the sandbox knows every scope", "it issues no "+transport.Printable(scope))
	}

	emulated, err := gittoken.NewHost(a.variables.provider, s.box.URL(t.token.Service))
	if err != nil {
		return err
	}

	equivalent := gittoken.Credential{
		Host: emulated, Username: a.credential.Username, Token: gittoken.NewSecret(t.token.Text),
	}

	fake, err := s.madeUp(t)
	if err != nil {
		return err
	}

	if a.verdict.Standing == gittoken.Rejected { // as nobody's token is
		equivalent.Token = gittoken.NewSecret(fake)
	}

	live := s.partyOf(a.credential, a.verdict.Owner, fake)
	twin := s.partyOf(equivalent, t.token.Owner, fake)

	questions := questionsFor(a)
	if a.verdict.Standing != gittoken.Live {
		questions = questions[:1] // asking again with a token that does not work is what locks accounts
	}

	for _, q := range questions {
		s.put(ctx, q, live, twin)
	}

	switch {
	case a.verdict.Standing != gittoken.Live:
		s.report.tell(untried, "the rest", "the token does not work")
	case a.variables.provider == gittoken.BitbucketServer:
		s.report.tell(untried, "a made-up credential",
			"the number in it may be that of somebody's token, whose owner the failure would count against")
	}

	if a.verdict.Standing == gittoken.Live && len(t.strange) == 0 {
		s.compareVerdicts(a.verdict, s.inspector.Inspect(ctx, equivalent, 0))
	}

	return nil
}

// compareVerdicts reports whether the provider takes the equivalent token for what it took the real one.
func (s *session) compareVerdicts(live, twin gittoken.Verdict) {
	var differences []string

	differ := func(what string, same bool) {
		if !same {
			differences = append(differences, what+" is another")
		}
	}
	differ("standing", live.Standing == twin.Standing)
	differ("kind", live.Kind == twin.Kind)
	differ("whether scopes are told", live.ScopesKnown == twin.ScopesKnown)
	differ("the set of scopes", slices.Equal(slices.Sorted(slices.Values(live.Scopes)),
		slices.Sorted(slices.Values(twin.Scopes))))
	differ("whether an expiry is told", live.ExpiresAt.IsZero() == twin.ExpiresAt.IsZero())
	differ("whether an owner is told", (live.Owner == "") == (twin.Owner == ""))

	const what = "the provider's verdict of an equivalent token of the sandbox"
	if len(differences) > 0 {
		s.report.tell(refuted, what, differences...)
	} else {
		s.report.tell(confirmed, what)
	}
}

// partyOf returns who is asked with a credential.
func (s *session) partyOf(c gittoken.Credential, owner, fake string) party {
	number, _ := gittoken.BitbucketTokenID(c.Token)

	fakeCredential := gittoken.Credential{Host: c.Host, Token: gittoken.NewSecret(fake)}
	if c.Username != "" { // never the account's own name, against which a failed login would count
		fakeCredential.Username = s.nobody + "@example.invalid"
	}

	return party{
		transport: s.transport, api: c.Host.APIURL(), site: c.Host.WebURL(),
		auth: map[credential]transport.Auth{given: authOf(c), madeUp: authOf(fakeCredential)},
		names: strings.NewReplacer("{owner}", url.PathEscape(strings.ToLower(owner)), "{number}", number,
			"{nobody}", s.nobody),
	}
}

// authOf returns how the provider sends a token.
func authOf(c gittoken.Credential) transport.Auth {
	if basicOf(c) != "" {
		return transport.Basic(c.Username, c.Token)
	}

	return transport.Bearer(c.Token)
}

// basicOf returns user name and token as they are sent together; empty if the token goes alone.
func basicOf(c gittoken.Credential) string {
	if c.Username == "" || gittoken.KindByPrefix(c.Host.Provider(), c.Token) == gittoken.KindAccessToken {
		return ""
	}

	return c.Username + ":" + c.Token.Reveal()
}

// madeUp returns a token like t that nobody has: one of another sandbox.
func (s *session) madeUp(t *twin) (string, error) {
	forged := &twin{box: s.forge, token: t.token}

	forged.token.Text = ""
	if err := forged.create(); err != nil {
		return "", fmt.Errorf("make up a token: %w", err)
	}

	return forged.token.Text, nil
}

// questionsFor lists what a host is asked. The first question is the provider's own first.
func questionsFor(a account) []question {
	switch a.variables.provider {
	case gittoken.GitHub:
		return githubQuestions(a)
	case gittoken.GitLab:
		return gitlabQuestions(a)
	case gittoken.BitbucketServer:
		return bitbucketServerQuestions(a)
	case gittoken.BitbucketCloud:
		headers := []string{"X-OAuth-Scopes", "X-Accepted-OAuth-Scopes", "X-Credential-Type"}

		return []question{
			{path: "/user", headers: headers},
			{path: "/repositories/{nobody}/{nobody}", headers: headers},
			{path: "/repositories"}, // which Bitbucket took away
			{path: "/user", as: none, headers: headers},
			{path: "/user", as: madeUp, headers: headers},
		}
	}

	return nil
}

// onPremises tells GitHub Enterprise Server from GitHub in the cloud.
func onPremises(h gittoken.Host) bool { return strings.HasSuffix(h.APIURL(), "/api/v3") }

func githubQuestions(a account) []question {
	headers := []string{"X-OAuth-Scopes", "GitHub-Authentication-Token-Expiration"}

	first := question{path: "/user", headers: headers}
	if a.verdict.Kind == gittoken.KindAppInstallation {
		first.path = "/installation/repositories?per_page=1"
	}

	list := []question{
		first,
		{path: "/repos/{nobody}/{nobody}", headers: headers},
		{path: first.path, as: madeUp, headers: headers},
	}
	if !onPremises(a.credential.Host) { // where private mode has words of its own
		list = append(list, question{path: "/user", as: none, headers: headers})
	}

	return list
}

func gitlabQuestions(a account) []question {
	list := []question{{path: "/personal_access_tokens/self"}}
	if a.verdict.Kind == gittoken.KindOAuth {
		list = append(list, question{path: "/oauth/token/info", atSite: true})
	}

	if a.verdict.Kind != gittoken.KindGranular { // whose permissions nobody can list
		list = append(list, question{path: "/user"}, question{path: "/projects/{nobody}%2F{nobody}"})
	}

	return append(list, question{path: "/user", as: none}, question{path: "/user", as: madeUp})
}

func bitbucketServerQuestions(a account) []question {
	headers := []string{"X-AUSERNAME"}

	list := []question{
		{path: "/projects?permission=PROJECT_ADMIN&limit=1", headers: headers},
		{path: "/repos?permission=REPO_WRITE&limit=1", headers: headers},
		{path: "/projects/{nobody}", headers: headers},
		{path: "/application-properties", headers: headers},
	}
	if _, ok := gittoken.BitbucketTokenID(a.credential.Token); ok && !strings.Contains(a.verdict.Owner, "/") {
		list = append(list, question{
			path: "/rest/access-tokens/latest/users/{owner}/{number}", atSite: true, headers: headers,
		})
	}

	return append(list,
		question{path: "/application-properties", as: none, headers: headers},
		question{path: "/projects?permission=PROJECT_ADMIN&limit=1", as: none, headers: headers},
	)
}
