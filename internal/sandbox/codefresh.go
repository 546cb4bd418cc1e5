package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// codefreshWorld is the state of the emulated Codefresh: one account, its users and its runtimes. Sandbox.mu guards it.
type codefreshWorld struct {
	realm            string // what sets the ids of one sandbox apart from those of another
	accountID        string
	gitProvider      string // GITHUB…, "" for null
	gitAPIURL        string // "" for null
	sharedConfigRepo string // "" for null
	users            []*cfUser
	runtimes         []*cfRuntime // in the order in which they were added
	platform         Platform
}

type cfUser struct {
	id, name, key string // an empty key is a revoked one
	admin         bool
}

// cfRuntime is a runtime and what its app-proxy keeps.
type cfRuntime struct {
	Runtime

	url          string // of its app-proxy's listener
	reach        Reach
	loseAnswers  int // so many mutations still lose their answer
	integrations []*cfIntegration
	gitSources   []GitSource
	token        *heldToken // nil until somebody sets one
	tokenStatus  string     // override
}

type cfIntegration struct {
	name, provider, apiURL, sharingPolicy string
	registrations                         []*cfRegistration
}

type cfRegistration struct {
	userID    string
	held      heldToken
	tokenType string
	valid     *bool // override
}

// heldToken is a Git token that Codefresh holds, with what it was told about it.
type heldToken struct{ text, provider, apiURL, username string }

// Platform is how the emulated platform deviates from a current one in good order.
type Platform struct {
	Old             bool // an on-prem platform whose Runtime has no "status" yet
	PageSize        int  // so many runtimes or Git Sources on a page of their list, at most; 0 means all
	NoPagination    bool // the list of runtimes takes no arguments, so that nobody gets beyond its first page
	HTMLGateway     bool // 401s come from the gateway's nginx as HTML instead of JSON
	Sparse          bool // every field that the schema lets be null is null, unless an answer would make no sense
	NoActiveAccount bool // me.activeAccount is null
	GitSources      SourceList
}

// Runtime is a GitOps Runtime of the account.
type Runtime struct {
	Name            string
	GitProvider     string // of its installation repository, as Codefresh's schema spells it, or "" for null
	GitAPIURL       string // of its integration "default"; "" is the account's or the provider's usual one
	Repo            string // its installation repository
	NoIngress       bool   // the platform knows no address of it
	InternalIngress bool   // only its internal ingress host can be reached; the outer one leads nowhere
	Ingress         string // what the platform reports as ingress host, instead of the app-proxy's true address
	NotInstalled    bool   // its app-proxy has no Git integration yet
	SkipValidation  bool   // skipGitPermissionValidation: the app-proxy takes tokens as they are
	UpdateAnswers   string // shape of updateRuntimeGitToken: "scalar" (default), "object" or "absent"
	Available       *bool  // what the platform says about its heartbeat; nil means whatever is true
	Stage           Stage  // how far its installation is; "" is all the way, unless NotInstalled
}

// Reach is whether a runtime's app-proxy can be reached.
type Reach string

// What stands between a client and an app-proxy.
const (
	ReachUp         Reach = ""            // nothing
	ReachDown       Reach = "down"        // the pod is gone: 502 from the router in front of it
	ReachTunnelDown Reach = "tunnel-down" // the tunnel's client is gone: the tunnel server's 404 page
)

const (
	defaultIntegration = "default"
	accountName        = "sandbox"
	everyone           = "ALL_USERS_IN_ACCOUNT"
	adminsOnly         = "ACCOUNT_ADMINS"
	unreachableIngress = "https://ingress.invalid"
)

// startCodefresh starts the platform and the control API, with one user who is an account admin.
func (s *Sandbox) startCodefresh() error {
	s.mu.Lock()
	err := s.foundAccount()
	s.mu.Unlock()

	if err != nil {
		return err
	}

	if _, err := s.start(Codefresh, http.HandlerFunc(s.servePlatform)); err != nil {
		return err
	}

	_, err = s.start(Control, s.controlHandler())

	return err
}

func (s *Sandbox) foundAccount() error {
	s.cf.realm = randomHex(4)
	s.cf.accountID = s.objectID()
	s.cf.gitProvider, s.cf.gitAPIURL = "GITHUB", "https://api.github.com"
	s.knownKey = func(text string) bool { return s.cf.userByKey(text) != nil }

	key := s.options.DefaultKey
	if key == "" {
		key = s.newKey()
	}

	s.cf.users = []*cfUser{{id: s.objectID(), name: "sandbox-admin", key: key, admin: true}}

	return nil
}

// AddRuntime adds a runtime and starts its app-proxy. Unless it is NotInstalled it has the integration "default".
func (s *Sandbox) AddRuntime(r Runtime) error {
	if err := r.check(); err != nil {
		return err
	}

	added := &cfRuntime{Runtime: r}

	address, err := s.start(AppProxy(r.Name), s.appProxyHandler(added))
	if err != nil {
		return fmt.Errorf("add runtime %q: %w", r.Name, err)
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	added.url = address
	if !r.NotInstalled {
		s.install(added)
	}

	if r.Stage != "" {
		s.advance(added, r.Stage)
	}

	s.cf.runtimes = append(s.cf.runtimes, added)

	return nil
}

// install gives a runtime its first integration.
func (s *Sandbox) install(r *cfRuntime) {
	provider := cmp.Or(r.GitProvider, s.cf.gitProvider, "GITHUB")

	apiURL := r.GitAPIURL
	if apiURL == "" && provider == s.cf.gitProvider {
		apiURL = s.cf.gitAPIURL
	}

	if apiURL == "" {
		apiURL = s.usualAPI(provider)
	}

	r.integrations = []*cfIntegration{
		{name: defaultIntegration, provider: provider, apiURL: s.installedAPI(apiURL), sharingPolicy: everyone},
	}
}

var runtimeName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,37}$`)

func (r Runtime) check() error {
	if !runtimeName.MatchString(r.Name) {
		return fmt.Errorf("%q is no name for a runtime: use lower-case letters, digits and hyphens", r.Name)
	}

	switch r.GitProvider {
	case "":
	case "GERRIT": // which no emulated host is
		if r.GitAPIURL == "" {
			return errors.New("a runtime of Gerrit needs git_api_url")
		}
	default:
		if err := checkProvider(r.GitProvider); err != nil {
			return err
		}
	}

	if r.GitAPIURL != "" {
		if err := checkURL(r.GitAPIURL); err != nil {
			return err
		}
	}

	if r.Stage != "" && !slices.Contains(stages(), r.Stage) {
		return noStage(r.Stage)
	}

	if !slices.Contains([]string{"", "scalar", "object", "absent"}, r.UpdateAnswers) {
		return fmt.Errorf("updateRuntimeGitToken cannot be %q: use scalar, object or absent", r.UpdateAnswers)
	}

	return nil
}

// RemoveRuntime removes a runtime. Nobody answers at its app-proxy's address any more.
func (s *Sandbox) RemoveRuntime(name string) error {
	s.mu.Lock()
	_, err := s.cf.runtime(name)
	s.cf.runtimes = slices.DeleteFunc(s.cf.runtimes, func(r *cfRuntime) bool { return r.Name == name })
	s.mu.Unlock()

	if err != nil {
		return err
	}

	return s.stop(AppProxy(name))
}

// SetAccountGit sets the Git provider and API address of the account; "" makes one null.
func (s *Sandbox) SetAccountGit(provider, apiURL string) error {
	if provider != "" {
		if err := checkProvider(provider); err != nil {
			return err
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.cf.gitProvider, s.cf.gitAPIURL = provider, apiURL

	return nil
}

// SetSharedConfigRepo sets the account's shared configuration repository. While there is one, a runtime token must be
// of the account's Git provider. "" takes it away.
func (s *Sandbox) SetSharedConfigRepo(repo string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.cf.sharedConfigRepo = repo
}

// SetPlatform changes how the platform answers.
func (s *Sandbox) SetPlatform(p Platform) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.cf.platform = p
}

func (p Platform) check() error {
	if !slices.Contains([]SourceList{"", SourcesAbsent, SourcesRefused, SourcesPartial}, p.GitSources) {
		return fmt.Errorf("the list of Git Sources cannot be %q: use %q, %q, %q or nothing",
			p.GitSources, SourcesAbsent, SourcesRefused, SourcesPartial)
	}

	if p.PageSize < 0 {
		return errors.New("a page has no negative size")
	}

	return nil
}

// SetReach takes a runtime's app-proxy away, or brings it back.
func (s *Sandbox) SetReach(runtime string, reach Reach) error {
	if !slices.Contains([]Reach{ReachUp, ReachDown, ReachTunnelDown}, reach) {
		return fmt.Errorf("a runtime cannot be %q: use %q, %q or nothing", reach, ReachDown, ReachTunnelDown)
	}

	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		r.reach = reach

		return nil
	})
}

// LoseAnswers makes the next so many mutations at a runtime's app-proxy take effect and then reset the connection.
func (s *Sandbox) LoseAnswers(runtime string, times int) error {
	if times < 0 {
		return errors.New("times must not be negative")
	}

	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		r.loseAnswers = times

		return nil
	})
}

func (s *Sandbox) changeRuntime(name string, change func(*cfRuntime) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	r, err := s.cf.runtime(name)
	if err != nil {
		return err
	}

	return change(r)
}

func (w *codefreshWorld) runtime(name string) (*cfRuntime, error) {
	for _, r := range w.runtimes {
		if r.Name == name {
			return r, nil
		}
	}

	return nil, fmt.Errorf("the sandbox has no runtime %q", name)
}

func (r *cfRuntime) integration(name string) (*cfIntegration, error) {
	for _, i := range r.integrations {
		if i.name == name {
			return i, nil
		}
	}

	return nil, fmt.Errorf("runtime %q has no integration %q", r.Name, name)
}

func (i *cfIntegration) registration(userID string) *cfRegistration {
	for _, r := range i.registrations {
		if r.userID == userID {
			return r
		}
	}

	return nil
}

// unregister reports whether there was something to take away.
func (i *cfIntegration) unregister(userID string) bool {
	before := len(i.registrations)
	i.registrations = slices.DeleteFunc(i.registrations, func(r *cfRegistration) bool { return r.userID == userID })

	return len(i.registrations) < before
}

func checkProvider(provider string) error {
	known := []string{"GITHUB", "GITLAB", "BITBUCKET", "BITBUCKET_SERVER"}
	if !slices.Contains(known, provider) {
		return fmt.Errorf("%q is no Git provider: use %s", provider, strings.Join(known, ", "))
	}

	return nil
}

// usualAPI is the API address that a provider has when nobody says one. Bitbucket Server has none of its own, so the
// sandbox's stands in.
func (s *Sandbox) usualAPI(provider string) string {
	switch provider {
	case "GITHUB":
		return "https://api.github.com"
	case "GITLAB":
		return "https://gitlab.com/api/v4"
	case "BITBUCKET":
		return "https://api.bitbucket.org/2.0"
	default:
		return s.URL(BitbucketServer)
	}
}

// installedAPI is what an installer makes of an address: a GitLab below a path is only found with its API's path.
func (s *Sandbox) installedAPI(apiURL string) string {
	bare := strings.TrimSuffix(apiURL, "/")
	if bare == s.URL(GitLabSelfManaged) {
		return bare + "/api/v4"
	}

	return apiURL
}

// objectID makes an id of the shape that Codefresh gives accounts and users: 24 hexadecimal digits. No two
// sandboxes share one, as no two Codefresh accounts do. mu must be held.
func (s *Sandbox) objectID() string { return fmt.Sprintf("5f0c%s%012x", s.cf.realm, s.nextID()) }

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("an API address must be an absolute http or https URL")
	}

	return nil
}
