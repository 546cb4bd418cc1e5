// Package remote reads the addresses that people give for repositories.
package remote

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Problem says why an address names no repository of a host. It completes "the repository's address …" and does not
// repeat the address, which may hold a password.
type Problem string

// Error implements error.
func (p Problem) Error() string { return "the repository's address " + string(p) }

// Result returns the result of a probe at an address with a Problem.
func Result(problem error) gittoken.ProbeResult {
	if errors.Is(problem, Elsewhere) {
		return gittoken.ProbeUndetermined(gittoken.CauseOtherHost, problem.Error())
	}

	return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, problem.Error())
}

// The problems.
const (
	Unparsable Problem = "is not a URL"
	Elsewhere  Problem = "is not on the server that the token is for; the token is not sent there"
	Unknown    Problem = "is neither that of a repository's page nor one to clone from"
)

// Segments returns the path of the repository at address, in its parts and without ".git": ["group", "subgroup",
// "project"]. What follows "/-/", as in GitLab's pages below a project, is left out. Every part is a name as IsName has
// it. The error is a Problem.
func Segments(h gittoken.Host, address string) ([]string, error) {
	parts, _, err := Path(h, address)
	if err != nil {
		return nil, err
	}

	if len(parts) < 2 {
		return nil, Unknown
	}

	if page := slices.Index(parts[2:], "-"); page >= 0 {
		parts = parts[:2+page]
	}

	parts[len(parts)-1] = strings.TrimSuffix(parts[len(parts)-1], ".git")

	for _, part := range parts {
		if !IsName(part) {
			return nil, Unknown
		}
	}

	return parts, nil
}

// Same reports whether two addresses are those of one repository of h, however they are spelled.
func Same(h gittoken.Host, a, b string) bool {
	if a == b {
		return true
	}

	first, err := Segments(h, a)
	second, otherErr := Segments(h, b)

	return err == nil && otherErr == nil && slices.Equal(first, second)
}

// Path returns the parts of the path at address that follow the host's root, as they are, and whether it is an address
// of SSH, which knows no root. It reads the addresses of pages and clone addresses:
// https://host[/root]/owner/repo[.git], ssh://git@host[:port]/owner/repo and git@host:owner/repo. The error is a
// Problem.
func Path(h gittoken.Host, address string) (parts []string, ssh bool, err error) {
	web, err := url.Parse(h.WebURL())
	if err != nil || web.Host == "" {
		return nil, false, Elsewhere
	}

	u, err := parse(strings.TrimSpace(address))
	if err != nil {
		return nil, false, Unparsable
	}

	path := u.Path

	switch strings.ToLower(u.Scheme) {
	case "ssh":
		ssh = true
		// SSH has ports of its own. The public services also listen at a name of its own.
		if name, home := hostname(u), hostname(web); name != home && name != "ssh."+home && name != "altssh."+home {
			return nil, false, Elsewhere
		}
	case "http", "https":
		below, found := strings.CutPrefix(path, strings.TrimSuffix(web.Path, "/")+"/")
		if server(u) != server(web) || !found {
			return nil, false, Elsewhere
		}

		path = below
	default:
		return nil, false, Unknown
	}

	return strings.Split(strings.Trim(path, "/"), "/"), ssh, nil
}

// At reports whether the repository at address is on the server of h. known is false for an address that does not tell.
func At(h gittoken.Host, address string) (at, known bool) {
	_, _, err := Path(h, address)
	if problem := Problem(""); errors.As(err, &problem) && problem != Elsewhere {
		return false, false
	}

	return err == nil, strings.TrimSpace(address) != ""
}

// NamesServer reports whether an address says on which server the repository is, so that Path can read it: "owner/repo"
// does not.
func NamesServer(address string) bool {
	u, err := parse(strings.TrimSpace(address))

	return err == nil && u.Hostname() != "" &&
		slices.Contains([]string{"ssh", "http", "https"}, strings.ToLower(u.Scheme))
}

// parse reads a URL or the short form of SSH, user@host:path.
func parse(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		user, rest, hasUser := strings.Cut(address, "@")
		if !hasUser || strings.ContainsAny(user, "/:") {
			rest = address
		}

		// The colons of an IPv6 address stand in brackets.
		end := strings.IndexByte(rest, ']') + 1

		host, path, found := strings.Cut(rest[end:], ":")
		if host = rest[:end] + host; found && !strings.Contains(host, "/") {
			return &url.URL{Scheme: "ssh", Host: host, Path: "/" + strings.TrimPrefix(path, "/")}, nil
		}
	}

	return url.Parse(address)
}

// hostname returns the host in one spelling. The pages of a server are also at its name with "www." before it.
func hostname(u *url.URL) string {
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return ip.String()
	}

	return strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), "www.")
}

// server returns host and port in one spelling, without a port that is the scheme's own.
func server(u *url.URL) string {
	switch port := u.Port(); {
	case port == "",
		port == "443" && strings.EqualFold(u.Scheme, "https"),
		port == "80" && strings.EqualFold(u.Scheme, "http"):
		return hostname(u)
	default:
		return net.JoinHostPort(hostname(u), port)
	}
}

// IsName reports whether text is made of letters, digits, ".", "_" and "-" only, so that it can stand in a path and in
// a query as it is.
func IsName(text string) bool {
	return text != "" && text != "." && text != ".." && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	})
}
