package codefresh

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// maxConfigFile bounds the CLI's file, in bytes. Real ones have some hundred.
const maxConfigFile = 1 << 20

// maxNames is how many contexts a message names.
const maxNames = 10

// configFile is the file in which the Codefresh CLI keeps its logins, .cfconfig.
type configFile struct {
	Contexts map[string]struct {
		Type  string `yaml:"type"`
		URL   string `yaml:"url"`
		Token string `yaml:"token"`
	} `yaml:"contexts"`
	Current string `yaml:"current-context"`
}

// fileContext is one login of a configFile.
type fileContext struct {
	url    string
	key    gittoken.Secret
	source string // `context "prod" of /home/me/.cfconfig`
}

var yamlLine = regexp.MustCompile(`\bline (\d+)`)

func parseConfigFile(path string, text []byte) (*configFile, error) {
	if len(text) > maxConfigFile {
		return nil, &SettingsError{Setting: path, Problem: fmt.Sprintf("is longer than %d bytes", maxConfigFile)}
	}

	var file configFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		problem := "is not a configuration file of the Codefresh CLI"
		// The error's text quotes values of the file, keys among them; only the place is told.
		if at := yamlLine.FindStringSubmatch(err.Error()); at != nil {
			problem += ": see line " + at[1]
		}

		return nil, &SettingsError{Setting: path, Problem: problem}
	}

	return &file, nil
}

// context returns the login of that name.
func (f *configFile) context(path, name string) (*fileContext, error) {
	shown := transport.Printable(name)

	login, ok := f.Contexts[name]
	if !ok {
		problem := fmt.Sprintf("has no context %q", shown)
		if len(f.Contexts) > 0 {
			problem += ", only " + f.names()
		}

		return nil, &SettingsError{Setting: path, Problem: problem}
	}

	source := sourceOf(name, path)

	switch kind := strings.TrimSpace(login.Type); {
	case strings.EqualFold(kind, "JWT"):
		return nil, &SettingsError{
			Setting: path,
			Problem: fmt.Sprintf("has a session of the classic CLI in context %q (type JWT), which is no API key", shown),
		}
	case kind != "" && !strings.EqualFold(kind, "APIKey"):
		return nil, &SettingsError{
			Setting: path, Problem: fmt.Sprintf("has an unknown type in context %q, where APIKey is expected", shown),
		}
	}

	token := strings.TrimSpace(login.Token)
	if token == "" {
		return nil, &SettingsError{Setting: path, Problem: fmt.Sprintf("has no token in context %q", shown)}
	}

	address := DefaultURL

	if strings.TrimSpace(login.URL) != "" {
		var err error
		if address, err = platformURL(login.URL); err != nil {
			return nil, &SettingsError{
				Setting: path, Problem: fmt.Sprintf("has an unusable url in context %q: the address %s", shown, err),
			}
		}
	}

	return &fileContext{url: address, key: gittoken.NewSecret(token), source: source}, nil
}

// sourceOf names a context as a source of settings.
func sourceOf(name, path string) string {
	return fmt.Sprintf("context %q of %s", transport.Printable(name), path)
}

func (f *configFile) names() string {
	var shown []string

	for _, name := range slices.Sorted(maps.Keys(f.Contexts)) {
		if len(shown) == maxNames {
			shown = append(shown, "…")

			break
		}

		shown = append(shown, fmt.Sprintf("%q", transport.Printable(name)))
	}

	return strings.Join(shown, ", ")
}
