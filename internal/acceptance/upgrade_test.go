package acceptance_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// recordStates names the release whose states are recorded, which each release does before it is tagged:
// "go test ./internal/acceptance -run TestStatesUpgrade -record-states 0.1.0".
var recordStates = flag.String("record-states", "", "write today's states to testdata/states/VERSION")

// recordedState is what the tests need of a state file.
type recordedState struct {
	Resources []struct {
		Mode      string `json:"mode"`
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			SchemaVersion   int64           `json:"schema_version"`
			Attributes      json.RawMessage `json:"attributes"`
			IdentityVersion int64           `json:"identity_schema_version"`
			Identity        json.RawMessage `json:"identity"`
		} `json:"instances"`
	} `json:"resources"`
}

// stateToRecord is of a configuration that sets as much as can be set at once.
func stateToRecord(t *testing.T) string {
	t.Helper()
	w := exampleWorld(t)
	w.must(w.AddIntegration(runtimeName, "lab", "GITLAB", w.URL(sandbox.GitLabSelfManaged)))
	_, key, err := w.AddUser("upgrade-bot", false)
	w.must(err)
	user := w.token(sandbox.Token{
		Service: sandbox.GitLabSelfManaged, Kind: "personal", Owner: "upgrade-bot", Scopes: []string{"api"},
	}).Text
	c := exampleCLI(w, filepath.Join(examplesDir, "resources", runtimeToken, "resource.tf"))
	c.write("more.tf", fmt.Sprintf(`
resource "codefresh_git_user_token" "full" {
  runtime         = %q
  integration     = "lab"
  api_key         = %q
  token           = %q
  git_provider    = "gitlab"
  api_url         = %q
  required_scopes = ["api"]
  validation      = "warn"
  write_probes    = false
  expires_at_hint = "2099-01-31"
}
resource "codefresh_git_user_token" "plain" {
  runtime    = "staging"
  token_name = "ci-bot"
  repositories = [{ url = "https://github.com/acme/gitops", access = "write" }]
}
`, runtimeName, c.secret(key), c.secret(user), w.URL(sandbox.GitLabSelfManaged)))
	c.apply().wantExit(0)
	state := readText(t, filepath.Join(c.folder, "terraform.tfstate"))

	return strings.NewReplacer(user, "a-token-that-opens-nothing", key, "a-key-that-opens-nothing").Replace(state)
}

// The states of every release that was, and of this one, decode into today's schema, and nothing in them is lost.
func TestStatesUpgrade(t *testing.T) {
	t.Parallel()
	today := stateToRecord(t)

	if *recordStates != "" {
		folder := filepath.Join("testdata", "states", *recordStates)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}

		if err := os.WriteFile(filepath.Join(folder, "state.json"), []byte(today), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	states := map[string]string{"today": today}

	files, err := filepath.Glob(filepath.Join("testdata", "states", "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded state is found: %v", err)
	}

	for _, file := range files {
		states[file] = readText(t, file)
	}

	for name, text := range states {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upgrade(t, text)
		})
	}
}

// upgrade takes a state through the provider's server, as Terraform does before it does anything else with one.
func upgrade(t *testing.T, text string) {
	t.Helper()
	x := newWorld(t).wire(nil)

	var state recordedState
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		t.Fatal(err)
	}

	seen := make(map[string]bool)

	for _, r := range state.Resources {
		if r.Mode != "managed" {
			continue
		}

		schema := x.schemas.ResourceSchemas[r.Type]
		if schema == nil {
			t.Errorf("there is no resource %s any more", r.Type)

			continue
		}

		for _, instance := range r.Instances {
			seen[r.Type] = true
			if instance.SchemaVersion > schema.Version {
				t.Errorf("%s.%s: schema version %d is from the future", r.Type, r.Name, instance.SchemaVersion)
			}

			upgraded, err := x.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
				TypeName: r.Type, Version: instance.SchemaVersion,
				RawState: &tfprotov6.RawState{JSON: instance.Attributes},
			})
			if err != nil {
				t.Fatal(err)
			}

			keepsWhatWas(t, r.Type+"."+r.Name, instance.Attributes, decoded(t, upgraded.UpgradedState, upgraded.Diagnostics,
				schema.ValueType()))

			// Terraform has identities since 1.12, and states that an older one wrote have none.
			if len(instance.Identity) > 0 && string(instance.Identity) != "null" {
				upgradeIdentity(t, x.server, x.identities[r.Type], r.Type, instance.IdentityVersion,
					instance.Identity)
			}
		}
	}

	for name := range x.schemas.ResourceSchemas {
		if !seen[name] {
			t.Errorf("the state has no %s", name)
		}
	}
}

// upgradeIdentity is upgrade for an identity. Terraform asks for that only if the version is another.
func upgradeIdentity(
	t *testing.T, server tfprotov6.ProviderServer, schema *tfprotov6.ResourceIdentitySchema, resourceType string,
	version int64, recorded json.RawMessage,
) {
	t.Helper()

	raw := &tfprotov6.RawState{JSON: recorded}
	if version == schema.Version {
		whole, err := raw.Unmarshal(schema.ValueType())
		if err != nil {
			t.Fatalf("the identity of %s does not decode into today's schema: %v", resourceType, err)
		}

		keepsWhatWas(t, resourceType, recorded, asJSON(t, whole))

		return
	}

	upgraded, err := server.UpgradeResourceIdentity(t.Context(), &tfprotov6.UpgradeResourceIdentityRequest{
		TypeName: resourceType, Version: version, RawIdentity: raw,
	})
	if err != nil {
		t.Fatal(err)
	}

	var value *tfprotov6.DynamicValue
	if upgraded.UpgradedIdentity != nil {
		value = upgraded.UpgradedIdentity.IdentityData
	}

	keepsWhatWas(t, resourceType, recorded, decoded(t, value, upgraded.Diagnostics, schema.ValueType()))
}

// decoded returns what the provider answered in the form of a state file.
func decoded(
	t *testing.T, value *tfprotov6.DynamicValue, diagnostics []*tfprotov6.Diagnostic, want tftypes.Type,
) any {
	t.Helper()

	for _, d := range diagnostics {
		t.Errorf("%s: %s\n%s", d.Severity, d.Summary, d.Detail)
	}

	if value == nil {
		t.Fatal("the provider gave nothing back")
	}

	whole, err := value.Unmarshal(want)
	if err != nil {
		t.Fatalf("this does not decode into today's schema: %v", err)
	}

	return asJSON(t, whole)
}

// asJSON turns a value of Terraform's into what encoding/json would make of it.
func asJSON(t *testing.T, value tftypes.Value) any {
	t.Helper()

	if value.IsNull() {
		return nil
	}

	as := func(into any) {
		if err := value.As(into); err != nil {
			t.Fatal(err)
		}
	}

	switch kind := value.Type(); {
	case kind.Is(tftypes.String):
		var text string
		as(&text)

		return text
	case kind.Is(tftypes.Bool):
		var is bool
		as(&is)

		return is
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		var parts map[string]tftypes.Value
		as(&parts)

		all := make(map[string]any)
		for name, part := range parts {
			all[name] = asJSON(t, part)
		}

		return all
	default: // lists and sets; no resource has a number
		var parts []tftypes.Value
		as(&parts)

		all := make([]any, 0, len(parts))
		for _, part := range parts {
			all = append(all, asJSON(t, part))
		}

		return all
	}
}

// keepsWhatWas fails the test for each recorded value that is another now. What an upgrade renames on purpose is to be
// named here, with the schema version that does.
func keepsWhatWas(t *testing.T, name string, recorded json.RawMessage, upgraded any) {
	t.Helper()

	now, ok := upgraded.(map[string]any)
	if !ok {
		t.Fatalf("%s is no object: %v", name, upgraded)
	}

	var was map[string]any
	if err := json.Unmarshal(recorded, &was); err != nil {
		t.Fatal(err)
	}

	for attribute, value := range was {
		if diff := cmp.Diff(value, now[attribute]); diff != "" {
			t.Errorf("%s: %s (-recorded +upgraded):\n%s", name, attribute, diff)
		}
	}
}
