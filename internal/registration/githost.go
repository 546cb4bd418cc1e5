package registration

import (
	"errors"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

var (
	// ErrNoGitProvider says that neither the configuration nor Codefresh names a Git provider.
	ErrNoGitProvider = errors.New("no Git provider is known for this runtime")
	// ErrOwnServer says that nobody gives the address of the Git host, and that the runtime was installed from another
	// one than the provider's public service.
	ErrOwnServer = errors.New("the runtime's repository is not at the provider's public service")
)

// GitHost returns the Git host of a provider and an address, either of which may be empty, completed by what Codefresh
// tells of the place. seen says that Codefresh told all that there is: until then its silence is no reason to take the
// provider's public API, which would get a token that may be another host's. The host is zero, without an error, where
// only an apply can tell. Errors: ErrNoGitProvider, ErrOwnServer and those of gittoken.NewHost.
func (v View) GitHost(provider gittoken.Provider, address string, seen bool) (gittoken.Host, error) {
	if provider == "" {
		provider = v.Provider
	}
	if provider == "" {
		return gittoken.Host{}, ErrNoGitProvider
	}
	switch {
	case address != "":
	case provider == v.Provider:
		address = v.APIURL
	case v.Provider == "" && !seen:
		return gittoken.Host{}, nil
	}

	host, err := gittoken.NewHost(provider, address)
	if err == nil && address == "" && !sameSite(v.Repo, host) {
		// The public API would get a token of the runtime's own server.
		return gittoken.Host{}, ErrOwnServer
	}

	return host, err
}

// sameSite reports whether a repository may be at host: it is, or its address is none that tells.
func sameSite(repository string, host gittoken.Host) bool {
	repo, err := url.Parse(repository)
	site, siteErr := url.Parse(host.WebURL())

	return err != nil || siteErr != nil || repo.Hostname() == "" || strings.EqualFold(repo.Hostname(), site.Hostname())
}
