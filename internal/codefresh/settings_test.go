package codefresh_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const cfconfig = `contexts:
  prod:
    type: APIKey
    name: prod
    url: https://onprem.example.com/
    token: file-prod-key
    beta: false
    defaultRuntime: rt1
  saas:
    type: APIKey
    name: saas
    url: https://g.codefresh.io
    token: " file-saas-key\n"
  plain:
    token: file-plain-key
  session:
    type: JWT
    url: https://g.codefresh.io
    token: file-session-secret
  odd:
    type: OAuth
    token: file-odd-secret
  empty:
    type: APIKey
  broken:
    type: APIKey
    url: https://user:file-url-secret@example.com
    token: file-broken-secret
current-context: prod
`

// machine is a Sources with files and variables.
func machine(s codefresh.Sources, env map[string]string, files map[string]string) codefresh.Sources {
	s.Home = "/home/me"
	s.Getenv = func(name string) string { return env[name] }
	s.ReadFile = func(path string) ([]byte, error) {
		text, ok := files[path]

		switch {
		case !ok:
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		case text == "forbidden":
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}

		return []byte(text), nil
	}

	return s
}

func TestResolveSettings(t *testing.T) {
	t.Parallel()

	const onprem, file = "https://onprem.example.com", "/home/me/.cfconfig"

	key := gittoken.NewSecret
	home := map[string]string{file: cfconfig}
	current := func(name string) map[string]string {
		return map[string]string{file: strings.Replace(cfconfig, "current-context: prod", "current-context: "+name, 1)}
	}

	tests := map[string]struct {
		sources    codefresh.Sources
		env, files map[string]string

		url, urlSource, key, keySource string
		hint                           bool
		over                           []codefresh.PassedOver
	}{
		"nothing": {url: codefresh.DefaultURL, urlSource: "default"},
		"no home": {sources: codefresh.Sources{Home: "-"}, url: codefresh.DefaultURL, urlSource: "default"},
		"attributes win": {
			sources: codefresh.Sources{URL: "https://attr.example.com/api", APIKey: key("attr-key\n")},
			env: map[string]string{
				"CODEFRESH_URL": "https://env.example.com", "CODEFRESH_API_KEY": "env-key",
				"CF_URL": "https://cf.example.com", "CF_API_KEY": "cf-key",
			},
			files: map[string]string{file: "not read: ["},
			url:   "https://attr.example.com", urlSource: "url", key: "attr-key", keySource: "api_key",
			over: []codefresh.PassedOver{
				{"CODEFRESH_URL", "url comes first"},
				{"CF_URL", "url comes first"},
				{"CODEFRESH_API_KEY", "api_key comes first"},
				{"CF_API_KEY", "api_key comes first"},
			},
		},
		"key attribute, address from the environment": {
			sources: codefresh.Sources{APIKey: key("attr-key")},
			env:     map[string]string{"CODEFRESH_API_URL": "https://env.example.com/api", "CODEFRESH_API_KEY": "env-key"},
			url:     "https://env.example.com", urlSource: "CODEFRESH_API_URL", key: "attr-key", keySource: "api_key",
			over: []codefresh.PassedOver{{"CODEFRESH_API_KEY", "api_key comes first"}},
		},
		"key attribute, address of the CLI's environment": {
			sources: codefresh.Sources{APIKey: key("attr-key")},
			env:     map[string]string{"CF_URL": "https://cf.example.com", "CF_API_KEY": "cf-key"},
			files:   home,
			url:     "https://cf.example.com", urlSource: "CF_URL", key: "attr-key", keySource: "api_key",
			over: []codefresh.PassedOver{{"CF_API_KEY", "api_key comes first"}},
		},
		"key attribute, address of the file": {
			sources: codefresh.Sources{APIKey: key("attr-key")}, files: home,
			url: onprem, urlSource: `context "prod" of ` + file, key: "attr-key", keySource: "api_key",
		},
		"key attribute, public address of the file": {
			sources: codefresh.Sources{APIKey: key("attr-key")}, files: current("saas"),
			url: codefresh.DefaultURL, urlSource: `context "saas" of ` + file, key: "attr-key", keySource: "api_key",
		},
		"key attribute, address of a session": {
			sources: codefresh.Sources{APIKey: key("attr-key")},
			files: map[string]string{
				file: "contexts: {s: {type: JWT, url: onprem.example.com, token: x}}\ncurrent-context: s\n",
			},
			url: onprem, urlSource: `context "s" of ` + file, key: "attr-key", keySource: "api_key",
		},
		"key attribute, no address in the file": {
			sources: codefresh.Sources{APIKey: key("attr-key")}, files: current("plain"),
			url: codefresh.DefaultURL, urlSource: "default", key: "attr-key", keySource: "api_key",
		},
		"key attribute, a file that is none": {
			sources: codefresh.Sources{APIKey: key("attr-key")}, files: map[string]string{file: "not YAML: ["},
			url: codefresh.DefaultURL, urlSource: "default", key: "attr-key", keySource: "api_key",
		},
		"key attribute, a file that is not there": {
			sources: codefresh.Sources{APIKey: key("attr-key")}, env: map[string]string{"CFCONFIG": "/etc/cf"},
			url: codefresh.DefaultURL, urlSource: "default", key: "attr-key", keySource: "api_key",
		},
		"key attribute, an address that is none in the file": {
			sources: codefresh.Sources{APIKey: key("attr-key")}, files: current("broken"),
			url: codefresh.DefaultURL, urlSource: "default", key: "attr-key", keySource: "api_key",
		},
		"environment": {
			env: map[string]string{
				"CODEFRESH_URL": "https://env.example.com/2.0/api/graphql", "CODEFRESH_API_URL": "https://env2.example.com",
				"CODEFRESH_API_KEY": " env-key ", "CF_API_KEY": "cf-key", "CF_URL": "https://cf.example.com",
			},
			files: home,
			url:   "https://env.example.com", urlSource: "CODEFRESH_URL", key: "env-key", keySource: "CODEFRESH_API_KEY",
			over: []codefresh.PassedOver{
				{"CODEFRESH_API_URL", "CODEFRESH_URL comes first"},
				{"CF_URL", "CODEFRESH_URL comes first"},
				{"CF_API_KEY", "CODEFRESH_API_KEY comes first"},
			},
		},
		"environment, key only": {
			env: map[string]string{"CODEFRESH_API_KEY": "env-key"},
			url: codefresh.DefaultURL, urlSource: "default", key: "env-key", keySource: "CODEFRESH_API_KEY",
		},
		"environment, address of the CLI's": {
			env: map[string]string{"CODEFRESH_API_KEY": "env-key", "CF_URL": "https://cf.example.com"}, files: home,
			url: "https://cf.example.com", urlSource: "CF_URL", key: "env-key", keySource: "CODEFRESH_API_KEY",
		},
		"environment, address of the file": {
			env: map[string]string{"CODEFRESH_API_KEY": "env-key"}, files: home,
			url: onprem, urlSource: `context "prod" of ` + file, key: "env-key", keySource: "CODEFRESH_API_KEY",
		},
		"the CLI's environment": {
			env: map[string]string{"CF_API_KEY": "cf-key", "CF_URL": "cf.example.com"}, files: home,
			url: "https://cf.example.com", urlSource: "CF_URL", key: "cf-key", keySource: "CF_API_KEY",
		},
		"the CLI's environment, key only": {
			env: map[string]string{"CF_API_KEY": "cf-key"},
			url: codefresh.DefaultURL, urlSource: "default", key: "cf-key", keySource: "CF_API_KEY",
		},
		"the CLI's environment, address of the file": {
			env: map[string]string{"CF_API_KEY": "cf-key"}, files: home,
			url: onprem, urlSource: `context "prod" of ` + file, key: "cf-key", keySource: "CF_API_KEY",
		},
		"the CLI's environment, another address": {
			env: map[string]string{
				"CF_API_KEY": "cf-key", "CF_URL": "https://cf.example.com", "CODEFRESH_URL": "https://env.example.com",
			},
			url: "https://env.example.com", urlSource: "CODEFRESH_URL", key: "cf-key", keySource: "CF_API_KEY",
			over: []codefresh.PassedOver{{"CF_URL", "CODEFRESH_URL comes first"}},
		},
		"the CLI's address alone": {
			env: map[string]string{"CF_URL": "https://cf.example.com"}, files: home,
			url: "https://cf.example.com", urlSource: "CF_URL", hint: true,
		},
		// A resource may have a key of its own, which is not for the public platform.
		"the CLI's address, no key": {
			env: map[string]string{"CF_URL": "https://cf.example.com"},
			url: "https://cf.example.com", urlSource: "CF_URL",
		},
		"two addresses, no key": {
			env: map[string]string{"CF_URL": "https://cf.example.com", "CODEFRESH_URL": "https://env.example.com"},
			url: "https://env.example.com", urlSource: "CODEFRESH_URL",
			over: []codefresh.PassedOver{{"CF_URL", "CODEFRESH_URL comes first"}},
		},
		"the file's address, twice": {
			env: map[string]string{"CF_URL": onprem}, files: home,
			url: onprem, urlSource: `context "prod" of ` + file, key: "file-prod-key", keySource: `context "prod" of ` + file,
		},
		"file": {
			files: home,
			url:   onprem, urlSource: `context "prod" of ` + file, key: "file-prod-key", keySource: `context "prod" of ` + file,
		},
		"file, no address": {
			files: current("plain"),
			url:   codefresh.DefaultURL, urlSource: `context "plain" of ` + file,
			key: "file-plain-key", keySource: `context "plain" of ` + file,
		},
		"file, no current context": {files: current(`""`), url: codefresh.DefaultURL, urlSource: "default"},
		"file, empty":              {files: map[string]string{file: ""}, url: codefresh.DefaultURL, urlSource: "default"},
		"file elsewhere": {
			env: map[string]string{"CFCONFIG": "/etc/cf"}, files: map[string]string{"/etc/cf": cfconfig},
			url: onprem, urlSource: `context "prod" of /etc/cf`, key: "file-prod-key", keySource: `context "prod" of /etc/cf`,
		},
		"the same address asked for": {
			sources: codefresh.Sources{URL: onprem + "/"}, files: home,
			url: onprem, urlSource: `context "prod" of ` + file, key: "file-prod-key", keySource: `context "prod" of ` + file,
		},
		"a key is not sent where it is not for": {
			sources: codefresh.Sources{URL: "https://other.example.com"}, files: home,
			url: "https://other.example.com", urlSource: "url", hint: true,
		},
		"nor by a variable": {
			env: map[string]string{"CODEFRESH_URL": "https://other.example.com"}, files: home,
			url: "https://other.example.com", urlSource: "CODEFRESH_URL", hint: true,
		},
		"named context wins over the environment": {
			sources: codefresh.Sources{Context: "saas"}, files: home,
			env: map[string]string{
				"CODEFRESH_URL": "https://env.example.com", "CODEFRESH_API_KEY": "env-key",
				"CF_URL": "https://cf.example.com", "CF_API_KEY": "cf-key",
			},
			url: codefresh.DefaultURL, urlSource: `context "saas" of ` + file,
			key: "file-saas-key", keySource: `context "saas" of ` + file,
			over: []codefresh.PassedOver{
				{"CODEFRESH_URL", "the key of a context goes to the address of that context"},
				{"CF_URL", "the key of a context goes to the address of that context"},
				{"CODEFRESH_API_KEY", `context "saas" of ` + file + " comes first"},
				{"CF_API_KEY", `context "saas" of ` + file + " comes first"},
			},
		},
		"named context with attributes": {
			sources: codefresh.Sources{Context: "prod", APIKey: key("attr-key")}, files: home,
			url: onprem, urlSource: `context "prod" of ` + file, key: "attr-key", keySource: "api_key",
		},
		"named context at another address": {
			sources: codefresh.Sources{Context: "prod", URL: "https://proxy.example.com"}, files: home,
			url: "https://proxy.example.com", urlSource: "url", key: "file-prod-key", keySource: `context "prod" of ` + file,
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			sources := machine(test.sources, test.env, test.files)
			if test.sources.Home == "-" {
				sources.Home = ""
			}

			got, err := codefresh.ResolveSettings(sources)
			if err != nil {
				t.Fatal(err)
			}

			if got.URL != test.url || got.URLSource != test.urlSource {
				t.Errorf("url is %q from %q, want %q from %q", got.URL, got.URLSource, test.url, test.urlSource)
			}

			if !got.APIKey.Equal(gittoken.NewSecret(test.key)) || got.KeySource != test.keySource {
				t.Errorf("the key is from %q, want %q from %q", got.KeySource, test.key, test.keySource)
			}

			if diff := cmp.Diff(test.over, got.PassedOver); diff != "" {
				t.Errorf("passed over (-want +got):\n%s", diff)
			}

			if (got.KeyHint != "") != test.hint || strings.Contains(got.KeyHint, "key\"") {
				t.Errorf("hint is %q", got.KeyHint)
			}
		})
	}
}

func TestResolveSettingsFails(t *testing.T) {
	t.Parallel()

	const file = "/home/me/.cfconfig"

	home := map[string]string{file: cfconfig}

	tests := map[string]struct {
		sources    codefresh.Sources
		env, files map[string]string
		setting    string
		problem    string
	}{
		"bad url": {sources: codefresh.Sources{URL: "ftp://sesame-secret"}, setting: "url", problem: "neither https"},
		"password in url": {
			sources: codefresh.Sources{URL: "https://u:sesame-secret@h"}, setting: "url", problem: "password",
		},
		"bad variable": {
			env: map[string]string{"CODEFRESH_API_URL": "https://h?sesame-secret"}, setting: "CODEFRESH_API_URL",
			problem: "query",
		},
		"bad variable of the CLI": {
			env: map[string]string{"CF_URL": "https://", "CF_API_KEY": "k"}, setting: "CF_URL", problem: "not a URL",
		},
		"bad variable of the CLI, no key": {
			env: map[string]string{"CF_URL": "::"}, files: home, setting: "CF_URL", problem: "not a URL",
		},
		"no such context": {
			sources: codefresh.Sources{Context: "stage"}, files: home, setting: file,
			problem: `has no context "stage", only "broken", "empty", "odd", "plain", "prod", "saas", "session"`,
		},
		"no such context, key given": {
			sources: codefresh.Sources{Context: "stage", APIKey: gittoken.NewSecret("k")}, files: home,
			setting: file, problem: "stage",
		},
		"context without file": {
			sources: codefresh.Sources{Context: "prod"}, setting: "context", problem: "there is no " + file,
		},
		"context, no home": {
			sources: codefresh.Sources{Context: "prod", Home: "-"}, setting: "context", problem: ".cfconfig",
		},
		"context of empty file": {
			sources: codefresh.Sources{Context: "x"}, files: map[string]string{file: ""}, setting: file,
		},
		"session": {sources: codefresh.Sources{Context: "session"}, files: home, setting: file, problem: "JWT"},
		"odd type": {
			sources: codefresh.Sources{Context: "odd"}, files: home, setting: file, problem: "unknown type",
		},
		"no token": {
			sources: codefresh.Sources{Context: "empty"}, files: home, setting: file, problem: "no token",
		},
		"bad url in file": {
			sources: codefresh.Sources{Context: "broken"}, files: home, setting: file, problem: "password",
		},
		"current context unknown": {
			files: map[string]string{file: "current-context: gone\n"}, setting: file, problem: `no context "gone"`,
		},
		"file asked for is missing": {
			env: map[string]string{"CFCONFIG": "/etc/cf"}, setting: "CFCONFIG", problem: "names /etc/cf, which does not exist",
		},
		"file cannot be read": {
			files: map[string]string{file: "forbidden"}, setting: file, problem: "cannot be read: permission denied",
		},
		"not YAML": {
			files:   map[string]string{file: "contexts:\n  a:\n    token: [sesame-secret\n"},
			setting: file, problem: "line",
		},
		"another shape": {
			files:   map[string]string{file: "contexts:\n  a: sesame-secret\ncurrent-context: a\n"},
			setting: file, problem: "not a configuration file of the Codefresh CLI: see line 2",
		},
		"too long": {files: map[string]string{file: strings.Repeat("#", 1<<20+1)}, setting: file, problem: "longer"},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			sources := machine(test.sources, test.env, test.files)
			if test.sources.Home == "-" {
				sources.Home = ""
			}

			got, err := codefresh.ResolveSettings(sources)

			var e *codefresh.SettingsError
			if !errors.As(err, &e) {
				t.Fatalf("settings are %+v, error is %v", got, err)
			}

			if e.Setting != test.setting || !strings.Contains(e.Problem, test.problem) {
				t.Errorf("error is %q %q, want %q … %q", e.Setting, e.Problem, test.setting, test.problem)
			}

			for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", e, got)} {
				if strings.Contains(text, "secret") {
					t.Errorf("%q shows a secret", text)
				}
			}
		})
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add([]byte(cfconfig), "prod")
	f.Add([]byte("contexts: {1: {token: 2}}"), "1")
	f.Add([]byte("a: &a [*a]\ncontexts: *a"), "")
	f.Add([]byte("contexts:\n  a: !!binary x\n"), "a")
	f.Add([]byte("contexts: {<<: {a: {token: x}}}"), "a")

	f.Fuzz(func(t *testing.T, text []byte, name string) {
		sources := machine(codefresh.Sources{Context: name}, nil, map[string]string{"/home/me/.cfconfig": string(text)})

		got, err := codefresh.ResolveSettings(sources)

		var e *codefresh.SettingsError

		switch {
		case err != nil && !errors.As(err, &e):
			t.Errorf("error is %T", err)
		case err != nil && (strings.ContainsAny(e.Problem, "\n\r\x1b") || len(e.Problem) > 20_000):
			t.Errorf("problem is %q", e.Problem)
		case err == nil && strings.TrimSpace(name) != "" && got.APIKey.IsEmpty():
			t.Errorf("a named context without a key: %+v", got)
		case err == nil && !strings.HasPrefix(got.URL, "http"):
			t.Errorf("url is %q", got.URL)
		}
	})
}
