package provider

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// tokenMark recognises a token without its text. The zero mark is of none.
type tokenMark struct {
	salt        []byte
	fingerprint string
}

func (m tokenMark) isOf(s gittoken.Secret) bool {
	return len(m.salt) > 0 && m.fingerprint != "" && s.Fingerprint(m.salt) == m.fingerprint
}

func (m tokenMark) equal(other tokenMark) bool {
	return bytes.Equal(m.salt, other.salt) && m.fingerprint == other.fingerprint
}

// markOf recognises a token that is at hand; salt is that of the process.
func markOf(t tokencheck.Token, salt []byte) tokenMark {
	if !t.Known || t.Secret.IsEmpty() {
		return tokenMark{}
	}

	return tokenMark{salt, t.Secret.Fingerprint(salt)}
}

// markIn recognises the token that a state describes.
func markIn(state *tokenModel, p privateState) tokenMark {
	if state == nil {
		return tokenMark{}
	}

	return tokenMark{p.Salt, state.TokenFingerprint.ValueString()}
}

// tokenUses remembers which tokens the resources of this process use or are to use, and which ones are to be revoked.
// Terraform plans a resource and an action by themselves, in any order; only the provider sees that one takes away what
// the other lives by.
type tokenUses struct {
	mu     sync.Mutex
	used   map[place][]tokenMark
	doomed []gittoken.Secret
}

func newTokenUses() *tokenUses { return &tokenUses{used: make(map[place][]tokenMark)} }

// note adds tokens to those of a place, and reports whether one of them is to be revoked.
func (u *tokenUses) note(at place, marks ...tokenMark) bool {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.used[at] = append(u.used[at], marks...)

	return slices.ContainsFunc(u.doomed, func(s gittoken.Secret) bool {
		return slices.ContainsFunc(marks, func(m tokenMark) bool { return m.isOf(s) })
	})
}

// replace says that a place has come to use one token in place of another.
func (u *tokenUses) replace(at place, old, now tokenMark) {
	u.mu.Lock()
	defer u.mu.Unlock()

	for other, marks := range u.used {
		if other.name() == at.name() { // before an apply, the user may not have been known
			u.used[other] = slices.DeleteFunc(marks, old.equal)
		}
	}

	u.used[at] = append(u.used[at], now)
}

// doom notes that a token is to be revoked, and returns the places that use it, in the order of their names.
func (u *tokenUses) doom(s gittoken.Secret) []place {
	u.mu.Lock()
	defer u.mu.Unlock()

	u.doomed = append(u.doomed, s)
	users := maps.Keys(u.used)
	found := slices.DeleteFunc(slices.Collect(users), func(at place) bool {
		return !slices.ContainsFunc(u.used[at], func(m tokenMark) bool { return m.isOf(s) })
	})
	slices.SortFunc(found, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.runtime, b.runtime), cmp.Compare(a.integration, b.integration),
			cmp.Compare(a.user, b.user))
	})

	return found
}
