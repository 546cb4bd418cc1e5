package gittoken

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// optional lists the fields of facts, kindFacts, prefix and row that may be empty, and why.
var optional = map[string]string{
	"facts.publicAPI":            "Bitbucket Data Center has no public service",
	"kindFacts.tellsScopes":      "false says something",
	"kindFacts.triesPermissions": "false says something",
	"kindFacts.access":           "most have scopes for all repositories alike",
	"kindFacts.shown":            "only where the host leaves open what a token holds",
	"kindFacts.placed":           "as shown",
	"kindFacts.elsewhere":        "as access",
	"kindFacts.lacks":            "some can hold every scope of their vocabulary",
	"kindFacts.username":         "most are sent alone",
	"kindFacts.page":             "some are not made by hand",
	"kindFacts.ended":            "most still work",
	"kindFacts.impersonal":       "most are somebody's",
	"prefix.thing":               "credentials have none",
	"row.advised":                "most rows advise nothing",
	"row.validator":              "most scopes are documented",
	"row.unfit":                  "most kinds can do the job",
	"row.impersonal":             "most kinds are told apart",
	"facts.doubtful":             "most addresses are clear",
	"facts.doubtfulOwner":        "most hosts are asked for no project of a person",
}

// empty lists the fields of a struct that hold nothing and must not.
func empty(value any) []string {
	var missing []string

	v := reflect.ValueOf(value)
	for i := range v.NumField() {
		name := v.Type().Name() + "." + v.Type().Field(i).Name
		if field := v.Field(i); field.IsZero() || field.Kind() == reflect.Slice && field.Len() == 0 {
			if _, may := optional[name]; !may {
				missing = append(missing, name)
			}
		}
	}

	return missing
}

// TestEveryHostIsWhole finds the piece that a host was given no value for.
func TestEveryHostIsWhole(t *testing.T) {
	t.Parallel()

	for _, h := range hosts {
		t.Run(string(h.provider), func(t *testing.T) {
			t.Parallel()

			for _, name := range empty(h) {
				t.Errorf("%s is empty", name)
			}

			for _, k := range h.kinds {
				for _, name := range empty(k) {
					t.Errorf("kind %s: %s is empty", k.kind, name)
				}

				for _, use := range Types() {
					if n := len(rowsFor(h, use, k.kind)); n != 1 {
						t.Errorf("%d rows for a %s token of kind %s", n, use, k.kind)
					}
				}
			}

			for _, p := range h.prefixes {
				for _, name := range empty(p) {
					t.Errorf("prefix %s: %s is empty", p.text, name)
				}
			}

			for _, r := range h.rows {
				for _, name := range empty(r) {
					t.Errorf("row of %v as %s: %s is empty", r.kinds, r.use, name)
				}

				for _, k := range r.kinds {
					if h.of(k).kind != k {
						t.Errorf("a row for the kind %s, which nobody hands out", k)
					}
				}
			}
		})
	}

	for name := range optional {
		if !slices.Contains(fieldNames(), name) {
			t.Errorf("%s does not exist", name)
		}
	}
}

func rowsFor(h facts, use Type, k Kind) []row {
	return slices.DeleteFunc(slices.Clone(h.rows), func(r row) bool {
		return r.use != use || !slices.Contains(r.kinds, k)
	})
}

func fieldNames() []string {
	var names []string

	for _, structure := range []any{facts{}, kindFacts{}, prefix{}, row{}} {
		of := reflect.TypeOf(structure)
		for i := range of.NumField() {
			names = append(names, of.Name()+"."+of.Field(i).Name)
		}
	}

	return names
}

// TestFactsAgree finds values that contradict each other.
func TestFactsAgree(t *testing.T) {
	t.Parallel()

	var prefixes []string

	shared := map[Kind]kindFacts{}

	for i, h := range hosts {
		if slices.IndexFunc(hosts, func(other facts) bool { return other.provider == h.provider }) != i {
			t.Errorf("%s is there twice", h.provider)
		}

		for _, p := range h.prefixes {
			prefixes = append(prefixes, p.text)

			if p.kind != KindUnknown && h.of(p.kind).kind != p.kind {
				t.Errorf("%s of %s begins like a kind of another provider", p.text, h.provider)
			}
		}

		for j, k := range h.kinds {
			if slices.IndexFunc(h.kinds, func(other kindFacts) bool { return other.kind == k.kind }) != j {
				t.Errorf("%s has the kind %s twice", h.provider, k.kind)
			}

			other, known := shared[k.kind]
			if known && (other.name != k.name || other.tellsScopes != k.tellsScopes ||
				other.triesPermissions != k.triesPermissions || other.username != k.username || other.ended != k.ended) {
				t.Errorf("the kind %s is something else at %s", k.kind, h.provider)
			}

			shared[k.kind] = k
		}
	}

	for _, a := range prefixes {
		for _, b := range prefixes {
			if a != b && strings.HasPrefix(a, b) {
				t.Errorf("what begins with %s begins with %s too", a, b)
			}
		}
	}
}

// TestAddressesOfHosts takes each API's address to the site and back.
func TestAddressesOfHosts(t *testing.T) {
	t.Parallel()

	for _, h := range hosts {
		api := h.publicAPI
		if api == "" {
			api = "https://git.example.com"
		}

		host, err := NewHost(h.provider, api)
		if err != nil {
			t.Fatal(err)
		}

		if host.IsPublic() != (h.publicAPI != "") || h.publicAPI != "" && host.APIURL() != h.publicAPI {
			t.Errorf("%s: the public API %q is completed to %s", h.provider, h.publicAPI, host)
		}

		back, err := NewHost(h.provider, host.WebURL())
		if err != nil || back != host {
			t.Errorf("%s: from %s to %s and back to %s (%v)", h.provider, host, host.WebURL(), back, err)
		}
	}
}
