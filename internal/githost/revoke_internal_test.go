package githost

import (
	"context"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// revokingHost takes tokens until it has revoked one, and quotes what it was given.
type revokingHost struct {
	host

	revoked *bool
}

func (h revokingHost) Inspect(context.Context, gittoken.Credential) gittoken.Verdict {
	if *h.revoked {
		return gittoken.Verdict{Standing: gittoken.Rejected}
	}

	return gittoken.Verdict{Standing: gittoken.Live}
}

func (h revokingHost) Revoke(_ context.Context, c gittoken.Credential) gittoken.Revocation {
	*h.revoked = true

	return gittoken.NotRevoked(gittoken.CauseServerError, "no "+c.Token.Reveal())
}

// What a host said of a token before it was asked to revoke it is nothing any more; what it says then is redacted. A
// host that revokes nothing is not asked.
func TestRevoke(t *testing.T) {
	t.Parallel()

	revoked := false
	known := redact.New()
	secret := gittoken.NewSecret("ghp_0123456789abcdefghijABCDEFGHIJ012345")
	known.Add(secret)
	i := newInspector(map[gittoken.Provider]host{
		gittoken.GitHub: revokingHost{revoked: &revoked}, gittoken.BitbucketCloud: askedHost{},
	}, time.Now, memo.NewIdentities([]byte("salt")), known)
	credential := func(p gittoken.Provider) gittoken.Credential {
		h, err := gittoken.NewHost(p, "")
		if err != nil {
			t.Fatal(err)
		}

		return gittoken.Credential{Host: h, Token: secret}
	}

	c := credential(gittoken.GitHub)
	if v := i.Inspect(t.Context(), c, 0); v.Standing != gittoken.Live {
		t.Fatalf("before: %v", v)
	}

	if r := i.Revoke(t.Context(), c); r.Accepted || r.Detail != "no (redacted)" {
		t.Errorf("it says %+v", r)
	}

	if v := i.Inspect(t.Context(), c, 0); v.Standing != gittoken.Rejected {
		t.Errorf("after: %v", v)
	}

	r := i.Revoke(t.Context(), credential(gittoken.BitbucketCloud))
	if r.Accepted || r.Cause != gittoken.CauseNotPermitted {
		t.Errorf("a host without revocation says %+v", r)
	}
}

// askedHost is a host that only answers.
type askedHost struct{ host }
