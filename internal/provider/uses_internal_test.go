package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// Each walk notes a token of the same place anew, with and without its user, and a place is told once.
func TestTokenUses(t *testing.T) {
	t.Parallel()

	process, ofResource := []byte("of the process"), []byte("of a resource")
	old, now := gittoken.NewSecret("old"), gittoken.NewSecret("now")
	inState := tokenMark{string(ofResource), old.Fingerprint(ofResource)}
	later := markOf(tokencheck.Token{Secret: now, Known: true}, process)

	u := newTokenUses()
	planned := place{tokenType: gittoken.User, runtime: "prod", integration: "default"}
	refreshed := planned
	refreshed.user = "u1"

	u.note(refreshed, inState)
	u.note(planned, inState, tokenMark{}, later)
	u.note(place{tokenType: gittoken.Runtime, runtime: "away"},
		markOf(tokencheck.Token{Secret: old, Known: true}, process))

	if diff := cmp.Diff([]string{"away", "prod/default"}, u.doom(old)); diff != "" {
		t.Errorf("who uses the old token (-want +got):\n%s", diff)
	}

	if n := len(u.used[planned.name()]); n != 2 {
		t.Errorf("the place has %d marks, want one for each token", n)
	}

	if u.note(planned, later) || !u.note(planned, inState) {
		t.Error("want the old token to be the one that is to be revoked")
	}

	u.replace(refreshed, inState, later)

	if diff := cmp.Diff([]string{"away"}, u.doom(old)); diff != "" {
		t.Errorf("who uses the old token after it was replaced (-want +got):\n%s", diff)
	}

	if diff := cmp.Diff([]string{"prod/default"}, u.doom(now)); diff != "" {
		t.Errorf("who uses the other token (-want +got):\n%s", diff)
	}
}
