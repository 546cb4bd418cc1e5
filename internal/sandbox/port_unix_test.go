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

// TestRefusedPortIsNobodyElses tries to take the port of a service that refuses connections, as the system does when it
// looks for a free one: without SO_REUSEADDR.
func TestRefusedPortIsNobodyElses(t *testing.T) {
	t.Parallel()
	s := begin(t)
	address, _, _ := strings.Cut(strings.TrimPrefix(s.URL(sandbox.GitLab), "http://"), "/")
	do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "refuse"}))

	if _, _, err := get(t.Context(), "http://"+address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}

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

	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("taking the port: %v", err)
	}

	s.Heal(sandbox.GitLab)

	if _, _, err := get(t.Context(), "http://"+address); err != nil {
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
