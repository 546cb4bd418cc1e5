package sandbox

import (
	"context"
	"fmt"
)

// appProxyRoot resolves the app-proxy's schema where updateRuntimeGitToken is absent.
type appProxyRoot struct{}

// appProxyScalar adds updateRuntimeGitToken as a mutation that answers nothing.
type appProxyScalar struct{ *appProxyRoot }

// appProxyObject adds it as one that answers with the default integration.
type appProxyObject struct{ *appProxyRoot }

type gqlIntegration struct {
	Name, SharingPolicy, Provider, APIURL string
	RegisteredUsers                       []string
	Users                                 []gqlIntegrationUser
}

type gqlIntegrationUser struct {
	UserID  string
	IsValid bool
}

type gqlVersionInfo struct{ Version, PlatformHost, PlatformVersion string }

type addIntegrationArgs struct {
	Args struct {
		Name, APIURL            *string
		Provider, SharingPolicy string
	}
}

type editIntegrationArgs struct {
	Args struct {
		Name, APIURL  *string
		SharingPolicy string
	}
}

// Fields that Codefresh ignores are here because graphql-go wants a place for each field of the schema.
type registerArgs struct {
	Args struct {
		Token                                                      string
		Name, RefreshToken, Username, UserID, AccountID, TokenType *string
		IsAdmin                                                    *bool
	}
}

type updateTokenArgs struct {
	Args struct {
		Token                                    string
		RefreshToken, APIURL, Provider, Username *string
	}
}

type nameArgs struct{ Name *string }

// VersionInfo tells which app-proxy this is.
func (p *appProxyRoot) VersionInfo(ctx context.Context) gqlVersionInfo {
	s := callOf(ctx).Sandbox

	return gqlVersionInfo{appProxyVersion, s.URL(Codefresh), "2.0.0"}
}

// GitIntegrations lists what the caller may see.
func (p *appProxyRoot) GitIntegrations(ctx context.Context) []gqlIntegration {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	c := callOf(ctx)
	list := []gqlIntegration{}

	for _, i := range c.runtime.integrations {
		if c.maySee(i) {
			list = append(list, s.describeIntegration(c.runtime, i))
		}
	}

	return list
}

// GitIntegration is null for a name that the caller sees no integration of.
func (p *appProxyRoot) GitIntegration(ctx context.Context, args nameArgs) *gqlIntegration {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	c := callOf(ctx)

	i, err := c.integration(args.Name)
	if err != nil {
		return nil
	}

	found := s.describeIntegration(c.runtime, i)

	return &found
}

// AddGitIntegration adds an integration.
func (p *appProxyRoot) AddGitIntegration(ctx context.Context, args addIntegrationArgs) (gqlIntegration, error) {
	s := callOf(ctx).Sandbox
	a := args.Args

	return p.asAdmin(ctx, func(r *cfRuntime) (*cfIntegration, error) {
		name := given(a.Name, defaultIntegration)
		if _, err := r.integration(name); err == nil {
			return nil, badRequest("Git integration %q already exists", name)
		}

		if err := checkProvider(a.Provider); err != nil {
			return nil, badRequest("Git provider %s is not supported", a.Provider)
		}

		usual := s.usualAPI(a.Provider)
		if a.Provider == "BITBUCKET_SERVER" {
			usual = ""
		}

		added := &cfIntegration{
			name: name, provider: a.Provider, apiURL: given(a.APIURL, usual), sharingPolicy: a.SharingPolicy,
		}
		if err := checkURL(added.apiURL); err != nil {
			return nil, badRequest("apiUrl is required for %s", a.Provider)
		}

		r.integrations = append(r.integrations, added)

		return added, nil
	})
}

// EditGitIntegration changes an integration's address and who may use it.
func (p *appProxyRoot) EditGitIntegration(ctx context.Context, args editIntegrationArgs) (gqlIntegration, error) {
	a := args.Args

	return p.asAdmin(ctx, func(r *cfRuntime) (*cfIntegration, error) {
		i, err := r.integration(given(a.Name, defaultIntegration))
		if err != nil {
			return nil, noIntegration(a.Name)
		}

		i.apiURL, i.sharingPolicy = given(a.APIURL, i.apiURL), a.SharingPolicy

		return i, nil
	})
}

// RemoveGitIntegration removes an integration and every user's registration with it.
func (p *appProxyRoot) RemoveGitIntegration(ctx context.Context, args struct{ Name string }) (*bool, error) {
	_, err := p.asAdmin(ctx, func(r *cfRuntime) (*cfIntegration, error) {
		removed, err := r.integration(args.Name)
		if err != nil {
			return nil, noIntegration(&args.Name)
		}

		kept := []*cfIntegration{}

		for _, i := range r.integrations {
			if i != removed {
				kept = append(kept, i)
			}
		}

		r.integrations = kept

		return removed, nil
	})

	return nil, err
}

// RegisterToGitIntegration stores the caller's token, in place of an earlier one.
func (p *appProxyRoot) RegisterToGitIntegration(ctx context.Context, args registerArgs) (gqlIntegration, error) {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	c, a := callOf(ctx), args.Args

	i, err := c.integration(a.Name)
	if err != nil {
		return gqlIntegration{}, noIntegration(a.Name)
	}

	registered := &cfRegistration{
		userID: c.user.id, tokenType: given(a.TokenType, userTokenType),
		held: heldToken{text: a.Token, provider: i.provider, apiURL: i.apiURL, username: given(a.Username, "")},
	}
	if !c.runtime.SkipValidation {
		if err := s.checkGitToken(c.runtime, registered.held, registered.tokenType); err != nil {
			return gqlIntegration{}, err
		}
	}

	i.unregister(c.user.id)
	i.registrations = append(i.registrations, registered)

	return s.describeIntegration(c.runtime, i), nil
}

// DeregisterFromGitIntegration takes the caller's own token away.
func (p *appProxyRoot) DeregisterFromGitIntegration(ctx context.Context, args nameArgs) (gqlIntegration, error) {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	c := callOf(ctx)

	i, err := c.integration(args.Name)
	if err != nil {
		return gqlIntegration{}, noIntegration(args.Name)
	}

	if !i.unregister(c.user.id) {
		return gqlIntegration{}, badRequest("user is not registered to git integration %q", i.name)
	}

	return s.describeIntegration(c.runtime, i), nil
}

// UpdateRuntimeGitToken stores the runtime's token and answers nothing.
func (p *appProxyScalar) UpdateRuntimeGitToken(ctx context.Context, args updateTokenArgs) (*bool, error) {
	_, err := p.updateRuntimeToken(ctx, args)

	return nil, err
}

// UpdateRuntimeGitToken stores the runtime's token and answers with the default integration.
func (p *appProxyObject) UpdateRuntimeGitToken(ctx context.Context, args updateTokenArgs) (gqlIntegration, error) {
	return p.updateRuntimeToken(ctx, args)
}

// updateRuntimeToken takes GitHub's public API for what the caller does not say, as the schema's descriptions do: a
// client that forgets to send provider and apiUrl is found out.
func (p *appProxyRoot) updateRuntimeToken(ctx context.Context, args updateTokenArgs) (gqlIntegration, error) {
	s := callOf(ctx).Sandbox
	a := args.Args

	return p.asAdmin(ctx, func(r *cfRuntime) (*cfIntegration, error) {
		held := heldToken{
			text: a.Token, provider: given(a.Provider, "GITHUB"), apiURL: given(a.APIURL, "https://api.github.com"),
			username: given(a.Username, ""),
		}
		if s.cf.sharedConfigRepo != "" && held.provider != s.cf.gitProvider {
			return nil, validationError(fmt.Sprintf(
				"git provider %s does not match the provider of the shared configuration repository (%s)",
				held.provider, s.cf.gitProvider))
		}

		if !r.SkipValidation {
			if err := s.checkGitToken(r, held, runtimeTokenType); err != nil {
				return nil, err
			}
		}

		r.token = &held

		i, err := r.integration(defaultIntegration)
		if err != nil { // the first token completes the installation
			i = &cfIntegration{
				name: defaultIntegration, provider: held.provider, apiURL: held.apiURL, sharingPolicy: everyone,
			}
			r.integrations = append(r.integrations, i)
		}

		return i, nil
	})
}

// asAdmin does what only an admin of the account may do.
func (p *appProxyRoot) asAdmin(
	ctx context.Context, do func(*cfRuntime) (*cfIntegration, error),
) (gqlIntegration, error) {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	c := callOf(ctx)
	if !c.user.admin {
		return gqlIntegration{}, forbidden()
	}

	i, err := do(c.runtime)
	if err != nil {
		return gqlIntegration{}, err
	}

	return s.describeIntegration(c.runtime, i), nil
}

func (c cfCall) maySee(i *cfIntegration) bool { return c.user.admin || i.sharingPolicy != adminsOnly }

// integration finds an integration that the caller may see; no name means the default one.
func (c cfCall) integration(name *string) (*cfIntegration, error) {
	i, err := c.runtime.integration(given(name, defaultIntegration))
	if err == nil && !c.maySee(i) {
		err = noIntegration(name)
	}

	return i, err
}

// describeIntegration is what the app-proxy tells about i. mu must be held.
func (s *Sandbox) describeIntegration(runtime *cfRuntime, i *cfIntegration) gqlIntegration {
	found := gqlIntegration{
		Name: i.name, SharingPolicy: i.sharingPolicy, Provider: i.provider, APIURL: i.apiURL,
		RegisteredUsers: []string{}, Users: []gqlIntegrationUser{},
	}
	for _, r := range i.registrations {
		valid := s.checkGitToken(runtime, r.held, r.tokenType) == nil
		if r.valid != nil {
			valid = *r.valid
		}

		found.RegisteredUsers = append(found.RegisteredUsers, r.userID)
		found.Users = append(found.Users, gqlIntegrationUser{UserID: r.userID, IsValid: valid})
	}

	return found
}

func noIntegration(name *string) error {
	return badRequest("Git integration %q does not exist", given(name, defaultIntegration))
}

func badRequest(format string, args ...any) error {
	return cfError{internalError, fmt.Sprintf(format, args...)}
}

func given(value *string, otherwise string) string {
	if value == nil {
		return otherwise
	}

	return *value
}
