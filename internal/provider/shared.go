package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// dataFrom takes what Configure of the provider handed over. Terraform asks for schemas without configuring the
// provider; there is nothing then.
func dataFrom(handed any, diags *diag.Diagnostics) *providerData {
	if handed == nil {
		return nil
	}
	data, ok := handed.(*providerData)
	if !ok {
		diags.AddError("Provider is wired wrongly",
			fmt.Sprintf("A block got %T from the provider. Please report this.", handed))
	}

	return data
}

// privateReader and privateWriter are the parts of the framework's private state that are used here; the framework's
// own type is internal to it.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

func noteFrom(ctx context.Context, private privateReader, diags *diag.Diagnostics) note {
	text, problems := private.GetKey(ctx, noteKey)
	diags.Append(problems...)
	if text == nil {
		return note{}
	}

	return readNote(text)
}

func keepNote(ctx context.Context, private privateWriter, n note) diag.Diagnostics {
	text, err := json.Marshal(n)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state could not be made", err.Error()+". Please report "+
			"this.")}
	}

	return private.SetKey(ctx, noteKey, text)
}
