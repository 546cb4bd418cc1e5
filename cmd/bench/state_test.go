package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestGrown(t *testing.T) {
	t.Parallel()

	instances := make([]string, 0, 2*perRuntime)
	for i := range cap(instances) {
		instances = append(instances, fmt.Sprintf(
			`{"index_key":%d,"attributes":{"id":"%s/%s","runtime":%[2]q},"identity":{"integration":%[3]q}}`,
			i, runtimeOf(i), integrationOf(i)))
	}

	state := func(instances []string) []byte {
		return []byte(`{"serial":7,"resources":[{"mode":"managed","instances":[` + strings.Join(instances, ",") + `]}]}`)
	}

	text, err := grown(state(instances), 3*perRuntime+5, 2)
	if err != nil {
		t.Fatal(err)
	}

	var got struct {
		Serial    int
		Resources []struct {
			Mode      string
			Instances []struct {
				Index      int `json:"index_key"`
				Attributes struct{ ID, Runtime string }
				Identity   struct{ Integration string }
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}

	if got.Serial != 7 || got.Resources[0].Mode != "managed" || len(got.Resources[0].Instances) != 3*perRuntime+5 {
		t.Fatalf("%.300s", text)
	}

	for i, instance := range got.Resources[0].Instances {
		if instance.Index != i || instance.Attributes.Runtime != runtimeOf(i) ||
			instance.Attributes.ID != runtimeOf(i)+"/"+integrationOf(i) || instance.Identity.Integration != integrationOf(i) {
			t.Errorf("%d: %+v", i, instance)
		}
	}

	for name, broken := range map[string][]byte{
		"no JSON":             []byte("state"),
		"no resource":         []byte(`{"resources":[]}`),
		"a part of a runtime": state(instances[:perRuntime+1]),
		"no instance":         state(nil),
	} {
		if _, err := grown(broken, 3*perRuntime, 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}

	if _, err := grown(state(instances), 3*perRuntime, 3); err == nil {
		t.Error("no error although other tokens come after those that are there")
	}
}
