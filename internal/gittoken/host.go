package gittoken

import (
	"errors"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Host is one Git server's API. Make one with NewHost, which completes and checks the address. Hosts are comparable:
// two of them are equal if they are the same server's API.
type Host struct {
	provider Provider
	apiURL   string
}

// The public services' own addresses.
const (
	githubAPI         = "https://api.github.com"
	gitlabAPI         = "https://gitlab.com/api/v4"
	bitbucketCloudAPI = "https://api.bitbucket.org/2.0"
)

// The paths under which the servers keep their APIs.
const (
	githubPath               = "/api/v3"
	gitlabPath               = "/api/v4"
	bitbucketServerPath      = "/rest/api"
	bitbucketServerVersion   = "/1.0"
	bitbucketCloudPath       = "/2.0"
	bitbucketCloudLegacyPath = "/api/2.0"
)

var (
	// ErrNoAPIURL says that a provider has no public API, so that an address must be given.
	ErrNoAPIURL = errors.New("this Git provider has no public API: the address of the server's API is needed")
	// ErrUnknownProvider says that a provider is none of Providers.
	ErrUnknownProvider = errors.New("unknown Git provider")
)

// URLProblem says what is wrong with an API address, as the end of a sentence that starts with the address.
type URLProblem string

// The problems.
const (
	URLUnparsable  URLProblem = "is not a URL"
	URLScheme      URLProblem = "does not start with https:// or http://"
	URLNoHost      URLProblem = "has no host name"
	URLBadHost     URLProblem = "has a host name or port that cannot be; write international names in their xn-- form"
	URLCredentials URLProblem = "contains @: it must not hold a user name, a password or a token"
	URLQuery       URLProblem = "must not have a query (?)"
	URLFragment    URLProblem = "must not have a fragment (#)"
	URLPage        URLProblem = "is a page of the site and not the address of its API"
)

// URLError says why an API address cannot be used. Neither it nor its message holds what could be a credential.
type URLError struct {
	Problem URLProblem
	// URL is scheme and host of the address. It is empty where those cannot be told from a credential.
	URL string
}

// Error implements error.
func (e *URLError) Error() string {
	if e.URL == "" {
		return "the API address " + string(e.Problem)
	}

	return "the API address at " + e.URL + " " + string(e.Problem)
}

// NewHost completes and checks the address of a provider's API. An empty apiURL means the provider's public API, and
// ErrNoAPIURL for Bitbucket Server, which has none. A bare address of a site gets the path where that kind of server
// keeps its API. Errors are *URLError, ErrNoAPIURL or ErrUnknownProvider.
func NewHost(p Provider, apiURL string) (Host, error) {
	if _, ok := ParseProvider(string(p)); !ok {
		return Host{}, ErrUnknownProvider
	}

	if apiURL == "" {
		apiURL = publicAPI(p)
	}

	if apiURL == "" {
		return Host{}, ErrNoAPIURL
	}

	a, err := parseAddress(apiURL)
	if err != nil {
		return Host{}, err
	}

	ok := true

	switch p {
	case GitHub:
		a, ok = a.completeGitHub()
	case GitLab:
		a = a.completeGitLab()
	case BitbucketServer:
		a = a.completeBitbucketServer()
	case BitbucketCloud:
		a, ok = a.completeBitbucketCloud()
	}

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
func (h Host) IsPublic() bool { return h.apiURL != "" && h.apiURL == publicAPI(h.provider) }

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

	switch h.provider {
	case GitHub:
		// A path that does not end as the API's says nothing of the site's.
		before, found := strings.CutSuffix(a.path, githubPath)
		if !found {
			before = ""
		}

		a.path = before

		if a.host == "api.github.com" || isGitHubTenant(a.host) {
			a.host = strings.TrimPrefix(a.host, "api.")
		}
	case GitLab:
		a.path = strings.TrimSuffix(a.path, gitlabPath)
	case BitbucketServer:
		a.path, _, _ = strings.Cut(a.path, bitbucketServerPath+"/")
	case BitbucketCloud:
		a.path = ""
		if a.host == "api.bitbucket.org" {
			a.host = "bitbucket.org"
		}
	}

	return a.String()
}

func publicAPI(p Provider) string {
	switch p {
	case GitHub:
		return githubAPI
	case GitLab:
		return gitlabAPI
	case BitbucketCloud:
		return bitbucketCloudAPI
	case BitbucketServer:
	}

	return ""
}

// address is an http or https URL in one spelling: host in lower case, no default port, no trailing slash.
type address struct {
	scheme string
	host   string // with its port, if that is not the scheme's own
	path   string // escaped
}

func (a address) root() string   { return a.scheme + "://" + a.host }
func (a address) String() string { return a.root() + a.path }

func parseAddress(text string) (address, error) {
	// A password may hold any of / ? #, and then a parser takes its beginning for a host. No API address has an @.
	if strings.Contains(text, "@") {
		return address{}, &URLError{Problem: URLCredentials}
	}

	u, err := url.Parse(text)
	if err != nil {
		return address{}, &URLError{Problem: URLUnparsable} // url.Error echoes the text
	}

	if u.Scheme != "https" && u.Scheme != "http" {
		return address{}, &URLError{Problem: URLScheme}
	}

	if u.Host == "" {
		return address{}, &URLError{Problem: URLNoHost}
	}

	host, ok := normalHost(u)
	if !ok {
		return address{}, &URLError{Problem: URLBadHost}
	}

	a := address{scheme: u.Scheme, host: host, path: strings.TrimRight(path.Clean("/"+u.EscapedPath()), "/")}

	if u.RawQuery != "" || u.ForceQuery {
		return address{}, &URLError{Problem: URLQuery, URL: a.root()}
	}

	if strings.Contains(text, "#") {
		return address{}, &URLError{Problem: URLFragment, URL: a.root()}
	}

	return a, nil
}

// normalHost returns the URL's host in lower case, with its port unless that is the scheme's own.
func normalHost(u *url.URL) (string, bool) {
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))

	if strings.HasPrefix(u.Host, "[") {
		addr, err := netip.ParseAddr(name)
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", false
		}

		name = "[" + addr.String() + "]"
	} else if !isHostName(name) {
		return "", false
	}

	if u.Port() == "" {
		return name, true
	}

	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return "", false
	}

	if (u.Scheme == "https" && port == 443) || (u.Scheme == "http" && port == 80) {
		return name, true
	}

	return name + ":" + strconv.Itoa(port), true
}

// isHostName reports whether name is made of labels of ASCII letters, digits, hyphens and underscores, which some
// intranets have.
func isHostName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}

		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
				return false
			}
		}
	}

	return len(name) <= 253
}

// isGitHubTenant reports whether host belongs to a tenant of GitHub Enterprise Cloud with data residency
// (TENANT.ghe.com, with its API at api.TENANT.ghe.com).
func isGitHubTenant(host string) bool { return strings.HasSuffix(host, ".ghe.com") }

// completeGitHub reports false for a page of a site whose API is at another host.
func (a address) completeGitHub() (address, bool) {
	switch {
	case a.host == "api.github.com", isGitHubTenant(a.host) && strings.HasPrefix(a.host, "api."):
		if a.path == githubPath {
			a.path = ""
		}

		return a, true
	case a.host == "github.com", a.host == "www.github.com", isGitHubTenant(a.host):
		if a.path != "" && a.path != githubPath {
			return a, false
		}

		return address{scheme: a.scheme, host: "api." + strings.TrimPrefix(a.host, "www.")}, true
	case a.path == "":
		a.path = githubPath
	}

	return a, true
}

func (a address) completeGitLab() address {
	if !strings.HasSuffix(a.path, gitlabPath) {
		a.path += gitlabPath
	}

	return a
}

func (a address) completeBitbucketServer() address {
	switch {
	case strings.Contains(a.path, bitbucketServerPath+"/"):
	case strings.HasSuffix(a.path, bitbucketServerPath):
		a.path += bitbucketServerVersion
	default:
		a.path += bitbucketServerPath + bitbucketServerVersion
	}

	return a
}

// completeBitbucketCloud reports false for a page of the site, whose API is at another host.
func (a address) completeBitbucketCloud() (address, bool) {
	switch {
	case a.host == "bitbucket.org", a.host == "www.bitbucket.org":
		if a.path != "" && a.path != bitbucketCloudPath && a.path != bitbucketCloudLegacyPath {
			return a, false
		}

		return address{scheme: a.scheme, host: "api.bitbucket.org", path: bitbucketCloudPath}, true
	case a.path == "":
		a.path = bitbucketCloudPath
	}

	return a, true
}
