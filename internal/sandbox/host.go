package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// vendor is what sets one make of Git host apart. Its methods are called with Sandbox.mu held, except apiPath.
type vendor interface {
	apiPath() string              // of the API below the root, "" if the API URL is the bare root
	kinds() map[string]tokenKind  // the tokens that the host issues
	blocks() []Block              // the ways in which it refuses live tokens
	behaviours() []Behaviour      // the ways in which its versions differ
	clonePath(path string) string // of a repository's clone URL below the root
	checkPath(path string) error  // whether a repository can have this path
	// admit completes a token and refuses what the host would not issue. It runs again when a token changes.
	admit(h *host, t *tokenState) error
	serve(c *call) answer
}

func vendorOf(service Service) (vendor, bool) {
	switch service {
	case GitHub:
		return githubVendor{}, true
	case GitHubEnterprise:
		return githubVendor{enterprise: true}, true
	case GitLab:
		return gitlabVendor{public: true}, true
	case GitLabSelfManaged:
		return gitlabVendor{root: "/gitlab"}, true
	case BitbucketServer:
		return dataCenterVendor{}, true
	case BitbucketCloud:
		return bitbucketCloudVendor{}, true
	default:
		return nil, false
	}
}

// Behaviour is a point in which versions or settings of a host differ. All are off at the start.
type Behaviour string

// The behaviours.
const (
	// ExpiryIsNow makes GitHub tell the current time as the expiry of fine-grained tokens (go-github issue 3708).
	ExpiryIsNow Behaviour = "expiry_is_now"
	// PrivateMode makes GitHub Enterprise Server refuse anonymous requests.
	PrivateMode Behaviour = "private_mode"
	// RateLimits switches GitHub Enterprise Server's rate limits on.
	RateLimits Behaviour = "rate_limits"
	// SlowRevocation makes GitHub accept a revocation and take the token for a while longer.
	SlowRevocation Behaviour = "slow_revocation"
	// NoRevocation is GitHub Enterprise Server before 3.19, which revokes no tokens on request.
	NoRevocation Behaviour = "no_revocation"
	// NoTokenSelf is GitLab up to 15.0: no personal_access_tokens/self.
	NoTokenSelf Behaviour = "no_token_self"
	// TokenSelfIsID is GitLab 15.1 to 15.4: it takes "self" for a number, and answers as for another's token.
	TokenSelfIsID Behaviour = "token_self_is_id"
	// GrantsByID is GitLab 19.2 to 19.4: what a granular token may do is told with its number, and not with "self".
	GrantsByID Behaviour = "grants_by_id"
	// OwnTokenRecord lets a Bitbucket Data Center token read its own record.
	OwnTokenRecord Behaviour = "own_token_record"
	// OwnerFilters makes Bitbucket Data Center's permission= filters go by the owner's rights, not the token's.
	OwnerFilters Behaviour = "owner_filters"
	// AnonymousOnBadToken makes Bitbucket Data Center treat a bad token like none where anonymous requests are allowed.
	AnonymousOnBadToken Behaviour = "anonymous_on_bad_token"
	// AppPasswords is Bitbucket Cloud before it removed app passwords in July 2026.
	AppPasswords Behaviour = "app_passwords"
)

// host is the state of one Git host. Sandbox.mu guards it.
type host struct {
	s            *Sandbox
	service      Service
	vendor       vendor
	accounts     map[string]*account // by login
	repositories []*repository
	projectRoles map[string]map[string]level // Bitbucket Data Center: project key → login → role
	on           map[Behaviour]bool
	used         map[string]int         // requests counted against a login's rate limit
	moved        map[string]*repository // former paths in small letters
	groups       map[string]int64       // numbers of groups and organisations, by path in small letters
	rules        map[rule]bool
	changes      []string
}

// account is a person or a service account.
type account struct {
	id           int64
	login, email string
	bot          bool
}

func newHost(service Service, s *Sandbox) *host {
	v, _ := vendorOf(service)

	return &host{
		s: s, service: service, vendor: v,
		accounts: map[string]*account{}, projectRoles: map[string]map[string]level{},
		on: map[Behaviour]bool{}, used: map[string]int{}, groups: map[string]int64{}, moved: map[string]*repository{},
		rules: map[rule]bool{},
	}
}

// person returns the account with this login, made if new.
func (h *host) person(login string) *account {
	if a, ok := h.accounts[login]; ok {
		return a
	}

	a := &account{id: h.s.nextID(), login: login, email: login + "@example.com"}
	h.accounts[login] = a

	return a
}

// serviceAccount returns the account that a host makes for a token that is nobody's.
func (h *host) serviceAccount(login string) *account {
	a := h.person(login)
	a.bot, a.email = true, ""

	return a
}

// changed records that a request changed something, for Changes.
func (h *host) changed(format string, args ...any) {
	h.changes = append(h.changes, fmt.Sprintf(format, args...))
}

// SetBehaviour switches a behaviour of a Git host on or off.
func (s *Sandbox) SetBehaviour(service Service, b Behaviour, on bool) error {
	h, err := s.host(service)
	if err != nil {
		return err
	}

	if !slices.Contains(h.vendor.behaviours(), b) {
		return fmt.Errorf("%s has no behaviour %q", service, b)
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	h.on[b] = on

	return nil
}

// Changes lists what requests changed at a Git host, in order: a check that only asks leaves it empty.
func (s *Sandbox) Changes(service Service) ([]string, error) {
	h, err := s.host(service)
	if err != nil {
		return nil, err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(h.changes), nil
}

// call is one request to an emulator.
type call struct {
	*host

	r     *http.Request
	body  []byte
	now   time.Time
	path  []string // decoded segments
	token *tokenState
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable request body", http.StatusBadRequest)

		return
	}

	h.s.mu.Lock()
	now := h.s.now()
	a := h.vendor.serve(&call{host: h, r: r, body: body, now: now, path: segments(r.URL)})
	h.s.mu.Unlock()
	// The host's own clock, which is the one by which its tokens expire.
	a.with("Date", now.UTC().Format(http.TimeFormat)).writeTo(w)
}

// segments splits a path at its slashes and decodes each part, so that an encoded slash stays within its part.
func segments(u *url.URL) []string {
	var parts []string

	for part := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		if decoded, err := url.PathUnescape(part); err == nil {
			part = decoded
		}

		parts = append(parts, part)
	}

	return parts
}

// under reports whether the path begins with prefix, and takes it away.
func (c *call) under(prefix string) bool {
	want := segments(&url.URL{Path: prefix})
	if prefix == "" {
		return true
	}

	if len(c.path) < len(want) || !slices.Equal(c.path[:len(want)], want) {
		return false
	}

	c.path = c.path[len(want):]

	return true
}

// here is the address under which the client came, up to a prefix of the emulator's paths. Under a public name the
// prefix is not seen.
func (c *call) here(prefix string) string {
	if name, _, _ := strings.Cut(c.r.Host, ":"); publicHost(name) {
		return "https://" + c.r.Host
	}

	return "http://" + c.r.Host + prefix
}

// match compares the path with a pattern such as "repos/*/*/hooks" and returns what the stars stand for.
func (c *call) match(pattern string) ([]string, bool) {
	want := strings.Split(pattern, "/")

	path := c.path
	if len(path) == 0 {
		path = []string{""}
	}

	if len(want) != len(path) {
		return nil, false
	}

	var stars []string

	for i, part := range want {
		switch {
		case part == "*" && path[i] != "":
			stars = append(stars, path[i])
		case part != path[i]:
			return nil, false
		}
	}

	return stars, true
}

// bearer returns the secret of "Authorization: <scheme> …" for one of the schemes, compared without case.
func (c *call) bearer(schemes ...string) string {
	scheme, text, found := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !found || !slices.ContainsFunc(schemes, func(s string) bool { return strings.EqualFold(s, scheme) }) {
		return ""
	}

	return strings.TrimSpace(text)
}

// find returns the host's token with this text; tokens of other hosts are unknown here.
func (c *call) find(text string) *tokenState {
	if t, ok := c.s.lookup(text); ok && t.Service == c.service {
		return t
	}

	return nil
}

// fields decodes a JSON object; anything else gives an empty one, as the emulated hosts take it.
func (c *call) fields() map[string]any {
	v := map[string]any{}
	if json.Unmarshal(c.body, &v) != nil || v == nil {
		return map[string]any{}
	}

	return v
}

func jsonAnswer(status int, v any) answer {
	var b bytes.Buffer

	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)

	if err := e.Encode(v); err != nil {
		return textAnswer(http.StatusInternalServerError, err.Error())
	}

	a := textAnswer(status, strings.TrimSuffix(b.String(), "\n"))
	a.header.Set("Content-Type", "application/json; charset=utf-8")

	return a
}

func textAnswer(status int, text string) answer {
	h := http.Header{}
	h.Set("Content-Type", "text/plain; charset=utf-8")

	return answer{status: status, header: h, body: text}
}

func (a answer) with(name, value string) answer {
	a.header = maps.Clone(a.header)
	a.header.Set(name, value)

	return a
}
