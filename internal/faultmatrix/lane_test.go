//go:build faults

package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// lane is a column of the matrix: one service that misbehaves, with one resource. Its cells share a world, one after
// another.
type lane struct {
	*world

	column       string // of the table
	service      sandbox.Service
	speaker      speaker
	match        string // the only operation that misbehaves
	resourceType string
	only         string // the slow fault that has the lane for itself; empty for all that are not slow
	fronts       map[disguise]*front

	old, fresh, foreign sandbox.Token
	config, rotated     attributes
	named               attributes
	registered          instance // with old
	registeredByName    instance
	create, update      planned
	destroy             planned
}

func (l *lane) resource() string {
	if l.resourceType == runtimeToken {
		return "runtime"
	}

	return "user"
}

// prepare registers a token and plans what the cells carry out, while all is well.
func (l *lane) prepare(ctx context.Context) error {
	for _, t := range []*sandbox.Token{&l.old, &l.fresh, &l.foreign} {
		var err error
		if *t, err = l.mint(); err != nil {
			return err
		}
	}

	l.config, l.rotated = l.configured(l.old), l.configured(l.fresh)
	l.named = l.configured(l.old)
	delete(l.named, "token")
	l.named["token_name"] = "it"

	if l.column != "Git host" && l.column != "mutation" {
		if err := l.useRepositories(); err != nil {
			return err
		}
	}

	var err error
	if l.registered, l.create, err = l.well(ctx, instance{}, l.config); err != nil {
		return err
	}

	if l.registeredByName, _, err = l.well(ctx, instance{}, l.named); err != nil {
		return err
	}

	p, err := l.launch(ctx, l.resourceType, nil)
	if err != nil {
		return err
	}

	var ok bool
	if l.update, ok = p.plan(ctx, l.registered, l.rotated); !ok {
		return errors.New("planning the update: " + words(p.told))
	}

	if l.destroy, ok = p.plan(ctx, l.registered, nil); !ok {
		return errors.New("planning the destroy: " + words(p.told))
	}

	return nil
}

// well takes an instance to a configuration while all is well: a refresh, a plan, an apply.
func (l *lane) well(ctx context.Context, prior instance, config attributes) (instance, planned, error) {
	defer l.hangUp()

	p, err := l.launch(ctx, l.resourceType, l.tokensByName())
	if err != nil {
		return prior, planned{}, err
	}

	current, ok := prior, true
	if prior.exists() {
		current, ok = p.read(ctx, prior)
	}

	if config == nil && !current.exists() {
		return current, planned{}, nil
	}

	var plan planned
	if ok {
		plan, ok = p.plan(ctx, current, config)
	}

	now := current
	if ok && plan.changes() {
		now, ok = p.carryOut(ctx, plan)
	}

	if !ok || len(p.complaints) > 0 {
		return now, plan, fmt.Errorf("while all is well: %s%s", strings.Join(p.complaints, "; "), words(p.told))
	}

	return now, plan, nil
}

func (l *lane) tokensByName() attributes {
	return attributes{"git_tokens": map[string]string{"it": l.old.Text}}
}

// Columns of what a token is tried at.
const (
	atRepositories = "repositories"
	atSources      = "Git Sources"
	inUse          = "in-use-" // how the names of these repositories begin
)

// useRepositories makes Codefresh use two repositories of the Git host, which the tokens may write.
func (l *lane) useRepositories() error {
	owner := "acme"
	if l.host.service == sandbox.BitbucketServer {
		owner = "ACME"
	}

	var urls []string

	site := l.host.names[len(l.host.names)-1]
	for _, name := range []string{"shared", "apps"} {
		url, err := l.AddRepository(sandbox.Repository{
			Service: l.host.service, Path: owner + "/" + inUse + name, Private: true,
			Roles: map[string]string{"ci-bot": "admin"},
		})
		if err != nil {
			return err
		}

		_, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
		urls = append(urls, "https://"+site+"/"+path)
	}

	if err := l.SetAccountGit(l.host.reported, l.host.apiURL); err != nil {
		return err
	}

	l.SetSharedConfigRepo(urls[0])

	return l.AddGitSource(sandbox.GitSource{Runtime: runtimeName, Name: "apps", RepoURL: urls[1]})
}

// lanes returns every service that can misbehave, and each slow fault in lanes of its own.
func lanes() []*lane {
	alone := []string{""}

	for _, f := range faults() {
		if f.slow {
			alone = append(alone, f.name)
		}
	}

	var all []*lane

	add := func(l lane, h gitHost, resourceTypes ...string) {
		for _, l.resourceType = range resourceTypes {
			for _, l.only = range alone {
				one := l
				one.world = &world{host: h}
				all = append(all, &one)
			}
		}
	}

	hosts := gitHosts()
	for i, h := range hosts {
		// What a host says of a token does not depend on what it is for: one type is enough at each.
		add(lane{column: "Git host", service: h.service, speaker: h.speaker}, h, []string{userToken, runtimeToken}[i%2])
	}

	for i, h := range hosts {
		at := lane{column: atRepositories, service: h.service, speaker: h.speaker, match: inUse}
		add(at, h, []string{runtimeToken, userToken}[i%2])
	}

	both := []string{userToken, runtimeToken}
	add(lane{
		column: atSources, service: sandbox.Codefresh, speaker: speakerCodefresh, match: "gitSources",
	}, hosts[0], both...)

	appProxy := sandbox.AppProxy(runtimeName)

	add(lane{column: "platform", service: sandbox.Codefresh, speaker: speakerCodefresh}, hosts[0], both...)
	add(lane{column: "app-proxy", service: appProxy, speaker: speakerCodefresh}, hosts[0], both...)

	for _, operation := range []string{"registerToGitIntegration", "deregisterFromGitIntegration"} {
		add(lane{column: "mutation", service: appProxy, speaker: speakerCodefresh, match: operation}, hosts[0], userToken)
	}

	return all
}

// has reports whether a walk does what misbehaves in the lane.
func (l *lane) has(w walk) bool {
	switch l.match {
	case "registerToGitIntegration":
		return w == walkCreate || w == walkUpdate
	case "deregisterFromGitIntegration":
		return w == walkDestroy
	}

	return true
}

// open starts the lane's world and gets it ready.
func (l *lane) open(ctx context.Context, schemas types, who identities) (err error) {
	if l.world, err = newWorld(ctx, schemas, who, l.host); err != nil {
		return err
	}

	return l.prepare(ctx)
}

// hurries reports whether requests get little time. A mutation has a limit of its own, of minutes.
func (l *lane) hurries(f fault) bool { return f.slow && l.column != "mutation" }

// suffers reports whether a fault belongs to the lane.
func (l *lane) suffers(f fault) bool {
	if f.slow {
		return f.name == l.only
	}

	return l.only == "" && (!f.graphQL || l.service != l.host.service)
}

func (l *lane) run(t *testing.T, expected tables, total *score) {
	for _, f := range faults() {
		if !l.suffers(f) {
			continue
		}

		for _, w := range walks() {
			want, exists, err := expected.expect(l.column, l.resource(), f.name, w)

			var wrong []string
			if err == nil && exists && l.has(w) {
				wrong, err = l.cell(t.Context(), f, w, want)
			}

			if err != nil {
				wrong = append(wrong, err.Error())
			} else if !exists || !l.has(w) {
				continue
			}

			total.mu.Lock()
			if len(wrong) == 0 {
				total.passed++
			} else {
				total.failed++

				t.Errorf("%s (%s), %s token, %s, %s:\n%s", l.service, l.column, l.resource(), f.name, w, strings.Join(wrong, "\n"))
			}
			total.mu.Unlock()
		}
	}
}
