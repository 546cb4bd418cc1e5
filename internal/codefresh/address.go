package codefresh

import (
	"errors"
	"net/url"
	"strings"
)

// What is wrong with an address. The texts complete "the address …" and never repeat it: it may hold a password.
var (
	errAddressEmpty    = errors.New("is empty")
	errAddressInvalid  = errors.New("is not a URL")
	errAddressScheme   = errors.New("is neither https:// nor http://")
	errAddressUserinfo = errors.New("has a user name or password in it")
	errAddressQuery    = errors.New("has a query or a fragment in it")
)

// AppProxyURL returns the base address of an app-proxy for raw, which is an ingress host as the platform reports it
// or as a user writes it: the scheme may be missing (https), and a trailing slash or the app-proxy's own path may be
// there. The text of the error completes "the address …" and does not repeat it.
func AppProxyURL(raw string) (string, error) {
	return baseURL(raw, appProxyPath, "/app-proxy/api", "/app-proxy")
}

// platformURL is AppProxyURL for the platform. Of the variables in use, CF_URL names the bare host and
// CODEFRESH_API_URL the REST API below it.
func platformURL(raw string) (string, error) {
	return baseURL(raw, platformPath, "/2.0/api", "/2.0", "/api")
}

// baseURL returns raw as scheme://host[/path], without the first of suffixes that its path ends in.
func baseURL(raw string, suffixes ...string) (string, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", errAddressEmpty
	}

	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}

	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return "", errAddressInvalid // and not url.Parse's, which quotes the address
	}

	scheme := strings.ToLower(u.Scheme)

	switch {
	case scheme != "https" && scheme != "http":
		return "", errAddressScheme
	case u.User != nil:
		return "", errAddressUserinfo
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errAddressQuery
	}

	path := strings.TrimRight(u.EscapedPath(), "/")
	for _, suffix := range suffixes {
		if rest, ok := strings.CutSuffix(path, suffix); ok {
			path = strings.TrimRight(rest, "/")

			break
		}
	}

	return scheme + "://" + strings.ToLower(u.Host) + path, nil
}
