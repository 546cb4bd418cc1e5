package acceptance_test

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// What Go's own packages log is in Terraform's log, too: what a server sends unasked, and every header of HTTP/2 for
// whoever sets GODEBUG.
func TestGoLogsNoSecret(t *testing.T) {
	t.Parallel()

	const token = "xK3-abTdEf9hIjklm2oP"

	modern := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		_, _ = w.Write([]byte("{}"))
	}))
	modern.EnableHTTP2 = true
	modern.StartTLS()
	t.Cleanup(modern.Close)

	s := newShipped(newWorld(t))
	s.secrets = append(s.secrets, hidden{name: "the token", text: token})
	s.env = append(s.env, "TF_VAR_token="+token, "GODEBUG=http2debug=2")
	s.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: modern.Certificate().Raw})))
	s.write("main.tf", fmt.Sprintf(`
variable "token" {
  type      = string
  sensitive = true
}
provider "codefresh" {
  url            = %q
  ca_certificate = file("ca.pem")
  max_retries    = 0
}
data "codefresh_git_token_check" "it" {
  for_each     = toset([%q, %q])
  token        = var.token
  token_type   = "user"
  git_provider = "gitlab"
  api_url      = each.key
}
`, s.URL(sandbox.Codefresh), "http://"+chatty(t, token), modern.URL))

	s.run("a plan", 0, "plan", "-input=false", "-no-color").wantsLog(s,
		"Unsolicited response received on idle HTTP channel starting with",
		`Transport encoding header "authorization" = "Bearer (redacted)"`)
}

// chatty serves a host that says more than it is asked, and returns its address.
func chatty(t *testing.T, words string) string {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = listener.Close() })

	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}

			go func() {
				defer func() { _ = conn.Close() }()

				const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

				in := bufio.NewReader(conn)
				if _, err := http.ReadRequest(in); err == nil {
					_, _ = fmt.Fprintf(conn, "%s%s", answer, "You sent "+words)
					_, _ = in.ReadByte() // until the provider leaves
				}
			}()
		}
	}()

	return listener.Addr().String()
}
