package gittoken

// gitlabScopes are the scopes of personal, project, group and OAuth tokens. "granular" alone marks a fine-grained
// token, whose authority GitLab does not tell in scopes.
//
// Sources: GitLab docs, Access token scopes; lib/gitlab/auth.rb (abilities_for_scopes) and lib/api/api.rb of GitLab.
var gitlabScopes = newVocabulary([]word{
	{"api", []Scope{"read_api", "read_user", "read_repository", "write_repository"}},
	{"read_api", []Scope{"read_user"}},
	{"read_user", nil},
	{"read_repository", nil},
	{"write_repository", []Scope{"read_repository"}},
	{"read_registry", nil},
	{"write_registry", nil}, // pushes only; pulling needs read_registry
	{"read_virtual_registry", nil},
	{"write_virtual_registry", nil},
	{"create_runner", nil},
	{"manage_runner", nil},
	{"ai_features", nil},
	{"k8s_proxy", nil},
	{"self_rotate", nil},
	{"read_service_ping", nil},
	{"read_observability", nil},
	{"write_observability", nil},
	{"sudo", nil},
	{"admin_mode", nil},
	{"openid", nil},
	{"profile", nil},
	{"email", nil},
	{"granular", nil},
}, map[string]Scope{
	// Codefresh docs, Git tokens, call it so. GitLab has no scope of that name.
	"api_read": "read_api",
})
