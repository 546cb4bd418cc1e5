package sandbox_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	id, _, err := s.AddUser("reader", false)
	cfDo(t, err)
	good := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})
	admin, _ := s.DefaultUser()
	cfDo(t, s.Register("one", "default", map[string]string{id: good.Text, admin: "ghp_gone"}))

	if text, ok := s.UserToken("one", "default", id); !ok || text != good.Text {
		t.Errorf("the user has %q, %t", text, ok)
	}

	got := cfQuery(t, s.URL(sandbox.AppProxy("one"))+"/app-proxy/api/graphql", adminKey,
		`{ gitIntegrations { users { userId isValid } } }`, nil)
	valid := map[any]any{}

	users, _ := dig(t, got.Data, "gitIntegrations", 0, "users").([]any)
	for _, user := range users {
		valid[dig(t, user, "userId")] = dig(t, user, "isValid")
	}

	if len(users) != 2 || valid[id] != true || valid[admin] != false {
		t.Errorf("users are %v", users)
	}

	if len(s.Mutations()) > 0 {
		t.Errorf("seeding sent %v", s.Mutations())
	}

	// A second one takes the place of the first.
	cfDo(t, s.Register("one", "default", map[string]string{id: "ghp_other"}))

	if text, _ := s.UserToken("one", "default", id); text != "ghp_other" {
		t.Errorf("the user has %q", text)
	}

	for name, err := range map[string]error{
		"runtime":     s.Register("two", "default", nil),
		"integration": s.Register("one", "other", nil),
		"user":        s.Register("one", "default", map[string]string{"nobody": "x"}),
	} {
		if err == nil {
			t.Errorf("unknown %s: no error", name)
		}
	}
}

func TestMostAtOnce(t *testing.T) {
	t.Parallel()
	s := begin(t)

	address := s.URL(sandbox.GitHub) + "/user"
	for range 3 {
		if _, _, err := get(t.Context(), address); err != nil {
			t.Fatal(err)
		}
	}

	if got := s.MostAtOnce(); got != 1 {
		t.Errorf("one after the other: %d", got)
	}

	// A slow answer is the true one, which refuses a request without a credential.
	do(t, s.Break(sandbox.GitHub, sandbox.Fault{Mode: "slow", Times: 1}))

	if status, _, err := get(t.Context(), address); status != 401 || err != nil {
		t.Errorf("slow: %d, %v", status, err)
	}

	do(t, s.Break(sandbox.GitHub, sandbox.Fault{Mode: "hang"}))

	ctx, leave := context.WithCancel(t.Context())
	defer leave()

	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if _, _, err := get(ctx, address); !errors.Is(err, context.Canceled) {
				t.Errorf("while it hangs: %v", err)
			}
		})
	}

	for len(s.Requests(sandbox.GitHub)) < 4+5 {
		runtime.Gosched()
	}

	leave()
	group.Wait()

	if got := s.MostAtOnce(); got != 5 {
		t.Errorf("five side by side: %d", got)
	}
}
