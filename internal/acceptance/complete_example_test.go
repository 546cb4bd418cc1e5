package acceptance_test

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"gopkg.in/yaml.v3"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// runtimeChart stands in for the Helm provider's helm_release with the chart of a GitOps Runtime: the release is done
// when the runtime has reported its name to the platform. The rest appears while the provider waits for it.
type runtimeChart struct {
	*world

	accountID string
	apiKey    string

	mu       sync.Mutex
	pauses   int
	reached  []sandbox.Stage // that were reached, in their order
	onReach  func(ctx context.Context, now sandbox.Stage)
	released int
}

func (r *runtimeChart) provider() *otherProvider {
	return &otherProvider{name: "helm", resources: []func() resource.Resource{func() resource.Resource { return r }}}
}

func (r *runtimeChart) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "helm_release"
}

func (r *runtimeChart) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text, yes := schema.StringAttribute{Required: true}, schema.BoolAttribute{Required: true}
	secret := schema.StringAttribute{Required: true, WriteOnly: true}
	resp.Schema.Attributes = map[string]schema.Attribute{
		"name": text, "namespace": text, "repository": text, "chart": text, "version": text,
		"create_namespace": yes, "upgrade_install": yes,
		"values": schema.ListAttribute{Required: true, ElementType: types.StringType},
		"set_wo": schema.ListNestedAttribute{
			Required: true, WriteOnly: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{"name": secret, "value": secret}},
		},
		"set_wo_revision": schema.Int64Attribute{Required: true},
	}
}

// Create installs or upgrades the release, and needs what the chart needs.
func (r *runtimeChart) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var (
		values []string
		given  []struct {
			Name  string `tfsdk:"name"`
			Value string `tfsdk:"value"`
		}
	)

	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("values"), &values)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("set_wo"), &given)...)

	if resp.Diagnostics.HasError() {
		return
	}

	var chart struct {
		Global struct {
			Codefresh struct {
				AccountID string `yaml:"accountId"`
			} `yaml:"codefresh"`
			Runtime struct {
				Name           string `yaml:"name"`
				GitCredentials any    `yaml:"gitCredentials"`
			} `yaml:"runtime"`
		} `yaml:"global"`
	}
	r.must(yaml.Unmarshal([]byte(values[0]), &chart))

	switch runtime := chart.Global.Runtime; {
	case chart.Global.Codefresh.AccountID != r.accountID, len(given) != 1,
		given[0].Name != "global.codefresh.userToken.token", given[0].Value != r.apiKey:
		resp.Diagnostics.AddError("The chart refuses its values", values[0])
	case runtime.GitCredentials != nil:
		resp.Diagnostics.AddError("The chart and Terraform both own the Git token", values[0])
	default:
		r.release(runtime.Name)
	}

	resp.State.Raw = req.Plan.Raw
}

// release installs a runtime, unless an apply that was killed did.
func (r *runtimeChart) release(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.released++; r.released > 1 {
		return
	}

	r.must(r.AddRuntime(sandbox.Runtime{Name: name, Stage: sandbox.StageListed}))
	r.reached = []sandbox.Stage{sandbox.StageListed}
}

// pause is a pause of the provider: at every fourth the installation gets on.
func (r *runtimeChart) pause(ctx context.Context, _ time.Duration) error {
	if now := r.proceed(); now != "" && r.onReach != nil {
		r.onReach(ctx, now)
	}

	return ctx.Err()
}

// proceed returns the stage that was reached by it; empty for none.
func (r *runtimeChart) proceed() sandbox.Stage {
	r.mu.Lock()
	defer r.mu.Unlock()

	all := []sandbox.Stage{sandbox.StageListed, sandbox.StageAddressed, sandbox.StageAnswering}
	if r.released == 0 || len(r.reached) == len(all) {
		return ""
	}

	if r.pauses++; r.pauses%4 != 0 {
		return ""
	}

	next := all[len(r.reached)]
	r.must(r.SetStage("prod-eu", next))
	r.reached = append(r.reached, next)

	return next
}

func (r *runtimeChart) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *runtimeChart) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *runtimeChart) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// completeExample is examples/complete in a world without its runtime.
type completeExample struct {
	*cli

	chart   *runtimeChart
	runtime string            // its token
	team    map[string]string // each user's token
	ids     map[string]string // each user's id
}

func newCompleteExample(t *testing.T) *completeExample {
	t.Helper()
	w := exampleWorld(t)
	_, key := w.DefaultUser()
	delete(w.env, "CODEFRESH_API_KEY")
	chart := &runtimeChart{world: w, accountID: "5f0c0000000000000000000a", apiKey: key}
	w.wait = chart.pause
	e := &completeExample{chart: chart, team: make(map[string]string), ids: make(map[string]string)}
	mint := func(owner string, scopes ...string) string {
		return w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Owner: owner, Scopes: scopes}).Text
	}
	e.runtime = mint("ci-bot", "repo", "admin:repo_hook")
	keys := make(map[string]string)

	for _, name := range []string{"deploy-bot", "release-bot"} {
		var err error

		e.ids[name], keys[name], err = w.AddUser(name, false)
		w.must(err)

		e.team[name] = mint(name, "repo")
	}

	values := map[string]any{
		"codefresh_account_id": chart.accountID, "codefresh_api_key": key, "ci_bot_token": e.runtime,
		"team_api_keys": keys, "team_git_tokens": e.team,
	}
	e.cli = exampleCLIGiven(w, values, exampleFolder(t, "complete")...)
	e.useOther("helm", "registry.terraform.io/hashicorp/helm", chart.provider())

	text, err := json.Marshal(values)
	w.must(err)
	e.write("terraform.tfvars.json", string(text))

	return e
}

// finished fails the test unless the runtime and everybody has their token, and the next plan has nothing to do.
func (e *completeExample) finished(t *testing.T) {
	t.Helper()

	if held, _, _, _, _ := e.RuntimeToken("prod-eu"); held != e.runtime {
		t.Error("the runtime has another token")
	}

	for name, token := range e.team {
		if held, _ := e.UserToken("prod-eu", "default", e.ids[name]); held != token {
			t.Errorf("%s has another token", name)
		}
	}

	if again := e.plan().wantExit(0); len(again.diagnostics) > 0 {
		t.Errorf("the plan afterwards: %v", again.diagnostics)
	}

	for address, resource := range e.state() {
		if status := resource["status"]; status != nil && status != "valid" {
			t.Errorf("%s: status %v: %v", address, status, resource["status_reason"])
		}
	}
}

// The complete example goes from nothing to a runtime with its token and those of a team, in one apply.
func TestCompleteExample(t *testing.T) {
	t.Parallel()
	e := newCompleteExample(t)
	e.plan().wantExit(2).saysOnly(t, `Runtime "prod-eu" does not exist`)
	applied := e.apply().wantExit(0)
	applied.waits(t, runtimeToken+".runtime").wants(t, "its app-proxy had no address, then its app-proxy did not answer")
	e.finished(t)

	secrets := map[string]string{"of the runtime": e.runtime}
	for name, token := range e.team {
		secrets["of "+name] = token
	}

	e.keptNowhere(secrets)
}

// Killed at any stage of the installation, the next apply finishes.
func TestCompleteExampleKilled(t *testing.T) {
	t.Parallel()

	for _, stage := range []sandbox.Stage{sandbox.StageAddressed, sandbox.StageAnswering, "sent"} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			e := newCompleteExample(t)

			ctx, kill := context.WithCancel(t.Context())
			defer kill()

			var killed atomic.Bool

			die := func() {
				killed.Store(true)
				kill()
			}

			if stage == "sent" { // Codefresh has the runtime's token, and its answer does not arrive
				e.chart.onReach = func(_ context.Context, now sandbox.Stage) {
					if now == sandbox.StageAnswering {
						e.must(e.Break(sandbox.AppProxy("prod-eu"), sandbox.Fault{
							Mode: "slow", Pause: time.Hour, Match: "updateRuntimeGitToken",
						}))
						go func() {
							for held := ""; held != e.runtime && t.Context().Err() == nil; time.Sleep(5 * time.Millisecond) {
								held, _, _, _, _ = e.RuntimeToken("prod-eu")
							}

							die()
						}()
					}
				}
			} else {
				e.chart.onReach = func(ctx context.Context, now sandbox.Stage) {
					if now == stage {
						die()
						<-ctx.Done()
					}
				}
			}

			e.applyUntil(ctx)

			if !killed.Load() {
				t.Fatal("Terraform was not killed")
			}

			e.Heal(sandbox.AppProxy("prod-eu"))
			e.chart.onReach = nil
			e.apply().wantExit(0)
			e.finished(t)
		})
	}
}

// applyUntil applies, and kills Terraform when ctx ends. The provider dies with it.
func (c *cli) applyUntil(ctx context.Context) {
	c.t.Helper()
	reattach, stop := c.serve()
	apply := exec.CommandContext(ctx, cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"),
		"apply", "-json", "-input=false", "-auto-approve")
	apply.Dir, apply.Env = c.folder, c.environment(reattach)
	_ = apply.Run() // which was killed

	stop()
}
