package provider

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type key struct{}

// hoarder is a server that keeps the context of every call, as the framework's does.
type hoarder struct {
	wholeServer

	kept    []context.Context
	cancels []context.CancelFunc
	value   any
}

var errHoarder = errors.New("the server's own")

func (h *hoarder) keep(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	h.kept, h.cancels = append(h.kept, inner), append(h.cancels, cancel)
	h.value = inner.Value(key{})

	return errHoarder
}

func (h *hoarder) ValidateResourceConfig(
	ctx context.Context, _ *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, h.keep(ctx)
}

func (h *hoarder) UpgradeResourceState(
	ctx context.Context, _ *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{}, h.keep(ctx)
}

func (h *hoarder) UpgradeResourceIdentity(
	ctx context.Context, _ *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return &tfprotov6.UpgradeResourceIdentityResponse{}, h.keep(ctx)
}

func (h *hoarder) ReadResource(
	ctx context.Context, _ *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{}, h.keep(ctx)
}

func (h *hoarder) PlanResourceChange(
	ctx context.Context, _ *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{}, h.keep(ctx)
}

func (h *hoarder) ApplyResourceChange(
	ctx context.Context, _ *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{}, h.keep(ctx)
}

// calls are those that come once for each resource. Each reports whether it had the server's answer.
func calls(s server) map[string]func(context.Context) (bool, error) {
	return map[string]func(context.Context) (bool, error){
		"validate": func(ctx context.Context) (bool, error) {
			r, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{})

			return r != nil, err
		},
		"upgrade": func(ctx context.Context) (bool, error) {
			r, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{})

			return r != nil, err
		},
		"upgrade identity": func(ctx context.Context) (bool, error) {
			r, err := s.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{})

			return r != nil, err
		},
		"read": func(ctx context.Context) (bool, error) {
			r, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{})

			return r != nil, err
		},
		"plan": func(ctx context.Context) (bool, error) {
			r, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{})

			return r != nil, err
		},
		"apply": func(ctx context.Context) (bool, error) {
			r, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{})

			return r != nil, err
		},
	}
}

func TestCallsLeaveNothingBehind(t *testing.T) {
	t.Parallel()

	for name := range calls(server{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			h := &hoarder{}
			freed := make(chan struct{})

			func() {
				large := new([1 << 20]byte)
				runtime.AddCleanup(large, func(freed chan struct{}) { close(freed) }, freed)

				answered, err := calls(server{h})[name](context.WithValue(t.Context(), key{}, large))
				if !answered || !errors.Is(err, errHoarder) {
					t.Errorf("answer %t, error %v: not what the server gave", answered, err)
				}

				if h.value != large {
					t.Errorf("during the call the value is %v", h.value)
				}

				h.value = nil
			}()

			if h.kept[0].Err() == nil || h.kept[0].Value(key{}) != nil {
				t.Error("the context outlives its call")
			}

			deadline := time.After(10 * time.Minute)

			for {
				runtime.GC()

				select {
				case <-freed:
					runtime.KeepAlive(h)

					return
				case <-deadline:
					t.Fatal("what the call's context held is still held")
				case <-time.After(time.Millisecond):
				}
			}
		})
	}
}

func TestLentContextEndsWithItsLender(t *testing.T) {
	t.Parallel()
	lender, cancel := context.WithCancel(t.Context())

	lent, takeBack := newLentContext(lender)
	defer takeBack()

	inner, stop := context.WithCancel(lent)
	defer stop()

	if err := inner.Err(); err != nil {
		t.Fatalf("ended before its lender: %v", err)
	}

	cancel()

	select {
	case <-inner.Done():
	case <-time.After(10 * time.Minute):
		t.Fatal("the lender has ended, and it has not")
	}

	if !errors.Is(inner.Err(), context.Canceled) {
		t.Errorf("error %v", inner.Err())
	}
}

func TestServerIsWhole(t *testing.T) {
	t.Parallel()

	whole, err := NewServer("test", System())
	if err != nil {
		t.Fatal(err)
	}

	schemas, err := whole.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	for _, d := range schemas.Diagnostics {
		t.Error(d.Summary, d.Detail)
	}

	for _, name := range []string{"codefresh_git_runtime_token", "codefresh_git_user_token"} {
		if schemas.ResourceSchemas[name] == nil || schemas.ListResourceSchemas[name] == nil {
			t.Errorf("no resource or no list resource %s", name)
		}
	}
}

// Servers that share their schemas put them together once.
func TestServersShareSchemas(t *testing.T) {
	t.Parallel()

	shared := System()
	shared.Schemas = &Schemas{}

	var told []*tfprotov6.GetProviderSchemaResponse

	for _, around := range []Surroundings{shared, shared, System()} {
		server, err := NewServer("test", around)
		if err != nil {
			t.Fatal(err)
		}

		schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}

		told = append(told, schemas)
	}

	if told[0] != told[1] || told[1] == told[2] {
		t.Errorf("three servers of which two share their schemas answer %p, %p and %p", told[0], told[1], told[2])
	}
}

// What is asked of a context that was taken back, whoever asks, hears that it has ended.
func TestLentContextHasEndedWhenTakenBack(t *testing.T) {
	t.Parallel()

	lent, takeBack := newLentContext(context.WithValue(t.Context(), key{}, "the lender's"))
	takeBack()

	select {
	case <-lent.Done():
	default:
		t.Error("it is not done")
	}

	later, cancel := context.WithCancel(lent)
	defer cancel()

	for _, ctx := range []context.Context{lent, later} {
		if !errors.Is(ctx.Err(), context.Canceled) || ctx.Value(key{}) != nil {
			t.Errorf("%T: error %v, value %v", ctx, ctx.Err(), ctx.Value(key{}))
		}
	}
}
