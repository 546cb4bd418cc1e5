package message

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

func settingMessages(t *testing.T) []shown {
	t.Helper()

	_, badExpression := syntax.Parse("prod[", syntax.Perl)
	in := func(when string, m Message, says ...string) shown {
		return shown{section: "settings", when: when, messages: m, says: says}
	}

	all := []shown{
		in("API key", APIKeyUnusable(), "trimspace()"),
		in("CA certificate", CACertificateUnusable(), "PEM"),
		in("CA key", CACertificateIsKey(), "private key", "PEM"),
		in("CA mark", CACertificateMarked(), "byte order mark", "U+FEFF"),
		in("misplaced", CredentialMisplaced("token_name"), "value of token_name looks like a credential", "git_tokens"),
		in("word", WordUnusable("access", MustBeOneOf([]string{"read", "write"}), "push"), `"read", "write"`, `"push"`),
		in("file", SettingsUnusable(&codefresh.SettingsError{Setting: "CFCONFIG", Problem: "names x, which does not exist"}),
			"CFCONFIG names x, which does not exist"),
		in("insecure", SettingsUnusable(&codefresh.Error{
			Kind: codefresh.Insecure, Service: codefresh.Platform,
			Address: "http://codefresh.example.com",
		}), "allow_http", "http://codefresh.example.com"),
		in("variable", ValidationVariableUnusable("CODEFRESH_GIT_VALIDATION", "sure"), "CODEFRESH_GIT_VALIDATION",
			`"sure"`, "enforce, warn or skip"),
		in("no token", TokenAttributes(nil), "token_wo", "token_name"),
		in("two tokens", TokenAttributes([]string{"token", "token_wo"}), "token and token_wo are set"),
		in("three tokens", TokenAttributes([]string{"token", "token_wo", "token_name"}), "token_name"),
		in("name", NoSuchTokenName("ci"), `"ci"`, "git_tokens"),
		in("name gone", TokenNameGone("ci"), `"ci"`, "Codefresh keeps the token"),
		in("before a destroy", DestroyAnyway(NoSuchTokenName("ci")), "terraform destroy -refresh=false"),
		in("before a destroy, of others", DestroyAll(NoSuchTokenName("ci")), "destroy of what was applied"),
		in("ignored", TokenIgnored(), "ignore_changes"),
		in("empty", TokenEmpty("token"), "value of token is empty", "Codefresh keeps the token"),
		in("import", ImportIDUnusable(), "<runtime>/<integration>"),
		in("randomness", NoRandomness(errors.New("no entropy")), "No entropy", "Restore it"),
		in("address", WebAddressUnusable("api_url"), "holds no user name"),
		in("repository", RepositoryUnusable("repositories[0].url"), "clone address"),
		in("repository elsewhere", RepositoryElsewhere("repositories[0].url", hostOf(t, gittoken.GitHub, "")),
			"repositories[0].url is not", "https://github.com/owner/repository"),
		in("repository elsewhere, Data Center",
			RepositoryElsewhere("repositories[0].url", hostOf(t, gittoken.BitbucketServer, "https://git.example.com")),
			"https://git.example.com/projects/KEY/repos/repository"),
		in("duration", DurationUnusable("request_timeout", MustBeDuration, "30"), `"30"`),
		in("duration", DurationUnusable("wait_for_runtime", MustBeDurationOrZero, "-1m"), `"-1m"`, `or "0s"`),
		in("expression", ExpressionUnusable("name_regex", badExpression), "RE2"),
		in("date", DayUnusable("expires_at_hint", "31.01.2027"), `"31.01.2027"`),
		in("scopes", ScopesUnusable("required_scopes"), "white space", "Leave it out"),
		in("version", VersionWithoutToken(), "Set token_wo"),
		in("kind", KindElsewhere(gittoken.GitLab, gittoken.KindClassic), "GitLab", `"classic"`, "personal"),
	}
	for _, err := range []error{
		registration.ErrNoGitProvider, registration.ErrForeignProvider, registration.ErrOwnServer, gittoken.ErrNoAPIURL,
		gittoken.ErrUnknownProvider,
		&gittoken.URLError{Problem: gittoken.URLCredentials},
		&gittoken.URLError{Problem: gittoken.URLPage, URL: "https://github.com"},
	} {
		_, m := ExplainHost(err, "prod")
		all = append(all, in("host: "+err.Error(), m))
	}

	for _, problem := range []gittoken.ShapeProblem{
		gittoken.ShapeEmpty, gittoken.ShapeTrailingNewline, gittoken.ShapeSpaceAround, gittoken.ShapeSpaceInside,
		gittoken.ShapeControl, gittoken.ShapeNonASCII, gittoken.ShapeTooLong, gittoken.ShapeOtherProvider,
		gittoken.ShapeNoCredential, gittoken.ShapeQuoted, gittoken.ShapeJSON, gittoken.ShapeMasked,
		gittoken.ShapePlaceholder, gittoken.ShapeAssigned, gittoken.ShapeHeader, gittoken.ShapePair, gittoken.ShapeURL,
	} {
		err := &gittoken.ShapeError{Problem: problem}
		switch problem {
		case gittoken.ShapeOtherProvider:
			err.Belongs = "GitLab"
		case gittoken.ShapeNoCredential:
			err.Belongs = "a GitLab deploy token"
		default:
		}

		all = append(all, in("shape: "+string(problem), ExplainToken(gittoken.GitHub, "token", err), "The value of token"))
	}

	return all
}

func TestExplainHostNamesTheAttribute(t *testing.T) {
	t.Parallel()

	for err, want := range map[error]string{
		registration.ErrNoGitProvider:                            "git_provider",
		fmt.Errorf("wrapped: %w", registration.ErrNoGitProvider): "git_provider",
		gittoken.ErrNoAPIURL:                                     "api_url",
		&gittoken.URLError{Problem: gittoken.URLCredentials}:     "api_url",
	} {
		if got, _ := ExplainHost(err, "prod"); got != want {
			t.Errorf("%v: attribute %s, want %s", err, got, want)
		}
	}
}

func TestSettingsUnusableKeepsTheReason(t *testing.T) {
	t.Parallel()

	const want = "Cannot tell which Codefresh to ask: x cannot be read. Correct it, or set url and api_key in the " +
		"provider block."
	if got := SettingsUnusable(errors.New("x cannot be read")).Detail; got != want {
		t.Error(got)
	}
}
