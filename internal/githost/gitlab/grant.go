package gitlab

import (
	"context"
	"fmt"
	"slices"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// maxGroups is how many groups above a project are read. GitLab lets 20 stand below each other.
const maxGroups = 100

// granular completes the verdict on a fine-grained token by its grant, which its record has (GitLab,
// lib/api/entities/personal_access_token_granular_scope.rb). It sends at most one request: for the record by its
// number, where the one at hand does not have the grant; else for the user's name, if the grant opens that.
func (i *Inspector) granular(
	ctx context.Context, s *server, c gittoken.Credential, r tokenRecord, v gittoken.Verdict,
) gittoken.Verdict {
	v.Kind, v.Owner = gittoken.KindGranular, userNumber(r.UserID)

	if v.Standing != gittoken.Live {
		return v
	}

	v.Grant = gittoken.ParseGrant(r.GranularScopes)
	asked := v.Grant == nil && r.ID > 0

	if asked {
		a := s.get(ctx, fmt.Sprintf("/personal_access_tokens/%d", r.ID))
		if again, ok := parseToken(a.Body); ok && a.ok() && again.ID == r.ID && again.UserID == r.UserID {
			v.Grant = gittoken.ParseGrant(again.GranularScopes)
		}
	}

	if v.Grant == nil {
		return v
	}

	i.rememberOwner(c, r.UserID)

	mayName := slices.ContainsFunc(v.Grant.Entries, func(e gittoken.GrantEntry) bool {
		return e.Access == gittoken.GrantUser && slices.Contains(e.Permissions, "read_user")
	})
	if asked || !mayName {
		return v
	}

	a := s.get(ctx, "/user")
	if user, ok := parseUser(a.Body); ok && a.ok() && user.ID == r.UserID {
		i.remember(c, user)
		v.Owner = transport.Printable(user.Username)
	}

	return v
}

// place returns the project as grants see it; nil if GitLab does not show it, or not enough of it, or if there is no
// grant to judge by it.
func (t target) place(ctx context.Context) *gittoken.GrantPlace {
	owner, known := t.inspector.owner(t.credential)
	if !known {
		return nil
	}

	a := t.project(ctx)

	project, ok := parseProject(a.Body)
	if !ok || !a.ok() || project.Namespace == nil {
		return nil
	}

	place := &gittoken.GrantPlace{ProjectID: project.ID}

	if project.Namespace.Kind == "user" {
		if project.Owner == nil {
			return nil
		}

		place.Personal = project.Owner.ID == owner
	}

	place.GroupIDs, place.AllGroups = project.Namespace.groups()
	if place.AllGroups || project.Namespace.Kind != "group" {
		return place
	}

	a = t.ask(ctx, t.inspector.groups, func(ctx context.Context) answer {
		return t.server.get(ctx, fmt.Sprintf("/projects/%d/groups?per_page=%d", project.ID, maxGroups))
	})

	groups, ok := parseGroups(a.Body)
	if !ok || !a.ok() {
		return place
	}

	for _, g := range groups {
		if !slices.Contains(place.GroupIDs, g.ID) {
			place.GroupIDs = append(place.GroupIDs, g.ID)
		}
	}

	place.AllGroups = len(groups) > 0 && len(groups) < maxGroups

	return place
}
