package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
)

// servePlatform is what answers behind Codefresh's own host name.
func (s *Sandbox) servePlatform(w http.ResponseWriter, r *http.Request) {
	user := s.caller(r, true)
	s.mu.Lock()
	platform := s.cf.platform
	s.mu.Unlock()

	switch r.URL.Path {
	case "/2.0/api/graphql":
		q, refused := readGraphQL(r)
		switch {
		case user == nil: // the gateway asks for the key before anybody looks at the request
			rejected(platform.HTMLGateway).writeTo(w)
		case refused != nil:
			refused.writeTo(w)
		default:
			q.execute(withCall(r.Context(), cfCall{Sandbox: s, user: user}), platform.shape()).writeTo(w)
		}
	case "/api/user":
		if user == nil {
			rejected(platform.HTMLGateway).writeTo(w)

			return
		}

		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"_id": user.id, "userName": user.name, "email": user.email(), "status": "ACTIVE",
		})
	default:
		nginx(http.StatusNotFound).writeTo(w)
	}
}

func (u *cfUser) email() string { return u.name + "@sandbox.invalid" }

// platformRoot resolves the platform's schema. The structs below carry its objects: graphql-go reads their fields.
type platformRoot struct{}

type gqlUser struct {
	ID, Name, Email                                          string
	AvatarURL, RegisterDate, LastLoginDate, Sso, RuntimeName *string
	IsAdmin, IsDisabled                                      *bool
	Accounts                                                 *[]gqlAccount
	ActiveAccount                                            *gqlAccount
	Status                                                   string
}

type gqlAccount struct {
	Features                                       *gqlAccountFeatures
	ID                                             string
	Name, GitProvider, GitAPIURL, SharedConfigRepo *string
	Users                                          *[]gqlUser
	Admins                                         *[]string
	CsdpValidated, SupportsManagedRuntime          *bool
	RuntimeFeatures                                []gqlFeature
}

type gqlAccountFeatures struct{ GitopsPlanEnforcement *bool }

type gqlFeature struct {
	Name            string
	Supported       bool
	RequiredVersion *string
}

type gqlRuntimeSlice struct {
	Edges    []gqlRuntimeEdge
	PageInfo gqlPageInfo
}

type gqlRuntimeEdge struct {
	Node   gqlRuntime
	Cursor string
}

type gqlPageInfo struct {
	StartCursor, EndCursor   *string
	HasNextPage, HasPrevPage bool
}

type gqlRuntime struct {
	Errors                                                                     []*gqlError
	Self                                                                       *gqlEntity
	IsRemoteClusterConnected                                                   bool
	ManagedClustersNum                                                         int32
	Metadata                                                                   gqlObjectMeta
	SyncStatus, InstallationType, InstallationStatus, AccessMode               string
	HealthStatus, HealthMessage, Cluster, IngressHost, InternalIngressHost     *string
	IngressClass, IngressController, RuntimeVersion, ChartVersion, LastUpdated *string
	Repo, GitProvider                                                          *string
	Managed, Available, IsConfigurationRuntime                                 bool
	IsExternalArgoCd, IsNamespacedRuntime                                      *bool
	Features                                                                   []gqlFeature
	Status                                                                     gqlRuntimeStatus
	IgnoreSecurityAndGitTokenUpdatesUsers                                      *[]string
}

type gqlObjectMeta struct {
	Group, Version, Kind                     string
	Name, Runtime, Account                   string
	Namespace, Cluster, Created, LastUpdated *string
}

type gqlRuntimeStatus struct {
	AppProxyStarted, GitSourceConfigured, DefaultGitIntegration, EncryptionKey, EncryptionIv gqlAppProxyInfo
	EventReporterArgoCDToken, Isc, RuntimeGitToken                                           gqlAppProxyInfo
	SyncMode, ArgoCdState                                                                    string
}

type gqlAppProxyInfo struct {
	Description *string
	Status      string
}

// Me is whom the API key belongs to.
func (p *platformRoot) Me(ctx context.Context) *gqlUser {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	w := &s.cf
	u := w.user(callOf(ctx).user)

	account := w.account()
	if !w.platform.NoActiveAccount {
		u.ActiveAccount = &account
	}

	if !w.platform.Sparse {
		u.Accounts = &[]gqlAccount{account}
	}

	return &u
}

// Runtime is null for a name that no runtime has.
func (p *platformRoot) Runtime(ctx context.Context, args struct{ Name string }) *gqlRuntime {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	r, err := s.cf.runtime(args.Name)
	if err != nil {
		return nil
	}

	found := s.describeRuntime(r)

	return &found
}

// Runtimes is a page of the account's runtimes.
func (p *platformRoot) Runtimes(ctx context.Context, args paginationArgs) (gqlRuntimeSlice, error) {
	s := callOf(ctx).Sandbox
	s.mu.Lock()
	defer s.mu.Unlock()

	w := &s.cf
	list := gqlRuntimeSlice{Edges: []gqlRuntimeEdge{}}

	from, to, info, err := w.page(args, len(w.runtimes), func(i int) string { return w.runtimes[i].Name })
	if err != nil {
		return list, err
	}

	list.PageInfo = info
	for _, r := range w.runtimes[from:to] {
		list.Edges = append(list.Edges, gqlRuntimeEdge{s.describeRuntime(r), cursorOf(r.Name)})
	}

	return list, nil
}

// platformUnpaged resolves the schema of a platform whose list of runtimes takes no arguments.
type platformUnpaged struct{ *platformRoot }

// Runtimes is the first page.
func (p *platformUnpaged) Runtimes(ctx context.Context) (gqlRuntimeSlice, error) {
	return p.platformRoot.Runtimes(ctx, paginationArgs{})
}

// UpdateCsdpSettings sets the account's Git server and shared configuration repository.
func (p *platformRoot) UpdateCsdpSettings(
	ctx context.Context, args struct{ GitProvider, GitAPIURL, SharedConfigRepo string },
) (*bool, error) {
	s := callOf(ctx).Sandbox
	if !callOf(ctx).user.admin {
		return nil, forbidden()
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	w := &s.cf
	w.gitProvider, w.gitAPIURL, w.sharedConfigRepo = args.GitProvider, args.GitAPIURL, args.SharedConfigRepo

	return nil, nil //nolint:nilnil // the schema's null: the mutation answers nothing
}

// SuggestIscRepo sets the shared configuration repository of an account that has none, and answers with the one that
// the account has then.
func (p *platformRoot) SuggestIscRepo(
	ctx context.Context, args struct{ SuggestedSharedConfigRepo string },
) (*string, error) {
	s := callOf(ctx).Sandbox
	if !callOf(ctx).user.admin {
		return nil, forbidden()
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if s.cf.sharedConfigRepo == "" {
		s.cf.sharedConfigRepo = args.SuggestedSharedConfigRepo
	}

	return &s.cf.sharedConfigRepo, nil
}

func (w *codefreshWorld) user(u *cfUser) gqlUser {
	found := gqlUser{ID: u.id, Name: u.name, Email: u.email(), Status: "ACTIVE"}

	if !w.platform.Sparse {
		systemAdmin := false // which an account admin is not
		found.IsAdmin, found.IsDisabled = &systemAdmin, &systemAdmin
	}

	return found
}

func (w *codefreshWorld) account() gqlAccount {
	found := gqlAccount{ID: w.accountID, RuntimeFeatures: []gqlFeature{}}
	if w.platform.Sparse {
		return found
	}

	admins, users := []string{}, []gqlUser{}
	for _, u := range w.users {
		users = append(users, w.user(u))
		if u.admin {
			admins = append(admins, u.id)
		}
	}

	yes, no := true, false
	found.Features = &gqlAccountFeatures{GitopsPlanEnforcement: &no}
	found.Admins, found.Users, found.CsdpValidated = &admins, &users, &yes
	found.Name, found.SharedConfigRepo = optional(accountName), optional(w.sharedConfigRepo)
	found.GitProvider, found.GitAPIURL = optional(w.gitProvider), optional(w.gitAPIURL)

	return found
}

// describeRuntime is what the platform tells about r. mu must be held.
func (s *Sandbox) describeRuntime(r *cfRuntime) gqlRuntime {
	found := gqlRuntime{
		Metadata:   s.cf.metadata(r, "Runtime", r.Name),
		Errors:     []*gqlError{},
		Self:       &gqlEntity{Metadata: s.cf.metadata(r, "Runtime", r.Name), Errors: []*gqlError{}, SyncStatus: "SYNCED"},
		SyncStatus: "SYNCED", InstallationType: "HELM", InstallationStatus: "COMPLETED", AccessMode: "INGRESS",
		Available: r.reach == ReachUp, Features: []gqlFeature{},
		GitProvider: optional(r.GitProvider), Repo: optional(r.Repo),
	}
	if r.Available != nil {
		found.Available = *r.Available
	}

	switch {
	case r.NoIngress:
	case r.InternalIngress:
		found.IngressHost, found.InternalIngressHost = optional(unreachableIngress), optional(r.url)
	case r.Ingress != "":
		found.IngressHost = optional(r.Ingress)
	default:
		found.IngressHost = optional(r.url)
	}

	good := gqlAppProxyInfo{Status: "SUCCESSFUL"}

	found.Status = gqlRuntimeStatus{
		AppProxyStarted: good, GitSourceConfigured: good, DefaultGitIntegration: good, EncryptionKey: good,
		EncryptionIv: good, EventReporterArgoCDToken: good, Isc: good, RuntimeGitToken: s.runtimeTokenInfo(r),
		SyncMode: "HELM", ArgoCdState: "CONNECTED",
	}
	if _, err := r.integration(defaultIntegration); err != nil {
		found.Status.DefaultGitIntegration.Status = "UNKNOWN"
	}

	if s.cf.platform.Sparse {
		found.GitProvider, found.Repo, found.Self = nil, nil, nil
		found.Status.RuntimeGitToken.Description = nil
	} else {
		found.HealthStatus, found.RuntimeVersion = optional("HEALTHY"), optional(runtimeVersion)
		found.ChartVersion = optional(runtimeVersion)
		found.Cluster = optional("in-cluster")
	}

	return found
}

// runtimeTokenInfo is the platform's word on the runtime's Git token. mu must be held.
func (s *Sandbox) runtimeTokenInfo(r *cfRuntime) gqlAppProxyInfo {
	switch {
	case r.tokenStatus != "":
		return gqlAppProxyInfo{Status: r.tokenStatus}
	case r.token == nil:
		return gqlAppProxyInfo{Status: "UNKNOWN", Description: optional("Complete Installation")}
	}

	if err := s.checkGitToken(r, *r.token, runtimeTokenType); err != nil {
		return gqlAppProxyInfo{Status: "FAILED", Description: optional(err.Error())}
	}

	return gqlAppProxyInfo{Status: "SUCCESSFUL"}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}

	return &text
}
