package codefresh

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/wire"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Client asks Codefresh, and tells it about tokens. It remembers answers for as long as it lives, which is one walk of
// Terraform. It is safe for concurrent use. Every error of its methods is an *Error.
type Client struct {
	settings  Settings
	transport *transport.Transport
	salt      []byte
	keys      memo.Identities

	overview     *answers[struct{}, Overview]
	runtimes     *answers[runtimeName, Runtime]
	left         *answers[appProxyAddress, Runtime] // where runtimes are that were not found at an address
	gitSources   *answers[struct{}, []GitSource]
	identities   *answers[memo.Identity, identity]
	integrations *answers[appProxyAddress, []Integration]
	mutations    locks[runtimeName]

	// lists has what RecentOverview asked for. What resources go by stays as it was, should that be an error.
	lists *answers[struct{}, Overview]
	// newest has the runtimes that were asked for by name. Their answers are younger than the overview.
	newestMu sync.Mutex
	newest   map[runtimeName]Runtime

	// basic is set once the platform has shown that its schema lacks what the Basic queries leave out.
	basic atomic.Bool
}

// What answers are remembered under, and mutations wait for.
type (
	appProxyAddress string
	runtimeName     string
)

type identity struct {
	user    User
	account Account
}

// NewClient returns a client for the platform and the key of s, which reads ages from now and remembers answers under
// fingerprints made with salt (gittoken.NewSalt). Without a key it can do only what names its own. The error is an
// *Error of kind Insecure or Unreachable if the platform's address cannot be used.
func NewClient(s Settings, t *transport.Transport, now func() time.Time, salt []byte) (*Client, error) {
	s.APIKey = wire.Trim(s.APIKey)

	if _, err := t.Client(s.URL, nil, transport.ClientOptions{}); err != nil {
		e := unanswered(err)
		e.Op, e.Service = "settings", Platform

		return nil, e
	}

	overview, lists := newAnswers[struct{}, Overview](now), newAnswers[struct{}, Overview](now)
	overview.partial = func(o Overview) bool { return !o.Complete }
	lists.partial = overview.partial

	return &Client{
		settings: s, transport: t, salt: salt, keys: memo.NewIdentities(salt),
		newest:       map[runtimeName]Runtime{},
		overview:     overview,
		lists:        lists,
		runtimes:     newAnswers[runtimeName, Runtime](now),
		left:         newAnswers[appProxyAddress, Runtime](now),
		gitSources:   newAnswers[struct{}, []GitSource](now),
		identities:   newAnswers[memo.Identity, identity](now),
		integrations: newAnswers[appProxyAddress, []Integration](now),
	}, nil
}

// keyOr returns key, or the client's own if it is empty.
func (c *Client) keyOr(key gittoken.Secret) gittoken.Secret {
	if key = wire.Trim(key); key.IsEmpty() {
		return c.settings.APIKey
	}

	return key
}

// atPlatform returns a query to the platform.
func (c *Client) atPlatform(key gittoken.Secret, fields ...field) *call {
	return &call{
		transport: c.transport,
		service:   Platform,
		address:   c.settings.URL,
		key:       key,
		fields:    fields,
		envelope:  wire.Envelope{Salt: c.salt},
	}
}

// atAppProxy returns a query to a runtime's app-proxy.
func (c *Client) atAppProxy(key gittoken.Secret, runtimeName, appProxyURL string, f field) (*call, error) {
	call := &call{
		transport: c.transport,
		service:   AppProxy,
		runtime:   runtimeName,
		key:       key,
		fields:    []field{f},
		envelope:  wire.Envelope{Salt: c.salt},
	}

	address, err := AppProxyURL(appProxyURL)

	switch {
	case errors.Is(err, errAddressEmpty):
		return nil, call.fail(&Error{Kind: NoAppProxy, Detail: "the runtime has no ingress host"})
	case err != nil:
		return nil, call.fail(&Error{Kind: NoAppProxy, Detail: "the app-proxy's address " + err.Error()})
	}

	call.address = address

	return call, nil
}

// mutate does one mutation of a runtime, after those that others asked for. All of a runtime's tokens live in one
// Kubernetes secret there, which two writers at a time could spoil.
func (c *Client) mutate(ctx context.Context, call *call, do func() error) error {
	call.mutation = true

	unlock, err := c.mutations.lock(ctx, runtimeName(call.runtime))
	if err != nil {
		return call.fail(unanswered(err))
	}
	defer unlock()

	// Also after a failure: an answer that got lost does not mean that nothing was done.
	defer c.integrations.Forget(appProxyAddress(call.address))

	return do()
}

// asError gives the error of a caller who stopped waiting the form of every other.
func asError(call *call, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}

	return call.fail(unanswered(err))
}

// providerNames pairs Codefresh's names of Git providers with this project's.
func providerNames() map[string]gittoken.Provider {
	return map[string]gittoken.Provider{
		"GITHUB":           gittoken.GitHub,
		"GITLAB":           gittoken.GitLab,
		"BITBUCKET":        gittoken.BitbucketCloud,
		"BITBUCKET_SERVER": gittoken.BitbucketServer,
	}
}

// providerOf returns the provider that Codefresh calls name. Empty for one that this project does not know, such as
// GERRIT.
func providerOf(name string) gittoken.Provider { return providerNames()[name] }

// isForeign reports whether Codefresh names a provider that this project does not know.
func isForeign(name string) bool { return name != "" && providerOf(name) == "" }

// nameOf returns Codefresh's name of a provider. Empty for one that it does not have.
func nameOf(p gittoken.Provider) string {
	for name, provider := range providerNames() {
		if provider == p {
			return name
		}
	}

	return ""
}

func valueOf[T any](p *T) T {
	var none T
	if p == nil {
		return none
	}

	return *p
}

// convert returns what f makes of each element. Nil stays nil.
func convert[A, B any](list []A, f func(A) B) []B {
	if list == nil {
		return nil
	}

	converted := make([]B, 0, len(list))
	for _, one := range list {
		converted = append(converted, f(one))
	}

	return converted
}

func stringOf[T ~string](p *T) string { return string(valueOf(p)) }
