//go:build faults

package faultmatrix_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// crash has the provider end with a dump of all that it was about, amid a request: what Go prints then, and what
// Terraform makes of it, is searched like all else.
func (s *stage) crash() {
	s.t.Helper()

	if err := s.world.Break(sandbox.GitLabSelfManaged, sandbox.Fault{Mode: "hang"}); err != nil {
		s.t.Fatal(err)
	}
	defer s.world.Heal(sandbox.GitLabSelfManaged)

	s.world.ForgetRequests()

	crashed := make(chan bool, 1)
	go func() { crashed <- s.abort() }()

	printed := s.run("plan with a crash", "plan", "-no-color")
	if !<-crashed || !strings.Contains(printed, "plugin") {
		s.t.Errorf("the provider did not crash:\n%s", printed)
	}
}

// abort waits until the host that hangs was asked, and ends the provider as a failed assertion of Go's runtime would.
func (s *stage) abort() (sent bool) {
	for s.t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)

		if len(s.world.Requests(sandbox.GitLabSelfManaged)) == 0 {
			continue
		}

		links, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, link := range links {
			if program, err := os.Readlink(link); err != nil || program != s.program {
				continue
			}

			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			sent = err == nil && syscall.Kill(pid, syscall.SIGABRT) == nil || sent
		}

		return sent
	}

	return false
}
