package codefresh

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/wire"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// DefaultURL is the platform that Codefresh hosts.
const DefaultURL = "https://g.codefresh.io"

// FileVariable is the environment variable that names the Codefresh CLI's file.
const FileVariable = "CFCONFIG"

// The names of settings, as SettingsError has them.
const (
	settingURL     = "url"
	settingContext = "context"
	defaultFile    = ".cfconfig"
)

// SourceDefault is the source of DefaultURL where nothing names another.
const SourceDefault = "default"

// Settings say which platform to ask and with which API key.
type Settings struct {
	// URL is the platform's base address, scheme://host[/path], without a trailing slash or the path of an API.
	URL string
	// APIKey is empty if there is none.
	APIKey gittoken.Secret
	// URLSource and KeySource name where each comes from, such as "CODEFRESH_URL" or `context "prod" of
	// /home/me/.cfconfig`. URLSource is SourceDefault for DefaultURL, KeySource empty without a key.
	URLSource, KeySource string
	// KeyHint says, if there is no key, why the one in the CLI's file was passed over. May be empty.
	KeyHint string
	// PassedOver lists what else is set and was not used, in the order in which it was looked at.
	PassedOver []PassedOver
}

// PassedOver is a place that holds an address or a key which is not used.
type PassedOver struct {
	// Source is as in Settings.
	Source string
	// Reason is a clause about it, such as "api_key comes first".
	Reason string
}

// Sources are the places that settings come from.
type Sources struct {
	// URL, APIKey and Context are the user's explicit settings. Empty means not set.
	URL     string
	APIKey  gittoken.Secret
	Context string
	// Getenv, ReadFile and Home are the machine: os.Getenv, os.ReadFile and the user's home directory (may be empty).
	Getenv   func(string) string
	ReadFile func(string) ([]byte, error)
	Home     string
}

// SettingsError says what is wrong with one setting. Its text holds no key.
type SettingsError struct {
	// Setting is an attribute (url, context), an environment variable or a file's path.
	Setting string
	// Problem is a clause about it, such as `has no context "prod"`.
	Problem string
	err     error
}

// Error implements error.
func (e *SettingsError) Error() string { return e.Setting + " " + e.Problem }

// Unwrap returns the cause, if any.
func (e *SettingsError) Unwrap() error { return e.err }

// setting is a text with its origin.
type setting struct{ text, source string }

// ResolveSettings finds the platform and the key. That there is no key is not an error. An error is a *SettingsError.
//
// The key is the first of: APIKey; that of Context in the Codefresh CLI's file; CODEFRESH_API_KEY; CF_API_KEY; that
// of the file's current context. A named context comes before the environment because whoever names it means it. The
// file is CFCONFIG, or .cfconfig in Home, and is read only if the key or a named context needs it.
//
// The address is the first of: URL; that of Context, if named; CODEFRESH_URL; CODEFRESH_API_URL; CF_URL; that of the
// file's current context; DefaultURL. So a key that comes without an address does not go to the public platform while
// any other address is set, and the key of a context goes to that context's address or nowhere.
func ResolveSettings(s Sources) (Settings, error) {
	settings, err := s.resolve()
	if err != nil {
		return Settings{}, err
	}

	settings.PassedOver = s.passedOver(settings)

	return settings, nil
}

func (s Sources) resolve() (Settings, error) {
	named, err := s.namedContext()
	if err != nil {
		return Settings{}, err
	}

	address, err := s.address(named)
	if err != nil {
		return Settings{}, err
	}

	if key, source := s.key(named); !key.IsEmpty() {
		return settle(s.orElse(address), key, source), nil
	}

	current, file, err := s.currentContext()

	switch {
	case err != nil:
		return Settings{}, err
	case current == nil:
		// A resource may have a key of its own.
		return settle(s.orElse(address), gittoken.Secret{}, ""), nil
	case address.source != "" && address.text != current.url:
		settings := settle(address, gittoken.Secret{}, "")
		settings.KeyHint = fmt.Sprintf("the current context of %s is of %s, and %s asks for %s",
			file, current.url, address.source, address.text)

		return settings, nil
	}

	return settle(setting{current.url, current.source}, current.key, current.source), nil
}

func settle(address setting, key gittoken.Secret, keySource string) Settings {
	return Settings{
		URL:       cmp.Or(address.text, DefaultURL),
		URLSource: cmp.Or(address.source, SourceDefault),
		APIKey:    key,
		KeySource: keySource,
	}
}

// address returns the address that is set without regard to the key. Without a source if there is none.
func (s Sources) address(named *fileContext) (setting, error) {
	if raw := strings.TrimSpace(s.URL); raw != "" {
		return addressFrom(raw, settingURL)
	}

	if named != nil {
		return setting{named.url, named.source}, nil
	}

	return s.fromEnv("CODEFRESH_URL", "CODEFRESH_API_URL", "CF_URL")
}

// orElse returns the address for a key that comes without one, unless there is one already.
func (s Sources) orElse(address setting) setting {
	if address.source != "" {
		return address
	}

	return s.currentAddress()
}

// currentAddress returns the address of the current context of the CLI's file, for a key from elsewhere. It is of no
// use to complain of a file that nobody asked for.
func (s Sources) currentAddress() setting {
	path, file, err := s.file()
	if err != nil || file == nil {
		return setting{}
	}

	name := strings.TrimSpace(file.Current)

	address, err := platformURL(file.Contexts[name].URL)
	if err != nil {
		return setting{}
	}

	return setting{address, sourceOf(name, path)}
}

// passedOver returns what is set and not used.
func (s Sources) passedOver(used Settings) []PassedOver {
	var over []PassedOver

	for _, name := range []string{"CODEFRESH_URL", "CODEFRESH_API_URL", "CF_URL"} {
		text := strings.TrimSpace(s.Getenv(name))
		if address, _ := platformURL(text); text == "" || name == used.URLSource || address == used.URL {
			continue // an address that is none cannot be the one that is used
		}

		reason := used.URLSource + " comes first"

		if used.URLSource == used.KeySource {
			reason = "the key of a context goes to the address of that context"
		}

		over = append(over, PassedOver{name, reason})
	}

	for _, name := range []string{"CODEFRESH_API_KEY", "CF_API_KEY"} {
		if strings.TrimSpace(s.Getenv(name)) != "" && name != used.KeySource {
			over = append(over, PassedOver{name, used.KeySource + " comes first"})
		}
	}

	return over
}

// fromEnv returns the address in the first of the variables that is set.
func (s Sources) fromEnv(names ...string) (setting, error) {
	for _, name := range names {
		if raw := strings.TrimSpace(s.Getenv(name)); raw != "" {
			return addressFrom(raw, name)
		}
	}

	return setting{}, nil
}

func addressFrom(raw, source string) (setting, error) {
	address, err := platformURL(raw)
	if err != nil {
		return setting{}, &SettingsError{Setting: source, Problem: "cannot be used: the address " + err.Error()}
	}

	return setting{address, source}, nil
}

// key returns the key that is set anywhere but in the file's current context.
func (s Sources) key(named *fileContext) (key gittoken.Secret, source string) {
	if key = wire.Trim(s.APIKey); !key.IsEmpty() {
		return key, "api_key"
	}

	if named != nil {
		return named.key, named.source
	}

	for _, name := range []string{"CODEFRESH_API_KEY", "CF_API_KEY"} {
		if text := strings.TrimSpace(s.Getenv(name)); text != "" {
			return gittoken.NewSecret(text), name
		}
	}

	return gittoken.Secret{}, ""
}

// namedContext returns the context that the user asks for by name. Nil if none.
func (s Sources) namedContext() (*fileContext, error) {
	name := strings.TrimSpace(s.Context)
	if name == "" {
		return nil, nil //nolint:nilnil // no context is an answer
	}

	path, file, err := s.file()
	if err != nil {
		return nil, err
	}

	if file == nil {
		return nil, &SettingsError{
			Setting: settingContext,
			Problem: fmt.Sprintf("names %q, and there is no %s", transport.Printable(name), cmp.Or(path, defaultFile)),
		}
	}

	return file.context(path, name)
}

// currentContext returns the current context of the CLI's file, and the file's path. Nil if there is none.
func (s Sources) currentContext() (*fileContext, string, error) {
	path, file, err := s.file()
	if err != nil || file == nil || strings.TrimSpace(file.Current) == "" {
		return nil, path, err
	}

	current, err := file.context(path, strings.TrimSpace(file.Current))

	return current, path, err
}

// file reads the CLI's file. The file is nil if there is none and nobody asked for one.
func (s Sources) file() (path string, file *configFile, err error) {
	asked := strings.TrimSpace(s.Getenv(FileVariable))
	if path = asked; path == "" {
		if s.Home == "" {
			return "", nil, nil
		}

		path = filepath.Join(s.Home, defaultFile)
	}

	text, err := s.ReadFile(path)

	switch {
	case errors.Is(err, fs.ErrNotExist) && asked == "":
		return path, nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, &SettingsError{Setting: FileVariable, Problem: "names " + path + ", which does not exist", err: err}
	case err != nil:
		return path, nil, &SettingsError{Setting: path, Problem: "cannot be read: " + reasonOf(err), err: err}
	}

	file, err = parseConfigFile(path, text)

	return path, file, err
}

// reasonOf returns what is wrong with a file, without its path, which the message has already.
func reasonOf(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}

	return transport.Printable(err.Error())
}
