package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Real app-proxies leave the judgement of a Git token to a library of Codefresh, npm's @codefresh-io/cf-git-providers.
// What follows asks the emulated hosts what version 0.18.1 of it asks real ones, takes and refuses what it takes and
// refuses, and says what it says; tools/parity holds the two against each other. It knows nothing of the tokens
// themselves, and looks for less than Codefresh needs: see abilities.

// abilities are what a token of each type has to have, in the library's words. The app-proxy's lists are not public:
// these follow from what Codefresh documents for each type.
func abilities(tokenType string) []string {
	if tokenType == runtimeTokenType {
		return []string{abilityRead, abilityWrite, abilityCreate, abilityHooks}
	}

	return []string{abilityRead, abilityWrite}
}

const (
	abilityRead   = "repo_read"
	abilityWrite  = "repo_write"
	abilityCreate = "repo_create"
	abilityHooks  = "admin_repo_hook"
)

// tokenCheck is one look at a token.
type tokenCheck struct {
	s          *Sandbox
	held       heldToken
	abilities  []string
	repository string // clone URL at which pushing is tried where the host tells no scopes; "" if there is none
}

// checkGitToken is the app-proxy's own test of a Git token for a runtime. mu must be held.
func (s *Sandbox) checkGitToken(r *cfRuntime, held heldToken, tokenType string) error {
	c := tokenCheck{s: s, held: held, abilities: abilities(tokenType), repository: s.triedRepository(r, held)}
	switch held.provider {
	case "GITHUB":
		return c.github()
	case "GITLAB":
		return c.gitlab()
	case "BITBUCKET":
		return c.bitbucketCloud()
	default:
		return c.dataCenter()
	}
}

// triedRepository is the repository that the app-proxy keeps its configuration in, if it is at the token's host.
func (s *Sandbox) triedRepository(r *cfRuntime, held heldToken) string {
	host, _, known := s.locate(held.apiURL)
	for _, repository := range []string{s.cf.sharedConfigRepo, r.Repo} {
		if repository == "" {
			continue
		}

		if at, _, ok := s.locate(repository); known && ok && at == host {
			return repository
		}

		return ""
	}

	return ""
}

// locate finds the emulated host that answers at an address, and the path there as the host itself sees it.
func (s *Sandbox) locate(address string) (h *host, path string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", false
	}

	for _, service := range GitHosts() {
		if u.Scheme+"://"+u.Host == s.net.root(service) {
			return s.hosts[service], u.EscapedPath(), true
		}

		for name, prefix := range publicNames(service) {
			if u.Scheme == "https" && strings.EqualFold(u.Host, name) {
				return s.hosts[service], prefix + u.EscapedPath(), true
			}
		}
	}

	return nil, "", false
}

// unreachable is an address at which nobody answers.
type unreachable struct{ host string }

func (e unreachable) Error() string { return "getaddrinfo ENOTFOUND " + e.host }

// ask puts a request to an emulated host. It does not go over the network: journals and faults are about the clients
// that are tested here.
func (c tokenCheck) ask(method, address, authorization, body string) (answer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return answer{}, cfError{internalError, "Invalid URL"}
	}

	h, path, known := c.s.locate(address)
	if !known {
		return answer{}, unreachable{u.Hostname()}
	}

	u.Path, u.RawPath = path, ""
	if decoded, err := url.PathUnescape(path); err == nil && decoded != path {
		u.Path, u.RawPath = decoded, path
	}

	r := &http.Request{Method: method, URL: u, Header: http.Header{"User-Agent": {"Codefresh"}}, Host: u.Host}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}

	return h.vendor.serve(&call{host: h, r: r, body: []byte(body), now: c.s.now(), path: segments(u)}), nil
}

// failed words a request that got no answer, as the HTTP client of all hosts but GitHub does.
func failed(err error) error { return cfError{internalError, "Error: " + err.Error()} }

// based returns an API address with the path of the version that the library takes for one without a path.
func based(apiURL, usual string) string {
	u, err := url.Parse(apiURL)
	if err != nil {
		return apiURL
	}

	if u.Path == "" || u.Path == "/" {
		u.Path = usual
	}

	return strings.TrimSuffix(u.String(), "/")
}

// github looks at the scopes that GitHub tells, and at none of a fine-grained token.
func (c tokenCheck) github() error {
	const fineGrained, itsLength = "github_pat_", 93

	base := strings.TrimSuffix(c.held.apiURL, "/")
	if base != "https://api.github.com" {
		base = based(base, "/api/v3")
	}

	scheme := "token "
	if strings.Count(c.held.text, ".") == 2 { // a JWT
		scheme = "bearer "
	}

	a, err := c.ask(http.MethodGet, base+"/user", scheme+c.held.text, "")
	switch {
	case err != nil:
		return validationError("HttpError: " + err.Error())
	case a.status >= http.StatusBadRequest:
		return validationError("HttpError: " + octokitMessage(a))
	case len(c.held.text) == itsLength && strings.HasPrefix(c.held.text, fineGrained):
		return nil
	}

	told, expected := a.header.Get("X-OAuth-Scopes"), strings.Join(c.abilities, ",")
	if told == "" {
		return validationError("missing scopes: " + expected)
	}

	scopes := scopeList(told)

	for _, ability := range c.abilities {
		needed := "repo"
		if ability == abilityHooks {
			needed = "admin:repo_hook"
		}

		if !slices.Contains(scopes, needed) {
			return validationError("got scopes " + told + " while expected: " + expected)
		}
	}

	return nil
}

// scopeList takes the value of a scopes header apart.
func scopeList(header string) []string {
	return strings.Split(strings.ReplaceAll(header, " ", ""), ",")
}

// octokitMessage is what GitHub's own client makes of a refusal.
func octokitMessage(a answer) string {
	var body struct {
		Message       string `json:"message"`
		Documentation string `json:"documentation_url"`
	}
	if json.Unmarshal([]byte(a.body), &body) != nil || body.Message == "" {
		return a.body
	}

	if body.Documentation == "" {
		return body.Message
	}

	return body.Message + " - " + body.Documentation
}

// gitlab asks for a new project without a name, which only those are told who might have had one with a name. A user's
// token is tried at a repository, or else is to read the list of projects.
func (c tokenCheck) gitlab() error {
	base, bearer := based(c.held.apiURL, "/api/v4"), "Bearer "+c.held.text

	a, err := c.ask(http.MethodGet, base+"/user", bearer, "")
	switch {
	case err != nil:
		return failed(err)
	case a.status == http.StatusUnauthorized:
		return validationError("token is invalid")
	}

	method := http.MethodGet

	switch {
	case slices.Contains(c.abilities, abilityHooks):
		method = http.MethodPost
	case c.repository != "":
		return c.push("Basic " + base64.StdEncoding.EncodeToString([]byte("oauth2:"+c.held.text)))
	}

	a, err = c.ask(method, base+"/projects", bearer, "")
	switch {
	case err != nil:
		return failed(err)
	case method == http.MethodPost && a.status != http.StatusBadRequest:
		return validationError(expectedAdmin)
	case method == http.MethodGet && a.status >= http.StatusBadRequest:
		return validationError(checkYour + "failed assert read scopes")
	}

	return nil
}

const (
	checkYour     = "check your token permissions, "
	expectedAdmin = "failed to get project, " + checkYour + "expected Project Admin"
)

// dataCenter does the same at Bitbucket Data Center, with a repository of the token's owner.
func (c tokenCheck) dataCenter() error {
	base, bearer := based(c.held.apiURL, "/rest/api/1.0"), "Bearer "+c.held.text

	a, err := c.ask(http.MethodHead, base+"/application-properties", bearer, "")
	switch {
	case err != nil:
		return failed(err)
	case a.status == http.StatusUnauthorized:
		return validationError("token is invalid")
	}

	login, admin := a.header.Get("X-Ausername"), slices.Contains(c.abilities, abilityHooks)
	switch {
	case admin && login == "":
		return validationError(checkYour + "failed assert admin scopes")
	case admin:
		a, err = c.ask(http.MethodPost, base+"/users/"+login+"/repos", bearer, `{"name":"!Invalid"}`)
		if err != nil {
			return failed(err)
		}

		if a.status != http.StatusBadRequest {
			return validationError(expectedAdmin)
		}
	case c.repository != "":
		return c.push(bearer)
	case login == "":
		return validationError(checkYour + "failed assert read scopes")
	}

	return nil
}

// push is as much of a clone and a push as shows whether both are allowed: their first requests. Like the library it
// sends its credential when it is asked to, and holds nothing but 401 and 403 against a token.
func (c tokenCheck) push(authorization string) error {
	for _, service := range []string{uploadPack, receivePack} {
		status, body := c.asked(c.repository+"/info/refs?service="+service, authorization)
		if status == http.StatusUnauthorized || status == http.StatusForbidden {
			return validationError(checkYour + "failed assert write scopes")
		}

		if status != http.StatusOK || strings.Contains(body, " capabilities^{}") {
			break // there is nothing to clone, and so nothing that could be pushed
		}
	}

	return nil
}

// asked is a GET that shows its credential when it is asked to. Without an answer the status is 0.
func (c tokenCheck) asked(address, authorization string) (status int, body string) {
	a, err := c.ask(http.MethodGet, address, "", "")
	if err == nil && a.status == http.StatusUnauthorized {
		a, err = c.ask(http.MethodGet, address, authorization, "")
	}

	if err != nil {
		return 0, ""
	}

	return a.status, a.body
}

// bitbucketCloud looks at the scopes that Bitbucket Cloud tells. It asks there whatever the address is.
func (c tokenCheck) bitbucketCloud() error {
	authorization := "Bearer " + c.held.text
	if user := c.held.username; user != "" && user != "x-token-auth" {
		authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+c.held.text))
	}

	a, err := c.ask(http.MethodGet, "https://api.bitbucket.org/2.0/user", authorization, "")
	switch {
	case err != nil:
		return failed(err)
	case a.status == http.StatusUnauthorized:
		return validationError("token is invalid")
	case a.status >= http.StatusBadRequest:
		asked, err := json.Marshal(map[string]any{"scopes": c.abilities})
		if err != nil {
			return failed(err)
		}

		return validationError(string(asked))
	}

	told := a.header.Get("X-OAuth-Scopes")
	if told == "" {
		return validationError("missing scopes: " + strings.Join(c.abilities, ","))
	}

	granted, missing := scopeList(told), []string{}

	for _, ability := range c.abilities {
		for _, anyOf := range cloudNeeds(ability, a.header.Get("X-Credential-Type") == "api_token") {
			if slices.ContainsFunc(anyOf, func(scope string) bool { return slices.Contains(granted, scope) }) {
				continue
			}

			words := anyOf[0]
			if a.header.Get("X-Credential-Type") != "api_token" {
				words = "(" + strings.Join(anyOf, " | ") + ")"
			}

			if !slices.Contains(missing, words) {
				missing = append(missing, words)
			}
		}

		if len(missing) > 0 {
			return validationError("missing required scopes: " + strings.Join(missing, " & "))
		}
	}

	return nil
}

// cloudNeeds is what the library wants for an ability: of each list one scope. Those of API tokens include no other.
func cloudNeeds(ability string, apiToken bool) [][]string {
	account, team := []string{"account", "account:read", "account:write"}, []string{"team", "team:write"}
	repository, modern := []string{}, ""

	switch ability {
	case abilityRead:
		repository = []string{"repository:read", "repository:write", "repository:admin"}
		modern = "read:repository read:project read:user read:workspace"
	case abilityWrite:
		repository = []string{"repository:write", "repository:admin"}
		modern = "write:repository read:user read:workspace"
	case abilityCreate:
		repository = []string{"repository:admin"}
		modern = "admin:repository admin:project read:user read:workspace"
	case abilityHooks:
		if !apiToken {
			return [][]string{{"webhook"}}
		}

		modern = "write:webhook delete:webhook"
	}

	if !apiToken {
		return [][]string{repository, account, team}
	}

	var needs [][]string
	for scope := range strings.FieldsSeq(modern) {
		needs = append(needs, []string{fmt.Sprintf("%s:bitbucket", scope)})
	}

	return needs
}
