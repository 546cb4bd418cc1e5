// Package sandbox runs Codefresh and every supported Git host in memory on loopback, for demonstrations and tests.
//
// It is strict and independent of the provider: it imports nothing else of this module and carries its own lists of
// what each host issues, needs and answers, so that a mistake in the provider's tables cannot hide behind the same
// mistake here.
package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Service names one emulated service. App-proxies have one each: see AppProxy.
type Service string

// The services that run from the start.
const (
	GitHub            Service = "github.com"
	GitHubEnterprise  Service = "github-enterprise"
	GitLab            Service = "gitlab.com"
	GitLabSelfManaged Service = "gitlab-self-managed"
	BitbucketServer   Service = "bitbucket-server"
	BitbucketCloud    Service = "bitbucket.org"
	Codefresh         Service = "codefresh"
	Control           Service = "control"
	Proxy             Service = "proxy" // the CONNECT proxy: only what it refuses is journalled under this name
)

// AppProxy names the app-proxy of one runtime.
func AppProxy(runtime string) Service { return Service("app-proxy:" + runtime) }

// GitHosts lists the emulated Git hosts.
func GitHosts() []Service {
	return []Service{GitHub, GitHubEnterprise, GitLab, GitLabSelfManaged, BitbucketServer, BitbucketCloud}
}

// Options configures a sandbox. The zero value is usable.
type Options struct {
	// Now is the clock by which tokens expire; nil means time.Now.
	Now func() time.Time
	// DefaultKey is the Codefresh API key of the default user; empty means a fresh one.
	DefaultKey string
}

// Sandbox is a running world. Its methods may be called from several goroutines.
type Sandbox struct {
	options Options
	now     func() time.Time
	closing chan struct{} // closed by Close; whatever waits in a handler waits for this, too
	closed  sync.Once
	running sync.WaitGroup // accept loops and tunnels

	journal journal
	net     network

	// mu guards the world itself: everything below, and all that hangs on it. Nothing is written to a connection
	// and no listener is opened or closed while it is held.
	mu     sync.Mutex
	lastID int64
	hosts  map[Service]*host
	tokens map[string]*tokenState // by text
	cf     codefreshWorld
	// knownKey says whether text is a live Codefresh API key; it is called with mu held and only decides how the
	// journal describes an Authorization header.
	knownKey func(text string) bool
}

// Start starts every service, each on its own loopback port. Close it after use.
func Start(o Options) (*Sandbox, error) {
	if o.Now == nil {
		o.Now = time.Now
	}

	s := &Sandbox{
		options: o,
		now:     o.Now,
		closing: make(chan struct{}),
		lastID:  1000,
		hosts:   map[Service]*host{},
		tokens:  map[string]*tokenState{},
	}
	if err := s.startAll(); err != nil {
		s.Close()

		return nil, fmt.Errorf("start the sandbox: %w", err)
	}

	return s, nil
}

func (s *Sandbox) startAll() error {
	if err := s.net.prepare(); err != nil {
		return err
	}

	for _, service := range GitHosts() {
		h := newHost(service, s)

		s.hosts[service] = h
		if _, err := s.start(service, h); err != nil {
			return err
		}
	}

	if err := s.startProxy(); err != nil {
		return err
	}

	if err := s.furnish(); err != nil {
		return err
	}

	return s.startCodefresh()
}

// Close stops every service and ends what hangs. It may be called more than once.
func (s *Sandbox) Close() {
	s.closed.Do(func() {
		close(s.closing)
		s.net.closeAll()
		s.running.Wait()
	})
}

// URL returns the loopback address of service: for a Git host its API base URL. It is empty for a service that does not
// run.
func (s *Sandbox) URL(service Service) string {
	root := s.net.root(service)
	if root == "" {
		return ""
	}

	if v, ok := vendorOf(service); ok {
		return root + v.apiPath()
	}

	return root
}

// nextID returns a fresh number for a user, token, repository or the like. mu must be held.
func (s *Sandbox) nextID() int64 {
	s.lastID++

	return s.lastID
}

// host returns the state of a Git host, or an error that names the hosts there are. mu need not be held: the set of
// hosts is fixed once Start returned.
func (s *Sandbox) host(service Service) (*host, error) {
	if h, ok := s.hosts[service]; ok {
		return h, nil
	}

	names := make([]string, 0, len(GitHosts()))
	for _, known := range GitHosts() {
		names = append(names, string(known))
	}

	return nil, fmt.Errorf("%q is no Git host of the sandbox; it has %s", service, strings.Join(names, ", "))
}

var errNoSuchToken = errors.New("the sandbox made no such token")

// answer is a complete HTTP response. Emulators compute one under the lock; it is written after the lock is released.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) writeTo(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}

	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body)) // a client that left is no failure of the sandbox
}
