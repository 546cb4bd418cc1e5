package main

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/appproxyapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// integration is the one that every runtime has.
const integration = "default"

// cleanupTime is what putting things back may take, after an interrupt too.
const cleanupTime = 2 * time.Minute

// mutate tries what changes something, as far as LIVE_MUTATIONS allows it.
func (s *session) mutate(ctx context.Context, live, twin codefreshSide, list []codefresh.Integration) {
	s.report.section("Codefresh's mutations")

	allowed := strings.TrimSpace(s.getenv(liveMutations))
	if allowed != mutationsYes && allowed != mutationsReplace {
		s.report.tell(untried, "everything", liveMutations+` is neither "yes" nor "replace"`)

		return
	}

	i := slices.IndexFunc(list, func(i codefresh.Integration) bool { return i.Name == integration })
	if i < 0 {
		s.report.tell(untried, "everything", "the runtime has no integration "+integration)

		return
	}

	where := list[i]

	s.askUpdate(ctx, live, twin)

	if a, ok := s.tokenFor(where); ok {
		s.register(ctx, live, twin, where, a, allowed == mutationsReplace)
	} else {
		s.report.tell(untried, "registering a user token", "no variable holds a working token of the integration's Git host")
	}

	s.updateRuntimeToken(ctx, live, where)
}

// tokenFor finds a working token of an integration's host.
func (s *session) tokenFor(where codefresh.Integration) (account, bool) {
	host, err := gittoken.NewHost(where.Provider, where.APIURL)
	if err != nil {
		return account{}, false
	}

	for _, a := range s.works {
		if a.credential.Host == host {
			return a, true
		}
	}

	return account{}, false
}

// askUpdate learns what updateRuntimeGitToken returns without calling it: a request without the token, which it cannot
// do without, is refused at validation, and the refusal says whether a selection is missing, too.
func (s *session) askUpdate(ctx context.Context, live, twin codefreshSide) {
	s.put(ctx, question{
		path: appProxyPath, query: `mutation { updateRuntimeGitToken(args: {}) }`, name: "what updateRuntimeGitToken returns",
		words: []*regexp.Regexp{
			regexp.MustCompile(`must have a selection of subfields`), regexp.MustCompile(`^Cannot query field "`),
		},
		ownWords: true,
	}, live.proxy, twin.proxy)
}

// register registers the token, reads it back, and takes it away again unless the user had one before.
func (s *session) register(
	ctx context.Context, live, twin codefreshSide, where codefresh.Integration, a account, replace bool,
) {
	me, _, err := live.client.Me(ctx, gittoken.Secret{})
	if err != nil {
		s.tellOperation("whom the key belongs to", err)

		return
	}

	_, before := where.TokenOf(me.ID)
	if before && !replace {
		s.report.tell(untried, "registering a user token",
			"the key's user has one there; "+liveMutations+`=replace replaces it by the given one, for good`)

		return
	}

	err = live.client.RegisterUserToken(ctx, live.runtime, live.proxy.api, gittoken.Secret{}, codefresh.UserToken{
		Integration: integration, Token: a.credential.Token, Username: a.credential.Username,
	})
	s.tellOperation("registering a user token", err)

	if err == nil {
		s.readBack(ctx, live, me.ID, true)
	}

	if before {
		s.report.tell(untried, "deregistering", "the user was registered before, and stays registered, with the given token")

		return
	}

	// Also after an interrupt, and after an error: the answer that got lost may have been that it is done.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()

	err = live.client.DeregisterUserToken(ctx, live.runtime, live.proxy.api, gittoken.Secret{}, integration)
	s.tellOperation("deregistering", err)

	if err != nil {
		s.report.line("             The token may still be registered: look at the runtime's integration %s.", integration)

		return
	}

	s.readBack(ctx, live, me.ID, false)
	s.deregisterNobody(ctx, live, twin)
}

// readBack compares whom Codefresh calls registered with what was done.
func (s *session) readBack(ctx context.Context, live codefreshSide, user string, want bool) {
	what := "the user is among the integration's, with a valid token"
	if !want {
		what = "the user is no longer among the integration's"
	}

	list, err := live.client.FreshIntegrations(ctx, live.runtime, live.proxy.api)
	if err != nil {
		s.tellOperation(what, err)

		return
	}

	for _, i := range list {
		if i.Name != integration {
			continue
		}

		status, registered := i.TokenOf(user)
		switch {
		case registered != want:
			s.report.tell(refuted, what, "registered: "+presence(registered)+" instead of "+presence(want))
		case want && status != codefresh.TokenSuccessful:
			s.report.tell(refuted, what, "Codefresh does not call the token valid")
		default:
			s.report.tell(confirmed, what)
		}

		return
	}

	s.report.tell(refuted, what, "the integration is gone")
}

// deregisterNobody compares what the two say to somebody who is not registered.
func (s *session) deregisterNobody(ctx context.Context, live, twin codefreshSide) {
	id, _ := s.box.DefaultUser()
	if err := s.box.Unregister(twinRuntime, integration, id); err != nil {
		s.report.tell(failed, "deregistering again", "the sandbox has no such registration")

		return
	}

	s.put(ctx, question{
		path: appProxyPath, query: operation(appproxyapi.DeregisterFromGitIntegration_Operation),
		name: "deregistering again", argument: integration,
	}, live.proxy, twin.proxy)
}

// updateRuntimeToken replaces the runtime's token, if one was given for that.
func (s *session) updateRuntimeToken(ctx context.Context, live codefreshSide, where codefresh.Integration) {
	const what = "replacing the runtime's token"

	text := strings.TrimSpace(s.getenv(liveRuntimeToken))
	if text == "" {
		s.report.tell(untried, what, liveRuntimeToken+" is not set")

		return
	}

	token := codefresh.RuntimeToken{Provider: where.Provider, APIURL: where.APIURL, Token: gittoken.NewSecret(text)}
	for _, h := range hosts() {
		if h.provider == where.Provider && h.username != "" {
			token.Username = strings.TrimSpace(s.getenv(h.username))
		}
	}

	s.tellOperation(what, live.client.UpdateRuntimeToken(ctx, live.runtime, live.proxy.api, token))
}
