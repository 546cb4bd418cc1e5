package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// network is the sandbox's outside: which service listens where, under which public names, and what is broken. Its own
// lock lets the world open a listener while it holds its own.
type network struct {
	mu        sync.Mutex
	closed    bool
	authority authority
	services  map[Service]*running
	names     map[string]*endpoint // public host name → its TLS endpoint
	stopped   []*endpoint          // of services that are gone: where nobody answers
}

// running is a service that was started: its endpoints and its fault.
type running struct {
	endpoints []*endpoint // the loopback one first, then one for each public name
	fault     *activeFault
}

// endpoint is one listening port. Its address survives being closed and reopened.
type endpoint struct {
	address string // 127.0.0.1:port
	name    string // public host name; then it speaks TLS
	handler http.Handler
	port    *port
	server  *http.Server // nil while refused
}

func (n *network) prepare() error {
	n.services = map[Service]*running{}
	n.names = map[string]*endpoint{}

	return n.authority.create()
}

// publicNames returns the host names under which the proxy and DialContext offer service, each with the path prefix
// that the emulator sees before the path that the client sent.
func publicNames(service Service) map[string]string {
	switch service {
	case GitHub:
		return map[string]string{"api.github.com": githubAPIPath, "github.com": ""}
	case GitLab:
		return map[string]string{"gitlab.com": ""}
	case BitbucketCloud:
		return map[string]string{"api.bitbucket.org": "", "bitbucket.org": ""}
	case Codefresh:
		return map[string]string{"g.codefresh.io": ""}
	case GitHubEnterprise, GitLabSelfManaged, BitbucketServer:
		return map[string]string{string(service) + ".example.com": ""}
	default:
		return nil
	}
}

// publicHost says whether name is one of the public names.
func publicHost(name string) bool {
	return slices.ContainsFunc(append(GitHosts(), Codefresh), func(s Service) bool {
		_, ok := publicNames(s)[name]

		return ok
	})
}

// start opens a loopback port for service, puts journal and faults before handler, and returns http://127.0.0.1:port.
// A service with public names gets a TLS port for each of them, too.
func (s *Sandbox) start(service Service, handler http.Handler) (string, error) {
	r := &running{endpoints: []*endpoint{{handler: s.observe(service, s.faulty(service, handler))}}}
	for name, prefix := range publicNames(service) {
		inner := s.faulty(service, prefixed(prefix, handler))
		r.endpoints = append(r.endpoints, &endpoint{name: name, handler: s.observe(service, inner)})
	}

	s.net.mu.Lock()
	defer s.net.mu.Unlock()

	if s.net.closed {
		return "", errors.New("the sandbox is closed")
	}

	if s.net.services[service] != nil {
		return "", fmt.Errorf("service %q is already running", service)
	}

	for i, e := range r.endpoints {
		if err := s.open(e); err != nil {
			for _, opened := range r.endpoints[:i] {
				opened.shut()
			}

			return "", fmt.Errorf("listen for %q: %w", service, err)
		}

		if e.name != "" {
			s.net.names[e.name] = e
		}
	}

	s.net.services[service] = r

	return "http://" + r.endpoints[0].address, nil
}

// stop ends a service and forgets it. Its ports stay with the sandbox: at an address that the system gave to somebody
// else, that one would answer whoever still asks there.
func (s *Sandbox) stop(service Service) error {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()

	r := s.net.services[service]
	if r == nil {
		return nil
	}

	for _, e := range r.endpoints {
		if err := e.refuse(); err != nil {
			return fmt.Errorf("stop %q: %w", service, err)
		}

		delete(s.net.names, e.name)
	}

	delete(s.net.services, service)
	s.net.stopped = append(s.net.stopped, r.endpoints...)

	return nil
}

// open listens at e's address, or at a fresh port the first time. net.mu must be held.
func (s *Sandbox) open(e *endpoint) error {
	address := e.address
	if address == "" {
		address = "127.0.0.1:0"
	}

	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", address)
	if err != nil {
		return err
	}

	e.port.release()
	e.port = &port{Listener: l, held: make(chan net.Conn, 1)}
	e.address = l.Addr().String()
	l = e.port

	if e.name != "" {
		l = s.net.authority.listener(l, e.name)
	}

	server := &http.Server{Handler: e.handler, ReadHeaderTimeout: time.Minute, ErrorLog: silentLog()}
	e.server = server

	s.running.Add(1)
	go func() {
		defer s.running.Done()

		_ = server.Serve(l) // always ErrServerClosed or the listener's own end; both are Close or a fault
	}()

	return nil
}

// shut closes the listener and every connection. Handlers that still run see their connection gone.
func (e *endpoint) shut() {
	if e.server != nil {
		_ = e.server.Close()
		e.server = nil
	}

	e.port.release()
}

// refuse closes the listener and every connection, but keeps the port until it is opened again or shut. One that is
// closed stays as it is.
func (e *endpoint) refuse() error {
	if e.server == nil {
		return nil
	}

	if err := e.port.hold(); err != nil {
		return err
	}

	_ = e.server.Close()
	e.server = nil

	return awaitRefusal(e.address)
}

// awaitRefusal waits until connections to an address are refused: a process that this one is about to start has a copy
// of the closed listener for a moment, and the system still accepts for it.
func awaitRefusal(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()

	for ctx.Err() == nil {
		var d net.Dialer

		conn, err := d.DialContext(ctx, "tcp4", address)
		if err != nil {
			break
		}

		abort(conn)
		time.Sleep(time.Millisecond)
	}

	return ctx.Err()
}

func (n *network) closeAll() {
	n.mu.Lock()
	defer n.mu.Unlock()

	n.closed = true
	for _, r := range n.services {
		for _, e := range r.endpoints {
			e.shut()
		}
	}

	for _, e := range n.stopped {
		e.shut()
	}
}

// root returns http://127.0.0.1:port of a service, or "".
func (n *network) root(service Service) string {
	n.mu.Lock()
	defer n.mu.Unlock()

	if r := n.services[service]; r != nil {
		return "http://" + r.endpoints[0].address
	}

	return ""
}

// dialAddress returns the loopback address behind a public "name:443", and whether the name is known at all.
func (n *network) dialAddress(hostPort string) (string, bool) {
	name, port, err := net.SplitHostPort(hostPort)
	if err != nil || port != "443" {
		return "", false
	}

	n.mu.Lock()
	defer n.mu.Unlock()

	e := n.names[strings.ToLower(name)]
	if e == nil {
		return "", false
	}

	return e.address, true
}

// prefixed shows handler the request path with prefix before it. Only the handler sees it so: the journal keeps what
// the client sent.
func prefixed(prefix string, handler http.Handler) http.Handler {
	if prefix == "" {
		return handler
	}

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := r.Clone(r.Context())

		inner.URL.Path = prefix + inner.URL.Path
		if inner.URL.RawPath != "" {
			inner.URL.RawPath = prefix + inner.URL.RawPath
		}

		handler.ServeHTTP(w, inner)
	})
}
