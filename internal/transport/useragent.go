package transport

import "strings"

// UserAgent returns "product/version", followed by what the environment variable TF_APPEND_USER_AGENT holds, as
// Terraform's own providers do. Characters that do not belong into a header become spaces.
func UserAgent(product, version string, getenv func(string) string) string {
	agent := product
	if version != "" {
		agent += "/" + version
	}

	ascii := func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}

		return r
	}

	return strings.Join(strings.Fields(strings.Map(ascii, agent+" "+getenv("TF_APPEND_USER_AGENT"))), " ")
}
