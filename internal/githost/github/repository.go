package github

import (
	"context"
	"net/http"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
)

// shared is how long the probes of a repository share what GitHub said of it. It covers one round of probes and no
// more.
const shared = 15 * time.Second

// repositoryKey names a repository as one token sees it.
type repositoryKey struct {
	identity    memo.Identity
	owner, name string
}

// repository is what GET /repos/{owner}/{repo} said. Unless it is seen, answer tells why not.
type repository struct {
	seen     bool
	private  bool // or internal: not everybody may read it
	archived bool
	push     *bool // the account's role; nil if GitHub did not tell
	admin    *bool

	answer answer
}

func (i *Inspector) repository(ctx context.Context, c gittoken.Credential, owner, name string) repository {
	key := repositoryKey{i.identities.Of(c), owner, name}

	r, err := i.repositories.Get(ctx, key, shared, func(ctx context.Context) repository {
		client, err := i.client(c)
		if err != nil {
			return repository{answer: failed(err)}
		}

		a := ask(ctx, client, http.MethodGet, "repos/"+owner+"/"+name, nil)

		var record repositoryRecord
		if !a.document(&record) || record.Private == nil {
			return repository{answer: a}
		}

		return record.repository()
	})
	if err != nil {
		return repository{answer: failed(err)}
	}

	return r
}

// repositoryRecord is GET /repos/{owner}/{repo} (GitHub docs, Get a repository).
type repositoryRecord struct {
	Private     *bool           `json:"private"`
	Archived    bool            `json:"archived"`
	Disabled    bool            `json:"disabled"`
	Permissions map[string]bool `json:"permissions"`
}

func (r repositoryRecord) repository() repository {
	role := func(name string) *bool {
		if has, told := r.Permissions[name]; told {
			return &has
		}

		return nil
	}

	return repository{
		seen:     true,
		private:  *r.Private,
		archived: r.Archived || r.Disabled,
		push:     role("push"),
		admin:    role("admin"),
	}
}

// hidden reports whether GitHub says that there is no such repository, for this token at least.
func (r repository) hidden() bool {
	return !r.seen && r.answer.Status == http.StatusNotFound && r.answer.own && !r.answer.wantsSSO()
}
