package acceptance_test

import "strings"

// What is certain to be wrong before anything is asked.

func badTokens() []inputCase {
	github := set("git_provider", "github")

	const ways = "token (kept in the state as a sensitive value), token_wo"

	return []inputCase{
		{"two", runtimeToken, []string{github, set("token", inputGitHub), set("token_name", "ci")}, []string{
			"More than one Git token", "token and token_name", "Keep one of " + ways,
		}},
		{"three", userToken, []string{
			github, set("token", inputGitHub), set("token_wo", inputGitHub), set("token_name", "ci"),
		}, []string{"More than one Git token", "token_wo and token_name", "Keep one of " + ways}},
		{"none", userToken, []string{github}, []string{"Git token is missing", "Set one of " + ways}},
		{"version_of_nothing", runtimeToken, []string{
			github, set("token", inputGitHub), set("token_wo_version", "2"),
		}, []string{"token_wo_version", "Set token_wo, or remove token_wo_version"}},
	}
}

// badValues has what ignore_changes might yet ignore: the plan refuses it, and not the look at the configuration that
// comes before.
func badValues() []inputCase {
	github, gitlab := set("git_provider", "github"), set("git_provider", "gitlab")
	token := func(lines ...string) []string {
		return append(lines, set("git_provider", "github"), set("token", inputGitHub))
	}

	return []inputCase{
		{"other_host", runtimeToken, []string{gitlab, set("token", inputGitHub)}, []string{
			"The value of token cannot be a Git token", `it is a token of GitHub, but git_provider is "gitlab"`,
			"Correct git_provider",
		}},
		{"other_host_written_only", userToken, []string{github, set("token_wo", inputGitLab)}, []string{
			"The value of token_wo cannot be a Git token", `it is a token of GitLab, but git_provider is "github"`,
		}},
		{"no_credential", userToken, []string{gitlab, set("token", inputDeploy)}, []string{
			"The value of token", "a GitLab deploy token, which opens no API", "Use a personal access token",
		}},
		{"newline", runtimeToken, []string{github, set("token", inputGitHub+"\n")}, []string{
			"The value of token", "ends with a line break", "trimspace()",
		}},
		{"newline_written_only", runtimeToken, []string{github, set("token_wo", inputGitHub+"\r\n")}, []string{
			"The value of token_wo", "ends with a line break", "trimspace()",
		}},
		{"space", runtimeToken, []string{github, set("token", " "+inputGitHub)}, []string{
			"The value of token", "starts or ends with white space", "trimspace()",
		}},
		{"newline_without_provider", userToken, []string{set("token", inputGitHub+"\n")}, []string{
			"The value of token", "ends with a line break", "trimspace()",
		}},
		{"control", runtimeToken, []string{github, `token = "` + inputGitHub + `\u001b[2J"`}, []string{
			"The value of token", "has a control character in it",
		}},
		{"ten_kilobytes", userToken, []string{github, set("token_wo", strings.Repeat(inputGitHub, 250))}, []string{
			"The value of token_wo", "is longer than any token",
		}},
		{"blank", userToken, []string{github, set("token_wo", "\n")}, []string{
			"The value of token_wo", "is empty", "a variable, secret or file may be missing",
		}},
		{"api_url_page", runtimeToken, token(set("api_url", "https://github.com/owner/repository")), []string{
			"api_url", "is a page of the site", "Set api_url to the address of the host's API",
		}},
		{"api_url_host", runtimeToken, token(set("api_url", "https://git_ü.example.com")), []string{
			"api_url", "host name or port that cannot be", "Set api_url to the address of the host's API",
		}},
		{"key_newline", userToken, token(set("api_key", inputKey+"\n")), []string{"api_key", "trimspace()"}},
		{"key_empty", userToken, token(set("api_key", "")), []string{"api_key", "is empty"}},
	}
}

func badAddresses() []inputCase {
	token := func(lines ...string) []string {
		return append(lines, set("git_provider", "github"), set("token", inputGitHub))
	}

	return []inputCase{
		{"api_url_unparsable", runtimeToken, token(set("api_url", "https://git.example.com:port")), []string{
			"api_url", "starts with https://", "Example: https://git.example.com",
		}},
		{"api_url_bare", userToken, token(set("api_url", "git.example.com")), []string{"api_url", "starts with https://"}},
		{"api_url_query", userToken, token(set("api_url", "https://git.example.com?token="+inputGitHub)), []string{
			"api_url", "no query",
		}},
		{
			"api_url_password", runtimeToken, token(set("api_url", "https://bot:"+inputPassword+"@git.example.com")),
			[]string{"api_url", "holds no user name or password"},
		},
		{"app_proxy_url_unparsable", runtimeToken, token(set("app_proxy_url", "https://[::1")), []string{
			"app_proxy_url", "starts with https://",
		}},
		{
			"app_proxy_url_password", userToken, token(set("app_proxy_url", "https://x:"+inputPassword+"@proxy.example.com")),
			[]string{"app_proxy_url", "holds no user name or password"},
		},
		// A / in a password ends the host, as parsers see it.
		{
			"app_proxy_url_slash", userToken, token(set("app_proxy_url", "https://x:9/"+inputPassword+"@proxy.example.com")),
			[]string{"app_proxy_url", "holds no user name or password"},
		},
	}
}

func badWords() []inputCase {
	repository := func(address string) string {
		return "repositories = [{\n" + set("url", address) + "\n" + set("access", "read") + "\n}]"
	}
	token := func(lines ...string) []string {
		return append(lines, set("git_provider", "github"), set("token", inputGitHub))
	}

	return []inputCase{
		{"hint", runtimeToken, token(set("expires_at_hint", "next spring")), []string{
			"expires_at_hint", `such as "2027-01-31"`, `"next spring"`,
		}},
		{"hint_day", userToken, token(set("expires_at_hint", "2027-02-30")), []string{"expires_at_hint", "2027-02-30"}},
		{"validation", runtimeToken, token(set("validation", "strict")), []string{
			"validation", `one of "enforce", "warn", "skip"`, `"strict"`,
		}},
		{"no_such_provider", runtimeToken, []string{set("git_provider", "gitea"), set("token", inputGitHub)}, []string{
			"git_provider", `one of "github", "gitlab", "bitbucket-server", "bitbucket"`, `"gitea"`,
		}},
		{"no_scopes", runtimeToken, token("required_scopes = []"), []string{
			"required_scopes", "at least one scope", "Leave it out",
		}},
		{"blank_scope", userToken, token(`required_scopes = ["repo "]`), []string{
			"required_scopes", "without white space", "Leave it out",
		}},
		{"access", userToken, token(`repositories = [{ url = "https://github.com/a/b", access = "push" }]`), []string{
			"repositories[0].access", `one of "read", "write", "admin"`, `"push"`,
		}},
		{"no_repository", userToken, token(repository("")), []string{
			"repositories[0].url", "Example: https://git.example.com/owner/repository",
		}},
		{"repository_elsewhere", runtimeToken, token(
			set("api_url", "https://git.example.com"), repository("https://github.com/owner/repository"),
		), []string{"repositories[0].url is not at the token's Git host", "https://git.example.com/owner/repository"}},
		{"repository_copied", userToken, token(
			set("api_url", "https://[fd00::1]:8443/api/v3"), repository("git@[fd00::2]:owner/repository.git"),
		), []string{"repositories[0].url is not at the token's Git host"}},
		{"repository_relative", userToken, token(repository("owner/repository")), []string{
			"repositories[0].url", "with its host", "Example: https://git.example.com/owner/repository",
		}},
		{"repository_password", runtimeToken, token(
			repository("https://bot:" + inputPassword + "@git.example.com/a/b"),
		), []string{"repositories[0].url", "without a password"}},
		{"repository_token", userToken, token(repository("https://" + inputGitHub + "@github.com/a/b.git")), []string{
			"repositories[0].url", "without a password, a token",
		}},
		{"repository_query", userToken, token(
			repository("https://git.example.com/a/b?private_token=" + inputGitLab),
		), []string{"repositories[0].url", "a query"}},
		{"no_runtime", userToken, token(set("runtime", "")), []string{"runtime", "at least 1"}},
	}
}

// strayedSecrets has secrets in attributes that are no place for one: nothing repeats them, and nobody prints their
// lines.
func strayedSecrets() []inputCase {
	const says = "looks like a credential"

	named := func(lines ...string) []string {
		return append(lines, set("git_provider", "github"), set("token_name", "ci"))
	}
	token := func(lines ...string) []string {
		return append(lines, set("git_provider", "github"), set("token", inputGitHub))
	}
	userinfo := "https://bot:" + inputPassword + "@git.example.com"
	pem := func(kind string) string {
		return "ca_certificate = <<-EOT\n-----BEGIN " + kind + "-----\n" + inputKeyText + "\n-----END " + kind + "-----\nEOT"
	}
	key := set("api_key", inputKey)

	return []inputCase{
		{"strayed_name", runtimeToken, []string{set("token_name", inputGitHub)}, []string{"token_name " + says}},
		{"strayed_provider", runtimeToken, []string{set("git_provider", inputGitLab), set("token_name", "ci")}, []string{
			"git_provider must be one of", `"(redacted)"`,
		}},
		{"strayed_validation", userToken, named(set("validation", inputGitHub)), []string{"validation must be one of"}},
		{"strayed_hint", userToken, named(set("expires_at_hint", inputGitHub)), []string{"expires_at_hint must be a date"}},
		{"strayed_page", runtimeToken, named(set("api_url", "https://github.com/"+inputGitHub+"/repository")), []string{
			"api_url " + says,
		}},
		{"strayed_scope", userToken, named(`required_scopes = ["repo", "` + inputGitHub + `"]`), []string{
			"required_scopes " + says,
		}},
		{"strayed_blank_scope", userToken, named(`required_scopes = ["` + inputGitHub + ` "]`), []string{
			"required_scopes must name at least one scope",
		}},
		{"strayed_runtime", runtimeToken, named(set("runtime", inputGitHub)), []string{"runtime " + says}},
		{"strayed_integration", userToken, named(set("integration", inputKey)), []string{"integration " + says}},
		{"strayed_version", userToken, []string{
			set("git_provider", "github"), set("token_wo", inputGitHub), set("token_wo_version", inputGitHub),
		}, []string{"token_wo_version " + says}},
		{"strayed_username", userToken, token(set("username", userinfo)), []string{"username " + says}},
		{"strayed_access", userToken, token(
			`repositories = [{ url = "https://github.com/a/b", access = "` + inputGitHub + `" }]`,
		), []string{"repositories[0].access must be one of"}},
		// Beside the access that is wrong, on the line that would be printed.
		{"strayed_repository", userToken, named(
			`repositories = [{ url = "https://github.com/a/` + inputGitHub + `", access = "push" }]`,
		), []string{"repositories[0].access must be one of", `"push"`}},
		{"strayed_proxy", userToken, named(set("app_proxy_url", "https://proxy.example.com/"+inputKey)), []string{
			"app_proxy_url " + says,
		}},
		{"strayed_context", "", []string{key, set("context", inputGitHub)}, []string{"context " + says}},
		{"strayed_unreachable", "", []string{key, set("on_unreachable", inputKey)}, []string{
			"on_unreachable must be one of",
		}},
		{"strayed_timeout", "", []string{key, set("request_timeout", inputKey)}, []string{"request_timeout must be"}},
		{"ca_key", "", []string{key, pem("RSA PRIVATE KEY")}, []string{
			"ca_certificate holds a private key", "Take the key out",
		}},
		{"ca_mark", "", []string{key, set("ca_certificate", "\ufeff-----BEGIN CERTIFICATE-----")}, []string{
			"byte order mark", "Save the file as UTF-8",
		}},
	}
}

func badProviderBlocks() []inputCase {
	key := set("api_key", inputKey)

	return []inputCase{
		{"key_newline", "", []string{set("api_key", inputKey+"\n")}, []string{"api_key", "line break", "trimspace()"}},
		{"key_mark", "", []string{set("api_key", "\ufeff"+inputKey)}, []string{
			"api_key", "byte order mark", "without a mark",
		}},
		{"key_empty", "", []string{set("api_key", "")}, []string{"api_key", "is empty", "leave api_key out"}},
		// One who swaps two variables should not have a Git token sent to Codefresh.
		{"key_git", "", []string{set("api_key", inputGitHub)}, []string{"api_key"}},
		{"url_unparsable", "", []string{key, set("url", "https://code fresh.example.com")}, []string{
			"url", "starts with https://", "Example: https://",
		}},
		{"url_scheme", "", []string{key, set("url", "ftp://codefresh.example.com")}, []string{"url", "starts with https://"}},
		{"url_password", "", []string{key, set("url", "https://me:"+inputPassword+"@codefresh.example.com")}, []string{
			"url", "holds no user name or password",
		}},
		{"timeout_word", "", []string{key, set("request_timeout", "soon")}, []string{"request_timeout", `"30s"`, `"soon"`}},
		{"timeout_unit", "", []string{key, set("request_timeout", "30")}, []string{"request_timeout", `"30s"`, `"30"`}},
		{"timeout_negative", "", []string{key, set("request_timeout", "-5s")}, []string{"request_timeout", `"-5s"`}},
		{"timeout_zero", "", []string{key, set("request_timeout", "0s")}, []string{"request_timeout", `"0s"`}},
		{"retries", "", []string{key, "max_retries = 99"}, []string{"max_retries", "between 0 and 10", "99"}},
		{"unreachable", "", []string{key, set("on_unreachable", "ignore")}, []string{
			"on_unreachable", `one of "warn", "error"`, `"ignore"`,
		}},
		{"validation", "", []string{key, set("validation", "strict")}, []string{
			"validation", `one of "enforce", "warn", "skip"`, `"strict"`,
		}},
		{"warning_days", "", []string{key, "expiry_warning_days = -1"}, []string{"expiry_warning_days", "-1"}},
	}
}
