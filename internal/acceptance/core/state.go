package core

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// State is what Terraform keeps between runs: resource instances by address.
type State struct {
	instances map[string]*instance
}

func newState() *State { return &State{instances: map[string]*instance{}} }

// instance is an instance of a resource, or the last answer of a data source.
type instance struct {
	object
	deposed map[string]*object // replaced ones that are not destroyed yet
}

// object is one object of a provider's.
type object struct {
	json     []byte // nil: there is none
	version  int64
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool

	typeName            string
	provider            string
	needs               map[string]bool // addresses of resources
	createBeforeDestroy bool
}

func (o *object) exists() bool { return o != nil && o.json != nil }

func (s *State) clone() *State {
	made := newState()

	for address, i := range s.instances {
		copied := *i
		copied.deposed = maps.Clone(i.deposed)
		made.instances[address] = &copied
	}

	return made
}

// get returns the object at an address; deposed names one that was replaced, and is empty for the current one.
func (s *State) get(address, deposed string) *object {
	i := s.instances[address]
	switch {
	case i == nil:
		return nil
	case deposed != "":
		return i.deposed[deposed]
	case !i.exists():
		return nil
	}

	return &i.object
}

// put stores an object; nil takes it away.
func (s *State) put(address, deposed string, o *object) {
	i := s.instances[address]
	if i == nil {
		i = &instance{deposed: map[string]*object{}}
		s.instances[address] = i
	}

	switch {
	case deposed != "" && o.exists():
		i.deposed[deposed] = o
	case deposed != "":
		delete(i.deposed, deposed)
	case o.exists():
		i.object = *o
	default:
		i.object = object{}
	}

	if !i.exists() && len(i.deposed) == 0 {
		delete(s.instances, address)
	}
}

// addresses returns those of all instances.
func (s *State) addresses() []string { return slices.Sorted(maps.Keys(s.instances)) }

// keysOf returns the keys of a resource's instances.
func (s *State) keysOf(resource string) []string {
	var keys []string

	for _, address := range s.addresses() {
		if of, key := split(address); of == resource {
			keys = append(keys, key)
		}
	}

	return keys
}

// resources returns the addresses of all managed resources.
func (s *State) resources() []string {
	found := map[string]bool{}

	for address := range s.instances {
		if resource, _ := split(address); !strings.HasPrefix(resource, "data.") {
			found[resource] = true
		}
	}

	return slices.Sorted(maps.Keys(found))
}

// rename moves a resource, or one instance of it. It reports whether there was one.
func (s *State) rename(from, to string) bool {
	done := false

	for _, address := range s.addresses() {
		resource, key := split(address)
		target := ""

		switch {
		case address == from:
			target = to
		case resource == from:
			target = to + key
		}

		if target != "" && s.instances[target] == nil {
			s.instances[target] = s.instances[address]
			delete(s.instances, address)

			done = true
		}
	}

	return done
}

func encodeState(v cty.Value, t cty.Type) ([]byte, error) { return ctyjson.Marshal(v, t) }

func decodeState(text []byte, t cty.Type) (cty.Value, error) { return ctyjson.Unmarshal(text, t) }
