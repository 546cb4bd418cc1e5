package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/cmd/bench/idle"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/acceptance/core"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// calls are the requests of one plan.
type calls struct {
	mu        sync.Mutex
	configure *tfprotov6.ConfigureProviderRequest
	validates []*tfprotov6.ValidateResourceConfigRequest
	upgrades  []*tfprotov6.UpgradeResourceStateRequest
	reads     []*tfprotov6.ReadResourceRequest
	plans     []*tfprotov6.PlanResourceChangeRequest
}

// tape is a server that notes what it is asked.
type tape struct {
	tfprotov6.ProviderServer

	calls *calls
}

func note[Request any](c *calls, into *[]*Request, req *Request) {
	c.mu.Lock()
	defer c.mu.Unlock()

	*into = append(*into, req)
}

func (t tape) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	t.calls.configure = req

	return t.ProviderServer.ConfigureProvider(ctx, req)
}

func (t tape) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	note(t.calls, &t.calls.validates, req)

	return t.ProviderServer.ValidateResourceConfig(ctx, req)
}

func (t tape) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	note(t.calls, &t.calls.upgrades, req)

	return t.ProviderServer.UpgradeResourceState(ctx, req)
}

func (t tape) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	note(t.calls, &t.calls.reads, req)

	return t.ProviderServer.ReadResource(ctx, req)
}

func (t tape) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	note(t.calls, &t.calls.plans, req)

	return t.ProviderServer.PlanResourceChange(ctx, req)
}

func codefreshServer() (tfprotov6.ProviderServer, error) {
	return provider.NewServer("bench", provider.System())
}

// record applies the world's resources and returns the requests of a plan that finds nothing to do.
func record(b *testing.B, w *world) *calls {
	b.Helper()

	taped := &calls{}
	factory := func() (tfprotov6.ProviderServer, error) {
		server, err := codefreshServer()

		return tape{server, taped}, err
	}

	space, err := core.New(b.Context(), map[string]core.Factory{"codefresh": factory})
	if err != nil {
		b.Fatal(err)
	}

	text := w.configuration("codefresh")

	head, _, _ := strings.Cut(text[strings.Index(text, `provider "codefresh"`):], "locals {")
	for i := range w.resources {
		head += fmt.Sprintf(`
resource "codefresh_git_user_token" "r%d" {
  runtime     = %q
  integration = %q
  token       = %q
}
`, i, runtimeOf(i), integrationOf(i), w.tokens[0])
	}

	if d := space.Configure(head); d.HasErrors() {
		b.Fatal(d)
	}

	if d := space.Apply(b.Context(), space.Plan(b.Context(), core.Options{}), nil); d.HasErrors() {
		b.Fatal(d)
	}

	*taped = calls{}

	for _, c := range space.Plan(b.Context(), core.Options{}).Changes {
		if c.Action != core.NoOp {
			b.Fatalf("the second plan has something to do: %v", c)
		}
	}

	return taped
}

// BenchmarkCalls takes each call that Terraform makes once for a resource, in a plan that finds nothing to do: of the
// provider, and of the one that does nothing, which is what the framework costs.
func BenchmarkCalls(b *testing.B) {
	w, err := newWorld(perRuntime, 1)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()

	taped := record(b, w)

	for name, factory := range map[string]func() (tfprotov6.ProviderServer, error){
		"codefresh": codefreshServer,
		"donothing": providerserver.NewProtocol6WithError(idle.Provider{}),
	} {
		server, err := factory()
		if err != nil {
			b.Fatal(err)
		}

		configure := taped.configure
		if name == "donothing" {
			configure = &tfprotov6.ConfigureProviderRequest{Config: nothing(b)}
		}

		if _, err := server.ConfigureProvider(b.Context(), configure); err != nil {
			b.Fatal(err)
		}

		typeName := name + "_git_user_token"
		b.Run("validate/"+name, func(b *testing.B) {
			each(b, taped.validates, func(req tfprotov6.ValidateResourceConfigRequest) ([]*tfprotov6.Diagnostic, error) {
				req.TypeName = typeName
				resp, err := server.ValidateResourceConfig(b.Context(), &req)

				return resp.Diagnostics, err
			})
		})
		b.Run("upgrade/"+name, func(b *testing.B) {
			each(b, taped.upgrades, func(req tfprotov6.UpgradeResourceStateRequest) ([]*tfprotov6.Diagnostic, error) {
				req.TypeName = typeName
				resp, err := server.UpgradeResourceState(b.Context(), &req)

				return resp.Diagnostics, err
			})
		})
		b.Run("read/"+name, func(b *testing.B) {
			each(b, taped.reads, func(req tfprotov6.ReadResourceRequest) ([]*tfprotov6.Diagnostic, error) {
				req.TypeName = typeName
				resp, err := server.ReadResource(b.Context(), &req)

				return resp.Diagnostics, err
			})
		})
		b.Run("plan/"+name, func(b *testing.B) {
			each(b, taped.plans, func(req tfprotov6.PlanResourceChangeRequest) ([]*tfprotov6.Diagnostic, error) {
				req.TypeName = typeName
				resp, err := server.PlanResourceChange(b.Context(), &req)

				return resp.Diagnostics, err
			})
		})
	}
}

// each makes the taped calls, over and over.
func each[Request any](b *testing.B, taped []*Request, call func(Request) ([]*tfprotov6.Diagnostic, error)) {
	b.Helper()
	b.ReportAllocs()

	for i := 0; b.Loop(); i++ {
		diagnostics, err := call(*taped[i%len(taped)])
		if err != nil {
			b.Fatal(err)
		}

		for _, d := range diagnostics {
			b.Fatal(d.Summary, d.Detail)
		}
	}
}

func nothing(b *testing.B) *tfprotov6.DynamicValue {
	b.Helper()

	v, err := tfprotov6.NewDynamicValue(tftypes.Object{}, tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{}))
	if err != nil {
		b.Fatal(err)
	}

	return &v
}
