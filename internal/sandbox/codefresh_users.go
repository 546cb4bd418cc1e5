package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// AddUser adds a user to the account and returns the user's id and API key.
func (s *Sandbox) AddUser(name string, admin bool) (id, apiKey string, err error) {
	if name == "" {
		return "", "", errors.New("a user needs a name")
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	for _, u := range s.cf.users {
		if u.name == name {
			return "", "", fmt.Errorf("there is already a user %q", name)
		}
	}

	u := &cfUser{id: s.objectID(), name: name, key: s.newKey(), admin: admin}
	s.cf.users = append(s.cf.users, u)

	return u.id, u.key, nil
}

// DefaultUser returns the id and API key of the user whom the sandbox starts with, an account admin.
func (s *Sandbox) DefaultUser() (id, apiKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.cf.users[0].id, s.cf.users[0].key
}

// RevokeKey makes Codefresh refuse an API key from now on. What its user registered stays.
func (s *Sandbox) RevokeKey(apiKey string) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	u := s.cf.userByKey(apiKey)
	if u == nil {
		return errors.New("no user of the sandbox has this API key")
	}

	u.key = ""

	return nil
}

func (w *codefreshWorld) userByKey(key string) *cfUser {
	for _, u := range w.users {
		if key != "" && u.key == key {
			return u
		}
	}

	return nil
}

// newKey makes an API key of Codefresh's shape: an id and a secret, with a dot between them.
func (s *Sandbox) newKey() string {
	var secret [16]byte

	_, _ = rand.Read(secret[:]) // never fails

	return s.objectID() + "." + hex.EncodeToString(secret[:])
}

// AddIntegration adds a Git integration to a runtime, for all users of the account.
func (s *Sandbox) AddIntegration(runtime, name, provider, apiURL string) error {
	if name == "" {
		return errors.New("an integration needs a name")
	}

	if err := checkProvider(provider); err != nil {
		return err
	}

	if err := checkURL(apiURL); err != nil {
		return err
	}

	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		if _, err := r.integration(name); err == nil {
			return fmt.Errorf("runtime %q already has an integration %q", runtime, name)
		}

		r.integrations = append(r.integrations,
			&cfIntegration{name: name, provider: provider, apiURL: s.installedAPI(apiURL), sharingPolicy: everyone})

		return nil
	})
}

// RuntimeToken returns what Codefresh holds as a runtime's Git token. ok is false for a runtime without one, and for
// a runtime that does not exist.
func (s *Sandbox) RuntimeToken(runtime string) (text, provider, apiURL, username string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	r, err := s.cf.runtime(runtime)
	if err != nil || r.token == nil {
		return "", "", "", "", false
	}

	return r.token.text, r.token.provider, r.token.apiURL, r.token.username, true
}

// UserToken returns the token that a user has registered with an integration of a runtime.
func (s *Sandbox) UserToken(runtime, integration, userID string) (text string, ok bool) {
	err := s.changeRegistration(runtime, integration, userID, func(r *cfRegistration) { text = r.held.text })

	return text, err == nil
}

// Register makes users' registrations with an integration of a runtime as they are after each registered a token,
// without a request and without a check. tokens holds a token's text for each user's id.
func (s *Sandbox) Register(runtime, integration string, tokens map[string]string) error {
	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		i, err := r.integration(integration)
		if err != nil {
			return err
		}

		for _, id := range slices.Sorted(maps.Keys(tokens)) {
			if !slices.ContainsFunc(s.cf.users, func(u *cfUser) bool { return u.id == id }) {
				return fmt.Errorf("the sandbox has no user %q", id)
			}

			i.unregister(id)
			i.registrations = append(i.registrations, &cfRegistration{
				userID: id, tokenType: userTokenType,
				held: heldToken{text: tokens[id], provider: i.provider, apiURL: i.apiURL},
			})
		}

		return nil
	})
}

// Unregister takes a user's registration away behind the user's back, as a reinstalled runtime does.
func (s *Sandbox) Unregister(runtime, integration, userID string) error {
	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		i, err := r.integration(integration)
		if err != nil {
			return err
		}

		if !i.unregister(userID) {
			return notRegistered(runtime, integration, userID)
		}

		return nil
	})
}

// SetUserTokenValid overrides what isValid says of a registration; nil ends that.
func (s *Sandbox) SetUserTokenValid(runtime, integration, userID string, valid *bool) error {
	return s.changeRegistration(runtime, integration, userID, func(r *cfRegistration) { r.valid = valid })
}

func (s *Sandbox) changeRegistration(runtime, integration, userID string, change func(*cfRegistration)) error {
	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		i, err := r.integration(integration)
		if err != nil {
			return err
		}

		found := i.registration(userID)
		if found == nil {
			return notRegistered(runtime, integration, userID)
		}

		change(found)

		return nil
	})
}

func notRegistered(runtime, integration, userID string) error {
	return fmt.Errorf("user %q is not registered with integration %q of runtime %q", userID, integration, runtime)
}

// SetRuntimeTokenStatus overrides what the platform says of a runtime's Git token: SUCCESSFUL, FAILED or UNKNOWN.
// "" ends that.
func (s *Sandbox) SetRuntimeTokenStatus(runtime, status string) error {
	if !slices.Contains([]string{"", "SUCCESSFUL", "FAILED", "UNKNOWN"}, status) {
		return fmt.Errorf("%q is no status: use SUCCESSFUL, FAILED, UNKNOWN or nothing", status)
	}

	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		r.tokenStatus = status

		return nil
	})
}

// Mutations returns the GraphQL mutations that Codefresh received, in order, those that it refused included.
func (s *Sandbox) Mutations() []Request {
	names := []string{
		"updateCsdpSettings", "addGitIntegration", "editGitIntegration", "removeGitIntegration",
		"registerToGitIntegration", "deregisterFromGitIntegration", "updateRuntimeGitToken",
	}

	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return !slices.Contains(names, r.Operation) })
}
