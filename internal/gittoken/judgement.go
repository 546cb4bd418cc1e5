package gittoken

import (
	"slices"
	"time"
)

// Judgement is what a verdict means for a requirement.
type Judgement struct {
	Status      Status
	Verdict     Verdict
	Requirement Requirement
	// Missing lists the required scopes that the token is proved to lack, in table order.
	Missing []Scope
	// Unproven lists the required scopes that nothing proves or refutes, in table order.
	Unproven []Scope
	// Excess lists the granted scopes that allow more than is required or advised, in the host's order.
	Excess []Scope
	// Granted lists what the token is proved to hold: the host's word, or the permissions that probes proved.
	Granted []Scope
	// Refused and Undecided list the probes that were denied and those that got no answer.
	Refused   []ProbeResult
	Undecided []ProbeResult
	// Advised lists the probes that were denied at repositories of Codefresh's where that is not held against the token:
	// the repository may be the one that is gone, or another team's.
	Advised []ProbeResult
	// Access tells what came of each repository that was asked about, and HelpURL where a person goes to mend the token.
	// Both are left to whoever asked.
	Access  []RepositoryAccess
	HelpURL string
	// LeftOut is how many repositories nobody asked about, since there are too many. UsedUnknown says that Codefresh did
	// not tell which ones it uses.
	LeftOut     int
	UsedUnknown bool
}

// RepositoryAccess is what came of one repository's need.
type RepositoryAccess struct {
	Need    RepositoryNeed
	Outcome Outcome
	Cause   Cause  // as in ProbeResult
	Detail  string // as in ProbeResult
}

// Unanswered reports whether the host could not be asked, so that what an earlier answer proved still stands.
func (a RepositoryAccess) Unanswered() bool { return a.Outcome == Undetermined && a.Cause.unanswered() }

// Interrupted reports whether the judgement lacks answers about repositories that another look may get.
func (j Judgement) Interrupted() bool {
	return j.UsedUnknown || slices.ContainsFunc(j.Access, RepositoryAccess.Unanswered)
}

// Memory is what earlier looks proved about the very same token.
type Memory struct {
	// Accepted says that the host once accepted it.
	Accepted bool
	// ExpiresAt is when it was to expire, by the host's word or the user's. Zero if nobody said.
	ExpiresAt time.Time
}

// Judge says what a verdict, with the answers to the probes, means for a requirement. The requirement should be that of
// the verdict's own kind (RequirementFor): scopes are compared in its vocabulary.
//
// Nothing is held against a token without proof: what could not be asked is Unproven or Undecided, and a token with
// only those is StatusUnproven.
func Judge(v Verdict, r Requirement, probes []ProbeResult, m Memory, now time.Time) Judgement {
	if v.Grant != nil {
		v.Scopes, v.Unsettled = v.Grant.told(r.Scopes)
		v.ScopesKnown = true
		probes = slices.Concat(probes, v.Grant.results(r, probes))
	}

	j := Judgement{Verdict: v, Requirement: r.ownedBy(v.Owner)}

	if v.Standing == Live || v.ScopesKnown {
		j.weighScopes(probes)
	}

	if v.Standing == Live {
		j.weighProbes(probes)
	}

	j.Status = j.status(m, now)

	return j
}

func (j *Judgement) status(m Memory, now time.Time) Status {
	switch j.Verdict.Standing {
	case Live:
		return j.liveStatus()
	case Expired:
		return StatusExpired
	case Revoked:
		return StatusRevoked
	case Blocked:
		return StatusBlocked
	case Rejected:
		switch {
		case !m.ExpiresAt.IsZero() && !m.ExpiresAt.After(now):
			return StatusExpired
		case m.Accepted:
			return StatusRevoked
		}

		return StatusInvalid
	case Unchecked:
	}

	return StatusUnchecked
}

func (j *Judgement) liveStatus() Status {
	// A single sign-on or a policy that refuses a token at one repository refuses what it is needed for.
	if i := slices.IndexFunc(j.Refused, ProbeResult.blocked); i >= 0 {
		refused := j.Refused[i]
		j.Verdict.Cause, j.Verdict.Detail, j.Verdict.HelpURL = refused.Cause, refused.Detail, refused.HelpURL

		return StatusBlocked
	}

	switch {
	case j.Requirement.Unfit, len(j.Missing) > 0, len(j.Refused) > 0:
		return StatusUnderScoped
	case len(j.Unproven) > 0, slices.ContainsFunc(j.Undecided, ProbeResult.configured):
		return StatusUnproven
	}

	return StatusValid
}

// configured reports whether the user named the repository.
func (r ProbeResult) configured() bool { return r.Probe.Source == SourceConfiguration }

// blocked reports whether a rule of the repository's owner refused the token, whatever it may do.
func (r ProbeResult) blocked() bool { return r.Outcome == Denied && r.Cause.blocksAtRepository() }

// Weighed returns r as it counts. An IP allow list that keeps this machine out proves nothing of a token; at a
// repository that Codefresh uses it is the rule that somebody has to look after before a runtime works there.
func (r ProbeResult) Weighed() ProbeResult {
	if r.Cause == CauseIPAllowList && !r.configured() {
		r.Outcome = Denied
	}

	return r
}

// counts reports whether a refusal is held against a token of type t. Where the user named the repository it is. A
// runtime's token has to write the shared configuration repository, and may be kept out of no Git Source by a rule of
// its owner; that a repository is not to be seen, or a user has no access to it, may be as it should be.
func (r ProbeResult) counts(t Type) bool {
	switch {
	case r.configured():
		return true
	case t == Runtime:
		return r.Probe.Source == SourceSharedConfiguration || r.blocked()
	}

	return false
}

// weighScopes compares what is required with what the host tells and, where it does not, with what the probes proved.
func (j *Judgement) weighScopes(probes []ProbeResult) {
	vocabulary := j.Requirement.Vocabulary()
	held, open := map[Scope]bool{}, func(Scope) bool { return true }

	if j.Verdict.ScopesKnown {
		j.Granted = slices.Clone(j.Verdict.Scopes)
		j.Excess = excess(vocabulary, j.Granted, j.Requirement)
		held = vocabulary.Closure(j.Granted)
		unsettled := vocabulary.Closure(j.Verdict.Unsettled)
		open = func(s Scope) bool { return unsettled[s] }
	}

	// A permission counts as lacking if it, or one that it implies, was denied at any of the repositories. Where the
	// whole repository was, or where the account has no such role, nothing is proved of the permission; nor where
	// Codefresh uses a repository that anybody sees, which the token need not have been chosen for.
	lacking := func(s Scope) bool {
		implied := vocabulary.Closure([]Scope{s})

		return slices.ContainsFunc(probes, func(p ProbeResult) bool {
			ofToken := p.Cause == CauseNotGranted && !p.Public || p.configured() && (p.Cause == CauseNotGranted || p.Cause == "")

			return p.Outcome == Denied && ofToken && p.Probe.Permission != "" && implied[p.Probe.Permission]
		})
	}

	proven := map[Scope]bool{}

	for _, s := range j.Requirement.shownBy(probes) {
		for implied := range vocabulary.proves(s) {
			proven[implied] = true
		}

		if !lacking(s) && !held[s] && !slices.Contains(j.Granted, s) {
			j.Granted = append(j.Granted, s)
		}
	}

	for _, s := range j.Requirement.Scopes {
		switch {
		case held[s]:
		case !open(s), lacking(s):
			j.Missing = append(j.Missing, s)
		case !proven[s]:
			j.Unproven = append(j.Unproven, s)
		}
	}
}

// excess returns the granted scopes that allow something which is neither required nor advised.
func excess(vocabulary Vocabulary, granted []Scope, r Requirement) []Scope {
	wanted := vocabulary.Closure(slices.Concat(r.Scopes, r.Advised))

	var beyond []Scope

	for _, s := range granted {
		for implied := range vocabulary.Closure([]Scope{s}) {
			if !wanted[implied] {
				beyond = append(beyond, s)

				break
			}
		}
	}

	return beyond
}

// weighProbes sorts out the denied probes, and those without an answer that no other answer at the same repository
// makes up for: a proof of writing is one of reading.
func (j *Judgement) weighProbes(probes []ProbeResult) {
	vocabulary := j.Requirement.Vocabulary()

	for _, p := range probes {
		p = p.Weighed()
		covered := func(other ProbeResult) bool { return other.covers(vocabulary, p.Probe) }

		switch {
		case p.Outcome == Denied && slices.ContainsFunc(slices.Concat(j.Refused, j.Advised), p.repeats):
			// Said already: every permission that was tried there met the same closed door.
		case p.Outcome == Denied && !p.counts(j.Requirement.Type):
			j.Advised = append(j.Advised, p)
		case p.Outcome == Denied:
			j.Refused = append(j.Refused, p)
		case p.Probe.Access != "" && !p.configured():
			// Nobody insists on it.
		case p.Outcome != Proven && !slices.ContainsFunc(probes, covered):
			j.Undecided = append(j.Undecided, p)
		}
	}
}

// RefusesRepository reports whether r is a denial of the repository as a whole, and not of what was asked there.
func (r ProbeResult) RefusesRepository() bool {
	return r.Outcome == Denied && (r.Cause == CauseHidden || r.Cause.blocksAtRepository())
}

// blocksAtRepository reports whether a denial for this cause is one of a whole organisation or group: a token that it
// refuses at one repository is no use where it is needed.
func (c Cause) blocksAtRepository() bool {
	return c == CauseSSO || c == CausePolicy || c == CauseFineGrainedOnly || c == CauseIPAllowList
}

// repeats reports whether two denials of permissions refuse the same repository as a whole.
func (r ProbeResult) repeats(other ProbeResult) bool {
	return r.RefusesRepository() && r.Cause == other.Cause && r.Probe.Repository == other.Probe.Repository &&
		r.Probe.Permission != "" && other.Probe.Permission != ""
}

// covers reports whether r proves what p asks.
func (r ProbeResult) covers(vocabulary Vocabulary, p Probe) bool {
	if r.Outcome != Proven || r.Probe.Repository != p.Repository {
		return false
	}

	if p.Permission != "" {
		return r.Probe.Permission != "" && vocabulary.proves(r.Probe.Permission)[p.Permission]
	}

	return r.Probe.Access != "" && r.Probe.Access.Includes(p.Access)
}
