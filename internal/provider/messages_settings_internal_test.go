package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp/syntax"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func settingMessages() []shown {
	ctx := context.Background()
	_, badExpression := syntax.Parse("prod[", syntax.Perl)
	in := func(when string, m message, says ...string) shown {
		return shown{section: "settings", when: when, messages: m, says: says}
	}
	all := []shown{
		in("API key", apiKeyUnusable(), "trimspace()"),
		in("CA certificate", caCertificateUnusable(), "PEM"),
		in("file", settingsUnusable(&codefresh.SettingsError{Setting: "CFCONFIG", Problem: "names x, which does not exist"}),
			"CFCONFIG names x, which does not exist"),
		in("insecure", settingsUnusable(&codefresh.Error{
			Kind: codefresh.Insecure, Service: codefresh.Platform,
			Address: "http://codefresh.example.com",
		}), "allow_http", "http://codefresh.example.com"),
		in("variable", validationVariableUnusable("sure"), "CODEFRESH_GIT_VALIDATION", `"sure"`, "enforce, warn or skip"),
		in("no token", tokenAttributes(nil), "token_wo", "token_name"),
		in("two tokens", tokenAttributes([]string{"token", "token_wo"}), "token and token_wo are set"),
		in("three tokens", tokenAttributes([]string{"token", "token_wo", "token_name"}), "token_name"),
		in("name", noSuchTokenName("ci"), `"ci"`, "git_tokens"),
		in("import", importIDUnusable(), "<runtime>/<integration>"),
		in("randomness", noRandomness(errors.New("no entropy")), "No entropy", "Restore it"),
		in("address", webAddressUnusable("api_url", webAddress{}.Description(ctx)), "holds no user name"),
		in("repository", repositoryUnusable("repositories[0].url", repositoryAddress{}.Description(ctx)), "clone address"),
		in("duration", durationUnusable("request_timeout", positiveDuration{}.Description(ctx), "30"), `"30"`),
		in("expression", expressionUnusable("name_regex", regularExpression{}.Description(ctx), badExpression), "RE2"),
		in("date", dayUnusable("expires_at_hint", dayOrTime{}.Description(ctx), "31.01.2027"), `"31.01.2027"`),
		in("scopes", scopesUnusable("required_scopes", scopeWords{}.Description(ctx)), "white space", "Leave it out"),
		in("version", versionWithoutToken(), "Set token_wo"),
		in("kind", kindElsewhere(gittoken.GitLab, gittoken.KindClassic), "GitLab", `"classic"`, "personal"),
	}
	for _, err := range []error{
		errNoGitProvider, errOwnServer, gittoken.ErrNoAPIURL, gittoken.ErrUnknownProvider,
		&gittoken.URLError{Problem: gittoken.URLCredentials},
		&gittoken.URLError{Problem: gittoken.URLPage, URL: "https://github.com"},
	} {
		_, m := explainHost(err, "prod")
		all = append(all, in("host: "+err.Error(), m))
	}
	for _, problem := range []gittoken.ShapeProblem{
		gittoken.ShapeEmpty, gittoken.ShapeTrailingNewline, gittoken.ShapeSpaceAround, gittoken.ShapeSpaceInside,
		gittoken.ShapeControl, gittoken.ShapeNonASCII, gittoken.ShapeTooLong, gittoken.ShapeOtherProvider,
		gittoken.ShapeNoCredential,
	} {
		err := &gittoken.ShapeError{Problem: problem}
		switch problem {
		case gittoken.ShapeOtherProvider:
			err.Belongs = "GitLab"
		case gittoken.ShapeNoCredential:
			err.Belongs = "a GitLab deploy token"
		default:
		}
		all = append(all, in("shape: "+string(problem), explainToken(gittoken.GitHub, "token", err), "The value of token"))
	}

	return all
}

func TestExplainHostNamesTheAttribute(t *testing.T) {
	t.Parallel()

	for err, want := range map[error]string{
		errNoGitProvider: "git_provider",
		fmt.Errorf("wrapped: %w", errNoGitProvider):          "git_provider",
		gittoken.ErrNoAPIURL:                                 "api_url",
		&gittoken.URLError{Problem: gittoken.URLCredentials}: "api_url",
	} {
		if got, _ := explainHost(err, "prod"); got != want {
			t.Errorf("%v: attribute %s, want %s", err, got, want)
		}
	}
}

func TestExplainTokenInNamesWhereItComesFrom(t *testing.T) {
	t.Parallel()

	shape := &gittoken.ShapeError{Problem: gittoken.ShapeEmpty}
	for want, m := range map[string]tokenModel{
		"The value of token cannot":              {Token: types.StringValue("")},
		"The value of token_wo cannot":           {TokenWO: types.StringValue("")},
		`The value of git_tokens["ci"] cannot`:   {TokenName: types.StringValue("ci")},
		`The value of git_tokens["a\"b"] cannot`: {TokenName: types.StringValue(`a"b`)},
	} {
		if got := explainTokenIn(&m, gittoken.GitHub, shape).detail; len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%q does not begin with %q", got, want)
		}
	}
}

func TestSettingsUnusableKeepsTheReason(t *testing.T) {
	t.Parallel()

	const want = "Cannot tell which Codefresh to ask: x cannot be read. Correct it, or set url and api_key in the " +
		"provider block."
	if got := settingsUnusable(errors.New("x cannot be read")).detail; got != want {
		t.Error(got)
	}
}
