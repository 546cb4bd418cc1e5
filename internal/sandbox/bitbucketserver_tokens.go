package sandbox

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bitbucket Data Center's starting world: without a project that somebody administers, no token could show
// PROJECT_ADMIN.
const (
	dataCenterProject    = "PLAT"
	dataCenterRepository = dataCenterProject + "/gitops"
)

// furnish gives the hosts what they have from the start.
func (s *Sandbox) furnish() error {
	_, err := s.AddRepository(Repository{Service: BitbucketServer, Path: dataCenterRepository, Private: true})

	return err
}

func (dataCenterVendor) kinds() map[string]tokenKind {
	scopes := []string{"PROJECT_READ", "PROJECT_WRITE", "PROJECT_ADMIN", "REPO_READ", "REPO_WRITE", "REPO_ADMIN"}
	// A project level includes the same level for the project's repositories.
	implies := map[string][]string{
		"PROJECT_ADMIN": {"PROJECT_WRITE", "REPO_ADMIN"},
		"PROJECT_WRITE": {"PROJECT_READ", "REPO_WRITE"},
		"PROJECT_READ":  {"REPO_READ"},
		"REPO_ADMIN":    {"REPO_WRITE"},
		"REPO_WRITE":    {"REPO_READ"},
	}

	return map[string]tokenKind{
		"http_access":            {mint: mintDataCenter, scopes: scopes, implies: implies},
		"project_http_access":    {mint: mintDataCenter, scopes: scopes, implies: implies},
		"repository_http_access": {mint: mintDataCenter, scopes: scopes[3:], implies: implies},
	}
}

func (dataCenterVendor) blocks() []Block { return []Block{BlockSuspended} }

func (dataCenterVendor) behaviours() []Behaviour {
	return []Behaviour{OwnTokenRecord, OwnerFilters, AnonymousOnBadToken}
}

// admit enforces the pairs that the dialog offers, one project level and one repository level that is no lower, and
// gives tokens their numbers, and those of projects and repositories their service accounts.
func (dataCenterVendor) admit(h *host, t *tokenState) error {
	t.numbered()
	project, repositories := t.dataCenterLevels()

	count := len(t.Scopes)
	if count == 0 || count > 2 || repositories == levelNone || (count == 2) != (project != levelNone) {
		return fmt.Errorf("a token has one project level and one repository level, not %v", t.Scopes)
	}

	if repositories < project {
		return fmt.Errorf("the repository level must be at least the project level, not %v", t.Scopes)
	}

	if t.Kind != "repository_http_access" && project == levelNone {
		return errors.New("only repository tokens go without a project level")
	}

	switch t.Kind {
	case "project_http_access":
		if len(t.Repositories) != 1 || strings.Contains(t.Repositories[0], "/") || !h.hasProject(t.Repositories[0]) {
			return errors.New("a project token belongs to one project: name its key in Repositories")
		}

		t.serviceAccount(h, 1)
	case "repository_http_access":
		if len(t.Repositories) != 1 {
			return errors.New("a repository token belongs to one repository: name it in Repositories")
		}

		if err := h.checkRepositories(t.Repositories); err != nil {
			return err
		}

		t.serviceAccount(h, 2)
	default:
		if len(t.Repositories) > 0 {
			return errors.New("only project and repository tokens are limited to a project or repository")
		}
	}

	return nil
}

// numbered gives the token the number that its text tells, if it tells one.
func (t *tokenState) numbered() {
	plain, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(t.Text, "BBDC-"))
	if err != nil {
		return
	}

	number, _, found := strings.Cut(string(plain), ":")
	if id, err := strconv.ParseInt(number, 10, 64); found && err == nil {
		t.id = id
	}
}

func (t *tokenState) serviceAccount(h *host, kind int) {
	if t.account == nil {
		t.account = h.serviceAccount(fmt.Sprintf("access-token-user/%d/%d", kind, h.s.nextID()))
	}
}

// dataCenterLevels reads the two levels out of the scopes as they were chosen, without what they include.
func (t *tokenState) dataCenterLevels() (project, repositories level) {
	for i, name := range []string{"READ", "WRITE", "ADMIN"} {
		if slices.Contains(t.Scopes, "PROJECT_"+name) {
			project = level(i + 1)
		}

		if slices.Contains(t.Scopes, "REPO_"+name) {
			repositories = level(i + 1)
		}
	}

	return project, repositories
}

// clonePath has the project key in small letters, as Bitbucket shows it.
func (dataCenterVendor) clonePath(path string) string {
	return "/scm/" + strings.ToLower(path) + ".git"
}

func (dataCenterVendor) checkPath(path string) error {
	key, slug, _ := strings.Cut(path, "/")
	if strings.Contains(slug, "/") || key != strings.ToUpper(key) || slug != strings.ToLower(slug) {
		return fmt.Errorf("%q must be a project key in capitals and a slug in small letters: KEY/slug", path)
	}

	return nil
}

func (h *host) hasProject(key string) bool {
	return slices.ContainsFunc(h.repositories, func(r *repository) bool { return r.owner() == key })
}

// SetProjectRole says what an account may do with a whole project of Bitbucket Data Center: "read", "write", "admin" or
// "" for nothing. Everybody administers PLAT unless told otherwise, and nobody any other project.
func (s *Sandbox) SetProjectRole(key, login, role string) error {
	h, err := s.host(BitbucketServer)
	if err != nil {
		return err
	}

	l := levelNone
	if role != "" {
		if l, err = parseLevel(role); err != nil {
			return err
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if !h.hasProject(key) {
		return fmt.Errorf("there is no project %q: add a repository in it first", key)
	}

	h.person(login)

	if h.projectRoles[key] == nil {
		h.projectRoles[key] = map[string]level{}
	}

	h.projectRoles[key][login] = l

	return nil
}

// ownerProjectLevel is what the account itself may do with a project.
func (h *host) ownerProjectLevel(a *account, key string) level {
	if l, told := h.projectRoles[key][a.login]; told {
		return l
	}

	if key == dataCenterProject && !a.bot {
		return levelAdmin
	}

	return levelNone
}

// projectLevel is what the token may do with a project: its own level, capped by the account's. With ownerOnly the
// token's own level does not count.
func (c *call) projectLevel(key string, ownerOnly bool) level {
	t := c.token
	if t == nil {
		return levelNone
	}

	granted, _ := t.dataCenterLevels()
	switch t.Kind {
	case "repository_http_access":
		return levelNone
	case "project_http_access":
		if t.Repositories[0] != key {
			return levelNone
		}

		return granted
	}

	owner := c.ownerProjectLevel(t.account, key)
	if ownerOnly {
		return owner
	}

	return min(owner, granted)
}

// repositoryLevel is the same for a repository.
func (c *call) repositoryLevel(r *repository, ownerOnly bool) level {
	public := levelRead
	if r.Private {
		public = levelNone
	}

	t := c.token
	if t == nil {
		return public
	}

	_, granted := t.dataCenterLevels()
	switch t.Kind {
	case "repository_http_access":
		if !t.covers(r) {
			return public
		}

		return granted
	case "project_http_access":
		if t.Repositories[0] != r.owner() {
			return public
		}

		return granted
	}

	owner := max(c.ownerProjectLevel(t.account, r.owner()), r.roles[t.account.login])
	if ownerOnly {
		return max(owner, public)
	}

	return max(min(owner, granted), public)
}
