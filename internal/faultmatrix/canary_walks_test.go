//go:build faults

package faultmatrix_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	secondRuntime = "second"
	readLimit     = time.Minute
)

// aviary is a world in which the services repeat what they were sent, with one kind of resource in it.
type aviary struct {
	*lane

	parrot  *parrot
	uses    map[string]map[question]bool // what each flight asks
	patient planned                      // a create that waits for its runtime
	doomed  sandbox.Token                // what an action is to revoke
	known   []canary                     // what the provider was given
	clean   map[string]bool              // texts that were searched
	all     []canary                     // what must not come out
	// only says of which services the answers are changed.
	only []sandbox.Service
}

// oddKey and oddToken are secrets of shapes that nobody would recognise.
const (
	oddToken = `q/8+vB"e=Z&k<m>t%69~Rw`
	oddSpare = "0f9e8d7c6b5a49382716f5e4d3c2b1a09f8e7d6c"
)

// openAviary starts a world and registers a token, while nothing is changed yet.
func openAviary(ctx context.Context, t types, a *aviary) (err error) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return err
	}

	h := a.host
	h.apiURL = s.URL(h.service) + map[string]string{ // Bitbucket Cloud's has it
		"github": "/api/v3", "gitlab": "/api/v4", "bitbucket-server": "/rest/api/1.0",
	}[h.provider]
	w := &world{Sandbox: s, host: h, types: t, dials: map[sandbox.Service]int{}}
	a.world = w

	a.userID, a.key = s.DefaultUser()
	if err := a.furnish(); err != nil {
		return err
	}

	a.parrot = newParrot(w)

	w.dialer = a.parrot.dial
	if err := a.prepare(ctx); err != nil {
		return err
	}

	if err := a.planPatiently(ctx); err != nil {
		return err
	}

	a.known = []canary{
		{name: "the token", text: a.old.Text, known: true},
		{name: "the API key", text: a.key, known: true},
		{name: "a token of another resource", text: oddToken, known: true},
		{name: "a token that nobody uses", text: oddSpare, known: true},
		{name: "the new token", text: a.fresh.Text, known: true},
	}
	a.all = append(append([]canary{}, a.known...), strangers()...)

	return nil
}

// planPatiently plans a create that waits for its runtime, with reports on it.
func (a *aviary) planPatiently(ctx context.Context) error {
	defer a.hangUp()

	p, err := a.launch(ctx, a.resourceType, nil)
	if err != nil {
		return err
	}

	config := maps.Clone(a.config)
	config["wait_for_runtime"] = "75s"

	plan, ok := p.plan(ctx, instance{}, config)
	if !ok {
		return errors.New("planning a create that waits: " + words(p.told))
	}

	a.patient = plan

	return nil
}

// furnish makes every text that Codefresh can tell be there to be told.
func (a *aviary) furnish() error {
	path := "acme/gitops"
	if a.host.service == sandbox.BitbucketServer {
		path = "ACME/gitops"
	}

	repository, err := a.AddRepository(sandbox.Repository{
		Service: a.host.service, Path: path, Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	if err != nil {
		return err
	}

	if err := a.SetAccountGit(a.host.reported, a.host.apiURL); err != nil {
		return err
	}

	a.SetSharedConfigRepo(repository)

	for _, name := range []string{runtimeName, secondRuntime} {
		if err := a.AddRuntime(sandbox.Runtime{
			Name: name, GitProvider: a.host.reported, GitAPIURL: a.host.apiURL, Repo: repository,
		}); err != nil {
			return err
		}

		source := sandbox.GitSource{Runtime: name, Name: "more", RepoURL: repository, Path: "apps"}
		if err := a.AddGitSource(source); err != nil {
			return err
		}
	}

	a.repository = repository
	a.SetPlatform(sandbox.Platform{PageSize: 1})

	return nil
}

// settings are those of the provider block beside the usual ones.
func (a *aviary) settings() attributes {
	return attributes{
		"git_tokens": map[string]string{
			"it": a.old.Text, "new": a.fresh.Text, "other": oddToken, "spare": oddSpare, "gone": a.doomed.Text,
		}, "max_retries": int64(0),
	}
}

// diary is a log that is read while others may still write it.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()

	return d.text.Write(p)
}

// lines returns the lines so far, each once.
func (d *diary) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()

	var lines []string

	seen := map[string]bool{}

	for line := range strings.Lines(d.text.String()) {
		if !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}

	return lines
}

// heard takes what came to a sink.
type heard func(sink string, texts ...string)

// flight is a run of Terraform, of a process of its own.
type flight struct {
	name string
	// fly goes through the run and tells what comes out.
	fly func(a *aviary, ctx context.Context, p *process, say heard)
}

func flights() []flight {
	return []flight{
		{"planning", (*aviary).refresh},
		{"looking", func(a *aviary, ctx context.Context, p *process, say heard) {
			a.adopt(ctx, p, say)
			a.list(ctx, p, say)
			a.look(ctx, p, say, "codefresh_runtimes", nil)
			a.look(ctx, p, say, "codefresh_git_tokens", nil)
		}},
		{"checking", func(a *aviary, ctx context.Context, p *process, say heard) {
			a.look(ctx, p, say, "codefresh_git_token_check", a.checked())
			a.open(ctx, p, say)
		}},
		{"changing", func(a *aviary, ctx context.Context, p *process, say heard) {
			a.planDestroy(ctx, p, say)
			a.carry(ctx, p, a.destroy, "destroy", say)
			a.planCreate(ctx, p, say)
			a.carry(ctx, p, a.create, "create", say)
			a.carry(ctx, p, a.update, "update", say)
		}},
		{"acting", func(a *aviary, ctx context.Context, p *process, say heard) {
			verified, revoked := a.acted()
			a.act(ctx, p, say, "codefresh_git_token_verify", verified)
			a.act(ctx, p, say, "codefresh_git_token_revoke", revoked)
		}},
		{"waiting", func(a *aviary, ctx context.Context, p *process, say heard) {
			a.carry(ctx, p, a.patient, "create that waits", say)
		}},
	}
}

// values tells every text of a value, but for those attributes that hold a secret because somebody put it there.
func values(v tftypes.Value) []string {
	var texts []string

	if v.Type() == nil {
		return nil
	}

	_ = tftypes.Walk(v, func(at *tftypes.AttributePath, inner tftypes.Value) (bool, error) {
		if len(at.Steps()) == 1 {
			if name, _ := at.Steps()[0].(tftypes.AttributeName); name == "token" || name == "api_key" {
				return false, nil
			}
		}

		if key, isKey := at.LastStep().(tftypes.ElementKeyString); isKey {
			texts = append(texts, string(key))
		}

		var text string
		if inner.IsKnown() && !inner.IsNull() && inner.Type().Is(tftypes.String) && inner.As(&text) == nil {
			texts = append(texts, text)
		}

		return true, nil
	})

	return texts
}

// instance tells what there is of an instance.
func (h heard) instance(what string, i instance, of *tfprotov6.ResourceIdentitySchema) {
	h(what+": values", values(i.value)...)
	h(what+": private values", string(i.private))

	var identity []string
	if i.identity != nil && i.identity.IdentityData != nil && of != nil {
		if v, err := i.identity.IdentityData.Unmarshal(of.ValueType()); err == nil {
			identity = values(v)
		}
	}

	h(what+": identity", identity...)
}

// told tells the diagnostics of a process, and forgets them.
func (h heard) told(what string, p *process) {
	texts := make([]string, 0, 2*len(p.told)+len(p.complaints))
	for _, d := range p.told {
		texts = append(texts, d.Summary+"\n"+d.Detail)
		if d.Attribute != nil {
			texts = append(texts, d.Attribute.String())
		}
	}

	h(what+": messages", append(texts, p.complaints...)...)
	p.told, p.complaints = nil, nil
}

func (a *aviary) identities() *tfprotov6.ResourceIdentitySchema {
	return a.types.identities[a.resourceType]
}

func (a *aviary) planCreate(ctx context.Context, p *process, say heard) {
	plan, _ := p.plan(ctx, instance{}, a.config)
	say.told("plan of a create", p)
	say.instance("plan of a create", plan.after, a.identities())
}

func (a *aviary) carry(ctx context.Context, p *process, plan planned, what string, say heard) {
	after, _ := p.carryOut(ctx, plan)
	say.told(what, p)
	say.instance(what, after, a.identities())
}

func (a *aviary) refresh(ctx context.Context, p *process, say heard) {
	now, ok := p.read(ctx, a.registered)
	say.told("refresh", p)
	say.instance("refresh", now, a.identities())

	if !ok || !now.exists() {
		return
	}

	plan, _ := p.plan(ctx, now, a.config)
	say.told("plan", p)
	say.instance("plan", plan.after, a.identities())
	plan, _ = p.plan(ctx, now, a.rotated)
	say.told("plan of an update", p)
	say.instance("plan of an update", plan.after, a.identities())
}

func (a *aviary) planDestroy(ctx context.Context, p *process, say heard) {
	_, _ = p.plan(ctx, a.registered, nil)
	say.told("plan of a destroy", p)
}

func (a *aviary) adopt(ctx context.Context, p *process, say heard) {
	resp, err := p.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: a.resourceType, ID: runtimeName,
	})
	if err != nil || p.hear(resp.Diagnostics) || len(resp.ImportedResources) == 0 {
		say.told("import", p)

		return
	}

	imported := resp.ImportedResources[0]
	now, _ := p.read(ctx, p.instance(imported.State, imported.Private, imported.Identity))
	say.told("import", p)
	say.instance("import", now, a.identities())
}

func (a *aviary) list(ctx context.Context, p *process, say heard) {
	server, _ := p.server.(tfprotov6.ListResourceServer)

	config, err := dynamic(block(a.types.lists[a.resourceType], nil))
	if err != nil || server == nil {
		p.complain("listing: %v", err)

		return
	}

	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: a.resourceType, Config: config, IncludeResource: true,
	})
	if err != nil {
		p.complain("listing: %v", err)

		return
	}

	var names []string

	for r := range stream.Results {
		p.hear(r.Diagnostics)

		names = append(names, r.DisplayName)
		if r.Identity != nil {
			say.instance("list", p.instance(r.Resource, nil, r.Identity), a.identities())
		}
	}

	say("list: names", names...)
	say.told("list", p)
}

// look reads a data source.
func (a *aviary) look(ctx context.Context, p *process, say heard, name string, config attributes) {
	schema := a.types.data[name]

	encoded, err := dynamic(block(schema, config))
	if err != nil {
		p.complain("%s: %v", name, err)

		return
	}

	resp, err := p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: encoded})
	if err != nil {
		p.complain("%s: %v", name, err)

		return
	}

	p.hear(resp.Diagnostics)
	say.told(name, p)

	var result tftypes.Value
	if resp.State != nil {
		result, _ = resp.State.Unmarshal(schema.ValueType())
	}

	say(name+": values", values(result)...)
}

func (a *aviary) open(ctx context.Context, p *process, say heard) {
	const name = "codefresh_git_token_check"

	schema := a.types.ephemerals[name]

	encoded, err := dynamic(block(schema, a.checked()))
	if err != nil {
		p.complain("%s: %v", name, err)

		return
	}

	resp, err := p.server.OpenEphemeralResource(ctx,
		&tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: encoded})
	if err != nil {
		p.complain("%s: %v", name, err)

		return
	}

	p.hear(resp.Diagnostics)
	say.told("ephemeral resource", p)

	var result tftypes.Value
	if resp.Result != nil {
		result, _ = resp.Result.Unmarshal(schema.ValueType())
	}

	say("ephemeral resource: values", values(result)...)
	say("ephemeral resource: private values", string(resp.Private))
}

// act plans and invokes an action.
func (a *aviary) act(ctx context.Context, p *process, say heard, name string, config attributes) {
	server, _ := p.server.(tfprotov6.ActionServer)

	encoded, err := dynamic(block(a.types.actions[name].Schema, config))
	if err != nil || server == nil {
		p.complain("%s: %v", name, err)

		return
	}

	plan, err := server.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: encoded})
	if err != nil {
		p.complain("%s: %v", name, err)

		return
	}

	p.hear(plan.Diagnostics)
	say.told("plan of "+name, p)

	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: name, Config: encoded})
	if err != nil {
		p.complain("%s: %v", name, err)

		return
	}

	var progress []string

	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			p.hear(e.Diagnostics)
		}
	}

	say(name+": progress", progress...)
	say.told(name, p)
}

// acted are the configurations of the actions: one asks about the token, the other revokes one that nothing uses.
func (a *aviary) acted() (verified, revoked attributes) {
	verified = a.checked()
	delete(verified, "token")
	verified["token_name"] = "it"

	var unused []tftypes.Value

	for _, runtime := range []string{runtimeName, secondRuntime} {
		for _, place := range []string{runtime, runtime + "/default"} {
			unused = append(unused, tftypes.NewValue(tftypes.String, place))
		}
	}

	return verified, attributes{
		"token_name": "gone", "git_provider": a.host.provider, "api_url": a.host.apiURL, "unused_by": unused,
	}
}

// checked is the configuration of a check of the token.
func (a *aviary) checked() attributes {
	c := attributes{"token_type": "user"}

	for _, name := range []string{"token", "git_provider", "api_url", "username", "repositories", "write_probes"} {
		if v, given := a.config[name]; given {
			c[name] = v
		}
	}

	return c
}

// describe names a walk, for the test's own messages.
func (a *aviary) describe() string {
	names := make([]string, 0, len(a.only))
	for _, service := range a.only {
		names = append(names, string(service))
	}

	return fmt.Sprintf("%s, %s token", strings.Join(names, " and "), a.resource())
}
