package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// sanitizingServer has every diagnostic pass the sanitizer, whoever words it: the blocks, or the framework, which
// quotes values and points at them. A configuration with a credential in a wrong attribute is refused, before Terraform
// prints a plan of it.
type sanitizingServer struct {
	wholeServer

	sanitizer *sanitizer
	// environment returns what a message about the provider block may repeat of the environment.
	environment func() []string
}

// GetProviderSchema answers what the sanitizer knows the blocks by, so that the schemas are put together once.
func (s sanitizingServer) GetProviderSchema(
	context.Context, *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.sanitizer.schemas()
}

func (s sanitizingServer) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	about := subject{kind: providerBlock, values: []*tfprotov6.DynamicValue{req.Config}}
	s.sanitizer.learn(about)

	resp, err := s.wholeServer.ValidateProviderConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.validated(resp.Diagnostics, about)
	}

	return resp, err
}

func (s sanitizingServer) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	about := subject{
		kind: providerBlock, values: []*tfprotov6.DynamicValue{req.Config}, texts: s.environment(),
	}
	s.sanitizer.learn(about)

	resp, err := s.wholeServer.ConfigureProvider(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, about)
	}

	return resp, err
}

func (s sanitizingServer) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.wholeServer.ValidateResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.validated(resp.Diagnostics,
			subject{kind: resourceBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}})
	}

	return resp, err
}

func (s sanitizingServer) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.wholeServer.ValidateDataResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.validated(resp.Diagnostics,
			subject{kind: dataBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}})
	}

	return resp, err
}

func (s sanitizingServer) ValidateEphemeralResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	resp, err := s.wholeServer.ValidateEphemeralResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.validated(resp.Diagnostics,
			subject{kind: ephemeralBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}})
	}

	return resp, err
}

func (s sanitizingServer) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	resp, err := s.wholeServer.ValidateListResourceConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.validated(resp.Diagnostics,
			subject{kind: listBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}})
	}

	return resp, err
}

// validated returns the diagnostics of a validation or an import. That a credential is in a wrong attribute is said
// where nothing else is wrong: an error about that attribute would say the same in other words.
func (s sanitizingServer) validated(diagnostics []*tfprotov6.Diagnostic, about subject) []*tfprotov6.Diagnostic {
	s.sanitizer.clean(diagnostics, about)

	if failed(diagnostics) {
		return diagnostics
	}

	return slices.Concat(diagnostics, s.sanitizer.misplaced(about))
}

func (s sanitizingServer) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	about := subject{kind: resourceBlock, typeName: req.TypeName, raw: req.RawState}
	s.sanitizer.learn(about) // before another resource or a data source hears of it

	resp, err := s.wholeServer.UpgradeResourceState(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, about)
	}

	return resp, err
}

func (s sanitizingServer) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	resp, err := s.wholeServer.UpgradeResourceIdentity(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, subject{kind: resourceBlock, typeName: req.TypeName, raw: req.RawIdentity})
	}

	return resp, err
}

func (s sanitizingServer) MoveResourceState(
	ctx context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	resp, err := s.wholeServer.MoveResourceState(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics,
			subject{kind: resourceBlock, typeName: req.TargetTypeName, raw: req.SourceState})
	}

	return resp, err
}

func (s sanitizingServer) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.wholeServer.ReadResource(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics,
			subject{kind: resourceBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.CurrentState}})
	}

	return resp, err
}

func (s sanitizingServer) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.wholeServer.PlanResourceChange(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, subject{
			kind: resourceBlock, typeName: req.TypeName,
			values: []*tfprotov6.DynamicValue{req.Config, req.PriorState, req.ProposedNewState},
		})
	}

	return resp, err
}

func (s sanitizingServer) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.wholeServer.ApplyResourceChange(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, subject{
			kind: resourceBlock, typeName: req.TypeName,
			values: []*tfprotov6.DynamicValue{req.Config, req.PriorState, req.PlannedState},
		})
	}

	return resp, err
}

func (s sanitizingServer) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.wholeServer.ImportResourceState(ctx, req)
	if err == nil {
		about := subject{kind: resourceBlock, typeName: req.TypeName, texts: []string{req.ID}}
		for _, imported := range resp.ImportedResources {
			about.values = append(about.values, imported.State)
		}

		resp.Diagnostics = s.validated(resp.Diagnostics, about) // the state would keep it
	}

	return resp, err
}

func (s sanitizingServer) GenerateResourceConfig(
	ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest,
) (*tfprotov6.GenerateResourceConfigResponse, error) {
	resp, err := s.wholeServer.GenerateResourceConfig(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics,
			subject{kind: resourceBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.State}})
	}

	return resp, err
}

func (s sanitizingServer) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := s.wholeServer.ReadDataSource(ctx, req)
	if err == nil {
		about := subject{kind: dataBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}}
		s.sanitizer.clean(resp.Diagnostics, about)
		resp.State = s.sanitizer.cleanValue(resp.State, about)
	}

	return resp, err
}

func (s sanitizingServer) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	resp, err := s.wholeServer.OpenEphemeralResource(ctx, req)
	if err == nil {
		about := subject{kind: ephemeralBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}}
		s.sanitizer.clean(resp.Diagnostics, about)
		resp.Result = s.sanitizer.cleanValue(resp.Result, about)
	}

	return resp, err
}

func (s sanitizingServer) RenewEphemeralResource(
	ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest,
) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	resp, err := s.wholeServer.RenewEphemeralResource(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, subject{kind: ephemeralBlock, typeName: req.TypeName})
	}

	return resp, err
}

func (s sanitizingServer) CloseEphemeralResource(
	ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	resp, err := s.wholeServer.CloseEphemeralResource(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics, subject{kind: ephemeralBlock, typeName: req.TypeName})
	}

	return resp, err
}

func (s sanitizingServer) ListResource(
	ctx context.Context, req *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.wholeServer.ListResource(ctx, req)
	if err != nil || stream == nil || stream.Results == nil {
		return stream, err
	}

	results := stream.Results
	stream.Results = func(yield func(tfprotov6.ListResourceResult) bool) {
		for result := range results {
			s.sanitizer.clean(result.Diagnostics,
				subject{kind: listBlock, typeName: req.TypeName, values: []*tfprotov6.DynamicValue{req.Config}})
			result.DisplayName = s.sanitizer.redactor.Text(result.DisplayName)

			result.Resource = s.sanitizer.cleanValue(result.Resource, subject{kind: resourceBlock, typeName: req.TypeName})
			if !yield(result) {
				return
			}
		}
	}

	return stream, nil
}

func (s sanitizingServer) ValidateActionConfig(
	ctx context.Context, req *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := s.wholeServer.ValidateActionConfig(ctx, req)
	if err == nil {
		resp.Diagnostics = s.validated(resp.Diagnostics,
			subject{kind: actionBlock, typeName: req.ActionType, values: []*tfprotov6.DynamicValue{req.Config}})
	}

	return resp, err
}

func (s sanitizingServer) PlanAction(
	ctx context.Context, req *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	resp, err := s.wholeServer.PlanAction(ctx, req)
	if err == nil {
		s.sanitizer.clean(resp.Diagnostics,
			subject{kind: actionBlock, typeName: req.ActionType, values: []*tfprotov6.DynamicValue{req.Config}})
	}

	return resp, err
}

// InvokeAction cleans what an action says while it runs as well as what it ends with.
func (s sanitizingServer) InvokeAction(
	ctx context.Context, req *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.wholeServer.InvokeAction(ctx, req)
	if err != nil || stream == nil || stream.Events == nil {
		return stream, err
	}

	about := subject{kind: actionBlock, typeName: req.ActionType, values: []*tfprotov6.DynamicValue{req.Config}}
	events := stream.Events
	stream.Events = func(yield func(tfprotov6.InvokeActionEvent) bool) {
		for event := range events {
			switch e := event.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				e.Message = s.sanitizer.words(e.Message, about)
				event.Type = e
			case tfprotov6.CompletedInvokeActionEventType:
				s.sanitizer.clean(e.Diagnostics, about)
			}

			if !yield(event) {
				return
			}
		}
	}

	return stream, nil
}

// CallFunction has no error point at an argument that looks like a credential. Terraform prints the line of the call
// all the same.
func (s sanitizingServer) CallFunction(
	ctx context.Context, req *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	resp, err := s.wholeServer.CallFunction(ctx, req)
	if err != nil || resp.Error == nil {
		return resp, err
	}

	in := s.sanitizer.inspect(subject{})
	for i, argument := range s.argumentsOf(req) {
		for _, text := range argument {
			if s.sanitizer.suspect(&in, text) && resp.Error.FunctionArgument != nil &&
				int(*resp.Error.FunctionArgument) == i {
				resp.Error.FunctionArgument = nil
			}
		}
	}

	resp.Error.Text = s.sanitizer.text(in, resp.Error.Text)

	return resp, nil
}

// argumentsOf returns the texts of each argument of a call.
func (s sanitizingServer) argumentsOf(req *tfprotov6.CallFunctionRequest) [][]string {
	all, err := s.sanitizer.schemas()
	if err != nil || all == nil || all.Functions[req.Name] == nil {
		return nil
	}

	var texts [][]string

	for i, parameter := range all.Functions[req.Name].Parameters {
		value := tftypes.NewValue(parameter.Type, nil)
		if i < len(req.Arguments) {
			if given, err := req.Arguments[i].Unmarshal(parameter.Type); err == nil {
				value = given
			}
		}

		in := textsIn(value)
		texts = append(texts, slices.Concat(in.keys, in.values))
	}

	return texts
}

// wholeServer is all that the provider offers Terraform.
type wholeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}
