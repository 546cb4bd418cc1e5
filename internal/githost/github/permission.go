package github

import (
	"context"
	"net/http"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Permissions of fine-grained tokens and GitHub Apps cannot be asked for, so they are tried: by reading something that
// needs the permission and, where nothing readable needs its write level, by sending what GitHub cannot accept and
// seeing whether it refuses the token or the content. GitHub checks the permission first: that is what it does, and not
// what it promises, so any other answer than the two expected ones proves nothing.
//
// The requests are those of trufflehog's analyzer (pkg/analyzer/analyzers/github/finegrained), with one exception:
// contents are never PUT, since GitHub was seen to commit a file from an empty body. Asking Git's push endpoint what
// there is, as git push does before it sends anything, needs the same permission.

// try is one request with the statuses that prove the permission.
type try struct {
	method string
	path   string // below /repos/{owner}/{repo}
	proves []int
	// gated says that public repositories do not show it to everybody.
	gated bool
}

// trial is how one permission is tried.
type trial struct {
	read  try
	write try
	// git says that Git's push endpoint stands in for write.
	git bool
}

const (
	// noHook is the number of no webhook: it is near the end of what a 32-bit number holds.
	noHook = "4294967289"
	// noCommit is as long as a commit's name, and has letters that none has.
	noCommit = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
)

// trials returns how the permissions that Codefresh needs are tried. The levels that endpoints need: GitHub docs,
// Permissions required for fine-grained personal access tokens.
func trials() map[string]trial {
	get := func(path string, gated bool, proves ...int) try {
		return try{method: http.MethodGet, path: path, gated: gated, proves: append(proves, http.StatusOK)}
	}

	return map[string]trial{
		"metadata": {read: get("", false)},
		"administration": {
			read:  get("/actions/permissions", true),
			write: get("/rulesets/rule-suites?per_page=1", true), // reading them takes the write level
		},
		"webhooks": {
			read:  get("/hooks?per_page=1", true),
			write: try{method: http.MethodPatch, path: "/hooks/" + noHook, proves: []int{http.StatusNotFound}},
		},
		"statuses": {
			// There is no such commit, and GitHub says so to those who may look.
			read:  get("/commits/"+noCommit+"/statuses", false, http.StatusNotFound, http.StatusUnprocessableEntity),
			write: try{method: http.MethodPost, path: "/statuses/" + noCommit, proves: []int{http.StatusUnprocessableEntity}},
		},
		"pull_requests": {
			read:  get("/pulls?per_page=1", false),
			write: try{method: http.MethodPost, path: "/pulls", proves: []int{http.StatusUnprocessableEntity}},
		},
		"contents": {
			read: get("/commits?per_page=1", false, http.StatusConflict), // 409: the repository is empty
			git:  true,
		},
	}
}

// permission tries one permission, such as "contents:write".
func (t target) permission(ctx context.Context, s gittoken.Scope, allowWrites bool) gittoken.ProbeResult {
	name, level, _ := strings.Cut(string(s), ":")

	how, known := trials()[name]
	if !known || level != "read" && level != "write" || level == "write" && how.write.method == "" && !how.git {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"there is no way to try "+transport.Printable(string(s)))
	}

	// Without the repository in sight no answer means anything: GitHub says 404 for what is not there and what may not be
	// seen.
	if !t.repository.seen {
		return t.unseen()
	}

	if level == "read" {
		return t.read(ctx, how.read)
	}

	if t.repository.archived {
		return gittoken.ProbeUndetermined(gittoken.CauseReadOnly, detailArchived)
	}

	return t.write(ctx, how, allowWrites)
}

// read tries the read level.
func (t target) read(ctx context.Context, how try) gittoken.ProbeResult {
	f := gittoken.ProbeProven()
	if how.path != "" {
		f = t.try(ctx, how)
	}

	if f.Outcome == gittoken.Proven && !how.gated && !t.repository.private {
		return gittoken.ProbeUndetermined(gittoken.CausePublic, "the repository is public: everybody may read this")
	}

	return f
}

// write tries the write level. A token without the read level does not have it, so reading comes first where writing
// would take a write verb; where it does not, reading is the second opinion on an answer that settles nothing.
func (t target) write(ctx context.Context, how trial, allowWrites bool) gittoken.ProbeResult {
	if how.git || how.write.method == http.MethodGet {
		f := t.writeByReading(ctx, how)
		if f.Outcome != gittoken.Undetermined || f.Cause != gittoken.CauseNotPermitted {
			return f
		}

		if reading := t.try(ctx, how.read); reading.Outcome == gittoken.Denied {
			return reading
		}

		return f
	}

	reading := t.try(ctx, how.read)

	switch {
	case reading.Outcome != gittoken.Proven:
		return reading
	case !allowWrites:
		return gittoken.ProbeUndetermined(gittoken.CauseNotReadOnly, "")
	}

	select {
	case t.inspector.writes <- struct{}{}:
		defer func() { <-t.inspector.writes }()
	case <-ctx.Done():
		return t.settle(failed(ctx.Err()))
	}

	return t.try(ctx, how.write)
}

func (t target) writeByReading(ctx context.Context, how trial) gittoken.ProbeResult {
	if how.git {
		return t.pushEndpoint(ctx)
	}

	return t.try(ctx, how.write)
}

// try sends one request. Write verbs carry an empty object, which lacks every required field.
func (t target) try(ctx context.Context, how try) gittoken.ProbeResult {
	var (
		verbs []string
		body  any
	)

	if how.method != http.MethodGet {
		verbs, body = []string{how.method}, struct{}{}
	}

	client, err := t.inspector.client(t.credential, verbs...)
	if err != nil {
		return t.settle(failed(err))
	}

	a := ask(ctx, client, how.method, "repos/"+t.owner+"/"+t.name+how.path, body)

	for _, status := range how.proves {
		// Lists and the like look the same whoever sends them: it is by its headers that such an answer is GitHub's.
		if a.Status == status && a.IsJSON() && a.grants() {
			return gittoken.ProbeProven()
		}
	}

	if a.Status == http.StatusNotFound && a.own && !a.wantsSSO() {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"GitHub does not show this to the token's account, or is too old to have it")
	}

	return t.settle(a)
}

// grants reports whether an answer with one of the statuses that prove a permission is GitHub's, and does prove it.
func (a answer) grants() bool {
	switch {
	case a.Status < http.StatusBadRequest:
		return a.own || a.marked()
	case a.Status == http.StatusConflict:
		return a.own && a.message == noCommits
	}

	return a.own && !a.wantsSSO()
}

// pushEndpoint asks Git what there is before a push, which takes contents:write.
func (t target) pushEndpoint(ctx context.Context) gittoken.ProbeResult {
	web := t.credential.Host.WebURL()

	client, err := t.inspector.transport.Client(web, transport.Basic("x-access-token", t.credential.Token),
		transport.ClientOptions{Service: string(gittoken.GitHub), MaxBody: rest.MaxAdvertisement, Truncate: true})
	if err != nil {
		return t.settle(failed(err))
	}

	return pushResult(rest.GitRefs(ctx, client, web+"/"+t.owner+"/"+t.name+".git", rest.GitReceivePack))
}

// pushResult reads the answer of the push endpoint, which says in plain text why it refuses.
func pushResult(a rest.Answer) gittoken.ProbeResult {
	has, refusal := a.HasRefs(rest.GitReceivePack)
	if has {
		return gittoken.ProbeProven()
	}

	if a.MediaType() == "text/plain" {
		refusal = transport.Printable(string(a.Body))
	}

	switch cause, detail := a.Failure(""); {
	case a.Status == http.StatusForbidden && strings.Contains(refusal, "Write access to repository not granted"):
		return gittoken.ProbeDenied(gittoken.CauseNotGranted, refusal)
	case a.Status == http.StatusForbidden && strings.HasPrefix(refusal, "Permission to ") &&
		strings.Contains(refusal, " denied to "):
		return gittoken.ProbeDenied(gittoken.CauseRole, refusal)
	case refusal == "":
		return gittoken.ProbeUndetermined(cause, "Git's push endpoint: "+detail)
	case cause == gittoken.CauseNotUnderstood && a.Status < http.StatusBadRequest:
		return gittoken.ProbeUndetermined(cause, "Git's push endpoint: "+refusal)
	case cause == gittoken.CauseNotUnderstood:
		// Other texts are about single sign-on, archives and the like.
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, refusal)
	default:
		return gittoken.ProbeUndetermined(cause, refusal)
	}
}
