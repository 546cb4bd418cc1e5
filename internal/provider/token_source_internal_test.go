package provider

import (
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

func TestTokenOf(t *testing.T) {
	t.Parallel()

	tokens := types.MapValueMust(types.StringType, map[string]attr.Value{
		"ci": types.StringValue("named"), "null": types.StringNull(), "later": types.StringUnknown(),
	})

	unknown := types.StringUnknown()
	for name, test := range map[string]struct {
		m      tokenModel
		tokens types.Map
		text   string
		known  bool
		err    error
	}{
		"none":                {m: tokenModel{}, tokens: tokens},
		"token":               {m: tokenModel{Token: types.StringValue("a")}, text: "a", known: true},
		"token, unknown":      {m: tokenModel{Token: unknown}},
		"write-only":          {m: tokenModel{TokenWO: types.StringValue("b")}, text: "b", known: true},
		"write-only, unknown": {m: tokenModel{TokenWO: unknown}},
		"named": {
			m: tokenModel{TokenName: types.StringValue("ci")}, tokens: tokens, text: "named", known: true,
		},
		"named, name unknown":  {m: tokenModel{TokenName: unknown}, tokens: tokens},
		"named, token unknown": {m: tokenModel{TokenName: types.StringValue("later")}, tokens: tokens},
		"named, tokens unknown": {
			m: tokenModel{TokenName: types.StringValue("x")}, tokens: types.MapUnknown(types.StringType),
		},
		"named, null":      {m: tokenModel{TokenName: types.StringValue("null")}, tokens: tokens, err: errNoSuchName},
		"named, missing":   {m: tokenModel{TokenName: types.StringValue("x")}, tokens: tokens, err: errNoSuchName},
		"named, no tokens": {m: tokenModel{TokenName: types.StringValue("ci")}, err: errNoSuchName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := &providerData{gitTokens: test.tokens, redactor: redact.New()}

			got, err := d.tokenOf(&test.m)
			if !errors.Is(err, test.err) || got.Known != test.known || !got.Secret.Equal(gittoken.NewSecret(test.text)) {
				t.Errorf("known %t, right token %t, error %v", got.Known, got.Secret.Equal(gittoken.NewSecret(test.text)), err)
			}
		})
	}
}
