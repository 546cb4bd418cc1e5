package gittoken

import (
	"cmp"
	"errors"
)

// Host is one Git server's API. Make one with NewHost, which completes and checks the address. Hosts are comparable:
// two of them are equal if they are the same server's API.
type Host struct {
	provider Provider
	apiURL   string
}

var (
	// ErrNoAPIURL says that a provider has no public API, so that an address must be given.
	ErrNoAPIURL = errors.New("this Git provider has no public API: the address of the server's API is needed")
	// ErrUnknownProvider says that a provider is none of Providers.
	ErrUnknownProvider = errors.New("unknown Git provider")
)

// NewHost completes and checks the address of a provider's API. An empty apiURL means the provider's public API, and
// ErrNoAPIURL for Bitbucket Server, which has none. A bare address of a site gets the path where that kind of server
// keeps its API. Errors are *URLError, ErrNoAPIURL or ErrUnknownProvider.
func NewHost(p Provider, apiURL string) (Host, error) {
	known := factsOf(p)
	if known.provider == "" {
		return Host{}, ErrUnknownProvider
	}

	if apiURL = cmp.Or(apiURL, known.publicAPI); apiURL == "" {
		return Host{}, ErrNoAPIURL
	}

	a, err := parseAddress(apiURL)
	if err != nil {
		return Host{}, err
	}

	a, ok := known.complete(a)
	if !ok {
		return Host{}, &URLError{Problem: URLPage, URL: a.root()}
	}

	return Host{provider: p, apiURL: a.String()}, nil
}

// Provider returns what kind of server the host is.
func (h Host) Provider() Provider { return h.provider }

// APIURL returns the base address of the host's REST API, with its path and without a trailing slash, such as
// "https://api.github.com" or "https://gitlab.example.com/api/v4".
func (h Host) APIURL() string { return h.apiURL }

// String implements fmt.Stringer with APIURL.
func (h Host) String() string { return h.apiURL }

// IsZero reports whether h was not made by NewHost.
func (h Host) IsZero() bool { return h == Host{} }

// IsPublic reports whether the host is the provider's own public service.
func (h Host) IsPublic() bool { return h.apiURL != "" && h.apiURL == factsOf(h.provider).publicAPI }

// IsDoubtful reports whether Codefresh's own client is likely to miss the API at this address, although the provider
// itself reaches it.
func (h Host) IsDoubtful() bool {
	doubtful := factsOf(h.provider).doubtful
	if doubtful == nil {
		return false
	}

	a, err := parseAddress(h.apiURL)

	return err == nil && doubtful(a)
}

// IsDoubtfulOwner reports whether Codefresh's own client is likely to miss the personal project of the person of this
// name, which it looks for to see what a runtime token may do.
func (h Host) IsDoubtfulOwner(name string) bool {
	doubtful := factsOf(h.provider).doubtfulOwner

	return doubtful != nil && doubtful(name)
}

// WebURL returns where people sign in, without a trailing slash: "https://github.com", or "https://example.com/gitlab"
// for a GitLab with a relative root. It is empty for the zero Host.
func (h Host) WebURL() string {
	if h.IsZero() {
		return ""
	}

	a, err := parseAddress(h.apiURL)
	if err != nil {
		return ""
	}

	return factsOf(h.provider).site(a).String()
}
