package parity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// appProxysAnswers hands every token to a runtime of the sandbox, for both uses.
func appProxysAnswers(t *testing.T, w *world) answers {
	t.Helper()

	runtimes := map[string]string{} // by the repository that they keep their configuration in
	for _, j := range w.tokens {
		if runtimes[j.repository] != "" {
			continue
		}

		name := fmt.Sprintf("runtime-%d", len(runtimes))

		runtimes[j.repository] = name
		if err := w.AddRuntime(sandbox.Runtime{
			Name: name, GitProvider: codefreshName(j.provider), GitAPIURL: j.sentURL, Repo: j.repository,
		}); err != nil {
			t.Fatal(err)
		}
	}

	found := answers{}

	w.rounds(t, func(places []int) {
		for _, i := range places {
			j := w.tokens[i]
			for use, document := range map[string]string{
				"runtime": `mutation($a: UpdateRuntimeGitTokenArgs!) { updateRuntimeGitToken(args: $a) }`,
				"user":    `mutation($a: RegisterToGitIntegrationArgs!) { registerToGitIntegration(args: $a) { name } }`,
			} {
				args := map[string]any{"token": j.text, "username": j.username}
				if use == "runtime" {
					args["provider"], args["apiUrl"] = codefreshName(j.provider), j.sentURL
				}

				said, err := w.mutate(t, runtimes[j.repository], document, args)
				if err != nil {
					t.Fatalf("%s as %s token: %v", j.id(), use, err)
				}

				found[pair{j.id(), use}] = said
			}
		}
	})

	return found
}

func codefreshName(provider string) string {
	return strings.ToUpper(strings.ReplaceAll(provider, "-", "_"))
}

// mutate sends a mutation to a runtime's app-proxy and returns the message of its error; empty if there is none.
func (w *world) mutate(t *testing.T, runtime, document string, args map[string]any) (string, error) {
	t.Helper()

	body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"a": args}})
	if err != nil {
		return "", err
	}

	address := w.URL(sandbox.AppProxy(runtime)) + "/app-proxy/api/graphql"

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return "", err
	}

	_, key := w.DefaultUser()

	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", key)

	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}

	defer func() { _ = resp.Body.Close() }()

	var reply struct {
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		return "", err
	}

	switch {
	case resp.StatusCode != http.StatusOK:
		return "", errors.New(resp.Status)
	case len(reply.Errors) == 0:
		return "", nil
	case reply.Errors[0].Message == "":
		return "", errors.New("an error without a message")
	}

	return reply.Errors[0].Message, nil
}
