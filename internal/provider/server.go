package provider

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// NewServer returns the provider's server. An error means that the framework lacks a part of the protocol.
func NewServer(version string, around Surroundings) (tfprotov6.ProviderServer, error) {
	redactor := redact.New()
	if around.Log != nil {
		around.Log.SetOutput(redactor.Writer(around.Log.Writer()))
	}

	inner, err := providerserver.NewProtocol6WithError(
		&codefreshProvider{setup{version: version, around: around, redactor: redactor, net: newSecondNet()}})()
	if err != nil {
		return nil, err
	}

	whole, ok := inner.(wholeServer)
	if !ok {
		return nil, fmt.Errorf("%T cannot list resources or invoke actions", inner)
	}

	return server{sanitizingServer{whole, newSanitizer(redactor, whole, around.Schemas), around.told}}, nil
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

// lentContext is as another context until it is taken back. From then on it has ended, and holds on to nothing.
type lentContext struct {
	loan atomic.Pointer[loan] // nil once it is taken back
}

type loan struct {
	own    context.Context // ends with the lender, and before it is taken back
	lender context.Context
}

// newLentContext returns a context that is as ctx until takeBack is called, which ends it.
func newLentContext(ctx context.Context) (lent *lentContext, takeBack func()) {
	own, end := context.WithCancel(context.Background())
	lent = &lentContext{}
	lent.loan.Store(&loan{own, ctx})
	unhook := context.AfterFunc(ctx, end)

	return lent, func() {
		unhook()
		end()
		lent.loan.Store(nil)
	}
}

// Deadline implements context.Context. That of the lender shows when it passes.
func (c *lentContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (c *lentContext) Done() <-chan struct{} {
	if l := c.loan.Load(); l != nil {
		return l.own.Done()
	}

	ended := make(chan struct{})
	close(ended)

	return ended
}

// Err implements context.Context.
func (c *lentContext) Err() error {
	if l := c.loan.Load(); l != nil {
		return l.own.Err()
	}

	return context.Canceled
}

// Value implements context.Context. Its own context comes first: that way the context package learns when it ends.
func (c *lentContext) Value(key any) any {
	l := c.loan.Load()
	if l == nil {
		return nil
	}

	if v := l.own.Value(key); v != nil {
		return v
	}

	return l.lender.Value(key)
}
