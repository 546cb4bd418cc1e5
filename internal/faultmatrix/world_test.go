//go:build faults

package faultmatrix_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	runtimeName  = "prod"
	runtimeToken = "codefresh_git_runtime_token"
	userToken    = "codefresh_git_user_token"
)

// world is a sandbox with one runtime, whose every service is reached over TLS at its own name.
type world struct {
	*sandbox.Sandbox

	host    gitHost
	types   types
	trusted string // CA certificates
	proxy   *front // nil in a plain world
	tap     *tap   // in a plain world
	key     string
	userID  string
	pause   func() // what happens at each pause of a provider; may be nil
	// dialer leads to the services in a plain world without a tap; nil otherwise.
	dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// repository is one that tokens have to prove access to; empty for none.
	repository string

	mu       sync.Mutex
	conns    []net.Conn
	dials    map[sandbox.Service]int
	strays   []string // dialled, and nobody's
	impostor map[sandbox.Service]*front
}

// newWorld starts a world.
func newWorld(ctx context.Context, t types, who identities, h gitHost) (*world, error) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return nil, err
	}

	w := &world{
		Sandbox: s, host: h, types: t, dials: map[sandbox.Service]int{},
		impostor: map[sandbox.Service]*front{}, trusted: string(who.trusted) + string(s.CACertificate()),
	}

	w.userID, w.key = s.DefaultUser()
	if err := w.AddRuntime(sandbox.Runtime{
		Name: runtimeName, GitProvider: h.reported, GitAPIURL: h.apiURL, Ingress: "https://" + appProxyName,
	}); err != nil {
		return nil, err
	}

	upstream := strings.TrimPrefix(s.URL(sandbox.AppProxy(runtimeName)), "http://")
	w.proxy, err = openFront(ctx, tunnelled, who, upstream)

	return w, err
}

// newPlainWorld starts a world whose services are reached at their loopback addresses over plain HTTP, so that a tap
// can see requests.
func newPlainWorld(t types, runtimes ...string) (*world, error) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return nil, err
	}

	h := gitHosts()[1]
	h.apiURL = s.URL(h.service) + "/api/v3"
	w := &world{Sandbox: s, host: h, types: t, tap: &tap{}, dials: map[sandbox.Service]int{}}

	w.userID, w.key = s.DefaultUser()
	for _, name := range runtimes {
		if err := w.AddRuntime(sandbox.Runtime{Name: name, GitProvider: h.reported, GitAPIURL: h.apiURL}); err != nil {
			return nil, err
		}
	}

	return w, nil
}

func (w *world) close() {
	if w == nil || w.Sandbox == nil {
		return // it never started
	}

	w.hangUp()

	if w.proxy != nil {
		w.proxy.close()
	}

	w.Close()
}

// schemas are put together once for the providers of all cells.
var schemas provider.Schemas

// around are the surroundings of a provider in this world, which does not wait between attempts.
func (w *world) around() provider.Surroundings {
	return provider.Surroundings{
		Getenv: func(string) string { return "" }, ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist },
		Now: time.Now, Random: rand.Reader, DialContext: w.dial,
		Wait: func(ctx context.Context, _ time.Duration) error {
			if w.pause != nil {
				w.pause()
			}

			return ctx.Err()
		},
		Schemas: &schemas,
	}
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	plain := w.dialer
	if w.tap != nil {
		plain = w.tap.dial
	}

	if plain != nil {
		conn, err := plain(ctx, network, address)
		if err == nil {
			w.mu.Lock()
			defer w.mu.Unlock()

			w.conns = append(w.conns, conn)
		}

		return conn, err
	}

	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}

	service := serviceAt(name)

	w.mu.Lock()

	w.dials[service]++
	if service == "" {
		w.strays = append(w.strays, address)
	}

	instead := w.impostor[service]
	w.mu.Unlock()

	var (
		d    net.Dialer
		conn net.Conn
	)

	switch {
	case instead != nil:
		conn, err = d.DialContext(ctx, network, instead.listener.Addr().String())
	case name == appProxyName && w.URL(service) != "":
		if conn, err = d.DialContext(ctx, network, w.proxy.upstream); err == nil { // whether it listens at all
			_ = conn.Close()
			conn, err = d.DialContext(ctx, network, w.proxy.listener.Addr().String())
		}
	default:
		conn, err = w.DialContext(ctx, network, address)
	}

	if err != nil {
		return nil, err
	}

	w.mu.Lock()
	defer w.mu.Unlock()

	w.conns = append(w.conns, conn)

	return conn, nil
}

// hangUp ends what a process left open, as its end would.
func (w *world) hangUp() {
	w.mu.Lock()
	defer w.mu.Unlock()

	for _, conn := range w.conns {
		_ = conn.Close()
	}

	w.conns = nil
}

// launch starts a provider for a resource type.
func (w *world) launch(ctx context.Context, resourceType string, more attributes) (*process, error) {
	settings := attributes{
		"api_key": w.key, "ca_certificate": w.trusted, "request_timeout": patience, "max_retries": int64(retries),
	}
	if w.tap != nil || w.dialer != nil {
		settings["url"] = w.URL(sandbox.Codefresh)
	}

	maps.Copy(settings, more)

	return launch(ctx, w.types, w.around(), settings, resourceType)
}

// mint makes a token that can do everything.
func (w *world) mint() (sandbox.Token, error) {
	return w.CreateToken(sandbox.Token{
		Service: w.host.service, Kind: w.host.kind, Owner: "ci-bot", Scopes: w.host.scopes,
		Permissions: w.host.permissions,
	})
}

// configured returns a resource with a token.
func (w *world) configured(t sandbox.Token) attributes {
	a := attributes{
		"runtime": runtimeName, "token": t.Text, "git_provider": w.host.provider, "api_url": w.host.apiURL,
		"wait_for_runtime": "0s", // which would take the edge off what misbehaves
	}
	if w.host.username {
		a["username"] = t.Email
	}

	if w.repository != "" {
		a["repositories"] = []map[string]string{{"url": w.repository, "access": "admin"}}
	}

	return a
}

// held returns the token that Codefresh holds; empty for none.
func (w *world) held(resourceType string) string {
	if resourceType == runtimeToken {
		text, _, _, _, _ := w.RuntimeToken(runtimeName)

		return text
	}

	text, _ := w.UserToken(runtimeName, "default", w.userID)

	return text
}

// put makes Codefresh hold a token, past the provider; none takes a user's away.
func (w *world) put(ctx context.Context, resourceType string, t sandbox.Token) error {
	if t.Text == w.held(resourceType) {
		return nil
	}

	if t.Text == "" {
		return w.Unregister(runtimeName, "default", w.userID)
	}

	args := map[string]string{"token": t.Text}
	if w.host.username {
		args["username"] = t.Email
	}

	if resourceType == runtimeToken {
		args["provider"], args["apiUrl"] = w.host.reported, w.host.apiURL
		if err := w.mutate(ctx, runtimeName, updateMutation, args); err != nil {
			return err
		}
	} else {
		args["name"] = "default"
		if err := w.mutate(ctx, runtimeName, registerMutation, args); err != nil {
			return err
		}
	}

	if w.held(resourceType) != t.Text {
		return errors.New("the sandbox did not take a token")
	}

	return nil
}

const (
	registerMutation = `mutation($args: RegisterToGitIntegrationArgs!) { registerToGitIntegration(args: $args) { name } }`
	updateMutation   = `mutation($args: UpdateRuntimeGitTokenArgs!) { updateRuntimeGitToken(args: $args) }`
)

// mutate changes what Codefresh holds, past the provider.
func (w *world) mutate(ctx context.Context, runtime, query string, args map[string]string) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"args": args}})
	if err != nil {
		return err
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		w.URL(sandbox.AppProxy(runtime))+"/app-proxy/api/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}

	req.Header.Set("Authorization", w.key)
	req.Header.Set("Content-Type", "application/json")

	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read

	text, err := io.ReadAll(resp.Body)
	if err == nil && bytes.Contains(text, []byte(`"errors"`)) {
		err = fmt.Errorf("the sandbox refused a mutation: %s", text)
	}

	return err
}

// misbehave makes a service misbehave until behave; match limits it to one operation.
func (w *world) misbehave(service sandbox.Service, s speaker, f fault, fronts map[disguise]*front, match string) error {
	switch {
	case f.disguise != tunnelled:
		w.mu.Lock()
		defer w.mu.Unlock()

		w.impostor[service] = fronts[f.disguise]

		return nil
	case f.mode != "" && service == sandbox.AppProxy(runtimeName) && match != "": // a mutation
		return w.Break(service, sandbox.Fault{Mode: f.mode, Match: match, Pause: f.inMutations})
	case f.mode != "":
		return w.Break(service, sandbox.Fault{Mode: f.mode, Match: match, Pause: f.pause})
	}

	broken := f.answer(s)
	broken.Match = match

	return w.Break(service, broken)
}

func (w *world) behave(service sandbox.Service) {
	w.mu.Lock()
	delete(w.impostor, service)
	w.mu.Unlock()
	w.Heal(service)
}

// forgetAttempts starts counting anew.
func (w *world) forgetAttempts() {
	w.hangUp()
	w.ForgetRequests()
	w.mu.Lock()
	defer w.mu.Unlock()

	clear(w.dials)
	w.strays = nil
}

// attempts returns how often the provider turned to a service: by its requests or, where none can arrive, by its
// connections.
func (w *world) attempts(service sandbox.Service, f fault, match string) int {
	if f.disguise != tunnelled || f.mode == "refuse" || f.slow && match == "" {
		w.mu.Lock()
		defer w.mu.Unlock()

		return w.dials[service]
	}

	return len(w.Requests(service))
}
