package gittoken_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestDoubtfulOwners(t *testing.T) {
	t.Parallel()

	server := host(t, gittoken.BitbucketServer, "https://git.example.com")

	for name, doubtful := range map[string]bool{
		"ci-bot": false, "CI.Bot_1": false, "": false, "access-token-user/2/117": false,
		"ci@example.com": true, "ci bot": true, `CORP\ci`: true, "ci+bot": true, "müller": true, "ci/bot": true,
	} {
		if got := server.IsDoubtfulOwner(name); got != doubtful {
			t.Errorf("%q is doubtful: %t", name, got)
		}
	}

	if host(t, gittoken.GitLab, "").IsDoubtfulOwner("ci@example.com") || (gittoken.Host{}).IsDoubtfulOwner("ci bot") {
		t.Error("an owner elsewhere is doubtful")
	}
}

func TestBitbucketTokenID(t *testing.T) {
	t.Parallel()

	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	old := encode("252973515069:" + strings.Repeat("\xf6", 20))
	urlSafe := base64.URLEncoding.EncodeToString([]byte("252973515069:\xff\xfe"))

	tests := map[string]struct {
		token string
		want  string
	}{
		"old form":                     {old, "252973515069"},
		"prefix before the old form":   {"BBDC-" + old, "252973515069"},
		"prefix, another length":       {"BBDC-" + encode("252973515069:abc"), "252973515069"},
		"prefix, no padding":           {"BBDC-" + strings.TrimRight(encode("252973515069:abcd"), "="), "252973515069"},
		"prefix, URL alphabet":         {"BBDC-" + urlSafe, "252973515069"},
		"old form, another length":     {encode("252973515069:abc"), ""},
		"no number":                    {encode(strings.Repeat("x", 12) + ":" + strings.Repeat("y", 20)), ""},
		"part of a number":             {encode("25297x515069:" + strings.Repeat("y", 20)), ""},
		"sign":                         {encode("-52973515069:" + strings.Repeat("y", 20)), ""},
		"no secret":                    {"BBDC-" + encode("252973515069:"), ""},
		"no colon":                     {encode(strings.Repeat("7", 33)), ""},
		"a number too short for one":   {encode("12345:" + strings.Repeat("y", 27)), ""},
		"a number too long for 64 bit": {encode(strings.Repeat("1", 20) + ":" + strings.Repeat("y", 12)), ""},
		"another payload":              {"BBDC-NotBase64!", ""},
		"huge":                         {"BBDC-" + encode("252973515069:"+strings.Repeat("y", 1000)), ""},
		"empty":                        {"", ""},
		"another host's":               {"ghp_0123456789012345678901234567890123456789", ""},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			id, ok := gittoken.BitbucketTokenID(gittoken.NewSecret(test.token))
			if id != test.want || ok != (test.want != "") {
				t.Errorf("BitbucketTokenID = %q, %t, want %q", id, ok, test.want)
			}
		})
	}
}

func FuzzBitbucketTokenID(f *testing.F) {
	for _, seed := range []string{"", "252973515069:secret", "1:2", ":", "x:y", "999999999999999999999:z"} {
		f.Add(base64.StdEncoding.EncodeToString([]byte(seed)))
		f.Add("BBDC-" + base64.StdEncoding.EncodeToString([]byte(seed)))
	}

	f.Add("MjUyOTczNTE1MDY5OvYAAAAAAAAAAAAAAAAAAAAAAAAA")

	f.Fuzz(func(t *testing.T, token string) {
		id, ok := gittoken.BitbucketTokenID(gittoken.NewSecret(token))
		if !ok {
			return
		}

		if strings.Trim(id, "0123456789") != "" || len(id) < 6 || len(id) > 19 {
			t.Errorf("%q is no number", id)
		}
	})
}
