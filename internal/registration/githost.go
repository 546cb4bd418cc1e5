package registration

import (
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

var (
	// ErrNoGitProvider says that neither the configuration nor Codefresh names a Git provider.
	ErrNoGitProvider = errors.New("no Git provider is known for this runtime")
	// ErrForeignProvider says that the runtime has a Git provider that this version does not know.
	ErrForeignProvider = errors.New("the runtime's Git provider is not known to this version")
	// ErrOwnServer says that the configuration gives no address of the Git host, and that the runtime was installed from
	// another one than the account's or the provider's public service.
	ErrOwnServer = errors.New("the runtime's repository is at another Git host")
)

// GitHost returns the Git host of a provider and an address, either of which may be empty, completed by what Codefresh
// tells of the place. seen says that Codefresh told all that there is: until then its silence is no reason to take the
// provider's public API, which would get a token that may be another host's. The host is zero, without an error, where
// only an apply can tell. Errors: ErrNoGitProvider, ErrForeignProvider, ErrOwnServer and those of gittoken.NewHost.
func (v View) GitHost(provider gittoken.Provider, address string, seen bool) (gittoken.Host, error) {
	if provider == "" {
		provider = v.Provider
	}

	switch {
	case provider == "" && v.ForeignProvider:
		return gittoken.Host{}, ErrForeignProvider
	case provider == "":
		return gittoken.Host{}, ErrNoGitProvider
	}

	configured := address != ""
	switch {
	case configured:
	case provider == v.Provider:
		address = v.APIURL
	case v.Provider == "" && !seen:
		return gittoken.Host{}, nil
	}

	host, err := gittoken.NewHost(provider, address)
	if err != nil {
		return host, err
	}

	if at, known := remote.At(host, v.Repo); known && !at && !configured {
		// The account's host, or the public one, would get a token of the runtime's own.
		return gittoken.Host{}, ErrOwnServer
	}

	return host, nil
}
