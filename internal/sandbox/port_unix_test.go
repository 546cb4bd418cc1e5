//go:build unix

package sandbox_test

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// take tries to take an address as the system does when it looks for a free port: without SO_REUSEADDR.
func take(t *testing.T, address string) error {
	t.Helper()

	thief := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		if failed := c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
		}); failed != nil {
			return failed
		}

		return err
	}}

	l, err := thief.Listen(t.Context(), "tcp4", address)
	if err == nil {
		_ = l.Close()
	}

	return err
}

// TestLeftPortIsNobodyElses tries to take the port of a service that refuses connections, or is gone.
func TestLeftPortIsNobodyElses(t *testing.T) {
	t.Parallel()

	for name, leave := range map[string]func(s *sandbox.Sandbox) error{
		"refuses": func(s *sandbox.Sandbox) error {
			return s.Break(sandbox.AppProxy("prod"), sandbox.Fault{Mode: "refuse"})
		},
		"is removed": func(s *sandbox.Sandbox) error { return s.RemoveRuntime("prod") },
		"moves":      func(s *sandbox.Sandbox) error { return s.MoveRuntime("prod") },
		"refuses, and is removed": func(s *sandbox.Sandbox) error {
			return errors.Join(s.Break(sandbox.AppProxy("prod"), sandbox.Fault{Mode: "refuse"}), s.RemoveRuntime("prod"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			do(t, s.AddRuntime(sandbox.Runtime{Name: "prod"}))
			address := strings.TrimPrefix(s.URL(sandbox.AppProxy("prod")), "http://")
			do(t, leave(s))

			if _, _, err := get(t.Context(), "http://"+address); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("got %v", err)
			}

			if err := take(t, address); !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("taking the port: %v", err)
			}
		})
	}
}

// TestHealedPortAnswers opens the port again that was kept.
func TestHealedPortAnswers(t *testing.T) {
	t.Parallel()
	s := begin(t)
	address := s.URL(sandbox.GitLab)
	do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "refuse"}))
	s.Heal(sandbox.GitLab)

	if _, _, err := get(t.Context(), address); err != nil {
		t.Errorf("healed: %v", err)
	}
}

// TestRefusesBesideStarts breaks a service while programs are started: each has a copy of every listener at first.
func TestRefusesBesideStarts(t *testing.T) {
	t.Parallel()
	s := begin(t)
	address, _, _ := strings.Cut(strings.TrimPrefix(s.URL(sandbox.GitLab), "http://"), "/")

	ctx, stop := context.WithCancel(t.Context())
	started := make(chan struct{})

	go func() {
		defer close(started)

		for ctx.Err() == nil {
			_ = exec.CommandContext(ctx, "true").Run()
		}
	}()

	for range 50 {
		do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "refuse"}))

		if _, _, err := get(ctx, "http://"+address); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v", err)
		}

		s.Heal(sandbox.GitLab)
	}

	stop()
	<-started
}

// TestHangEndsAfterItsPause gives a client that waits patiently no answer.
func TestHangEndsAfterItsPause(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "hang", Pause: 20 * time.Millisecond}))

	if _, _, err := get(t.Context(), s.URL(sandbox.GitLab)); err == nil || t.Context().Err() != nil {
		t.Errorf("got %v", err)
	}
}
