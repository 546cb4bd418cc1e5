package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const stateFile = "terraform.tfstate"

// grow gives the subject the state that it would have after creating everything, made from that of another one with
// fewer of the same resources.
func (s *subject) grow(from *subject, w *world) error {
	text, err := os.ReadFile(filepath.Join(from.folder, stateFile))
	if err != nil {
		return err
	}

	if text, err = grown(text, w.resources, len(w.tokens)); err != nil {
		return err
	}

	return os.WriteFile(filepath.Join(s.folder, stateFile), text, 0o600)
}

// grown returns a state with as many instances of its one resource as there shall be resources. The new ones differ
// from those of the first runtimes in the name of the runtime alone. An error means that the state holds too few to
// know each token of a runtime by.
func grown(state []byte, resources, tokens int) ([]byte, error) {
	var (
		whole map[string]json.RawMessage
		held  []map[string]json.RawMessage
		all   []map[string]json.RawMessage
	)
	if err := json.Unmarshal(state, &whole); err != nil {
		return nil, err
	}

	if err := json.Unmarshal(whole["resources"], &held); err != nil {
		return nil, err
	}

	if len(held) != 1 {
		return nil, fmt.Errorf("%d resources in place of one with a count", len(held))
	}

	if err := json.Unmarshal(held[0]["instances"], &all); err != nil {
		return nil, err
	}

	few := len(all)
	if few == 0 || few%perRuntime != 0 || few%tokens != 0 {
		return nil, fmt.Errorf("%d resources are no multiple of %d and of the number of tokens", few, perRuntime)
	}

	for i := few; i < resources; i++ {
		renamed := map[string]json.RawMessage{}
		for name, value := range all[i%few] {
			renamed[name] = json.RawMessage(strings.ReplaceAll(string(value), `"`+runtimeOf(i%few), `"`+runtimeOf(i)))
		}

		renamed["index_key"] = json.RawMessage(fmt.Sprint(i))
		all = append(all, renamed)
	}

	var problems [3]error

	held[0]["instances"], problems[0] = json.Marshal(all)
	whole["resources"], problems[1] = json.Marshal(held)
	state, problems[2] = json.Marshal(whole)

	return state, errors.Join(problems[:]...)
}
