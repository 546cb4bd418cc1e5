package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// The variables that are no Git host's.
const (
	liveKey          = "LIVE_CODEFRESH_API_KEY"
	liveURL          = "LIVE_CODEFRESH_URL"
	liveRuntime      = "LIVE_RUNTIME"
	liveMutations    = "LIVE_MUTATIONS"
	liveRuntimeToken = "LIVE_RUNTIME_TOKEN"

	mutationsYes     = "yes"
	mutationsReplace = "replace"
)

// hostVariables names the environment variables of one Git host.
type hostVariables struct {
	provider gittoken.Provider
	token    string
	apiURL   string
	username string // empty if the host needs none
}

func hosts() []hostVariables {
	return []hostVariables{
		{gittoken.GitHub, "LIVE_GITHUB_TOKEN", "LIVE_GITHUB_API_URL", ""},
		{gittoken.GitLab, "LIVE_GITLAB_TOKEN", "LIVE_GITLAB_API_URL", ""},
		{gittoken.BitbucketServer, "LIVE_BITBUCKET_SERVER_TOKEN", "LIVE_BITBUCKET_SERVER_API_URL", ""},
		{gittoken.BitbucketCloud, "LIVE_BITBUCKET_TOKEN", "LIVE_BITBUCKET_API_URL", "LIVE_BITBUCKET_USERNAME"},
	}
}

// variable is an environment variable with what to put into it.
type variable struct {
	name, use string
	// secret says that the report strikes the value wherever it appears. No other value is printed either, but a short
	// name may be part of an ordinary word.
	secret bool
}

func variables() []variable {
	var all []variable
	for _, h := range hosts() {
		all = append(all, variable{h.token, "a token of " + h.provider.DisplayName(), true})
		if h.provider == gittoken.BitbucketServer {
			all = append(all, variable{h.apiURL, "address of its server, which it needs", false})
		} else {
			all = append(all, variable{h.apiURL, "address of its API, if not the public one", false})
		}

		if h.username != "" {
			all = append(all, variable{h.username, "the account's e-mail address, for an API token", true})
		}
	}

	return append(all,
		variable{liveKey, "an API key of Codefresh", true},
		variable{liveURL, "address of the platform, if not the public one", false},
		variable{liveRuntime, "a runtime whose app-proxy to ask", false},
		variable{liveMutations, `"yes" also registers a token with that runtime, and takes it away again;` + "\n" +
			`"replace" does so even if the key's user has one there, which is lost`, false},
		variable{liveRuntimeToken, "with LIVE_MUTATIONS, becomes that runtime's Git token, and stays", true},
	)
}

// hasAccount says whether there is anything to ask with.
func (s *session) hasAccount() bool {
	for _, h := range hosts() {
		if s.getenv(h.token) != "" {
			return true
		}
	}

	return s.getenv(liveKey) != ""
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Asks real services what the sandbox answers in their place, and compares. It prints no secret and no")
	fmt.Fprintln(w, "name, and changes nothing without LIVE_MUTATIONS. Set at least one token or the API key:")
	fmt.Fprintln(w)

	for _, v := range variables() {
		fmt.Fprintf(w, "  %-30s %s\n", v.name, strings.ReplaceAll(v.use, "\n", "\n"+strings.Repeat(" ", 33)))
	}
}

// randomName returns a name that nobody has chosen for anything.
func randomName() string {
	var b [12]byte

	_, _ = rand.Read(b[:]) // never fails

	return "nobody-" + hex.EncodeToString(b[:])
}
