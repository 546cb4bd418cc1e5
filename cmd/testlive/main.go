// Command testlive asks real Git hosts and a real Codefresh what the sandbox answers in their place. The sandbox was
// written from documentation: every answer of it is an expectation, which this program puts to the real service. Each
// question goes to both, with an equivalent token at the sandbox, and the shapes of the two answers are compared:
// status, media type, headers, paths and types of the JSON, and the words of refusals. Equal ones confirm the sandbox,
// others refute it.
//
// It only reads, unless LIVE_MUTATIONS says otherwise, and prints no value that a real service sent: it can be run with
// real accounts, and its output be shared.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// The exit codes.
const (
	exitConfirmed = 0 // nothing was refuted and nothing failed, or nothing was asked
	exitRefuted   = 1
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code, err := run(ctx, os.Getenv, os.Stdout)

	stop()

	if err != nil {
		fmt.Fprintln(os.Stderr, "testlive:", err)
	}

	os.Exit(code)
}

// session is one run: the real accounts on one side, the sandbox on the other.
type session struct {
	getenv    func(string) string
	report    *report
	transport *transport.Transport
	salt      []byte // of the fingerprints under which answers are remembered
	inspector *githost.Inspector
	box       *sandbox.Sandbox
	// forge is a sandbox of its own, whose tokens no other one knows: it makes up credentials of the right shape.
	forge *sandbox.Sandbox
	// nobody is a name that nothing has, at any host.
	nobody string
	// works holds the tokens that their hosts accepted, for the mutations.
	works []account
}

// run asks whatever getenv gives an account for, and writes the report to w.
func run(ctx context.Context, getenv func(string) string, w io.Writer) (code int, err error) {
	s := &session{getenv: getenv, report: newReport(w), nobody: randomName()}
	if !s.hasAccount() {
		usage(w)

		return exitConfirmed, nil
	}

	for _, v := range variables() {
		if v.secret {
			s.report.knows(getenv(v.name))
		}
	}

	// Without retries: an answer is an answer.
	s.transport, err = transport.New(transport.Config{UserAgent: "terraform-provider-codefresh-testlive"})
	if err != nil {
		return exitRefuted, err
	}

	if s.salt, err = gittoken.NewSalt(rand.Reader); err != nil {
		return exitRefuted, err
	}

	s.inspector = githost.New(s.transport, nil, s.salt)
	if s.box, err = sandbox.Start(sandbox.Options{}); err != nil {
		return exitRefuted, err
	}
	defer s.box.Close()

	if s.forge, err = sandbox.Start(sandbox.Options{}); err != nil {
		return exitRefuted, err
	}
	defer s.forge.Close()

	for _, h := range hosts() {
		if err := s.askHost(ctx, h); err != nil {
			return exitRefuted, errors.New(s.report.clean(fmt.Sprintf("%s: %v", h.provider.DisplayName(), err)))
		}
	}

	if err := s.askCodefresh(ctx); err != nil {
		return exitRefuted, errors.New(s.report.clean(fmt.Sprintf("Codefresh: %v", err)))
	}

	return s.report.finish(), nil
}
