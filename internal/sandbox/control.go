package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// Settings is how to reach a running sandbox. The control API answers GET /settings with it.
type Settings struct {
	Services      map[Service]string `json:"services"`       // addresses; a Git host's with its API path
	CACertificate string             `json:"ca_certificate"` // PEM
	Proxy         string             `json:"proxy"`          // CONNECT proxy that leads public names to the sandbox
	DefaultKey    string             `json:"default_key"`    // API key of the default user
	DefaultUserID string             `json:"default_user_id"`
}

// Settings returns how to reach the sandbox now.
func (s *Sandbox) Settings() Settings {
	services := append(GitHosts(), Codefresh, Control)

	s.mu.Lock()
	for _, r := range s.cf.runtimes {
		services = append(services, AppProxy(r.Name))
	}
	s.mu.Unlock()

	found := Settings{Services: map[Service]string{}, CACertificate: string(s.CACertificate()), Proxy: s.ProxyURL()}
	for _, service := range services {
		found.Services[service] = s.URL(service)
	}

	found.DefaultUserID, found.DefaultKey = s.DefaultUser()

	return found
}

// controlHandler is the control API: the verbs of this package as JSON over HTTP. It has no authentication: it listens
// on loopback and guards nothing but play money.
func (s *Sandbox) controlHandler() http.Handler {
	mux := &controlMux{fields: map[string][]string{}}
	s.controlTokens(mux)
	s.controlCodefresh(mux)

	verb(mux, "POST /repositories", func(b controlRepository) (any, error) {
		cloneURL, err := s.AddRepository(Repository(b))

		return map[string]string{"clone_url": cloneURL}, err
	})
	verb(mux, "POST /repositories/role", func(b struct {
		Service Service `json:"service"`
		Path    string  `json:"path"`
		Login   string  `json:"login"`
		Role    string  `json:"role"`
	},
	) (any, error) {
		return nil, s.SetRole(b.Service, b.Path, b.Login, b.Role)
	})
	s.controlPlaces(mux)
	verb(mux, "POST /behaviours", func(b struct {
		Service   Service   `json:"service"`
		Behaviour Behaviour `json:"behaviour"`
		On        bool      `json:"on"`
	},
	) (any, error) {
		return nil, s.SetBehaviour(b.Service, b.Behaviour, b.On)
	})
	verb(mux, "POST /faults", func(b controlFault) (any, error) {
		return nil, s.Break(b.Service, Fault{
			Status: b.Status, Header: b.Header, Body: b.Body, Mode: b.Mode, Times: b.Times, Match: b.Match, Null: b.Null,
		})
	})
	mux.HandleFunc("DELETE /faults/{service}", func(w http.ResponseWriter, r *http.Request) {
		service := Service(r.PathValue("service"))
		if s.URL(service) == "" {
			reply(w, nil, fmt.Errorf("service %q does not run", service))

			return
		}

		s.Heal(service)
		reply(w, nil, nil)
	})
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, r *http.Request) {
		var services []Service
		for _, name := range r.URL.Query()["service"] {
			services = append(services, Service(name))
		}

		list := []controlRequest{}
		for _, request := range s.Requests(services...) {
			list = append(list, controlRequest(request))
		}

		reply(w, list, nil)
	})
	mux.HandleFunc("DELETE /requests", func(w http.ResponseWriter, _ *http.Request) {
		s.ForgetRequests()
		reply(w, nil, nil)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { reply(w, mux.fields, nil) })
	mux.HandleFunc("GET /settings", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Settings(), nil) })
	mux.ServeMux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		err := fmt.Errorf("the control API has no %s %s", r.Method, r.URL.Path)
		answer{http.StatusNotFound, jsonType(), problem(err)}.writeTo(w)
	})

	return mux
}

// The bodies below have the fields of the types that they stand for, so that one converts into the other.
type controlToken struct {
	Service      Service           `json:"service"`
	Kind         string            `json:"kind"`
	Text         string            `json:"text"`
	Owner        string            `json:"owner"`
	Email        string            `json:"email,omitempty"`
	Scopes       []string          `json:"scopes,omitempty"`
	Permissions  map[string]string `json:"permissions,omitempty"`
	Grants       []Grant           `json:"grants,omitempty"`
	Repositories []string          `json:"repositories,omitempty"`
	ExpiresAt    time.Time         `json:"expires_at,omitzero"`
}

type controlRepository struct {
	Service  Service           `json:"service"`
	Path     string            `json:"path"`
	Private  bool              `json:"private"`
	Roles    map[string]string `json:"roles"`
	Archived bool              `json:"archived"`
	Empty    bool              `json:"empty"`
}

type controlRequest struct {
	Service       Service   `json:"service"`
	Method        string    `json:"method"`
	Path          string    `json:"path"`
	Query         string    `json:"query,omitempty"`
	Operation     string    `json:"operation,omitempty"`
	Authorization string    `json:"authorization,omitempty"`
	UserAgent     string    `json:"user_agent,omitempty"`
	Status        int       `json:"status"`
	At            time.Time `json:"at"`
}

type controlFault struct {
	Service Service           `json:"service"`
	Status  int               `json:"status"`
	Header  map[string]string `json:"header"`
	Body    string            `json:"body"`
	Mode    string            `json:"mode"`
	Times   int               `json:"times"`
	Match   string            `json:"match"`
	Null    string            `json:"null"`
}

type controlText struct {
	Text string `json:"text"`
}

func (s *Sandbox) controlTokens(mux *controlMux) {
	verb(mux, "POST /tokens", func(b controlToken) (any, error) {
		made, err := s.CreateToken(Token(b))

		return controlToken(made), err
	})
	verb(mux, "POST /tokens/revoke", func(b controlText) (any, error) { return nil, s.RevokeToken(b.Text) })
	verb(mux, "POST /tokens/expire", func(b controlText) (any, error) { return nil, s.ExpireToken(b.Text) })
	verb(mux, "POST /tokens/unblock", func(b controlText) (any, error) { return nil, s.Unblock(b.Text) })
	verb(mux, "POST /tokens/block", func(b struct {
		Text string `json:"text"`
		How  Block  `json:"how"`
	},
	) (any, error) {
		return nil, s.BlockToken(b.Text, b.How)
	})
	verb(mux, "POST /tokens/scopes", func(b struct {
		Text   string   `json:"text"`
		Scopes []string `json:"scopes"`
	},
	) (any, error) {
		return nil, s.SetScopes(b.Text, b.Scopes...)
	})
	verb(mux, "POST /tokens/permissions", func(b struct {
		Text        string            `json:"text"`
		Permissions map[string]string `json:"permissions"`
	},
	) (any, error) {
		return nil, s.SetPermissions(b.Text, b.Permissions)
	})
	verb(mux, "POST /tokens/grants", func(b struct {
		Text   string  `json:"text"`
		Grants []Grant `json:"grants"`
	},
	) (any, error) {
		return nil, s.SetGrants(b.Text, b.Grants...)
	})
	verb(mux, "POST /tokens/expiry", func(b struct {
		Text      string    `json:"text"`
		ExpiresAt time.Time `json:"expires_at"`
	},
	) (any, error) {
		return nil, s.SetExpiry(b.Text, b.ExpiresAt)
	})
}

// controlPlaces adds the verbs about what becomes of repositories, and what their owners demand.
func (s *Sandbox) controlPlaces(mux *controlMux) {
	type place struct {
		Service Service `json:"service"`
		Path    string  `json:"path"`
	}

	verb(mux, "POST /repositories/archived", func(b struct {
		place

		Archived bool `json:"archived"`
	},
	) (any, error) {
		return nil, s.SetArchived(b.Service, b.Path, b.Archived)
	})
	verb(mux, "POST /repositories/private", func(b struct {
		place

		Private bool `json:"private"`
	},
	) (any, error) {
		return nil, s.SetPrivate(b.Service, b.Path, b.Private)
	})
	verb(mux, "POST /repositories/rename", func(b struct {
		place

		To string `json:"to"`
	},
	) (any, error) {
		return nil, s.RenameRepository(b.Service, b.Path, b.To)
	})
	verb(mux, "POST /repositories/remove", func(b place) (any, error) {
		return nil, s.RemoveRepository(b.Service, b.Path)
	})
	verb(mux, "POST /rules", func(b struct {
		Service Service `json:"service"`
		Owner   string  `json:"owner"`
		Rule    Rule    `json:"rule"`
		On      bool    `json:"on"`
	},
	) (any, error) {
		return nil, s.SetRule(b.Service, b.Owner, b.Rule, b.On)
	})
	verb(mux, "POST /tokens/authorize", func(b struct {
		Text         string `json:"text"`
		Organisation string `json:"organisation"`
	},
	) (any, error) {
		return nil, s.AuthorizeToken(b.Text, b.Organisation)
	})
	verb(mux, "POST /projects/role", func(b struct {
		Key   string `json:"key"`
		Login string `json:"login"`
		Role  string `json:"role"`
	},
	) (any, error) {
		return nil, s.SetProjectRole(b.Key, b.Login, b.Role)
	})
}

// controlMux routes requests, and knows what it routes: GET / answers with it.
type controlMux struct {
	http.ServeMux

	fields map[string][]string // of the bodies that each verb takes
}

// HandleFunc is for verbs without a body.
func (m *controlMux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	m.fields[strings.TrimSuffix(pattern, "{$}")] = []string{}
	m.ServeMux.HandleFunc(pattern, handler)
}

// fieldsOf lists the names that a struct has in JSON, those of embedded structs included.
func fieldsOf(t reflect.Type) []string {
	names := []string{}

	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			names = append(names, fieldsOf(f.Type)...)
		} else {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}

	return names
}

// verb handles pattern with do, which gets the decoded body.
func verb[B any](mux *controlMux, pattern string, do func(B) (any, error)) {
	mux.fields[pattern] = fieldsOf(reflect.TypeFor[B]())
	mux.ServeMux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var body B
		if err := decodeStrictly(r.Body, &body); err != nil {
			reply(w, nil, err)

			return
		}

		result, err := do(body)
		reply(w, result, err)
	})
}

func decodeStrictly(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()

	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body is not what this takes: %w", err)
	}

	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body goes on after its JSON value")
	}

	return nil
}

// reply sends result as JSON, or no content, or the sentence of err: 404 for what does not exist, 400 for the rest.
func reply(w http.ResponseWriter, result any, err error) {
	switch {
	case errors.Is(err, errNoSuchToken):
		answer{http.StatusNotFound, jsonType(), problem(err)}.writeTo(w)
	case err != nil:
		answer{http.StatusBadRequest, jsonType(), problem(err)}.writeTo(w)
	case result == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		body, err := json.MarshalIndent(result, "", "  ")
		if err != nil {
			answer{http.StatusInternalServerError, jsonType(), problem(err)}.writeTo(w)

			return
		}

		answer{http.StatusOK, jsonType(), string(body) + "\n"}.writeTo(w)
	}
}

func jsonType() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func problem(err error) string {
	body, encodeErr := json.Marshal(map[string]string{"error": err.Error()})
	if encodeErr != nil {
		return `{"error":"unprintable"}`
	}

	return string(body) + "\n"
}
