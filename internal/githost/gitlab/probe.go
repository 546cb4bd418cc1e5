package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/xanzy/go-gitlab"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
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
	f := i.access(ctx, c, kind, p)

	return gittoken.ProbeResult{Probe: p, Outcome: f.outcome, Cause: f.cause, Detail: f.detail}
}

// finding is an outcome with its reason.
type finding struct {
	outcome gittoken.Outcome
	cause   gittoken.Cause
	detail  string
}

func proven() finding              { return finding{outcome: gittoken.Proven} }
func denied(detail string) finding { return finding{outcome: gittoken.Denied, detail: detail} }

func undetermined(cause gittoken.Cause, detail string) finding {
	return finding{cause: cause, detail: detail}
}

// undecided returns the finding of an answer that settles nothing.
func undecided(a answer) finding {
	m := a.meaning()
	if m.cause == "" {
		m.cause = gittoken.CauseNotPermitted // whether the token works is not a probe's to say
	}

	return undetermined(m.cause, a.detail())
}

func (i *Inspector) access(ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe) finding {
	if p.Permission != "" {
		return undetermined(gittoken.CauseNotPermitted, "permissions of GitLab tokens cannot be tried one by one")
	}

	segments, err := remote.Segments(c.Host, p.Repository)
	if err != nil {
		return undetermined(gittoken.CauseNotUnderstood, err.Error())
	}

	wanted := 0

	switch p.Access {
	case gittoken.Read:
	case gittoken.Write:
		wanted = developer
	case gittoken.Admin:
		wanted = maintainer // webhooks, for one, are a maintainer's
	default:
		return undetermined(gittoken.CauseNotUnderstood, "no such level of access")
	}

	s, err := i.connect(c)
	if err != nil {
		return undecided(failed(err))
	}

	a := s.get(ctx, "projects/"+gitlab.PathEscape(strings.Join(segments, "/")))

	project, ok := parseProject(a.body)

	switch {
	case a.status == http.StatusNotFound && a.isJSON():
		return denied(detailHidden)
	case !ok || !a.ok():
		return undecided(a)
	case wanted == 0:
		return proven()
	case project.Archived:
		return denied(detailArchived)
	case project.Permissions == nil:
		return undetermined(gittoken.CauseNotUnderstood, "GitLab did not tell the user's role in the project")
	}

	f := proven()
	if project.level() < wanted {
		f = i.member(ctx, s, c, project, wanted)
	}

	if f.outcome == gittoken.Proven && kind == gittoken.KindGranular {
		return undetermined(gittoken.CauseNotPermitted,
			"GitLab tells the user's role in the project, not what the token is granted")
	}

	return f
}

// member asks for the user's role by whatever way it came: a project does not show the roles of groups that it was
// shared with.
func (i *Inspector) member(
	ctx context.Context, s *server, c gittoken.Credential, project projectRecord, wanted int,
) finding {
	user, a, ok := i.user(ctx, s, c)
	if !ok {
		return undecided(a)
	}

	if user.IsAdmin {
		return undetermined(gittoken.CauseNotPermitted,
			"the user is an administrator of GitLab and needs no role in the project")
	}

	a = s.get(ctx, fmt.Sprintf("projects/%d/members/all/%d", project.ID, user.ID))

	var role membership

	switch {
	case a.status == http.StatusNotFound && a.isJSON():
		return denied("the token's user is not a member of the project")
	case !a.ok() || json.Unmarshal(a.body, &role) != nil || role.AccessLevel == 0:
		return undecided(a)
	case role.AccessLevel < wanted:
		return denied(fmt.Sprintf("the token's user has the access level %d in the project, and %d is needed",
			role.AccessLevel, wanted))
	}

	return proven()
}
