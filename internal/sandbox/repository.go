package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Repository is a repository of an emulated Git host.
type Repository struct {
	Service Service
	Path    string // owner/repo, group/sub/project, KEY/slug, workspace/repo
	Private bool
	// Roles says what accounts may do: login → "read", "write" or "admin". An account whose login is the first part of
	// Path owns the repository.
	Roles           map[string]string
	Archived, Empty bool
}

// level is how much somebody may do.
type level int

const (
	levelNone level = iota
	levelRead
	levelWrite
	levelAdmin
)

func parseLevel(text string) (level, error) {
	i := slices.Index([]string{"read", "write", "admin"}, text)
	if i < 0 {
		return levelNone, fmt.Errorf("role %q is none of read, write, admin", text)
	}

	return level(i + 1), nil
}

// repository is a Repository and its state.
type repository struct {
	Repository

	id     int64
	roles  map[string]level
	commit gitCommit // at the tip of main
	hooks  []hook
}

func (r *repository) owner() string {
	first, _, _ := strings.Cut(r.Path, "/")

	return first
}

func (r *repository) name() string { return r.Path[strings.LastIndex(r.Path, "/")+1:] }

// AddRepository adds a repository and returns its clone URL.
func (s *Sandbox) AddRepository(r Repository) (cloneURL string, err error) {
	h, err := s.host(r.Service)
	if err != nil {
		return "", err
	}

	added, err := newRepository(r)
	if err == nil {
		err = h.vendor.checkPath(r.Path)
	}

	if err != nil {
		return "", fmt.Errorf("repository %q of %s: %w", r.Path, r.Service, err)
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if h.repository(r.Path) != nil {
		return "", fmt.Errorf("%s has a repository %q already", r.Service, r.Path)
	}

	h.add(added)

	return s.net.root(r.Service) + h.vendor.clonePath(r.Path), nil
}

func newRepository(r Repository) (*repository, error) {
	added := &repository{Repository: r, roles: map[string]level{}, commit: firstCommit(r.Path)}
	for login, role := range r.Roles {
		l, err := parseLevel(role)
		if err != nil {
			return nil, err
		}

		added.roles[login] = l
	}

	if parts := strings.Split(r.Path, "/"); len(parts) < 2 || slices.Contains(parts, "") {
		return nil, errors.New("the path must be owner/name")
	}

	return added, nil
}

func (h *host) add(r *repository) {
	r.id = h.s.nextID()
	for login := range r.roles {
		h.person(login)
	}

	h.repositories = append(h.repositories, r)
}

// repository finds a repository by path, without regard to case, as every host does.
func (h *host) repository(path string) *repository {
	for _, r := range h.repositories {
		if strings.EqualFold(r.Path, path) {
			return r
		}
	}

	return nil
}

// SetRole changes what an account may do with a repository; an empty role takes the access away.
func (s *Sandbox) SetRole(service Service, path, login, role string) error {
	l := levelNone

	if role != "" {
		var err error
		if l, err = parseLevel(role); err != nil {
			return err
		}
	}

	return s.changeRepository(service, path, func(h *host, r *repository) error {
		h.person(login)
		r.roles[login] = l

		return nil
	})
}

// changeRepository finds a repository and changes it under the lock.
func (s *Sandbox) changeRepository(service Service, path string, change func(h *host, r *repository) error) error {
	h, err := s.host(service)
	if err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	r := h.repository(path)
	if r == nil {
		return fmt.Errorf("%s has no repository %q", service, path)
	}

	return change(h, r)
}

// SetArchived archives a repository, or ends that.
func (s *Sandbox) SetArchived(service Service, path string, archived bool) error {
	return s.changeRepository(service, path, func(_ *host, r *repository) error {
		r.Archived = archived

		return nil
	})
}

// SetPrivate hides a repository from those who have no role, or shows it to everybody.
func (s *Sandbox) SetPrivate(service Service, path string, private bool) error {
	return s.changeRepository(service, path, func(_ *host, r *repository) error {
		r.Private = private

		return nil
	})
}

// RenameRepository gives a repository of GitHub or GitLab another path, which may be another owner's. The former path
// leads there. What the other hosts do then is not known well enough.
func (s *Sandbox) RenameRepository(service Service, path, to string) error {
	return s.changeRepository(service, path, func(h *host, r *repository) error {
		if _, err := newRepository(Repository{Path: to}); err != nil {
			return err
		}

		if err := h.vendor.checkPath(to); err != nil {
			return err
		}

		switch {
		case service == BitbucketServer || service == BitbucketCloud:
			return fmt.Errorf("renames at %s are not emulated", service)
		case h.repository(to) != nil:
			return fmt.Errorf("%s has a repository %q already", service, to)
		}

		h.moved[strings.ToLower(path)] = r
		delete(h.moved, strings.ToLower(to))
		r.Path = to

		return nil
	})
}

// RemoveRepository deletes a repository, and with it what its former paths led to.
func (s *Sandbox) RemoveRepository(service Service, path string) error {
	return s.changeRepository(service, path, func(h *host, r *repository) error {
		h.repositories = slices.DeleteFunc(h.repositories, func(o *repository) bool { return o == r })
		for former, to := range h.moved {
			if to == r {
				delete(h.moved, former)
			}
		}

		return nil
	})
}

// repositoryByID finds a repository by its number.
func (h *host) repositoryByID(id string) *repository {
	for _, r := range h.repositories {
		if strconv.FormatInt(r.id, 10) == id {
			return r
		}
	}

	return nil
}

// roleOf returns what an account may do with a repository, without regard to any token. nil is anonymous.
func (h *host) roleOf(a *account, r *repository) level {
	l := levelNone
	if a != nil {
		l = r.roles[a.login]
		if strings.EqualFold(a.login, r.owner()) {
			l = levelAdmin
		}
	}

	if !r.Private {
		l = max(l, levelRead)
	}

	return l
}

// checkRepositories refuses a token for repositories that do not exist.
func (h *host) checkRepositories(paths []string) error {
	for _, path := range paths {
		if h.repository(path) == nil {
			return fmt.Errorf("there is no repository %q: add it first", path)
		}
	}

	return nil
}

// covers says whether the token's own list of repositories, if it has one, includes r.
func (t *tokenState) covers(r *repository) bool {
	return len(t.Repositories) == 0 ||
		slices.ContainsFunc(t.Repositories, func(p string) bool { return strings.EqualFold(p, r.Path) })
}
