package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// The text is a Terraform configuration from beginning to end: what is no configuration is a comment, so that the whole
// output can be redirected into a file.
const page = `# Codefresh and its Git hosts run on this machine until you press Ctrl-C. Nothing here leaves it.
# This whole output is a configuration: save it as main.tf and apply it.

terraform {
  required_providers {
    codefresh = {
      source = "codefresh-gitops/codefresh"
    }
  }
}

provider "codefresh" {
  url     = {{ quote .Platform }}
  api_key = {{ quote .DefaultKey }}
}
{{ range .Hosts }}
# {{ .Name }}, with the repository {{ .Repository }}
resource "codefresh_git_runtime_token" {{ quote .Runtime }} {
  runtime      = {{ quote .Runtime }}
  git_provider = {{ quote .GitProvider }}
  api_url      = {{ quote .APIURL }}
{{- if .Username }}
  username     = {{ quote .Username }}
{{- end }}
  token        = {{ quote (.Token "runtime") }}
}

resource "codefresh_git_user_token" {{ quote .Runtime }} {
  runtime      = {{ quote .Runtime }}
  git_provider = {{ quote .GitProvider }}
  api_url      = {{ quote .APIURL }}
{{- if .Username }}
  username     = {{ quote .Username }}
{{- end }}
  token        = {{ quote (.Token "user") }}
}

# Not so good, as a runtime token for {{ .Name }}:
#   lacks scopes:        {{ .Token "user" }}
#   expires in {{ .Days }} days:   {{ .Token "expiring" }}
{{ end }}
# Make a token go bad, or Codefresh, and plan again:
{{- with index .Hosts 0 }}
#   curl -d '{"text":"{{ .Token "runtime" }}"}' {{ $.Control }}/tokens/revoke
#   curl -d '{"text":"{{ .Token "runtime" }}"}' {{ $.Control }}/tokens/expire
#   curl -d '{"text":"{{ .Token "runtime" }}","scopes":["repo"]}' {{ $.Control }}/tokens/scopes
#   curl -d '{"text":"{{ .Token "runtime" }}","how":"suspended"}' {{ $.Control }}/tokens/block
#   curl -d '{"text":"{{ .Token "runtime" }}"}' {{ $.Control }}/tokens/unblock
{{- $user := $.DefaultUserID }}
#   curl -d '{"runtime":"{{ .Runtime }}","integration":"default","user_id":"{{ $user }}"}' {{ $.Control }}/unregister
#   curl -d '{"runtime":"{{ .Runtime }}","reach":"down"}' {{ $.Control }}/runtimes/reach
#   curl -d '{"runtime":"{{ .Runtime }}","reach":""}' {{ $.Control }}/runtimes/reach
#   curl -d '{"service":"{{ .Name }}","status":503}' {{ $.Control }}/faults
#   curl -X DELETE {{ $.Control }}/faults/{{ .Name }}
{{- end }}
#   curl {{ .Control }}/requests
# "codefresh-sandbox -json" prints the same for programs, with the proxy and the CA certificate behind which the
# sandbox also answers as api.github.com, github.com, gitlab.com, api.bitbucket.org and g.codefresh.io.
`

// Control is the control API's address.
func (w world) Control() string { return w.Services[sandbox.Control] }

// Platform is the emulated platform's address.
func (w world) Platform() string { return w.Services[sandbox.Codefresh] }

// Token returns the text of the host's token of that name.
func (h host) Token(name string) string { return h.token(name) }

// Days says in how many days the expiring token expires.
func (h host) Days() int { return soonDays }

// show prints the world for people.
func (w world) show(out io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{"quote": quote}).Parse(page)
	if err != nil {
		return err
	}

	text := &bytes.Buffer{}
	if err := t.Execute(text, w); err != nil {
		return err
	}

	_, err = text.WriteTo(out)

	return err
}

// quote writes text as a string of Terraform's language.
func quote(text any) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `${`, `$${`, `%{`, `%%{`, "\n", `\n`)

	return `"` + escape.Replace(fmt.Sprint(text)) + `"`
}
