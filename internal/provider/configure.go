package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Surroundings is what the provider takes from the outside world. Tests replace parts of it.
type Surroundings struct {
	Getenv      func(name string) string
	ReadFile    func(name string) ([]byte, error)
	Home        string // the user's home directory; empty if unknown
	Now         func() time.Time
	Random      io.Reader
	DialContext func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
	Wait        func(ctx context.Context, d time.Duration) error                     // nil: a timer
}

// System returns the surroundings of this process.
func System() Surroundings {
	home, _ := os.UserHomeDir() // Without a home directory there is no default configuration file.

	return Surroundings{Getenv: os.Getenv, ReadFile: os.ReadFile, Home: home, Now: time.Now, Random: rand.Reader}
}

// providerData is what the provider block hands to every other block.
type providerData struct {
	checker tokencheck.Checker
	// codefresh is nil while codefreshMissing says why there is none.
	codefresh        registration.API
	codefreshMissing error
	settings         codefresh.Settings // as they were found
	// withKey makes a client for a user's own key, where the provider block has none; nil where the platform is not known.
	withKey func(key gittoken.Secret) (registration.API, error)

	gitTokens         types.Map
	validation        tokencheck.Mode
	checkRepositories tokencheck.Where
	onUnreachable     tokencheck.Unreachable
	expiryWarning     time.Duration

	now     func() time.Time
	wait    func(ctx context.Context, d time.Duration) error
	waits   *memo.Memo[string, registration.Waited]
	random  io.Reader
	notices *notices
	places  *places
	// redactor knows the secrets of this process: whoever learns one adds it, and what comes from outside passes it before
	// it is shown or stored.
	redactor *redact.Redactor
	// salt makes fingerprints that live no longer than this process; keyMark is that of the API key, empty without one.
	salt    []byte
	keyMark string
}

// dataFrom takes what Configure of the provider handed over. Terraform asks for schemas without configuring the
// provider; there is nothing then.
func dataFrom(handed any, diags *diag.Diagnostics) *providerData {
	if handed == nil {
		return nil
	}
	data, ok := handed.(*providerData)
	if !ok {
		diags.AddError("Provider is wired wrongly",
			fmt.Sprintf("A block got %T from the provider. Please report this.", handed))
	}

	return data
}

// codefreshFor returns what a resource asks Codefresh with, and the key to register with; empty for that of the API
// itself. A resource's own key does for all where the provider block has none.
func (d *providerData) codefreshFor(own types.String) (registration.API, gittoken.Secret, error) {
	key := gittoken.NewSecret(own.ValueString())
	d.redactor.Add(key)
	switch {
	case d.codefresh != nil:
		return d.codefresh, key, nil
	case own.IsNull(), d.withKey == nil:
		return nil, key, d.codefreshMissing
	case own.IsUnknown():
		return nil, key, registration.ErrSettingsUnknown
	}
	api, err := d.withKey(key)

	return api, gittoken.Secret{}, err
}

// reporter returns the reporter for a resource; state is nil for one that is not in the state.
func (d *providerData) reporter(diags *diag.Diagnostics, p privateState, state *tokenModel) reporter {
	return reporter{diags: diags, resource: p.resource(state), given: d.notices}
}

// overview returns what the platform tells of the account, for blocks that are nothing without it.
func (d *providerData) overview(ctx context.Context, say reporter) (codefresh.Overview, bool) {
	err := d.codefreshMissing
	if d.codefresh != nil {
		var overview codefresh.Overview
		if overview, err = d.codefresh.Overview(ctx); err == nil {
			if !overview.Complete {
				say.nowhere(tokencheck.Failure, message.IncompleteOverview())

				return overview, false
			}

			return overview, true
		}
	}
	say.nowhere(tokencheck.Failure, d.explain(err, ""))

	return codefresh.Overview{}, false
}

// prepare turns the provider block into what the other blocks use.
func (p *codefreshProvider) prepare(
	ctx context.Context, config providerModel, terraformVersion string,
) (*providerData, diag.Diagnostics) {
	var diags diag.Diagnostics

	data := &providerData{
		gitTokens:         config.GitTokens,
		validation:        p.defaultValidation(config.Validation, &diags),
		onUnreachable:     tokencheck.UnreachableWarn,
		checkRepositories: tokencheck.AtCodefreshs,
		expiryWarning:     defaultExpiryWarningDays * 24 * time.Hour,
		now:               p.around.Now,
		wait:              transport.Wait,
		waits:             memo.New[string, registration.Waited](p.around.Now),
		random:            p.around.Random,
		redactor:          p.redactor,
		notices:           newNotices(),
		places:            newPlaces(),
	}
	if p.around.Wait != nil {
		data.wait = p.around.Wait
	}
	var err error
	if data.salt, err = gittoken.NewSalt(p.around.Random); err != nil {
		report(&diags).nowhere(tokencheck.Failure, message.NoRandomness(err))
	}
	if v := config.OnUnreachable.ValueString(); v != "" {
		data.onUnreachable = tokencheck.Unreachable(v)
	}
	if v := config.CheckRepositories.ValueString(); v != "" {
		data.checkRepositories = tokencheck.Where(v)
	}
	if v := config.ExpiryWarningDays; !v.IsNull() && !v.IsUnknown() {
		data.expiryWarning = time.Duration(v.ValueInt64()) * 24 * time.Hour
	}

	stack, err := transport.New(p.transportConfig(config, terraformVersion, data.redactor))
	if err != nil { // which only a certificate that is none can be the reason for
		report(&diags).nowhere(tokencheck.Failure, explainCertificates(err))

		return data, diags
	}
	data.checker = tokencheck.Checker{Inspector: githost.New(stack, p.around.Now, data.salt), Now: p.around.Now}

	p.connect(ctx, config, stack, data, report(&diags))

	return data, diags
}

func (p *codefreshProvider) transportConfig(
	config providerModel, terraformVersion string, redactor *redact.Redactor,
) transport.Config {
	c := transport.Config{
		CACertificate:  []byte(config.CACertificate.ValueString()),
		AllowHTTP:      config.AllowHTTP.ValueBool(),
		RequestTimeout: defaultRequestTimeout,
		MaxRetries:     defaultMaxRetries,
		UserAgent: transport.UserAgent(
			"Terraform/"+terraformVersion+" terraform-provider-codefresh", p.version, p.around.Getenv),
		DialContext: p.around.DialContext,
		Now:         p.around.Now,
		Wait:        p.around.Wait,
		Redactor:    redactor,
		Observer:    logHTTP(),
	}
	// The schema's validator has refused what does not parse.
	if d, err := time.ParseDuration(config.RequestTimeout.ValueString()); err == nil && d > 0 {
		c.RequestTimeout = d
	}
	if v := config.MaxRetries; !v.IsNull() && !v.IsUnknown() {
		c.MaxRetries = int(v.ValueInt64())
	}

	return c
}

// connect finds the settings of Codefresh and gives data its client, or the reason for which there is none.
func (p *codefreshProvider) connect(
	ctx context.Context, config providerModel, stack *transport.Transport, data *providerData, say reporter,
) {
	if config.URL.IsUnknown() || config.APIKey.IsUnknown() || config.Context.IsUnknown() {
		data.codefreshMissing = registration.ErrSettingsUnknown

		return
	}

	settings, err := codefresh.ResolveSettings(codefresh.Sources{
		URL:      config.URL.ValueString(),
		APIKey:   gittoken.NewSecret(config.APIKey.ValueString()),
		Context:  config.Context.ValueString(),
		Getenv:   p.around.Getenv,
		ReadFile: p.around.ReadFile,
		Home:     p.around.Home,
	})
	data.settings = settings
	data.logSettings(ctx, settings)
	data.withKey = clientsByKey(settings, stack, p.around.Now, data.salt)
	switch {
	case err != nil:
		data.withKey = nil
		say.nowhere(tokencheck.Failure, message.SettingsUnusable(err))

		return
	case settings.APIKey.IsEmpty():
		data.codefreshMissing = registration.ErrKeyMissing

		return
	case gittoken.CheckShape("", settings.APIKey) != nil:
		say.nowhere(tokencheck.Failure, message.APIKeyUnusable())

		return
	}
	client, err := codefresh.NewClient(settings, stack, p.around.Now, data.salt)
	if err != nil {
		say.nowhere(tokencheck.Failure, message.SettingsUnusable(err))

		return
	}
	data.codefresh, data.keyMark = client, settings.APIKey.Fingerprint(data.salt)
}

// clientsByKey returns a function that makes one client for each key: what a client was told serves all resources with
// that key.
func clientsByKey(
	settings codefresh.Settings, stack *transport.Transport, now func() time.Time, salt []byte,
) func(gittoken.Secret) (registration.API, error) {
	var mu sync.Mutex
	clients := make(map[string]registration.API)

	return func(key gittoken.Secret) (registration.API, error) {
		mu.Lock()
		defer mu.Unlock()

		id := key.Fingerprint(salt)
		if client, ok := clients[id]; ok {
			return client, nil
		}
		settings.APIKey = key
		client, err := codefresh.NewClient(settings, stack, now, salt)
		if err != nil {
			return nil, err
		}
		clients[id] = client

		return client, nil
	}
}

func (p *codefreshProvider) defaultValidation(configured types.String, diags *diag.Diagnostics) tokencheck.Mode {
	if v := configured.ValueString(); v != "" {
		return tokencheck.Mode(v)
	}
	if configured.IsUnknown() {
		return tokencheck.Enforce
	}
	v := p.around.Getenv(validationVariable)
	if v == "" {
		return tokencheck.Enforce
	}
	if !tokencheck.Mode(v).Known() {
		report(diags).nowhere(tokencheck.Failure, message.ValidationVariableUnusable(validationVariable, v))

		return tokencheck.Enforce
	}

	return tokencheck.Mode(v)
}
