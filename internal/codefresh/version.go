package codefresh

import (
	"context"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/appproxyapi"
)

// AppProxyVersion asks a runtime's app-proxy which version it is: the question that costs it least. Nothing is
// remembered.
func (c *Client) AppProxyVersion(ctx context.Context, runtimeName, appProxyURL string) (string, error) {
	call, err := c.atAppProxy(c.settings.APIKey, runtimeName, appProxyURL, field{name: "versionInfo"})
	if err != nil {
		return "", err
	}

	data, err := appproxyapi.VersionInfo(ctx, call)
	if err != nil {
		return "", err
	}

	return c.transport.Printable(data.VersionInfo.Version), nil
}
