package provider

import (
	"context"
	"crypto/rand"
	"io"
	"log"
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

type providerModel struct {
	URL               types.String `tfsdk:"url"`
	APIKey            types.String `tfsdk:"api_key"`
	Context           types.String `tfsdk:"context"`
	GitTokens         types.Map    `tfsdk:"git_tokens"`
	CACertificate     types.String `tfsdk:"ca_certificate"`
	AllowHTTP         types.Bool   `tfsdk:"allow_http"`
	RequestTimeout    types.String `tfsdk:"request_timeout"`
	MaxRetries        types.Int64  `tfsdk:"max_retries"`
	OnUnreachable     types.String `tfsdk:"on_unreachable"`
	Validation        types.String `tfsdk:"validation"`
	CheckRepositories types.String `tfsdk:"check_repositories"`
	ExpiryWarningDays types.Int64  `tfsdk:"expiry_warning_days"`
}

const (
	defaultRequestTimeout    = 30 * time.Second
	defaultMaxRetries        = 3
	defaultExpiryWarningDays = 14

	validationVariable = "CODEFRESH_GIT_VALIDATION"
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
	// Log is what Go's own packages log to, where it is this provider's alone: net/http quotes what servers send unasked,
	// and with GODEBUG=http2debug every header. Whatever it is told passes the redactor. May be nil.
	Log *log.Logger
	// Schemas are known from a server before. May be nil.
	Schemas *Schemas
}

// System returns the surroundings of this process.
func System() Surroundings {
	home, _ := os.UserHomeDir() // Without a home directory there is no default configuration file.

	return Surroundings{Getenv: os.Getenv, ReadFile: os.ReadFile, Home: home, Now: time.Now, Random: rand.Reader}
}

// told returns what is in those variables of the environment whose text a message may repeat.
func (a Surroundings) told() []string {
	return []string{a.Getenv(validationVariable), a.Getenv(codefresh.FileVariable)}
}

// setup is what there is before the provider block is read.
type setup struct {
	version  string
	around   Surroundings
	redactor *redact.Redactor // that of the process
	net      secondNet
}

// prepare turns the provider block into what the other blocks use.
func (s setup) prepare(
	ctx context.Context, config providerModel, terraformVersion string,
) (*providerData, diag.Diagnostics) {
	var diags diag.Diagnostics

	data := &providerData{
		gitTokens:         config.GitTokens,
		validation:        s.defaultValidation(config.Validation, &diags),
		onUnreachable:     tokencheck.UnreachableWarn,
		checkRepositories: tokencheck.AtCodefreshs,
		expiryWarning:     defaultExpiryWarningDays * 24 * time.Hour,
		now:               s.around.Now,
		wait:              transport.Wait,
		waits:             memo.New[registration.WaitKey, registration.Waited](s.around.Now),
		random:            s.around.Random,
		redactor:          s.redactor,
		net:               s.net,
		notices:           newNotices(),
		places:            newPlaces(),
		uses:              newTokenUses(),
	}
	if s.around.Wait != nil {
		data.wait = s.around.Wait
	}

	var err error
	if data.salt, err = gittoken.NewSalt(s.around.Random); err != nil {
		report(&diags).nowhere(tokencheck.Failure, message.NoRandomness(err))
	}
	// What nobody can reach without a setting that is not known before apply is no reason to fail a plan.
	blind := config.CACertificate.IsUnknown() || config.AllowHTTP.IsUnknown()
	if v := config.OnUnreachable.ValueString(); v != "" && !blind {
		data.onUnreachable = tokencheck.Unreachable(v)
	}

	if v := config.CheckRepositories; !v.IsNull() {
		data.checkRepositories = tokencheck.Where(v.ValueString()) // none while it is not known
	}

	if v := config.ExpiryWarningDays; !v.IsNull() && !v.IsUnknown() {
		data.expiryWarning = time.Duration(v.ValueInt64()) * 24 * time.Hour
	}

	transportConfig := s.transportConfig(config, terraformVersion, data.redactor)
	data.logBlock(ctx, transportConfig)

	stack, err := transport.New(transportConfig)
	if err != nil { // which only a certificate that is none can be the reason for
		report(&diags).nowhere(tokencheck.Failure, explainCertificates(err))

		return data, diags
	}

	hosts := githost.New(stack, s.around.Now, data.salt)
	data.checker, data.revoker = tokencheck.Checker{Inspector: hosts, Now: s.around.Now}, hosts

	s.connect(ctx, config, stack, data, report(&diags))

	return data, diags
}

func (s setup) transportConfig(
	config providerModel, terraformVersion string, redactor *redact.Redactor,
) transport.Config {
	c := transport.Config{
		CACertificate:  []byte(config.CACertificate.ValueString()),
		AllowHTTP:      config.AllowHTTP.ValueBool(),
		RequestTimeout: defaultRequestTimeout,
		MaxRetries:     defaultMaxRetries,
		UserAgent: transport.UserAgent(
			"Terraform/"+terraformVersion+" terraform-provider-codefresh", s.version, s.around.Getenv),
		DialContext: s.around.DialContext,
		Now:         s.around.Now,
		Wait:        s.around.Wait,
		Redactor:    redactor,
		Observer:    logHTTP(s.net),
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
func (s setup) connect(
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
		Getenv:   s.around.Getenv,
		ReadFile: s.around.ReadFile,
		Home:     s.around.Home,
	})
	// The schema's secrets are known already. A key from elsewhere is, too, before anybody but Codefresh is asked.
	data.redactor.Add(settings.APIKey)

	// Whoever is asked for a host's address would learn a credential in its place. The attribute was looked at before. A
	// URL has no capitals in its host, which what looks like a credential may need.
	if err == nil && (data.redactor.Finds(settings.URL) || data.redactor.Finds(s.around.Getenv(settings.URLSource))) {
		settings, err = codefresh.Settings{}, &codefresh.SettingsError{
			Setting: settings.URLSource, Problem: "cannot be used: it holds what looks like a credential, not an address",
		}
	}

	data.settings = settings
	data.logSettings(ctx, settings)

	data.withKey = clientsByKey(settings, stack, s.around.Now, data.salt)
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

	client, err := codefresh.NewClient(settings, stack, s.around.Now, data.salt)
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

func (s setup) defaultValidation(configured types.String, diags *diag.Diagnostics) tokencheck.Mode {
	if v := configured.ValueString(); v != "" {
		return tokencheck.Mode(v)
	}

	if configured.IsUnknown() {
		return tokencheck.ModeUnknown
	}

	v := s.around.Getenv(validationVariable)
	if v == "" {
		return tokencheck.Enforce
	}

	if !tokencheck.Mode(v).Known() {
		report(diags).nowhere(tokencheck.Failure, message.ValidationVariableUnusable(validationVariable, v))

		return tokencheck.Enforce
	}

	return tokencheck.Mode(v)
}
