package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

// Where an integration's Git provider is not known it may hold the token, and stands against a revocation.
func TestUsersAt(t *testing.T) {
	t.Parallel()

	users := []codefresh.IntegrationUser{
		{ID: "u1", Token: codefresh.TokenSuccessful}, {ID: "u2", Token: codefresh.TokenUnknown},
	}
	survey := registration.Survey{
		Runtime: codefresh.Runtime{Name: "prod"},
		Integrations: []codefresh.Integration{
			{Name: "ours", Provider: gittoken.GitHub, Users: users},
			{Name: "another", Provider: gittoken.GitLab, Users: users},
			{Name: "untold", Users: []codefresh.IntegrationUser{{ID: "u3", Token: codefresh.TokenFailed}}},
			{Name: "empty", Provider: gittoken.GitHub},
		},
	}

	var places []string
	for _, h := range usersAt(survey, gittoken.GitHub) {
		places = append(places, h.place)
	}

	if diff := cmp.Diff([]string{"prod/ours/u1", "prod/ours/u2", "prod/untold/u3"}, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}
