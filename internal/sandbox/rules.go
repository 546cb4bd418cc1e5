package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is what an organisation or group demands of every token that comes to its repositories.
type Rule string

// The rules. A person's own repositories know none.
const (
	// RuleSSO makes a GitHub organisation demand single sign-on: a token has to be authorised for it, see AuthorizeToken.
	RuleSSO Rule = "sso"
	// RuleNoClassic makes a GitHub organisation refuse classic tokens.
	RuleNoClassic Rule = "no_classic"
	// RuleLifetime makes a GitHub organisation refuse fine-grained tokens that live longer than 366 days, or for ever.
	RuleLifetime Rule = "lifetime"
	// RuleIPAllowList makes a GitHub organisation refuse everybody who comes from here.
	RuleIPAllowList Rule = "ip_allow_list"
	// RuleGranular makes a top-level group of GitLab.com demand granular tokens.
	RuleGranular Rule = "granular"
)

// rule is one that an owner of repositories has.
type rule struct {
	owner string
	what  Rule
}

// SetRule makes an organisation or top-level group demand something of tokens, or end that.
func (s *Sandbox) SetRule(service Service, owner string, r Rule, on bool) error {
	h, err := s.host(service)
	if err != nil {
		return err
	}

	known := map[Service][]Rule{
		GitHub: {RuleSSO, RuleNoClassic, RuleLifetime, RuleIPAllowList}, GitLab: {RuleGranular},
	}

	known[GitHubEnterprise] = known[GitHub]
	if !slices.Contains(known[service], r) {
		return fmt.Errorf("%s has no rule %q", service, r)
	}

	if owner == "" || strings.Contains(owner, "/") {
		return fmt.Errorf("%q is no organisation or top-level group", owner)
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	h.rules[rule{owner, r}] = on

	return nil
}

// AuthorizeToken authorises a token for the single sign-on of an organisation, as its owner does in a browser.
func (s *Sandbox) AuthorizeToken(text, organisation string) error {
	return s.change(text, func(t *tokenState) error {
		if t.Service != GitHub && t.Service != GitHubEnterprise {
			return fmt.Errorf("%s has no single sign-on for tokens", t.Service)
		}

		t.authorized = append(t.authorized, organisation)

		return nil
	})
}
