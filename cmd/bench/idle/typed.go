package idle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// VariantVariable is the environment variable that names the variant of donothing_typed.
const VariantVariable = "BENCH_VARIANT"

// Variant is a resource that shows what a type of attribute costs. All of them have a name, and texts beside what is
// special.
type Variant struct {
	Name, Description string

	texts   int
	special int                     // how many attributes are special
	of      func() schema.Attribute // each of them; nil for none
}

// Variants returns all variants. The first one is what the others are compared with.
func Variants() []Variant {
	row := schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{}}
	for _, name := range []string{"url", "access", "source", "result", "reason"} {
		row.Attributes[name] = schema.StringAttribute{Computed: true}
	}

	return []Variant{
		{Name: "texts", Description: "25 strings", texts: 24},
		{Name: "few", Description: "8 strings", texts: 7},
		{Name: "sets", Description: "21 strings, 4 sets of 1", texts: 20, special: 4, of: func() schema.Attribute {
			return schema.SetAttribute{Computed: true, ElementType: types.StringType}
		}},
		{Name: "lists", Description: "21 strings, 4 lists of 1", texts: 20, special: 4, of: func() schema.Attribute {
			return schema.ListAttribute{Computed: true, ElementType: types.StringType}
		}},
		{Name: "rows", Description: "24 strings, 1 list of 2 objects", texts: 23, special: 1, of: func() schema.Attribute {
			return schema.ListNestedAttribute{Computed: true, NestedObject: row}
		}},
		{Name: "sensitive", Description: "21 strings, 4 sensitive ones", texts: 20, special: 4, of: func() schema.Attribute {
			return schema.StringAttribute{Computed: true, Sensitive: true}
		}},
	}
}

// typed is donothing_typed.
type typed struct{ variant string }

func (typed) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_typed"
}

func (t typed) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := map[string]schema.Attribute{"name": schema.StringAttribute{Required: true}}

	for _, v := range Variants() {
		if v.Name != t.variant {
			continue
		}

		for i := range v.texts {
			all[fmt.Sprintf("text_%d", i)] = schema.StringAttribute{Computed: true}
		}

		for i := range v.special {
			all[fmt.Sprintf("special_%d", i)] = v.of()
		}
	}

	resp.Schema = schema.Schema{Attributes: all}
}

func (typed) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State, false)...)
}

func (typed) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (typed) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State, false)...)
}

func (typed) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
