package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// secretTokens are the tokens of one state of the configuration below: one for each way to give one.
type secretTokens struct {
	literal string // in a resource
	// The rest comes in by variables of these names.
	variable, writeOnly, named sandbox.Token
}

// secretsConfiguration gives a token in every way there is, and API keys in two.
func secretsConfiguration(s *shipped, t secretTokens, key, userKey string) string {
	return fmt.Sprintf(`
variable "variable" {
  type      = string
  sensitive = true
}
variable "write_only" {
  type      = string
  ephemeral = true
}
variable "named" {
  type      = string
  ephemeral = true
}
provider "codefresh" {
  url             = %q
  api_key         = %q
  git_tokens      = { ci = var.named }
  request_timeout = "1m"
  max_retries     = 0
}
resource "codefresh_git_runtime_token" "literal" {
  runtime         = "prod"
  token           = %q
  required_scopes = ["repo"]
}
resource "codefresh_git_user_token" "variable" {
  runtime     = "prod"
  integration = "cloud"
  token       = var.variable
  username    = %q
}
resource "codefresh_git_user_token" "write_only" {
  runtime     = "prod"
  integration = "lab"
  token_wo    = var.write_only
  api_key     = %q
}
resource "codefresh_git_user_token" "named" {
  runtime     = "prod"
  integration = "server"
  token_name  = "ci"
}
`, s.URL(sandbox.Codefresh), key, t.literal, t.variable.Email, userKey)
}

// mintSecrets makes a token of each kind, with these scopes of GitHub, and with enough of the others' or too little.
func mintSecrets(s *shipped, prefix string, enough bool, hub ...string) secretTokens {
	cloud, lab, server := []string{"read:user:bitbucket"}, []string{"read_user"}, []string{"PROJECT_READ", "REPO_READ"}
	if enough {
		cloud = append(cloud, "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
			"write:repository:bitbucket")
		lab, server = []string{"api"}, []string{"PROJECT_READ", "REPO_WRITE"}
	}

	made := secretTokens{
		literal: s.token(sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: hub}).Text,
		variable: s.token(sandbox.Token{
			Service: sandbox.BitbucketCloud, Kind: "api_token", Email: "ci@example.com",
			Scopes: cloud,
		}),
		writeOnly: s.token(sandbox.Token{Service: sandbox.GitLabSelfManaged, Kind: "personal", Scopes: lab}),
		named:     s.token(sandbox.Token{Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: server}),
	}
	s.secrets = append(s.secrets,
		hidden{name: prefix + " literal", text: made.literal, stored: true},
		hidden{name: prefix + " variable", text: made.variable.Text, usernames: []string{"ci@example.com"}, stored: true},
		hidden{name: prefix + " write-only", text: made.writeOnly.Text},
		hidden{name: prefix + " named", text: made.named.Text})

	return made
}

// give sets the variables.
func (s *shipped) give(t secretTokens) {
	for name, text := range map[string]string{
		"variable": t.variable.Text, "write_only": t.writeOnly.Text, "named": t.named.Text,
	} {
		s.env = append(s.env, "TF_VAR_"+name+"="+text)
	}
}

func (p printed) wants(s *shipped, texts ...string) {
	s.t.Helper()

	flat := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(p.text)), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			s.t.Errorf("%s: Terraform does not say %q:\n%s", p.what, text, p.text)
		}
	}
}

// wantsLog fails the test for each text that is not in the log.
func (p printed) wantsLog(s *shipped, texts ...string) {
	s.t.Helper()

	for _, text := range texts {
		if !strings.Contains(p.log, text) {
			s.t.Errorf("%s: the log does not say %q", p.what, text)
		}
	}
}

// No token and no API key is printed, logged, or written where the user did not put it, whatever goes wrong and
// whatever the servers answer. This is the provider as it is shipped.
func TestNoSecretLeaves(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.must(w.RemoveRuntime(runtimeName))
	w.must(w.SetAccountGit("GITHUB", w.URL(sandbox.GitHubEnterprise)))
	w.must(w.AddRuntime(sandbox.Runtime{Name: runtimeName}))
	w.must(w.AddIntegration(runtimeName, "cloud", "BITBUCKET", w.URL(sandbox.BitbucketCloud)))
	w.must(w.AddIntegration(runtimeName, "lab", "GITLAB", w.URL(sandbox.GitLabSelfManaged)))
	w.must(w.AddIntegration(runtimeName, "server", "BITBUCKET_SERVER", w.URL(sandbox.BitbucketServer)))
	s := newShipped(w)
	_, key := w.DefaultUser()
	_, userKey, err := w.AddUser("ann", false)
	w.must(err)
	// The configuration is a part of saved plans, and the provider's key is written there as it stands.
	s.secrets = append(s.secrets, hidden{name: "the provider's key", text: key, stored: true},
		hidden{name: "the user's key", text: userKey, stored: true})
	configure := func(tokens secretTokens) {
		s.give(tokens)
		s.write("main.tf", secretsConfiguration(s, tokens, key, userKey))
	}
	planFails := func(what string) printed {
		t.Helper()

		return s.run(what, 1, "plan", "-input=false", "-no-color")
	}

	bad := mintSecrets(s, "bad", false, "public_repo")
	configure(bad)
	planFails("a plan of bad tokens").wants(s, "Git token lacks its only required scope", "Git token lacks 4 of 5 scopes",
		"Git token lacks 2 of 2 scopes")

	good := mintSecrets(s, "good", true, "repo", "admin:repo_hook")
	spoilt := good
	spoilt.literal += " "
	configure(spoilt)
	planFails("a plan of a token with a blank").wants(s, "white space", "trimspace()")
	configure(good)
	s.plan("a plan of good tokens")
	s.run("an apply", 0, "apply", "-input=false", "-no-color", "saved")

	s.faults(planFails, good)

	s.crash()

	// Codefresh wants more than the configuration asks for, so that only it refuses the token.
	narrow := good
	narrow.literal = w.token(sandbox.Token{
		Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo"},
	}).Text
	s.secrets = append(s.secrets, hidden{name: "the narrow literal", text: narrow.literal, stored: true})
	configure(narrow)

	apply := []string{"apply", "-input=false", "-no-color", "-auto-approve"}
	s.run("an apply that Codefresh refuses", 1, apply...).
		wants(s, "Codefresh refuses the Git token", "got scopes repo while expected")
	w.must(w.Break(sandbox.AppProxy(runtimeName), sandbox.Fault{
		Status: http.StatusOK, Body: fmt.Sprintf(`{"errors":[{"message":%q}]}`, echo(narrow.literal)),
		Match: "updateRuntimeGitToken", Header: map[string]string{"Content-Type": "application/json"},
	}))
	s.run("an apply that Codefresh refuses in the token's own words", 1, apply...).
		wants(s, "Codefresh refuses the Git token")
	w.Heal(sandbox.AppProxy(runtimeName))

	configure(good)

	for _, token := range []string{good.literal, good.variable.Text, good.writeOnly.Text, good.named.Text} {
		w.must(w.RevokeToken(token))
	}

	s.plan("a plan after the revocation").wants(s, "Git token was revoked")
	s.run("a refresh", 0, "refresh", "-input=false", "-no-color")
	w.must(w.RevokeKey(userKey))
	s.run("a destroy with a user's key that is refused", 0, "destroy", "-input=false", "-no-color", "-auto-approve").
		wants(s, "refuses the API key of user", "Have that user remove it in Codefresh")
}

// echo is what a server could answer that repeats a token in all its forms.
func echo(token string) string {
	var b strings.Builder

	for form, spelled := range (hidden{text: token, usernames: []string{"ci@example.com"}}).forms() {
		if form != "in part" && form != "reversed" { // which no server does, and nothing can undo
			b.WriteString(spelled + " ")
		}
	}

	return b.String()
}

// faults plans while every service misbehaves, and says back what it was sent.
func (s *shipped) faults(planFails func(string) printed, t secretTokens) {
	s.t.Helper()
	tokens := map[sandbox.Service]string{
		sandbox.GitHubEnterprise: t.literal, sandbox.BitbucketCloud: t.variable.Text,
		sandbox.GitLabSelfManaged: t.writeOnly.Text, sandbox.BitbucketServer: t.named.Text,
	}
	_, key := s.DefaultUser()

	tokens[sandbox.Codefresh], tokens[sandbox.AppProxy(runtimeName)] = key, key
	for name, fault := range map[string]func(token string) sandbox.Fault{
		"500": func(token string) sandbox.Fault {
			return sandbox.Fault{
				Status: http.StatusInternalServerError, Body: `{"message":"` + echo(token) + `"}`,
				Header: map[string]string{"Content-Type": "application/json", "X-Echo": token},
			}
		},
		"HTML": func(token string) sandbox.Fault {
			return sandbox.Fault{
				Status: http.StatusOK, Body: "<html><title>" + echo(token) + "</title></html>",
				Header: map[string]string{"Content-Type": "text/html"},
			}
		},
		"403": func(token string) sandbox.Fault {
			return sandbox.Fault{
				Status: http.StatusForbidden,
				Body: `{"status":403,"code":"2400","name":"FORBIDDEN_ERROR","message":"` + echo(token) +
					`","error":{"message":"` + echo(token) + `"}}`,
				Header: map[string]string{"Content-Type": "application/json"},
			}
		},
		"redirect": func(token string) sandbox.Fault {
			return sandbox.Fault{Status: http.StatusFound, Header: map[string]string{
				"Location": "https://elsewhere.invalid/?token=" + token,
			}}
		},
		"timeout": func(string) sandbox.Fault { return sandbox.Fault{Mode: "hang"} },
	} {
		for service, token := range tokens {
			s.must(s.Break(service, fault(token)))
		}

		patient := s.read("main.tf")
		if name == "timeout" {
			s.write("main.tf", strings.Replace(patient, `"1m"`, `"1s"`, 1))
		}

		if name == "403" { // which from Codefresh means that the key is refused
			planFails("a plan with every answer a 403").wants(s, "refuses the API key")
		} else {
			s.run("a plan with every answer "+name, 0, "plan", "-input=false", "-no-color").
				wants(s, "Git token could not be checked", "Codefresh could not be reached")
		}

		s.write("main.tf", patient)

		for service := range tokens {
			s.Heal(service)
		}
	}
}
