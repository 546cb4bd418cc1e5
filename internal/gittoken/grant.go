package gittoken

import (
	"encoding/json"
	"slices"
	"strings"
)

// Grant is what a granular token of GitLab may do, and where. GitLab gives it in entries; a permission counts if any
// entry that reaches the place has it.
//
// Sources: GitLab source, lib/api/entities/personal_access_token_granular_scope.rb and
// app/models/authz/granular_scope.rb.
type Grant struct {
	Entries []GrantEntry
	// Partial says that there is more than Entries: what they lack is then not proved to be lacking.
	Partial bool
}

// GrantEntry is a set of permissions with their reach.
type GrantEntry struct {
	Access GrantAccess
	// ProjectID and GroupID name what GrantSelected reaches: one of them is set.
	ProjectID, GroupID int64
	Permissions        []Scope
}

// GrantAccess is the reach of an entry, as GitLab spells it.
type GrantAccess string

// The reaches.
const (
	GrantPersonalProjects GrantAccess = "personal_projects"    // the projects of the owner's own namespace
	GrantAllMemberships   GrantAccess = "all_memberships"      // every group and project that the owner is a member of
	GrantSelected         GrantAccess = "selected_memberships" // one project, or one group with all that is below it
	GrantUser             GrantAccess = "user"                 // the owner's account
	GrantInstance         GrantAccess = "instance"             // the server as a whole
)

// GrantPlace is a project as grants see it.
type GrantPlace struct {
	ProjectID int64
	// GroupIDs lists groups above the project. AllGroups says that there are no others.
	GroupIDs  []int64
	AllGroups bool
	// Personal says that the project is in the own namespace of the token's owner.
	Personal bool
}

// Bounds of a grant that is read. Real ones have an entry for each selected group or project, with the permissions of
// which GitLab has a few hundred.
const (
	maxGrantEntries     = 2000
	maxGrantPermissions = 2000
)

// ParseGrant reads the granular_scopes of a token's record. The result is nil if GitLab did not tell: if raw is absent
// or null, or no list. Entries that are not understood, and those beyond a bound, make it Partial.
func ParseGrant(raw json.RawMessage) *Grant {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil || entries == nil {
		return nil
	}

	g := &Grant{}

	for i, text := range entries {
		entry, ok := parseGrantEntry(text)
		if !ok || i >= maxGrantEntries {
			g.Partial = true

			continue
		}

		g.Entries = append(g.Entries, entry)
	}

	return g
}

func parseGrantEntry(raw json.RawMessage) (GrantEntry, bool) {
	var record struct {
		Access      GrantAccess `json:"access"`
		ProjectID   int64       `json:"project_id"`
		GroupID     int64       `json:"group_id"`
		Permissions []string    `json:"permissions"`
	}
	if json.Unmarshal(raw, &record) != nil || len(record.Permissions) > maxGrantPermissions {
		return GrantEntry{}, false
	}

	permissions, whole := ParseScopes(record.Permissions, "")

	switch record.Access {
	case GrantPersonalProjects, GrantAllMemberships, GrantUser, GrantInstance:
		record.ProjectID, record.GroupID = 0, 0
	case GrantSelected:
		// A selected place that nobody names may be anywhere.
		whole = whole && (record.ProjectID > 0) != (record.GroupID > 0)
	default:
		whole = false
	}

	return GrantEntry{record.Access, record.ProjectID, record.GroupID, permissions}, whole
}

// At answers whether the grant has a permission at a project. Denied needs proof: a grant that is known in full, groups
// that are, and a permission that GitLab has by that name.
func (g Grant) At(place GrantPlace, permission Scope) Outcome {
	open := g.Partial || !gitlabPermissions.Known(permission)

	for _, e := range g.Entries {
		if !slices.Contains(e.Permissions, permission) {
			continue
		}

		switch reached := e.reaches(place); reached {
		case Proven:
			return Proven
		case Undetermined:
			open = true
		case Denied:
		}
	}

	if open {
		return Undetermined
	}

	return Denied
}

// reaches answers whether an entry is for a project.
func (e GrantEntry) reaches(place GrantPlace) Outcome {
	var reached, open bool

	switch e.Access {
	case GrantAllMemberships:
		// Whether the owner is a member is a matter of the role, which is proved elsewhere.
		reached = true
	case GrantPersonalProjects:
		reached = place.Personal
	case GrantSelected:
		reached = e.ProjectID != 0 && e.ProjectID == place.ProjectID ||
			e.GroupID != 0 && slices.Contains(place.GroupIDs, e.GroupID)
		open = e.GroupID != 0 && !place.AllGroups
	case GrantUser, GrantInstance:
	}

	switch {
	case reached:
		return Proven
	case open:
		return Undetermined
	}

	return Denied
}

// told returns what the grant says of required permissions wherever they may be needed: those that hold everywhere, and
// those of which it depends on the place, or of which nothing is known.
func (g Grant) told(required []Scope) (held, unsettled []Scope) {
	var elsewhere []Scope

	for _, e := range g.Entries {
		for _, s := range e.Permissions {
			if e.Access == GrantAllMemberships || e.Access == GrantUser && slices.Contains(gitlabOwnersPermissions, s) {
				held = appendNew(held, s)
			} else if e.Access != GrantUser && e.Access != GrantInstance {
				elsewhere = appendNew(elsewhere, s)
			}
		}
	}

	for _, s := range elsewhere {
		if !slices.Contains(held, s) {
			unsettled = append(unsettled, s)
		}
	}

	for _, s := range required {
		if (g.Partial || !gitlabPermissions.Known(s)) && !slices.Contains(held, s) {
			unsettled = appendNew(unsettled, s)
		}
	}

	return held, unsettled
}

func appendNew(list []Scope, s Scope) []Scope {
	if slices.Contains(list, s) {
		return list
	}

	return append(list, s)
}

// results turns the places of answered probes into answers about the permissions that each access takes there. Where
// the grant does not reach a repository that refuses the token, that is all there is to say: it is no permission that
// lacks. What a token may not do at a repository of Codefresh's that need not take it says nothing, either.
func (g Grant) results(r Requirement, probes []ProbeResult) []ProbeResult {
	var answers []ProbeResult

	for _, p := range probes {
		if p.Place == nil || p.Probe.Access == "" {
			continue
		}

		beyond := p.Outcome == Denied && !slices.ContainsFunc(g.Entries, func(e GrantEntry) bool {
			return e.reaches(*p.Place) != Denied
		})

		for _, s := range r.permissionsFor(r.showsAt(p.Probe.Access, p.Probe.Source)) {
			answer := ProbeResult{
				Probe:   Probe{Repository: p.Probe.Repository, Permission: s, Source: p.Probe.Source},
				Outcome: g.At(*p.Place, s),
			}
			if answer.Outcome == Denied {
				answer.Cause = CauseNotGranted
			}

			repeated := slices.ContainsFunc(answers, func(a ProbeResult) bool { return a.Probe == answer.Probe })
			moot := answer.Outcome == Denied && (beyond || !answer.counts(r.Type))

			if answer.Outcome != Undetermined && !repeated && !moot {
				answers = append(answers, answer)
			}
		}
	}

	return answers
}

// permissionLabel is how GitLab's pages and refusals spell a permission: "Code: Push" is push_code.
func permissionLabel(s Scope) string {
	verb, resource, found := strings.Cut(string(s), "_")
	if !found || verb == "" || resource == "" {
		return string(s)
	}

	words := strings.Split(resource, "_")
	for i, word := range words {
		words[i] = capitalised(word)
	}

	return strings.Join(words, " ") + ": " + capitalised(verb)
}

func capitalised(word string) string {
	if word == "" {
		return ""
	}

	return strings.ToUpper(word[:1]) + word[1:]
}
