package provider

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// NewServer returns the provider's server. An error means that the framework lacks a part of the protocol.
func NewServer(version string, around Surroundings) (tfprotov6.ProviderServer, error) {
	redactor := redact.New()

	inner, err := providerserver.NewProtocol6WithError(
		&codefreshProvider{setup{version: version, around: around, redactor: redactor, net: newSecondNet()}})()
	if err != nil {
		return nil, err
	}

	whole, ok := inner.(wholeServer)
	if !ok {
		return nil, fmt.Errorf("%T cannot list resources or invoke actions", inner)
	}

	return server{sanitizingServer{whole, newSanitizer(redactor, whole)}}, nil
}

// server is another one whose calls leave nothing behind.
//
// The framework's server keeps the cancel function of every call's context until Terraform stops the provider, and with
// it the context, its loggers and its gRPC stream (terraform-plugin-framework v1.19.0, internal/proto6server/serve.go,
// registerContext): some 20 KiB a call, and a plan makes four calls for each resource. The calls that come once for
// each resource therefore lend the framework a context that forgets.
type server struct {
	wholeServer
}

func (s server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, req, s.wholeServer.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, req, s.wholeServer.UpgradeResourceState)
}

func (s server) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lend(ctx, req, s.wholeServer.UpgradeResourceIdentity)
}

func (s server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, req, s.wholeServer.ReadResource)
}

func (s server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lend(ctx, req, s.wholeServer.PlanResourceChange)
}

func (s server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lend(ctx, req, s.wholeServer.ApplyResourceChange)
}

// lend makes a call with a context that holds on to ctx only while the call lasts.
func lend[Request, Response any](
	ctx context.Context, req Request, call func(context.Context, Request) (Response, error),
) (Response, error) {
	lent, takeBack := newLentContext(ctx)
	defer takeBack()

	return call(lent, req)
}

// lentContext has the values of another context, and ends with it, until it is taken back. Then it has none.
type lentContext struct {
	context.Context

	lender atomic.Pointer[context.Context]
}

// newLentContext returns a context that is as ctx until takeBack is called, which ends it.
func newLentContext(ctx context.Context) (lent *lentContext, takeBack func()) {
	own, cancel := context.WithCancel(context.Background())
	lent = &lentContext{Context: own}
	lent.lender.Store(&ctx)
	unhook := context.AfterFunc(ctx, cancel)

	return lent, func() {
		unhook()
		cancel()
		lent.lender.Store(nil)
	}
}

// Value implements context.Context. Its own context comes first: that way the context package learns when it ends.
func (c *lentContext) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}

	if lender := c.lender.Load(); lender != nil {
		return (*lender).Value(key)
	}

	return nil
}
