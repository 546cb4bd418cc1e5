package provider

import (
	"maps"
	"slices"
	"sync"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// tokenMark recognises a token without its text. The zero mark is of none.
type tokenMark struct{ salt, fingerprint string }

func (m tokenMark) isOf(s gittoken.Secret) bool {
	return m.salt != "" && m.fingerprint != "" && s.Fingerprint([]byte(m.salt)) == m.fingerprint
}

// markOf recognises a token that is at hand; salt is that of the process.
func markOf(t tokencheck.Token, salt []byte) tokenMark {
	if !t.Known || t.Secret.IsEmpty() {
		return tokenMark{}
	}

	return tokenMark{string(salt), t.Secret.Fingerprint(salt)}
}

// markIn recognises the token that a state describes.
func markIn(state *tokenModel, p privateState) tokenMark {
	if state == nil {
		return tokenMark{}
	}

	return tokenMark{string(p.Salt), state.TokenFingerprint.ValueString()}
}

// tokenUses remembers which tokens the resources of this process use or are to use, and which ones are to be revoked.
// Terraform plans a resource and an action by themselves, in any order; only the provider sees that one takes away what
// the other lives by.
type tokenUses struct {
	mu     sync.Mutex
	used   map[string][]tokenMark // by the name of the place: before an apply, the user may not be known
	doomed []gittoken.Secret
}

func newTokenUses() *tokenUses { return &tokenUses{used: make(map[string][]tokenMark)} }

// note adds tokens to those of a place, and reports whether one of them is to be revoked.
func (u *tokenUses) note(at place, marks ...tokenMark) bool {
	u.mu.Lock()
	defer u.mu.Unlock()

	for _, m := range marks {
		u.add(at, m)
	}

	return slices.ContainsFunc(u.doomed, func(s gittoken.Secret) bool {
		return slices.ContainsFunc(marks, func(m tokenMark) bool { return m.isOf(s) })
	})
}

// replace says that a place has come to use one token in place of another.
func (u *tokenUses) replace(at place, old, now tokenMark) {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.used[at.name()] = slices.DeleteFunc(u.used[at.name()], func(m tokenMark) bool { return m == old })
	u.add(at, now)
}

// add notes a token once. The caller holds the lock.
func (u *tokenUses) add(at place, m tokenMark) {
	if marks := u.used[at.name()]; m != (tokenMark{}) && !slices.Contains(marks, m) {
		u.used[at.name()] = append(marks, m)
	}
}

// doom notes that a token is to be revoked, and returns the names of the places that use it, sorted.
func (u *tokenUses) doom(s gittoken.Secret) []string {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.doomed = append(u.doomed, s)

	return slices.DeleteFunc(slices.Sorted(maps.Keys(u.used)), func(name string) bool {
		return !slices.ContainsFunc(u.used[name], func(m tokenMark) bool { return m.isOf(s) })
	})
}
