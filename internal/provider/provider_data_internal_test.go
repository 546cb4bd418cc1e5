package provider

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

// Whose key is refused, and by whom, is said with where both are from: the URL's source tells nothing of an app-proxy.
func TestRefusedKeyIsSaidWithItsSources(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		service, url, want string
	}{
		{codefresh.Platform, codefresh.SourceDefault, "The key is that of CF_API_KEY, and no URL is set. "},
		{codefresh.Platform, "CF_URL", "The key is that of CF_API_KEY, and the URL that of CF_URL. "},
		{codefresh.Platform, "CF_API_KEY", "The key is that of CF_API_KEY. "},
		{codefresh.AppProxy, "CF_URL", "The key is that of CF_API_KEY. "},
	} {
		d := &providerData{settings: codefresh.Settings{KeySource: "CF_API_KEY", URLSource: test.url}}
		refused := &codefresh.Error{Kind: codefresh.KeyRefused, Service: test.service, Address: "https://h.example.com"}

		if got := d.explain(refused, "prod").Detail; !strings.HasPrefix(got, test.want) {
			t.Errorf("%s, %s: %q", test.service, test.url, got)
		}
	}
}
