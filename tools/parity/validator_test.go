//go:build parity

package parity_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// live is whether the validator is asked.
const live = true

// question and verdict are what validator.mjs reads and writes.
type question struct {
	Provider   string `json:"provider"`
	APIURL     string `json:"apiUrl"`
	Token      string `json:"token"`
	Username   string `json:"username"`
	Repository string `json:"repository"`
}

type verdict struct{ Runtime, User string }

// validator is a running validator.mjs.
type validator struct {
	in  io.WriteCloser
	out *bufio.Reader
	end func() error
}

func startValidator(t *testing.T, w *world) *validator {
	t.Helper()

	folder := os.Getenv("VALIDATOR")
	if folder == "" {
		t.Fatal("VALIDATOR names no folder: make parity sets it")
	}

	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, w.CACertificate(), 0o600); err != nil {
		t.Fatal(err)
	}

	c := exec.CommandContext(t.Context(), "node", "validator.mjs", folder)

	c.Env = append(os.Environ(),
		"NODE_EXTRA_CA_CERTS="+ca, "HTTPS_PROXY="+w.ProxyURL(), "https_proxy="+w.ProxyURL(), "NO_PROXY=127.0.0.1")
	complaints := &bytes.Buffer{}
	c.Stderr = complaints

	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}

	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := c.Start(); err != nil {
		t.Fatal(err)
	}

	return &validator{in: in, out: bufio.NewReader(out), end: func() error {
		_ = in.Close()

		err := c.Wait()
		if err != nil {
			t.Logf("validator.mjs: %s", complaints)
		}

		return err
	}}
}

func (v *validator) ask(t *testing.T, questions []question) []verdict {
	t.Helper()

	if err := json.NewEncoder(v.in).Encode(questions); err != nil {
		t.Fatal(err)
	}

	line, err := v.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the validator gave no answer: %v", err)
	}

	var found []verdict
	if err := json.Unmarshal(line, &found); err != nil || len(found) != len(questions) {
		t.Fatalf("the validator gave %d answers to %d questions: %v", len(found), len(questions), err)
	}

	return found
}

// TestValidator asks Codefresh's validator, and compares with what is written down.
//
//nolint:paralleltest // with -update the others, which are parallel and so come later, read what this one writes
func TestValidator(t *testing.T) {
	w := begin(t)
	v := startValidator(t, w)
	found, start := answers{}, time.Now()

	w.rounds(t, func(places []int) {
		var questions []question

		for _, i := range places {
			j := w.tokens[i]
			questions = append(questions, question{j.provider, j.sentURL, j.text, j.username, j.repository})
		}

		for i, said := range v.ask(t, questions) {
			token := w.tokens[places[i]].id()
			found[pair{token, "runtime"}], found[pair{token, "user"}] = said.Runtime, said.User
		}
	})

	if err := v.end(); err != nil {
		t.Error(err)
	}

	t.Logf("the validator judged %d pairs in %s", len(found), time.Since(start).Round(time.Second/10))

	if updates() {
		text := writeAnswers(tokens(), found)
		if err := os.WriteFile(goldenFile, []byte(text), 0o644); err != nil { //nolint:gosec // a public text
			t.Fatal(err)
		}

		return
	}

	golden, err := readAnswers()
	if err != nil {
		t.Fatal(err)
	}

	for p, said := range found {
		if was, ok := golden[p]; !ok || was != said {
			t.Errorf("%s: the validator says %q; %q is written down", p, said, was)
		}
	}
}
