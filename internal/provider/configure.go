package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
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

// inspector asks Git hosts about tokens.
type inspector interface {
	Inspect(ctx context.Context, c gittoken.Credential, maxAge time.Duration) gittoken.Verdict
	Probe(
		ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool,
		maxAge time.Duration,
	) gittoken.ProbeResult
}

// codefreshAPI is what the blocks need of Codefresh.
type codefreshAPI interface {
	Overview(ctx context.Context) (codefresh.Overview, error)
	FreshRuntime(ctx context.Context, name string) (codefresh.Runtime, error)
	Me(ctx context.Context, key gittoken.Secret) (codefresh.User, codefresh.Account, error)
	Integrations(ctx context.Context, runtime, appProxyURL string) ([]codefresh.Integration, error)
	FreshIntegrations(ctx context.Context, runtime, appProxyURL string) ([]codefresh.Integration, error)
	RegisterUserToken(ctx context.Context, runtime, appProxyURL string, key gittoken.Secret, t codefresh.UserToken) error
	DeregisterUserToken(ctx context.Context, runtime, appProxyURL string, key gittoken.Secret, integration string) error
	UpdateRuntimeToken(ctx context.Context, runtime, appProxyURL string, t codefresh.RuntimeToken) error
}

// unreachable says what a plan does that could not check.
type unreachable string

const (
	unreachableWarn  unreachable = "warn"
	unreachableError unreachable = "error"
)

// providerData is what the provider block hands to every other block.
type providerData struct {
	inspector inspector
	// codefresh is nil while codefreshMissing says why there is none.
	codefresh        codefreshAPI
	codefreshMissing error

	gitTokens     types.Map
	validation    validation
	onUnreachable unreachable
	expiryWarning time.Duration

	now    func() time.Time
	random io.Reader
	told   *notices
	claims *claims
	// redactor knows the secrets of this process: whoever learns one adds it, and what comes from outside passes it before
	// it is shown or stored.
	redactor *redact.Redactor
	// salt makes fingerprints that live no longer than this process; keyMark is that of the API key, empty without one.
	salt    []byte
	keyMark string
}

// Reasons for which there is no Codefresh to ask.
var (
	// errKeyMissing: no API key in the provider block, the environment or the CLI's file.
	errKeyMissing = errors.New("no Codefresh API key is configured")
	// errSettingsUnknown: the URL or the key comes from a resource that is not applied yet. Falling back to another source
	// would ask the wrong account.
	errSettingsUnknown = errors.New("the Codefresh settings are not known before apply")
)

// prepare turns the provider block into what the other blocks use.
func (p *codefreshProvider) prepare(config providerModel, terraformVersion string) (*providerData, diag.Diagnostics) {
	var diags diag.Diagnostics

	data := &providerData{
		gitTokens:     config.GitTokens,
		validation:    p.defaultValidation(config.Validation, &diags),
		onUnreachable: unreachableWarn,
		expiryWarning: defaultExpiryWarningDays * 24 * time.Hour,
		now:           p.around.Now,
		random:        p.around.Random,
		told:          newNotices(),
		claims:        newClaims(),
		redactor:      redact.New(),
	}
	var err error
	if data.salt, err = gittoken.NewSalt(p.around.Random); err != nil {
		tellGeneral(&diags, failure, noRandomness(err))
	}
	if v := config.OnUnreachable.ValueString(); v != "" {
		data.onUnreachable = unreachable(v)
	}
	if v := config.ExpiryWarningDays; !v.IsNull() && !v.IsUnknown() {
		data.expiryWarning = time.Duration(v.ValueInt64()) * 24 * time.Hour
	}

	data.redactor.Add(secretsOf(config)...)

	stack, err := transport.New(p.transportConfig(config, terraformVersion, data.redactor))
	if err != nil { // which only a certificate that is none can be the reason for
		tellAt(&diags, "ca_certificate", caCertificateUnusable())

		return data, diags
	}
	data.inspector = githost.New(stack, p.around.Now, data.salt)

	p.connect(config, stack, data, &diags)

	return data, diags
}

// secretsOf returns the secrets of the provider block that are known.
func secretsOf(config providerModel) []gittoken.Secret {
	secrets := []gittoken.Secret{gittoken.NewSecret(config.APIKey.ValueString())}

	for _, value := range config.GitTokens.Elements() {
		if token, ok := value.(types.String); ok {
			secrets = append(secrets, gittoken.NewSecret(token.ValueString()))
		}
	}

	return secrets
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
	config providerModel, stack *transport.Transport, data *providerData, diags *diag.Diagnostics,
) {
	if config.URL.IsUnknown() || config.APIKey.IsUnknown() || config.Context.IsUnknown() {
		data.codefreshMissing = errSettingsUnknown

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
	switch {
	case err != nil:
		tellGeneral(diags, failure, settingsUnusable(err))

		return
	case settings.APIKey.IsEmpty():
		data.codefreshMissing = errKeyMissing

		return
	case gittoken.CheckShape("", settings.APIKey) != nil:
		tellGeneral(diags, failure, apiKeyUnusable())

		return
	}
	client, err := codefresh.NewClient(settings, stack, p.around.Now, data.salt)
	if err != nil {
		tellGeneral(diags, failure, settingsUnusable(err))

		return
	}
	data.codefresh, data.keyMark = client, settings.APIKey.Fingerprint(data.salt)
}

func (p *codefreshProvider) defaultValidation(configured types.String, diags *diag.Diagnostics) validation {
	if v := configured.ValueString(); v != "" {
		return validation(v)
	}
	if configured.IsUnknown() {
		return enforce
	}
	v := p.around.Getenv(validationVariable)
	if v == "" {
		return enforce
	}
	if !validation(v).known() {
		tellGeneral(diags, failure, validationVariableUnusable(v))

		return enforce
	}

	return validation(v)
}
