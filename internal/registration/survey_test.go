package registration

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Whoever makes resources of a list of runtimes sends their tokens to the Git provider that it names.
func TestRuntimesHaveNoProviderOfAnother(t *testing.T) {
	t.Parallel()

	o := account("silent", "lab", "foreign")
	o.Runtimes[1].GitProvider = gittoken.GitLab
	o.Runtimes[2].ForeignProvider = true

	got := map[string]gittoken.Provider{}
	for _, r := range Runtimes(o) {
		got[r.Name] = r.GitProvider
	}

	want := map[string]gittoken.Provider{"silent": gittoken.GitHub, "lab": gittoken.GitLab, "foreign": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}

	if o.Runtimes[0].GitProvider != "" {
		t.Error("the overview is changed")
	}
}
