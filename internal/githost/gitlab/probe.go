package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
)

const (
	detailHidden   = "the project does not exist, or the token's user may not see it"
	detailArchived = "the project is archived: nothing can be written to it"
)

// Levels of GitLab's roles.
const (
	developer  = 30
	maintainer = 40
)

// Probe returns what a token of the given kind may do with a project. Reading and writing are asked of Git, which is
// how Codefresh uses a token and where single sign-on, a group's policy and the token's own permissions count: one
// request, which the probes of a project share, and one more for writing. What Git leaves open, and the right to
// administer, follow from the role of the token's user; that takes up to three. Of a fine-grained token it is also
// asked where the project is, for its grant to be judged by: one or two more, which are shared, too. There is nothing
// to try with a write verb.
//
// Asking about a push to what does not exist creates a project (GitLab, lib/gitlab/git_access_project.rb). So it is
// asked only where a pull has just found one.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	return i.probe(ctx, c, kind, p).Of(p)
}

func (i *Inspector) probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe,
) gittoken.ProbeResult {
	if p.Permission != "" {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"permissions of GitLab tokens cannot be tried one by one")
	}

	segments, err := remote.Segments(c.Host, p.Repository)
	if err != nil {
		return remote.Result(err)
	}

	s, err := i.connect(c)
	if err != nil {
		return undecided(failed(err))
	}

	t := target{inspector: i, server: s, credential: c, kind: kind, segments: segments}

	r, known := t.access(ctx, p.Access)
	if known && kind == gittoken.KindGranular {
		r.Place = t.place(ctx)
	}

	return r
}

// Locate returns the project's name with the groups, or the user, that it belongs to.
func (i *Inspector) Locate(h gittoken.Host, address string) (string, error) {
	segments, err := remote.Segments(h, address)

	return strings.Join(segments, "/"), err
}

// access returns the result for one level of access, and whether there is such a level.
func (t target) access(ctx context.Context, want gittoken.Access) (r gittoken.ProbeResult, known bool) {
	switch want {
	case gittoken.Read:
		return t.orByRole(ctx, t.pull(ctx), 0), true
	case gittoken.Write:
		return t.orByRole(ctx, t.push(ctx), developer), true
	case gittoken.Admin:
		return t.role(ctx, maintainer), true // webhooks, for one, are a maintainer's
	}

	return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "no such level of access"), false
}

// target is a project at which a token is tried.
type target struct {
	inspector  *Inspector
	server     *server
	credential gittoken.Credential
	kind       gittoken.Kind
	segments   []string // the way to it
}

// ask asks a question about the project, unless it was answered lately.
func (t target) ask(
	ctx context.Context, answered *memo.Memo[projectKey, answer], question func(context.Context) answer,
) answer {
	key := projectKey{t.inspector.identities.Of(t.credential), strings.Join(t.segments, "/")}

	a, err := answered.Get(ctx, key, shared, question)
	if err != nil {
		return failed(err)
	}

	return a
}

// pull asks what a pull asks first.
func (t target) pull(ctx context.Context) gittoken.ProbeResult {
	a := t.ask(ctx, t.inspector.pulls, func(ctx context.Context) answer {
		return t.server.refs(ctx, t.segments, rest.GitUploadPack)
	})

	return a.gitResult(rest.GitUploadPack, t.kind, t.server.web)
}

// push asks what a push asks first, of a project that is there.
func (t target) push(ctx context.Context) gittoken.ProbeResult {
	if r := t.pull(ctx); r.Outcome != gittoken.Proven {
		return r
	}

	return t.server.refs(ctx, t.segments, rest.GitReceivePack).gitResult(rest.GitReceivePack, t.kind, t.server.web)
}

// orByRole returns r, or what the role of the token's user says where Git could not be asked.
func (t target) orByRole(ctx context.Context, r gittoken.ProbeResult, wanted int) gittoken.ProbeResult {
	if r.Outcome != gittoken.Undetermined {
		return r
	}

	switch r.Cause {
	case gittoken.CauseNotPermitted, gittoken.CauseNotUnderstood, gittoken.CauseAddressBanned:
	default:
		return r
	}

	if byRole := t.role(ctx, wanted); byRole.Outcome != gittoken.Undetermined {
		return byRole
	}

	return r
}

// undecided returns the result of an answer that settles nothing.
func undecided(a answer) gittoken.ProbeResult {
	h := a.hurdle()
	if h.Cause == "" {
		h.Cause = gittoken.CauseNotPermitted // whether the token works is not a probe's to say
	}

	return gittoken.ProbeUndetermined(h.Cause, a.detail())
}

// project asks for the project's record.
func (t target) project(ctx context.Context) answer {
	return t.ask(ctx, t.inspector.projects, func(ctx context.Context) answer {
		return t.server.get(ctx, projectPath(t.segments))
	})
}

// role asks for the role of the token's user in the project. The token's scopes, which limit that further, are judged
// elsewhere. 0 stands for whoever sees the project.
func (t target) role(ctx context.Context, wanted int) gittoken.ProbeResult {
	a := t.project(ctx)

	project, ok := parseProject(a.Body)

	switch {
	case a.noProject():
		return gittoken.ProbeDenied(gittoken.CauseHidden, detailHidden)
	case a.Status == http.StatusForbidden && a.refusal().lacksPermission():
		return t.refusedRole(a)
	case !ok || !a.ok():
		return undecided(a)
	case wanted == 0 && t.kind != gittoken.KindGranular:
		return gittoken.ProbeProven()
	case project.Permissions == nil:
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "GitLab did not tell the user's role in the project")
	}

	r := gittoken.ProbeProven()
	if project.level() < wanted {
		r = t.member(ctx, project, wanted)
	}

	switch {
	case r.Outcome != gittoken.Proven:
		return r
	case project.Archived:
		return gittoken.ProbeUndetermined(gittoken.CauseReadOnly, detailArchived)
	case t.kind == gittoken.KindGranular:
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"GitLab tells the user's role in the project, not what the token is granted")
	}

	return r
}

// refusedRole returns the result of a refusal to show the project. A fine-grained token may lack the permission to look
// at it and have all others.
func (t target) refusedRole(a answer) gittoken.ProbeResult {
	if t.kind == gittoken.KindGranular {
		return undecided(a)
	}

	return refusedPermission(t.kind, a.detail())
}

// member asks for the user's role by whatever way it came: a project does not show the roles of groups that it was
// shared with.
func (t target) member(ctx context.Context, project projectRecord, wanted int) gittoken.ProbeResult {
	user, a, ok := t.inspector.user(ctx, t.server, t.credential)
	if !ok {
		return undecided(a)
	}

	if user.IsAdmin {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"the user is an administrator of GitLab and needs no role in the project")
	}

	a = t.server.get(ctx, fmt.Sprintf("/projects/%d/members/all/%d", project.ID, user.ID))

	var role membership

	switch {
	case a.notFound():
		return gittoken.ProbeDenied(gittoken.CauseRole, "the token's user is not a member of the project")
	case !a.ok() || json.Unmarshal(a.Body, &role) != nil || role.AccessLevel == 0:
		return undecided(a)
	case role.AccessLevel < wanted:
		return gittoken.ProbeDenied(gittoken.CauseRole, fmt.Sprintf(
			"the token's user has the access level %d in the project, and %d is needed", role.AccessLevel, wanted))
	}

	return gittoken.ProbeProven()
}
