package core

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// Workspace is a folder as a person has it: a configuration and a state. Every run starts providers of its own.
type Workspace struct {
	factories map[string]Factory // by local name
	schemas   map[string]*schemas
	config    *configuration
	state     *State
	made      atomic.Int64
}

// New returns an empty workspace. terraform_data is there without a factory.
func New(ctx context.Context, factories map[string]Factory) (*Workspace, error) {
	w := &Workspace{factories: factories, schemas: map[string]*schemas{}, config: &configuration{}, state: newState()}
	for name, f := range factories {
		var err error
		if w.schemas[name], err = f.schemas(ctx); err != nil {
			return nil, fmt.Errorf("provider %s: %w", name, err)
		}
	}

	return w, nil
}

// Configure replaces the configuration. What is wrong with its form is told.
func (w *Workspace) Configure(text string) Diagnostics {
	config, diags := parse(text)
	if !diags.HasErrors() {
		w.config = config
	}

	return diags
}

// Options say how to plan.
type Options struct {
	Destroy     bool
	RefreshOnly bool
	SkipRefresh bool
	Targets     []string // addresses of resources
	Replace     []string // addresses of instances
	Variables   map[string]cty.Value
	Interrupted bool  // the apply ends before it destroys what was replaced
	Parallelism int   // 0: as many at once as Terraform does
	Seed        int64 // chooses among what could be next; 0: as they come
}

func (o Options) workers() int {
	if o.Parallelism == 0 {
		return 10
	}

	return o.Parallelism
}

// run is one walk over a configuration and a state.
type run struct {
	*Workspace
	Options

	ctx   context.Context
	scope *scope

	mu        sync.Mutex
	state     *State
	told      Diagnostics
	processes map[string]*process
	values    map[string]map[string]cty.Value // planned ones, by resource and key
	pending   map[string]bool                 // data sources that are read in the apply
	changes   []*Change
}

func (w *Workspace) start(ctx context.Context, state *State, o Options) *run {
	r := &run{
		Workspace: w, Options: o, ctx: ctx, state: state, processes: map[string]*process{},
		values: map[string]map[string]cty.Value{}, pending: map[string]bool{},
	}

	r.scope = &scope{config: w.config, variables: map[string]cty.Value{}, value: r.value}
	for name, fallback := range w.config.variables {
		v, given := o.Variables[name]
		switch {
		case given:
		case fallback == nil:
			r.tell(own("", "No value for required variable", "The variable is %q.", name))

			v = cty.DynamicVal
		default:
			v, _ = fallback.Value(nil)
		}

		r.scope.variables[name] = v
	}

	return r
}

func (r *run) tell(all ...Diagnostic) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.told = append(r.told, all...)
}

// fails tells of a problem that no test should see, and reports whether there is one.
func (r *run) fails(address string, err error) bool {
	if err != nil {
		r.tell(own(address, "Plugin error", "%v", err))
	}

	return err != nil
}

// value returns a resource as expressions see it: as it is planned, else as it is in the state.
func (r *run) value(address string) cty.Value {
	block := r.config.resources[address]
	r.mu.Lock()
	defer r.mu.Unlock()

	if planned, ok := r.values[address]; ok {
		return block.collect(planned)
	}

	if r.pending[address] {
		return cty.DynamicVal
	}

	all := map[string]cty.Value{}

	for _, key := range r.state.keysOf(address) {
		o := r.state.get(address+key, "")

		s, err := r.schemaOf(block.provider, block.typeName, block.data)
		if !o.exists() || err != nil {
			continue
		}

		if v, err := decodeState(o.json, s.object); err == nil {
			all[key] = v
		}
	}

	return block.collect(all)
}

// plans notes a value that a resource instance is planned to have.
func (r *run) plans(resource, key string, v cty.Value) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.values[resource] == nil {
		r.values[resource] = map[string]cty.Value{}
	}

	if key != none {
		r.values[resource][key] = v
	}
}

// none is no key at all.
const none = "-"

func (r *run) schemaOf(provider, typeName string, data bool) (*schema, error) {
	if strings.HasPrefix(provider, "terraform") {
		return builtin{}.schema(typeName, data)
	}

	name, _, _ := strings.Cut(provider, ".")

	all := r.schemas[name]
	if all == nil {
		return nil, fmt.Errorf("there is no provider %q", name)
	}

	return (&process{schemas: all}).schema(typeName, data)
}

// provider returns a provider that has its settings; nil if it does not take them, which is told once.
func (r *run) provider(key string) resources {
	if key == "terraform" {
		return builtin{&r.made}
	}

	name, _, _ := strings.Cut(key, ".")

	r.mu.Lock()

	p := r.processes[key]
	if p == nil {
		p = &process{schemas: r.schemas[name]}
		r.processes[key] = p
	}
	r.mu.Unlock()
	p.once.Do(func() { p.ok = r.configure(p, key, name) })

	if !p.ok {
		return nil
	}

	return p
}

func (r *run) configure(p *process, key, name string) bool {
	if p.schemas == nil {
		return !r.fails("", fmt.Errorf("there is no provider %q", name))
	}

	var err error
	if p.ProviderServer, err = r.factories[name](); r.fails("", err) {
		return false
	}

	body := &hclsyntax.Body{}
	if block := r.config.providers[key]; block != nil {
		body = block.body
	}

	config, diags := r.scope.decode(body, p.settings, nil, "alias")
	r.tell(fromHCL("", diags)...)

	if diags.HasErrors() {
		return false
	}

	told, err := p.configure(r.ctx, config)
	r.tell(fromProvider("", told)...)

	return !r.fails("", err) && !failed(told)
}

// load reads an object from the state as the provider's schema has it today; nothing if there is none.
func (r *run) load(from resources, s *schema, address, deposed string) (thing, *object, bool) {
	r.mu.Lock()
	o := r.state.get(address, deposed)
	r.mu.Unlock()

	if !o.exists() {
		return thing{value: s.nothing()}, nil, true
	}

	v, told, err := from.upgrade(r.ctx, o.typeName, o.version, o.json)
	r.tell(fromProvider(address, told)...)

	return thing{v, o.private, o.identity}, o, !r.fails(address, err) && !failed(told)
}

// store puts an object into the state.
func (r *run) store(address, deposed string, s *schema, t thing, about object) {
	about.json, about.private, about.identity, about.version = nil, t.private, t.identity, s.version
	if !t.value.IsNull() {
		text, err := encodeState(t.value, s.object)
		if r.fails(address, err) {
			return
		}

		about.json = text
	}

	r.mu.Lock()
	defer r.mu.Unlock()

	r.state.put(address, deposed, &about)
}

// about is what the state keeps of a block's instances beside their values.
func (c *configuration) about(block *resourceBlock) object {
	return object{
		typeName: block.typeName, provider: block.provider, needs: c.closure(block),
		createBeforeDestroy: c.destroysLast(block),
	}
}

// Attributes returns the attributes of every current instance in the state, by address.
func (w *Workspace) Attributes() map[string]map[string]any {
	all := map[string]map[string]any{}

	for _, address := range w.state.addresses() {
		o := w.state.get(address, "")
		if !o.exists() {
			continue
		}

		s, err := (&run{Workspace: w}).schemaOf(o.provider, o.typeName, strings.HasPrefix(address, "data."))
		if err != nil {
			continue
		}

		if v, err := decodeState(o.json, s.object); err == nil {
			all[address], _ = Plain(v).(map[string]any)
		}
	}

	return all
}

// Private returns the private state of an instance.
func (w *Workspace) Private(address string) []byte {
	if o := w.state.get(address, ""); o.exists() {
		return o.private
	}

	return nil
}

// Deposed returns the addresses of instances with objects that were replaced and are not destroyed.
func (w *Workspace) Deposed() []string {
	var found []string

	for _, address := range w.state.addresses() {
		if len(w.state.instances[address].deposed) > 0 {
			found = append(found, address)
		}
	}

	return found
}

// Copy returns a workspace with the same configuration and a copy of the state.
func (w *Workspace) Copy() *Workspace {
	made := &Workspace{factories: w.factories, schemas: w.schemas, config: w.config, state: w.state.clone()}
	made.made.Store(w.made.Load())

	return made
}

// Forget takes an instance, or all instances of a resource, out of the state, as terraform state rm does.
func (w *Workspace) Forget(address string) {
	for _, instance := range w.state.addresses() {
		if resource, _ := split(instance); instance == address || resource == address {
			delete(w.state.instances, instance)
		}
	}
}

// Move renames a resource or an instance in the state, as terraform state mv does.
func (w *Workspace) Move(from, to string) bool { return w.state.rename(from, to) }

// Identity returns the identity of an instance.
func (w *Workspace) Identity(address string) map[string]any {
	o := w.state.get(address, "")
	if !o.exists() || o.identity == nil {
		return nil
	}

	name, _, _ := strings.Cut(o.provider, ".")

	v, err := decode(o.identity.IdentityData, w.schemas[name].identities[o.typeName])
	if err != nil {
		return nil
	}

	return plainObject(v)
}

// Import reads an object into the state, as terraform import does.
func (w *Workspace) Import(ctx context.Context, address, id string) Diagnostics {
	return w.adopt(ctx, address, id, nil)
}

// ImportLike imports by the identity that an instance has in another workspace, as an import block does.
func (w *Workspace) ImportLike(ctx context.Context, address string, other *Workspace) Diagnostics {
	return w.adopt(ctx, address, "", other.state.get(address, "").identity)
}

func (w *Workspace) adopt(
	ctx context.Context, address, id string, identity *tfprotov6.ResourceIdentityData,
) Diagnostics {
	r := w.start(ctx, w.state, Options{})
	resource, _ := split(address)

	block := w.config.resources[resource]
	if block == nil {
		return Diagnostics{own(address, "resource address does not exist in the configuration", "")}
	}

	if !r.valid() {
		return r.told
	}

	if w.state.get(address, "").exists() {
		return Diagnostics{own(address, "Resource already managed by Terraform", "")}
	}

	p := r.provider(block.provider)
	if p == nil {
		return r.told
	}

	s, err := p.schema(block.typeName, false)
	if r.fails(address, err) {
		return r.told
	}

	found, told, err := p.adopt(ctx, block.typeName, id, identity)
	r.tell(fromProvider(address, told)...)

	if r.fails(address, err) || failed(told) {
		return r.told
	}

	if found.value.IsNull() {
		r.tell(own(address, "Import returned no resources", ""))

		return r.told
	}

	found, told, err = p.read(ctx, block.typeName, found)
	r.tell(fromProvider(address, told)...)

	switch {
	case r.fails(address, err) || failed(told):
	case found.value.IsNull():
		r.tell(own(address, "Cannot import non-existent remote object", "There is none with the id %q.", id))
	default:
		r.store(address, "", s, found, w.config.about(block))
	}

	return r.told
}

// sorted returns the keys of a set.
func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
