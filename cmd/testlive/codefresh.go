package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/appproxyapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/platformapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// The paths of Codefresh's GraphQL.
const (
	platformPath = "/2.0/api/graphql"
	appProxyPath = "/app-proxy/api/graphql"
)

// twinRuntime is the sandbox's runtime. Its name is its own: that of the real one is nobody's business.
const twinRuntime = "twin"

// codefreshSide is one of the two Codefreshes.
type codefreshSide struct {
	client   *codefresh.Client
	platform party
	proxy    party // of the runtime; without an address if it is not asked
	runtime  string
}

// askCodefresh compares the platform and, if a runtime is named, its app-proxy.
func (s *session) askCodefresh(ctx context.Context) error {
	s.report.section("Codefresh's platform")

	key := strings.TrimSpace(s.getenv(liveKey))
	if key == "" {
		s.report.tell(untried, "everything", liveKey+" is not set")

		return nil
	}

	live, err := s.codefreshSide(strings.TrimSpace(s.getenv(liveURL)), key, strings.TrimSpace(s.getenv(liveRuntime)))
	if err != nil { // whose text has the address in it
		s.report.tell(failed, "everything", liveURL+" is no address of a platform")

		return nil //nolint:nilerr // it is in the report
	}

	twin, err := s.twinCodefresh()
	if err != nil {
		return err
	}

	for _, q := range platformQuestions(live.runtime != "") {
		s.put(ctx, q, live.platform, twin.platform)
	}

	_, err = live.client.Overview(ctx)
	s.tellOperation("the provider reads user, account and runtimes", err)

	if live.runtime == "" {
		s.report.section("Codefresh's app-proxy")
		s.report.tell(untried, "everything", liveRuntime+" is not set")

		return nil
	}

	s.askAppProxy(ctx, live, twin)

	return nil
}

// codefreshSide returns the Codefresh at address, whose settings come from nowhere else.
func (s *session) codefreshSide(address, key, runtime string) (codefreshSide, error) {
	settings, err := codefresh.ResolveSettings(codefresh.Sources{
		URL: address, APIKey: gittoken.NewSecret(key),
		Getenv:   func(string) string { return "" },
		ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	})
	if err != nil {
		return codefreshSide{}, err
	}

	client, err := codefresh.NewClient(settings, s.transport, time.Now, s.salt)
	if err != nil {
		return codefreshSide{}, err
	}

	side := codefreshSide{client: client, runtime: runtime}
	side.platform = s.codefreshParty(settings.URL, key, runtime)

	return side, nil
}

func (s *session) codefreshParty(address, key, runtime string) party {
	_, fake := s.forge.DefaultUser()

	return party{
		transport: s.transport, api: address,
		auth: map[credential]transport.Auth{
			given: transport.Raw(gittoken.NewSecret(key)), madeUp: transport.Raw(gittoken.NewSecret(fake)),
		},
		names: strings.NewReplacer("{runtime}", runtime, "{nobody}", s.nobody),
	}
}

// twinCodefresh furnishes the sandbox with a runtime with which somebody is registered.
func (s *session) twinCodefresh() (codefreshSide, error) {
	id, key := s.box.DefaultUser()

	token, err := s.box.CreateToken(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})
	if err != nil {
		return codefreshSide{}, err
	}

	if err := s.box.AddRuntime(sandbox.Runtime{Name: twinRuntime, GitProvider: "GITHUB"}); err != nil {
		return codefreshSide{}, err
	}

	if err := s.box.Register(twinRuntime, integration, map[string]string{id: token.Text}); err != nil {
		return codefreshSide{}, err
	}

	side, err := s.codefreshSide(s.box.URL(sandbox.Codefresh), key, twinRuntime)
	if err == nil {
		side.proxy = s.codefreshParty(s.box.URL(sandbox.AppProxy(twinRuntime)), key, twinRuntime)
	}

	return side, err
}

// lacksField are the words by which the provider tells a schema without a field (graphql-js, src/validation/rules).
func lacksField() []*regexp.Regexp {
	return []*regexp.Regexp{regexp.MustCompile(`^Cannot query field "`)}
}

func platformQuestions(withRuntime bool) []question {
	ask := func(as credential, name, query, argument string) question {
		return question{as: as, path: platformPath, query: query, name: name, argument: argument}
	}
	unknown := ask(given, "a field that the schema lacks", `query { me { id noSuchField } }`, "")
	unknown.words = lacksField()

	list := []question{
		ask(given, "user, account and runtimes", operation(platformapi.Overview_Operation), ""),
		ask(given, "a runtime that does not exist", operation(platformapi.RuntimeByName_Operation), "{nobody}"),
		unknown,
		ask(none, "the user", operation(platformapi.Me_Operation), ""),
		ask(madeUp, "the user", operation(platformapi.Me_Operation), ""),
	}
	if withRuntime {
		list = append(list, ask(given, "the runtime", operation(platformapi.RuntimeByName_Operation), "{runtime}"))
	}

	return list
}

// operation returns a document of the generated clients as the provider sends it.
func operation(document string) string { return strings.TrimSpace(document) }

// askAppProxy compares the app-proxy of the runtime, at the address that the platform reports.
func (s *session) askAppProxy(ctx context.Context, live, twin codefreshSide) {
	s.report.section("Codefresh's app-proxy")

	runtime, err := live.client.FreshRuntime(ctx, live.runtime)
	s.tellOperation("the provider finds the runtime", err)

	if err != nil {
		return
	}

	address, err := codefresh.AppProxyURL(runtime.AppProxyURL)
	if err != nil {
		s.report.tell(failed, "everything else", "the platform reports no address of it that can be used")

		return
	}

	key := strings.TrimSpace(s.getenv(liveKey))
	live.proxy = s.codefreshParty(address, key, live.runtime)

	unknown := question{
		path: appProxyPath, query: `query { gitIntegrations { name noSuchField } }`,
		name: "a field that the schema lacks", words: lacksField(),
	}
	list := question{path: appProxyPath, query: operation(appproxyapi.GitIntegrations_Operation), name: "Git integrations"}
	refusal := list

	refusal.as = madeUp
	for _, q := range []question{list, unknown, refusal} {
		s.put(ctx, q, live.proxy, twin.proxy)
	}

	integrations, err := live.client.Integrations(ctx, live.runtime, address)
	s.tellOperation("the provider reads the Git integrations", err)

	if err != nil {
		return
	}

	s.mutate(ctx, live, twin, integrations)
}

// tellOperation reports whether the provider's own client could do something. Of an error it prints what kind it is.
func (s *session) tellOperation(what string, err error) {
	if err == nil {
		s.report.tell(confirmed, what)

		return
	}

	s.report.tell(failed, what, kindOf(err))
}

// kindOf describes an error of the client without the server's words.
func kindOf(err error) string {
	var e *codefresh.Error
	if !errors.As(err, &e) {
		return "an error that is not the client's own"
	}

	text := string(e.Kind)
	if e.Cause != "" {
		text += ", " + string(e.Cause)
	}

	if e.Status != 0 {
		text += fmt.Sprintf(", HTTP status %d", e.Status)
	}

	return text
}
