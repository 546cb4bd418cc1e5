package bitbucketcloud

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// hostError is how the host describes an error (Bitbucket Cloud REST API, Standardized error responses).
type hostError struct {
	Message string
	// granted lists the scopes of the token, where the error is the lack of one. Nil if the error does not tell.
	granted []string
}

// parseError reports false for what is not the host's error document. That one has a type, and the error in it none:
// nor has it a code, a status or whatever else is in the errors of others.
func parseError(body []byte) (hostError, bool) {
	var document struct {
		Type  string                     `json:"type"`
		Error map[string]json.RawMessage `json:"error"`
	}

	if json.Unmarshal(body, &document) != nil || document.Type != "error" {
		return hostError{}, false
	}

	for name := range document.Error {
		if !slices.Contains([]string{"message", "detail", "data", "fields", "id"}, name) {
			return hostError{}, false
		}
	}

	e := hostError{}
	if json.Unmarshal(document.Error["message"], &e.Message) != nil || e.Message == "" {
		return hostError{}, false
	}

	var detail struct {
		Granted []string `json:"granted"`
	}

	if json.Unmarshal(document.Error["detail"], &detail) == nil {
		e.granted = detail.Granted
	}

	return e, true
}

// user is what is needed of an account.
type user struct {
	Type        string `json:"type"`
	AccountID   string `json:"account_id"`
	UUID        string `json:"uuid"`
	Username    string `json:"username"`
	Nickname    string `json:"nickname"`
	DisplayName string `json:"display_name"`
}

// parseUser reports false for what is not an account of Bitbucket. Other hosts have a user with a name, too, and a
// UUID; Bitbucket's are in braces, and say that they are users.
func parseUser(a answer) (user, bool) {
	var u user

	if !a.IsJSON() || json.Unmarshal(a.Body, &u) != nil || u.owner() == "" {
		return user{}, false
	}

	typed := slices.Contains([]string{"user", "app_user", "team"}, u.Type)

	return u, typed && (u.AccountID != "" || strings.HasPrefix(u.UUID, "{")) ||
		a.Header.Values("x-oauth-scopes") != nil
}

// owner returns the first name that the account has.
func (u user) owner() string {
	for _, name := range []string{u.Username, u.Nickname, u.DisplayName, u.AccountID, u.UUID} {
		if name = transport.Printable(name); name != "" {
			return name
		}
	}

	return ""
}

// kindOf returns a token's kind from what the host calls it, else from its prefix, else from the names of its scopes:
// only API tokens have scopes that end with the product's name (Atlassian Support, API token permissions).
func kindOf(credentialType string, byPrefix gittoken.Kind, scopes []gittoken.Scope) gittoken.Kind {
	switch strings.ToLower(strings.TrimSpace(credentialType)) {
	case "repo_access_token", "project_access_token", "workspace_access_token":
		return gittoken.KindAccessToken
	case "api_token":
		return gittoken.KindAPIToken
	}

	if byPrefix == gittoken.KindUnknown && len(scopes) > 0 && strings.HasSuffix(string(scopes[0]), ":bitbucket") {
		return gittoken.KindAPIToken
	}

	return byPrefix
}

// repository is what is needed of a repository.
type repository struct {
	FullName string `json:"full_name"` // workspace/slug
	Private  *bool  `json:"is_private"`
}

// parseRepository reports false for what is not a repository.
func parseRepository(a answer) (repository, bool) {
	var r repository

	if a.Status != 200 || !a.IsJSON() || json.Unmarshal(a.Body, &r) != nil || !strings.Contains(r.FullName, "/") {
		return repository{}, false
	}

	return r, true
}

// parseRepositories reports false for what is not a list of repositories (Bitbucket Cloud REST API, Pagination:
// values is always there).
func parseRepositories(a answer) ([]repository, bool) {
	var document struct {
		Values *[]repository `json:"values"`
	}

	if a.Status != 200 || !a.IsJSON() || json.Unmarshal(a.Body, &document) != nil || document.Values == nil {
		return nil, false
	}

	for _, r := range *document.Values {
		if !strings.Contains(r.FullName, "/") {
			return nil, false
		}
	}

	return *document.Values, true
}
