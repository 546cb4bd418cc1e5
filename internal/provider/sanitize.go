package provider

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// sanitizer takes secrets out of what the provider and the framework tell Terraform, and has no diagnostic point at an
// attribute with a secret in it: Terraform prints the source lines that a diagnostic points at.
//
// It knows the secrets of the process. For the time of a call it also knows what the call is about: values of sensitive
// attributes, and whatever looks like a credential in an attribute that is no place for one.
type sanitizer struct {
	redactor *redact.Redactor
	schemas  func() (*tfprotov6.GetProviderSchemaResponse, error)
}

// newSanitizer returns a sanitizer for a server's blocks. It asks for their schemas when it needs them, unless a server
// with the same Schemas did. Those may be nil.
func newSanitizer(redactor *redact.Redactor, inner tfprotov6.ProviderServer, known *Schemas) *sanitizer {
	if known == nil {
		known = &Schemas{}
	}

	return &sanitizer{redactor: redactor, schemas: func() (*tfprotov6.GetProviderSchemaResponse, error) {
		return known.of(inner)
	}}
}

// Schemas are those of the provider's blocks. Every server has the same; those that share a Schemas put them together
// once. The zero value is ready for use, by several at a time.
type Schemas struct {
	once sync.Once
	all  *tfprotov6.GetProviderSchemaResponse
	err  error
}

func (s *Schemas) of(server tfprotov6.ProviderServer) (*tfprotov6.GetProviderSchemaResponse, error) {
	s.once.Do(func() {
		s.all, s.err = server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	})

	return s.all, s.err
}

// kindOfBlock finds the schema of a block by its type.
type kindOfBlock func(all *tfprotov6.GetProviderSchemaResponse, typeName string) *tfprotov6.Schema

func providerBlock(all *tfprotov6.GetProviderSchemaResponse, _ string) *tfprotov6.Schema {
	return all.Provider
}

func resourceBlock(all *tfprotov6.GetProviderSchemaResponse, typeName string) *tfprotov6.Schema {
	return all.ResourceSchemas[typeName]
}

func dataBlock(all *tfprotov6.GetProviderSchemaResponse, typeName string) *tfprotov6.Schema {
	return all.DataSourceSchemas[typeName]
}

func ephemeralBlock(all *tfprotov6.GetProviderSchemaResponse, typeName string) *tfprotov6.Schema {
	return all.EphemeralResourceSchemas[typeName]
}

func listBlock(all *tfprotov6.GetProviderSchemaResponse, typeName string) *tfprotov6.Schema {
	return all.ListResourceSchemas[typeName]
}

func actionBlock(all *tfprotov6.GetProviderSchemaResponse, typeName string) *tfprotov6.Schema {
	if action := all.ActionSchemas[typeName]; action != nil {
		return action.Schema
	}

	return nil
}

// subject is what a call is about.
type subject struct {
	kind     kindOfBlock // nil for a function
	typeName string
	values   []*tfprotov6.DynamicValue
	raw      *tfprotov6.RawState
	texts    []string // what stands in no attribute, such as an import id
}

// insight is what a sanitizer makes of a subject.
type insight struct {
	// secret names the attributes that hold secrets, by right or not; misplaced those that do wrongly.
	secret    map[string]bool
	misplaced []string
	texts     *redact.Redactor // what is secret for the time of the call only; nil for nothing
	elsewhere *tftypes.AttributePath
}

// clean takes the secrets out of diagnostics about a subject.
func (z *sanitizer) clean(diagnostics []*tfprotov6.Diagnostic, about subject) {
	if len(diagnostics) == 0 {
		return
	}

	in := z.inspect(about)
	for _, d := range diagnostics {
		m := message.Message{Summary: z.text(in, d.Summary), Detail: z.text(in, d.Detail)}.Printable()

		d.Summary, d.Detail = m.Summary, m.Detail
		if in.secret[attributeOf(d.Attribute)] {
			d.Attribute = in.elsewhere
		}
	}
}

// words takes the secrets out of a text about a subject.
func (z *sanitizer) words(text string, about subject) string {
	return message.Message{Detail: z.text(z.inspect(about), text)}.Printable().Detail
}

func (z *sanitizer) text(in insight, text string) string {
	text = z.redactor.Text(text)
	if in.texts != nil {
		text = in.texts.Text(text)
	}

	return text
}

// cleanValue returns what a block was found to be without secrets in what the provider computed. An answer passes the
// redactor when it comes, and may be told only after the process has learnt more secrets. Plans and states of resources
// are left alone: Terraform insists on their values, and they tell of the resource's own token only.
func (z *sanitizer) cleanValue(encoded *tfprotov6.DynamicValue, about subject) *tfprotov6.DynamicValue {
	schema := z.schemaOf(about)
	if encoded == nil || schema == nil {
		return encoded
	}

	value, problem := encoded.Unmarshal(schema.ValueType())
	if problem != nil {
		return encoded
	}

	computed := map[string]bool{}
	for _, attribute := range schema.Block.Attributes {
		computed[attribute.Name] = attribute.Computed && !attribute.Optional && !attribute.Sensitive
	}

	changed := false

	value, err := tftypes.Transform(value, func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		var text string
		if !computed[attributeOf(at)] || !v.IsKnown() || v.IsNull() || !v.Type().Is(tftypes.String) || v.As(&text) != nil {
			return v, nil //nolint:nilerr // what is no text has nothing to clean
		}

		cleaned := z.redactor.Text(text)
		changed = changed || cleaned != text

		return tftypes.NewValue(tftypes.String, cleaned), nil
	})
	if !changed || err != nil {
		return encoded
	}

	recoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	if err != nil {
		return encoded
	}

	return &recoded
}

// misplaced returns an error for each attribute that is no place for a credential and holds one.
func (z *sanitizer) misplaced(about subject) []*tfprotov6.Diagnostic {
	var found []*tfprotov6.Diagnostic

	in := z.inspect(about)
	for _, attribute := range in.misplaced {
		m := message.CredentialMisplaced(attribute)
		found = append(found, &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError, Summary: m.Summary, Detail: m.Detail, Attribute: in.elsewhere,
		})
	}

	return found
}

// learn makes the secrets of a subject known to the process.
func (z *sanitizer) learn(about subject) {
	if schema := z.schemaOf(about); schema != nil {
		z.learnFrom(schema, textsOf(schema, about))
	}
}

// learnFrom makes the texts of secret attributes known to the process. The keys of their maps are names, which
// token_name repeats, unless somebody has swapped a key and its value.
func (z *sanitizer) learnFrom(schema *tfprotov6.Schema, all map[string]held) {
	for _, attribute := range schema.Block.Attributes {
		if !attribute.Sensitive && !attribute.WriteOnly {
			continue
		}

		for _, text := range all[attribute.Name].values {
			z.redactor.Add(gittoken.NewSecret(text))
		}

		for _, key := range all[attribute.Name].keys {
			if z.redactor.Suspicious(key) {
				z.redactor.Add(gittoken.NewSecret(key))
			}
		}
	}
}

// inspect looks for the secrets of a subject.
func (z *sanitizer) inspect(about subject) insight {
	in := insight{secret: map[string]bool{}}
	for _, text := range about.texts {
		z.suspect(&in, text)
	}

	schema := z.schemaOf(about)
	if schema == nil {
		return in
	}

	all, names := textsOf(schema, about), map[string]bool{}
	z.learnFrom(schema, all)

	for _, attribute := range schema.Block.Attributes {
		if attribute.Sensitive || attribute.WriteOnly {
			in.secret[attribute.Name] = true
		} else {
			names[attribute.Name] = true
		}
	}

	for _, name := range slices.Sorted(maps.Keys(names)) {
		texts := slices.Concat(all[name].keys, all[name].values)
		for _, text := range texts {
			in.secret[name] = z.suspect(&in, text) || in.secret[name]
		}

		if slices.ContainsFunc(texts, z.redactor.Finds) {
			in.misplaced = append(in.misplaced, name)
		}
	}

	if names["runtime"] && !in.secret["runtime"] {
		in.elsewhere = tftypes.NewAttributePath().WithAttributeName("runtime")
	}

	return in
}

// suspect reports whether a text looks like a credential, and makes it a secret for the time of the call: for longer
// would be too long, since it may after all be a name.
func (z *sanitizer) suspect(in *insight, text string) bool {
	if !z.redactor.Suspicious(text) {
		return false
	}

	if in.texts == nil {
		in.texts = redact.New()
	}

	in.texts.Add(gittoken.NewSecret(text))

	return true
}

func (z *sanitizer) schemaOf(about subject) *tfprotov6.Schema {
	if about.kind == nil {
		return nil
	}

	all, err := z.schemas()
	if err != nil || all == nil {
		return nil
	}

	schema := about.kind(all, about.typeName)
	if schema == nil || schema.Block == nil {
		return nil
	}

	return schema
}

// held are the texts in a value.
type held struct {
	keys   []string // of maps
	values []string
}

func (h *held) add(other held) {
	h.keys, h.values = append(h.keys, other.keys...), append(h.values, other.values...)
}

// textsOf returns the texts in each attribute of a block.
func textsOf(schema *tfprotov6.Schema, about subject) map[string]held {
	all := map[string]held{}
	add := func(name string, more held) {
		h := all[name]
		h.add(more)
		all[name] = h
	}

	for _, encoded := range about.values {
		if encoded == nil {
			continue
		}

		var attributes map[string]tftypes.Value
		if value, err := encoded.Unmarshal(schema.ValueType()); err != nil || value.IsNull() || value.As(&attributes) != nil {
			continue
		}

		for name, value := range attributes {
			add(name, textsIn(value))
		}
	}

	if about.raw != nil {
		var attributes map[string]any
		if json.Unmarshal(about.raw.JSON, &attributes) == nil {
			for name, value := range attributes {
				add(name, textsInJSON(value))
			}
		}
	}

	return all
}

// textsIn returns the known texts of a value.
func textsIn(value tftypes.Value) (texts held) {
	// The function has no errors of its own to return.
	_ = tftypes.Walk(value, func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if key, isKey := at.LastStep().(tftypes.ElementKeyString); isKey {
			texts.keys = append(texts.keys, string(key))
		}

		var text string
		if v.IsKnown() && !v.IsNull() && v.Type().Is(tftypes.String) && v.As(&text) == nil {
			texts.values = append(texts.values, text)
		}

		return true, nil
	})

	return texts
}

func textsInJSON(value any) (texts held) {
	switch v := value.(type) {
	case string:
		texts.values = []string{v}
	case []any:
		for _, element := range v {
			texts.add(textsInJSON(element))
		}
	case map[string]any:
		for key, element := range v {
			texts.keys = append(texts.keys, key)
			texts.add(textsInJSON(element))
		}
	}

	return texts
}

// attributeOf returns the name of the attribute that a path is in; empty for none.
func attributeOf(path *tftypes.AttributePath) string {
	if path == nil || len(path.Steps()) == 0 {
		return ""
	}

	name, _ := path.Steps()[0].(tftypes.AttributeName)

	return string(name)
}

// failed reports whether there is an error among diagnostics.
func failed(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == tfprotov6.DiagnosticSeverityError
	})
}
