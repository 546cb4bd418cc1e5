package acceptance_test

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const requestsPage = guidePages + "/requests.md"

// listedRequest is a row of the guide's tables.
type listedRequest struct {
	service, method string
	path            *regexp.Regexp
	what            string
	asks            string // the path as it is written
}

var (
	listedRow   = regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([A-Z]+)` \\| `(/[^`]+)` \\| (.+) \\|$")
	listedParts = regexp.MustCompile(`\\\{(\w+)\\\}`)
)

// readListed reads the page once for all of thousands of worlds.
var readListed = sync.OnceValues(func() (all []listedRequest, err error) {
	page, err := os.ReadFile(requestsPage)
	if err != nil {
		return nil, err
	}

	for _, row := range listedRow.FindAllStringSubmatch(string(page), -1) {
		pattern := listedParts.ReplaceAllStringFunc(regexp.QuoteMeta(row[3]), func(part string) string {
			if part == `\{repository\}` || part == `\{project\}` {
				return `[\w.~%/-]+`
			}

			return `[\w.~-]+`
		})
		all = append(all, listedRequest{row[1], row[2], regexp.MustCompile("^" + pattern + "$"), row[4], row[3]})
	}

	return all, nil
})

func listedRequests(t *testing.T) []listedRequest {
	t.Helper()

	all, err := readListed()
	if err != nil {
		t.Fatal(err)
	}

	if len(all) < 25 {
		t.Fatalf("only %d requests are listed", len(all))
	}

	return all
}

// pageService says how the guide names the services of the sandbox, and where their APIs are.
func pageService(service sandbox.Service) (name, api string) {
	switch service {
	case sandbox.Codefresh:
		return "Platform", ""
	case sandbox.GitHub:
		return "GitHub", ""
	case sandbox.GitHubEnterprise:
		return "GitHub", "/api/v3"
	case sandbox.GitLab:
		return "GitLab", "/api/v4"
	case sandbox.GitLabSelfManaged:
		return "GitLab", "/gitlab/api/v4"
	case sandbox.BitbucketServer:
		return "Bitbucket Data Center", "/rest/api/1.0"
	case sandbox.BitbucketCloud:
		return "Bitbucket Cloud", "/2.0"
	}

	return "App-proxy of a runtime", ""
}

// lists reports whether the row is about a request.
func (l listedRequest) lists(r sandbox.Request) bool {
	name, api := pageService(r.Service)
	host, onSite := strings.CutSuffix(l.service, ", site")

	path := r.Path
	if onSite {
		path = strings.TrimPrefix(path, strings.TrimSuffix(api, "/api/v4"))
	} else {
		path = strings.TrimPrefix(strings.TrimPrefix(path, "/api.github.com"), api) // the former where the host has no name
	}

	if host != name || l.method != r.Method || !l.path.MatchString(path) {
		return false
	}

	for operation := range strings.SplitSeq(r.Operation, ",") {
		if operation != "" && !strings.Contains(l.what, "`"+operation+"`") {
			return false
		}
	}

	return true
}

// wantListed fails the test for each request of the provider that the guide "Requests and limits" does not list.
func wantListed(t *testing.T, requests []sandbox.Request) {
	t.Helper()

	listed := listedRequests(t)

	for _, r := range requests {
		isProvider := strings.Contains(r.UserAgent, "terraform-provider-codefresh/")
		if isProvider && !slices.ContainsFunc(listed, func(l listedRequest) bool { return l.lists(r) }) {
			t.Errorf("requests.md does not list %s %s %s %s", r.Service, r.Method, r.Path, r.Operation)
		}
	}
}

// A request that is not listed is found, whatever of it differs.
func TestListedRequests(t *testing.T) {
	t.Parallel()
	all := listedRequests(t)

	for _, tt := range []struct {
		service                 sandbox.Service
		method, path, operation string
		listed                  bool
	}{
		{sandbox.GitHub, "GET", "/user", "", true},
		{sandbox.GitHub, "GET", "/api.github.com/user", "", true},
		{sandbox.GitHub, "POST", "/user", "", false},
		{sandbox.GitHub, "GET", "/users", "", false},
		{sandbox.GitHub, "GET", "/acme/gitops.git/info/refs", "", true},
		{sandbox.GitHubEnterprise, "GET", "/api/v3/repos/acme/gitops", "", true},
		{sandbox.GitLab, "GET", "/api/v4/projects/acme%2Fplatform%2Fgitops", "", true},
		{sandbox.GitLab, "GET", "/repos/acme/gitops", "", false},
		{sandbox.Codefresh, "POST", "/2.0/api/graphql", "me,runtimes", true},
		{sandbox.Codefresh, "POST", "/2.0/api/graphql", "me,pipelines", false},
	} {
		r := sandbox.Request{Service: tt.service, Method: tt.method, Path: tt.path, Operation: tt.operation}
		if got := slices.ContainsFunc(all, func(l listedRequest) bool { return l.lists(r) }); got != tt.listed {
			t.Errorf("%s %s %s %s: listed is %t", tt.service, tt.method, tt.path, tt.operation, got)
		}
	}
}

// Nothing is listed that the code does not ask for.
func TestListedRequestsAreMade(t *testing.T) {
	t.Parallel()

	folders := map[string]string{
		"GitHub": "internal/githost/github", "GitLab": "internal/githost/gitlab",
		"Bitbucket Data Center": "internal/githost/bitbucketserver", "Bitbucket Cloud": "internal/githost/bitbucketcloud",
	}

	for _, l := range listedRequests(t) {
		host, _, _ := strings.Cut(l.service, ", ")

		var code strings.Builder

		files := filesBelow(t, root+cmp.Or(folders[host], "internal/codefresh"), ".go", ".graphql")
		for _, file := range append(files, filesBelow(t, root+"internal/githost/rest", ".go")...) { // what hosts share
			if !strings.HasSuffix(file, "_test.go") {
				code.WriteString(readText(t, file))
			}
		}

		for word := range strings.SplitSeq(l.asks, "/") {
			if word != "" && !strings.Contains(word, "{") && !strings.Contains(code.String(), word) {
				t.Errorf("%s %s %s: nothing asks for %q", l.service, l.method, l.asks, word)
			}
		}
	}
}

var (
	askedPath = regexp.MustCompile(`\.(?:get|getWeb|fetch)\(ctx, (?:s\.web\+)?(?:fmt\.Sprintf\()?((?:"[^"]*"|[+ ]|` +
		`url\.PathEscape\(\w+\)|id\b)+)`)
	askedText = regexp.MustCompile(`"([^"]*)"`)
)

// Whatever the code asks a Git host for is listed, those requests included that no other test makes.
func TestRequestsOfTheCodeAreListed(t *testing.T) {
	t.Parallel()

	asked := 0

	for folder, host := range map[string]string{
		"gitlab": "GitLab", "bitbucketserver": "Bitbucket Data Center", "bitbucketcloud": "Bitbucket Cloud",
		"github": "GitHub",
	} {
		for _, file := range filesBelow(t, root+"internal/githost/"+folder, ".go") {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}

			code := readText(t, file)

			var all []string

			for _, found := range askedPath.FindAllStringSubmatch(code, -1) {
				path := ""
				for _, text := range askedText.FindAllStringSubmatch(found[1], -1) {
					path += text[1]
				}

				path, _, _ = strings.Cut(path, "?")
				all = append(all, path)
			}

			if strings.Contains(code, "rest.GitRefs(") {
				all = append(all, ".git/info/refs")
			}

			for _, path := range all {
				asked++

				parts := strings.FieldsFunc(strings.ReplaceAll(path, "%d", ""), func(r rune) bool { return r == '/' })
				if !slices.ContainsFunc(listedRequests(t), func(l listedRequest) bool {
					named, _, _ := strings.Cut(l.service, ", ")

					return named == host && containsAll(l.asks, parts)
				}) {
					t.Errorf("%s asks for %q, which requests.md does not list for %s", file, path, host)
				}
			}
		}
	}

	if asked < 20 {
		t.Errorf("only %d requests were found", asked)
	}
}

func containsAll(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}

// The limits that the guide tells in numbers are those of the code.
func TestFixedLimits(t *testing.T) {
	t.Parallel()

	page := readText(t, requestsPage)
	for _, tt := range []struct{ row, file, code string }{
		{"| Requests at the same time to one server | 8 |", "transport/transport.go", `maxPerHost += 8\n`},
		{"| 5 minutes, since Codefresh", "codefresh/graphql.go", `mutationTimeout = 5 \* time\.Minute\n`},
		{"| `request_timeout`, 30 seconds by default |", "transport/transport.go", `defaultTimeout += 30 \* time\.Second\n`},
		{"| 15 seconds each |", "transport/transport.go", `dialTimeout += 15 \* time\.Second\n\s*handshakeLimit += 15 \*`},
		{"| `max_retries`, 3 by default,", "provider/configure.go", `defaultMaxRetries += 3\n`},
		{"| The longest pause before a repetition | 8 seconds |", "transport/retry.go", `maxPause += 8 \* time\.Second\n`},
		{"| 30 seconds; a longer one is reported", "transport/retry.go", `maxObeyed += 30 \* time\.Second`},
		{"| The size of an answer | 4 MiB |", "transport/transport.go", `defaultMaxBody += 4 << 20\n`},
		{"| Redirects, to the same host alone | 5 |", "transport/transport.go", `maxRedirects += 5\n`},
		{"| The age of an answer that an apply relies on | 30 seconds |", "tokencheck/checker.go", `ApplyMaxAge = 30 \*`},
		{"| The Codefresh CLI's file | 1 MiB |", "codefresh/cfconfig.go", `maxConfigFile = 1 << 20\n`},
		{"| A host's words in a message | 300 characters |", "transport/printable.go", `maxPrintable = 300`},
	} {
		if !strings.Contains(page, tt.row) {
			t.Errorf("the guide has no %q", tt.row)
		}

		if !regexp.MustCompile(tt.code).MatchString(readText(t, root+"internal/"+tt.file)) {
			t.Errorf("internal/%s: %s: the limit has changed, and %q with it", tt.file, tt.code, tt.row)
		}
	}

	if rows := strings.Count(page[strings.Index(page, "## Fixed limits"):], "\n| ") - 1; rows != 13 {
		t.Errorf("the guide has %d limits", rows)
	}
}
