package acceptance_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// crash has the provider end with a dump of all that it was about, amid a request to each service: what Go prints then,
// and what Terraform makes of it, is searched like any other output.
func (s *shipped) crash() {
	s.t.Helper()

	services := []sandbox.Service{
		sandbox.GitHubEnterprise, sandbox.BitbucketCloud, sandbox.GitLabSelfManaged, sandbox.BitbucketServer,
	}
	for _, service := range services {
		s.must(s.Break(service, sandbox.Fault{Mode: "hang"}))
		defer s.Heal(service)
	}

	s.ForgetRequests()

	crashed := make(chan bool, 1)
	go func() { crashed <- s.abort(services) }()

	p := s.run("a plan whose provider crashes", 1, "plan", "-input=false", "-no-color")
	if !<-crashed || !strings.Contains(p.log, "SIGABRT") || !strings.Contains(p.log, "goroutine") {
		s.t.Errorf("the provider left no dump:\n%s", p.text)
	}

	p.wants(s, "plugin")
}

// abort waits until every service was asked, and ends the provider as a failed assertion of Go's runtime would.
func (s *shipped) abort(services []sandbox.Service) bool {
	for s.t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)

		asked := map[sandbox.Service]bool{}
		for _, r := range s.Requests(services...) {
			asked[r.Service] = true
		}

		if len(asked) < len(services) {
			continue
		}

		return s.signal(syscall.SIGABRT)
	}

	return false
}

// signal sends a signal to every process of the provider. It reports whether there is one.
func (s *shipped) signal(which syscall.Signal) (sent bool) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if program, err := os.Readlink(link); err != nil || program != s.program {
			continue
		}

		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		sent = err == nil && syscall.Kill(pid, which) == nil || sent
	}

	return sent
}
