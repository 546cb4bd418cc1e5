package sandbox

import "net/http"

type controlRuntime struct {
	Name            string `json:"name"`
	GitProvider     string `json:"git_provider"`
	GitAPIURL       string `json:"git_api_url"`
	Repo            string `json:"repo"`
	NoIngress       bool   `json:"no_ingress"`
	InternalIngress bool   `json:"internal_ingress"`
	Ingress         string `json:"ingress"`
	NotInstalled    bool   `json:"not_installed"`
	SkipValidation  bool   `json:"skip_validation"`
	UpdateAnswers   string `json:"update_answers"`
	Available       *bool  `json:"available"`
	Stage           Stage  `json:"stage"`
}

type controlPlatform struct {
	Old             bool       `json:"old"`
	PageSize        int        `json:"page_size"`
	NoPagination    bool       `json:"no_pagination"`
	HTMLGateway     bool       `json:"html_gateway"`
	Sparse          bool       `json:"sparse"`
	NoActiveAccount bool       `json:"no_active_account"`
	GitSources      SourceList `json:"git_sources"`
}

type controlGitSource struct {
	Runtime string `json:"runtime"`
	Name    string `json:"name"`
	RepoURL string `json:"repo_url"`
	Path    string `json:"path"`
}

// controlRegistration names one user's registration.
type controlRegistration struct {
	Runtime     string `json:"runtime"`
	Integration string `json:"integration"`
	UserID      string `json:"user_id"`
}

// controlCodefresh adds the verbs about Codefresh.
func (s *Sandbox) controlCodefresh(mux *controlMux) {
	verb(mux, "POST /users", func(b struct {
		Name  string `json:"name"`
		Admin bool   `json:"admin"`
	},
	) (any, error) {
		id, key, err := s.AddUser(b.Name, b.Admin)

		return map[string]string{"id": id, "api_key": key}, err
	})
	verb(mux, "POST /users/revoke-key", func(b struct {
		APIKey string `json:"api_key"`
	},
	) (any, error) {
		return nil, s.RevokeKey(b.APIKey)
	})
	verb(mux, "POST /account-git", func(b struct {
		Provider         string `json:"provider"`
		APIURL           string `json:"api_url"`
		SharedConfigRepo string `json:"shared_config_repo"`
	},
	) (any, error) {
		if err := s.SetAccountGit(b.Provider, b.APIURL); err != nil {
			return nil, err
		}

		s.SetSharedConfigRepo(b.SharedConfigRepo)

		return nil, nil //nolint:nilnil // no content
	})
	verb(mux, "POST /platform", func(b controlPlatform) (any, error) {
		p := Platform(b)
		if err := p.check(); err != nil {
			return nil, err
		}

		s.SetPlatform(p)

		return nil, nil //nolint:nilnil // no content
	})
	verb(mux, "POST /git-sources", func(b controlGitSource) (any, error) {
		return nil, s.AddGitSource(GitSource(b))
	})
	mux.HandleFunc("DELETE /git-sources/{runtime}/{name}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, nil, s.RemoveGitSource(r.PathValue("runtime"), r.PathValue("name")))
	})
	s.controlRuntimes(mux)
}

func (s *Sandbox) controlRuntimes(mux *controlMux) {
	verb(mux, "POST /runtimes", func(b controlRuntime) (any, error) {
		err := s.AddRuntime(Runtime(b))

		return map[string]string{"app_proxy": s.URL(AppProxy(b.Name))}, err
	})
	mux.HandleFunc("DELETE /runtimes/{name}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, nil, s.RemoveRuntime(r.PathValue("name")))
	})
	verb(mux, "POST /runtimes/reach", func(b struct {
		Runtime string `json:"runtime"`
		Reach   Reach  `json:"reach"`
	},
	) (any, error) {
		return nil, s.SetReach(b.Runtime, b.Reach)
	})
	verb(mux, "POST /runtimes/stage", func(b struct {
		Runtime string `json:"runtime"`
		Stage   Stage  `json:"stage"`
	},
	) (any, error) {
		return nil, s.SetStage(b.Runtime, b.Stage)
	})
	verb(mux, "POST /runtimes/move", func(b struct {
		Runtime string `json:"runtime"`
	},
	) (any, error) {
		err := s.MoveRuntime(b.Runtime)

		return map[string]string{"app_proxy": s.URL(AppProxy(b.Runtime))}, err
	})
	verb(mux, "POST /runtimes/ingress", func(b struct {
		Runtime string `json:"runtime"`
		Ingress string `json:"ingress"`
	},
	) (any, error) {
		return nil, s.SetIngress(b.Runtime, b.Ingress)
	})
	verb(mux, "POST /runtimes/lose-answers", func(b struct {
		Runtime string `json:"runtime"`
		Times   int    `json:"times"`
	},
	) (any, error) {
		return nil, s.LoseAnswers(b.Runtime, b.Times)
	})
	verb(mux, "POST /runtimes/token-status", func(b struct {
		Runtime string `json:"runtime"`
		Status  string `json:"status"`
	},
	) (any, error) {
		return nil, s.SetRuntimeTokenStatus(b.Runtime, b.Status)
	})
	verb(mux, "POST /integrations", func(b struct {
		Runtime  string `json:"runtime"`
		Name     string `json:"name"`
		Provider string `json:"provider"`
		APIURL   string `json:"api_url"`
	},
	) (any, error) {
		return nil, s.AddIntegration(b.Runtime, b.Name, b.Provider, b.APIURL)
	})
	verb(mux, "POST /unregister", func(b controlRegistration) (any, error) {
		return nil, s.Unregister(b.Runtime, b.Integration, b.UserID)
	})
	verb(mux, "POST /user-token-valid", func(b struct {
		controlRegistration

		Valid *bool `json:"valid"`
	},
	) (any, error) {
		return nil, s.SetUserTokenValid(b.Runtime, b.Integration, b.UserID, b.Valid)
	})
}
