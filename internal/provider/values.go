package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}

	return types.StringValue(s)
}

func noScopes() types.Set { return types.SetNull(types.StringType) }

func scopeSet(scopes []gittoken.Scope) types.Set {
	words := make([]attr.Value, 0, len(scopes))
	for _, s := range slices.Compact(slices.Sorted(slices.Values(scopes))) {
		words = append(words, types.StringValue(string(s)))
	}

	return types.SetValueMust(types.StringType, words)
}

// scopesIn returns the known scopes of a set; nil if the set is null or unknown.
func scopesIn(set types.Set) []gittoken.Scope {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}

	known := make([]gittoken.Scope, 0, len(set.Elements()))
	for _, element := range set.Elements() {
		if word, ok := element.(types.String); ok && !word.IsUnknown() {
			known = append(known, gittoken.Scope(word.ValueString()))
		}
	}

	return known
}

// codefreshWord is what the schema's codefresh_status says.
func codefreshWord(s codefresh.TokenStatus) types.String {
	if s == "" {
		s = codefresh.TokenUnknown
	}

	return types.StringValue(string(s))
}

// parseDay reads a date, which means its start in UTC as hosts with dates for expiries mean it, or a time.
func parseDay(text string) (time.Time, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}

	return time.Parse(time.RFC3339, text)
}
