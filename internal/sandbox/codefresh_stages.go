package sandbox

import (
	"fmt"
	"slices"
)

// Stage is how far the installation of a runtime is. Its parts appear one after the other, minutes apart.
type Stage string

// The stages, in their order.
const (
	StageListed    Stage = "listed"    // the platform knows its name, and no address
	StageAddressed Stage = "addressed" // its address is known; its tunnel has no client yet
	StageAnswering Stage = "answering" // its app-proxy answers, and has no Git integration
	StageInstalled Stage = "installed" // it has the integration "default"
)

func stages() []Stage { return []Stage{StageListed, StageAddressed, StageAnswering, StageInstalled} }

func noStage(stage Stage) error { return fmt.Errorf("%q is no stage: use one of %q", stage, stages()) }

// SetStage takes a runtime to a stage of its installation. Going back takes away what the later ones brought, users'
// registrations included.
func (s *Sandbox) SetStage(runtime string, stage Stage) error {
	if !slices.Contains(stages(), stage) {
		return noStage(stage)
	}

	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		s.advance(r, stage)

		return nil
	})
}

// advance is SetStage. mu must be held.
func (s *Sandbox) advance(r *cfRuntime, stage Stage) {
	reached := func(wanted Stage) bool { return slices.Index(stages(), stage) >= slices.Index(stages(), wanted) }
	r.NoIngress = !reached(StageAddressed)

	r.reach = ReachTunnelDown
	if reached(StageAnswering) {
		r.reach = ReachUp
	}

	switch {
	case !reached(StageInstalled):
		r.integrations = nil
	case len(r.integrations) == 0:
		s.install(r)
	}
}

// SetIngress changes what the platform reports as a runtime's ingress host; "" is its app-proxy's true address.
func (s *Sandbox) SetIngress(runtime, ingress string) error {
	return s.changeRuntime(runtime, func(r *cfRuntime) error {
		r.Ingress = ingress

		return nil
	})
}

// MoveRuntime gives a runtime's app-proxy another address, as a new ingress does. Nobody answers at the old one.
func (s *Sandbox) MoveRuntime(name string) error {
	s.mu.Lock()
	r, err := s.cf.runtime(name)
	s.mu.Unlock()

	if err != nil {
		return err
	}

	if err := s.stop(AppProxy(name)); err != nil {
		return err
	}

	address, err := s.start(AppProxy(name), s.appProxyHandler(r))
	if err != nil {
		return fmt.Errorf("move runtime %q: %w", name, err)
	}

	s.mu.Lock()
	r.url = address
	s.mu.Unlock()

	return nil
}
