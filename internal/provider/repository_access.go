package provider

import (
	"cmp"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
)

// Words of repository_access.
const (
	sourceConfiguration = "configuration"
	resultProved        = "proved"
	resultDenied        = "denied"
)

func accessType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"url": types.StringType, "access": types.StringType, "source": types.StringType, "result": types.StringType,
		"reason": types.StringType,
	}}
}

// accessList returns the attribute repository_access; null if no repository was asked about.
func accessList(all []gittoken.RepositoryAccess) types.List {
	if len(all) == 0 {
		return types.ListNull(accessType())
	}

	rows := make([]attr.Value, 0, len(all))
	for _, a := range all {
		rows = append(rows, types.ObjectValueMust(accessType().AttrTypes, map[string]attr.Value{
			"url":    types.StringValue(a.Need.URL),
			"access": types.StringValue(string(cmp.Or(a.Need.Access, gittoken.Read))),
			"source": types.StringValue(cmp.Or(string(a.Need.Source), sourceConfiguration)),
			"result": types.StringValue(map[gittoken.Outcome]string{
				gittoken.Proven: resultProved, gittoken.Denied: resultDenied, gittoken.Undetermined: "unproved",
			}[a.Outcome]),
			"reason": textOrNull(message.AccessReason(a)),
		}))
	}

	return types.ListValueMust(accessType(), rows)
}

// withEarlierProofs returns now, the repository_access of a judgement, with what before has of proofs at repositories
// that the judgement got no answer about. denied says that a refusal is among them.
func withEarlierProofs(now, before types.List, j gittoken.Judgement) (all types.List, denied bool) {
	earlier := make(map[repositoryRow]attr.Value)

	for _, element := range before.Elements() {
		if row := rowOfRepository(element); row.isProof() {
			earlier[row.place()] = element
		}
	}

	var rows []attr.Value

	keep := func(element attr.Value) {
		rows = append(rows, element)
		denied = denied || rowOfRepository(element).result == resultDenied
	}

	for i, element := range now.Elements() {
		at := rowOfRepository(element).place()
		proof, proved := earlier[at]
		delete(earlier, at)

		if proved && j.Access[i].Unanswered() {
			keep(proof)
		} else {
			rows = append(rows, element)
		}
	}

	for _, element := range before.Elements() {
		row := rowOfRepository(element)
		if _, left := earlier[row.place()]; left && j.UsedUnknown && row.source != sourceConfiguration {
			keep(element)
		}
	}

	if len(rows) == 0 {
		return now, false
	}

	return types.ListValueMust(accessType(), rows), denied
}

// repositoryRow is an element of repository_access.
type repositoryRow struct{ url, access, source, result string }

// place returns what tells the element from others.
func (r repositoryRow) place() repositoryRow {
	r.result = ""

	return r
}

func (r repositoryRow) isProof() bool { return r.result == resultProved || r.result == resultDenied }

func rowOfRepository(element attr.Value) repositoryRow {
	row, isRow := element.(types.Object)
	if !isRow {
		return repositoryRow{}
	}

	text := func(name string) string {
		value, _ := row.Attributes()[name].(types.String)

		return value.ValueString()
	}

	return repositoryRow{text("url"), text("access"), text("source"), text("result")}
}
