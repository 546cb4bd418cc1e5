package gittoken

import (
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
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
