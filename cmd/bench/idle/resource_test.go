package idle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// attribute is what makes an attribute large or costly; descriptions, which only documentation needs, do not.
type attribute struct {
	Type                                               string
	Required, Optional, Computed, Sensitive, WriteOnly bool
	Nested                                             map[string]attribute
}

func describe(attributes []*tfprotov6.SchemaAttribute) map[string]attribute {
	all := map[string]attribute{}

	for _, a := range attributes {
		d := attribute{
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			d.Type, d.Nested = a.NestedType.Nesting.String(), describe(a.NestedType.Attributes)
		} else {
			d.Type = a.Type.String()
		}

		all[a.Name] = d
	}

	return all
}

func resourceSchema(
	t *testing.T, factory func() (tfprotov6.ProviderServer, error), resource string,
) map[string]attribute {
	t.Helper()

	server, err := factory()
	if err != nil {
		t.Fatal(err)
	}

	resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	for _, d := range resp.Diagnostics {
		t.Fatal(d.Summary, d.Detail)
	}

	s := resp.ResourceSchemas[resource]
	if s == nil {
		t.Fatalf("no resource %s", resource)
	}

	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}

	all := describe(s.Block.Attributes)

	identity := identities.IdentitySchemas[resource]
	if identity == nil {
		return all
	}

	for _, a := range identity.IdentityAttributes {
		all["identity: "+a.Name] = attribute{
			Type: a.Type.String(), Required: a.RequiredForImport, Optional: a.OptionalForImport,
		}
	}

	return all
}

func TestSchemaIsThatOfTheRealResource(t *testing.T) {
	t.Parallel()

	codefresh := func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test", provider.System()) }
	want := resourceSchema(t, codefresh, "codefresh_git_user_token")

	got := resourceSchema(t, providerserver.NewProtocol6WithError(Provider{}), "donothing_git_user_token")
	if len(want) == 0 {
		t.Fatal("the real resource has no attributes")
	}

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-codefresh +donothing):\n%s", diff)
	}
}

// Variants differ in what is special about them alone.
func TestVariants(t *testing.T) {
	t.Parallel()

	const attributes = 25

	for i, v := range Variants() {
		got := resourceSchema(t, providerserver.NewProtocol6WithError(Provider{Variant: v.Name}), "donothing_typed")
		if v.Name != "few" && len(got) != attributes {
			t.Errorf("%s has %d attributes", v.Name, len(got))
		}

		special := 0

		for name := range got {
			if strings.HasPrefix(name, "special_") {
				special++
			}
		}

		if special != v.special || (i == 0) != (v.Name == "texts") {
			t.Errorf("%s: %d special ones, at %d", v.Name, special, i)
		}
	}
}
