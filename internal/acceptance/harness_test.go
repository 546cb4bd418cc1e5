package acceptance_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// world is a sandbox with one runtime, and what a test needs to write a configuration against it.
type world struct {
	*sandbox.Sandbox

	t     *testing.T
	clock func() time.Time
	env   map[string]string
	// wait takes the place of every pause of the provider. Nil: none takes any time.
	wait func(ctx context.Context, d time.Duration) error
}

const runtimeName = "prod"

// newWorld starts a sandbox whose account uses no Git host of its own, so that configurations say which they mean.
func newWorld(t *testing.T) *world {
	t.Helper()

	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}

	// Until the tests beside it have ended, testing keeps what a test cleaned up with: not with the world in it.
	running := s

	t.Cleanup(func() {
		wantListed(t, running.Requests())
		running.Close()
		running = nil
	})

	w := &world{Sandbox: s, t: t, clock: time.Now, env: map[string]string{}}
	w.must(s.AddRuntime(sandbox.Runtime{Name: runtimeName}))

	return w
}

func (w *world) must(err error) {
	w.t.Helper()

	if err != nil {
		w.t.Fatal(err)
	}
}

// token creates a token at a host of the sandbox.
func (w *world) token(t sandbox.Token) sandbox.Token {
	w.t.Helper()
	made, err := w.CreateToken(t)
	w.must(err)

	return made
}

// schemas are put together once for the providers of all tests.
var schemas provider.Schemas

// factories run the provider in this process, with nothing of this machine but the network to the sandbox.
func (w *world) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	around := provider.Surroundings{
		Getenv:      func(name string) string { return w.env[name] },
		ReadFile:    func(string) ([]byte, error) { return nil, os.ErrNotExist },
		Now:         func() time.Time { return w.clock() },
		Random:      rand.Reader,
		DialContext: w.DialContext,
		Wait: func(ctx context.Context, d time.Duration) error {
			if w.wait != nil {
				return w.wait(ctx, d)
			}

			return ctx.Err()
		},
		Schemas: &schemas,
	}

	return map[string]func() (tfprotov6.ProviderServer, error){
		"codefresh": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test", around) },
	}
}

// provider returns the provider block, with further settings.
func (w *world) provider(settings ...string) string {
	_, key := w.DefaultUser()

	return fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n  api_key = %q\n  %s\n}\n",
		w.URL(sandbox.Codefresh), key, strings.Join(settings, "\n  "))
}

// config returns a configuration of the provider block and one resource.
func (w *world) config(resourceType string, attributes ...string) string {
	return w.provider() + block(resourceType, attributes...)
}

// block returns a resource named "it" on the world's runtime.
func block(resourceType string, attributes ...string) string {
	return fmt.Sprintf("resource %q \"it\" {\n  runtime = %q\n  %s\n}\n", resourceType, runtimeName,
		strings.Join(attributes, "\n  "))
}

func set(name, value string) string { return fmt.Sprintf("%s = %q", name, value) }

const (
	runtimeToken = "codefresh_git_runtime_token"
	userToken    = "codefresh_git_user_token"
)
