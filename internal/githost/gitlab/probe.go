package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
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

// Probe returns what a token of the given kind may do with a project, which is what its user may do there: the token's
// scopes, which limit that further, are judged elsewhere. It sends one request, and up to two more if the project does
// not show a role that would do. There is nothing to try with a write verb.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	return i.access(ctx, c, kind, p).Of(p)
}

// undecided returns the result of an answer that settles nothing.
func undecided(a answer) gittoken.ProbeResult {
	m := a.meaning()
	if m.cause == "" {
		m.cause = gittoken.CauseNotPermitted // whether the token works is not a probe's to say
	}

	return gittoken.ProbeUndetermined(m.cause, a.detail())
}

func (i *Inspector) access(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe,
) gittoken.ProbeResult {
	if p.Permission != "" {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"permissions of GitLab tokens cannot be tried one by one")
	}

	segments, err := remote.Segments(c.Host, p.Repository)
	if err != nil {
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, err.Error())
	}

	wanted := 0

	switch p.Access {
	case gittoken.Read:
	case gittoken.Write:
		wanted = developer
	case gittoken.Admin:
		wanted = maintainer // webhooks, for one, are a maintainer's
	default:
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "no such level of access")
	}

	s, err := i.connect(c)
	if err != nil {
		return undecided(failed(err))
	}

	a := s.get(ctx, projectPath(segments))

	project, ok := parseProject(a.Body)

	switch {
	case a.Status == http.StatusNotFound && a.IsJSON():
		return gittoken.ProbeDenied(detailHidden)
	case !ok || !a.ok():
		return undecided(a)
	case wanted == 0:
		return gittoken.ProbeProven()
	case project.Archived:
		return gittoken.ProbeDenied(detailArchived)
	case project.Permissions == nil:
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "GitLab did not tell the user's role in the project")
	}

	r := gittoken.ProbeProven()
	if project.level() < wanted {
		r = i.member(ctx, s, c, project, wanted)
	}

	if r.Outcome == gittoken.Proven && kind == gittoken.KindGranular {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"GitLab tells the user's role in the project, not what the token is granted")
	}

	return r
}

// member asks for the user's role by whatever way it came: a project does not show the roles of groups that it was
// shared with.
func (i *Inspector) member(
	ctx context.Context, s *server, c gittoken.Credential, project projectRecord, wanted int,
) gittoken.ProbeResult {
	user, a, ok := i.user(ctx, s, c)
	if !ok {
		return undecided(a)
	}

	if user.IsAdmin {
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted,
			"the user is an administrator of GitLab and needs no role in the project")
	}

	a = s.get(ctx, fmt.Sprintf("/projects/%d/members/all/%d", project.ID, user.ID))

	var role membership

	switch {
	case a.Status == http.StatusNotFound && a.IsJSON():
		return gittoken.ProbeDenied("the token's user is not a member of the project")
	case !a.ok() || json.Unmarshal(a.Body, &role) != nil || role.AccessLevel == 0:
		return undecided(a)
	case role.AccessLevel < wanted:
		return gittoken.ProbeDenied(fmt.Sprintf("the token's user has the access level %d in the project, and %d is needed",
			role.AccessLevel, wanted))
	}

	return gittoken.ProbeProven()
}
