package message

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file words what is said about repositories at which a token is tried.

// RefusedRepositories words that a token is refused at repositories which Codefresh uses, where that is not held
// against it.
func RefusedRepositories(r tokencheck.Request, j gittoken.Judgement) Message {
	sentences := []string{sentence("%s is refused where Codefresh would use it.", capitalised(describe(r, j.Verdict)))}
	next := "Give its owner access there if Codefresh is to use it there; otherwise nothing needs to be done."

	for _, group := range grouped(j.Advised, atRepository) {
		refused := group[0]

		sentences = append(sentences, sentence("%s%s: %s.", refused.Probe.Repository, matters(refused.Probe, r.Runtime),
			refusalReason(refused)))
		if id := requestID(refused.RequestID); id != "" {
			sentences = append(sentences, id)
		}

		if refused.HelpURL != "" {
			next = "Authorise it there if Codefresh is to use it there (the link works for an hour): " + refused.HelpURL
		}
	}

	return Message{
		"Git token is refused at repositories that Codefresh uses",
		joined(sentences) + "\n\n" + next,
	}
}

// matters says, between commas, why a repository that the user did not name matters.
func matters(p gittoken.Probe, runtime string) string {
	switch p.Source {
	case gittoken.SourceSharedConfiguration:
		return ", the account's shared configuration repository"
	case gittoken.SourceGitSource:
		if runtime == "" {
			return ", a Git Source"
		}

		return fmt.Sprintf(", a Git Source of runtime %q", runtime)
	case gittoken.SourceConfiguration:
	}

	return ""
}

// refusalReason says in a clause why a repository is refused.
func refusalReason(refused gittoken.ProbeResult) string {
	detail := strings.TrimSuffix(refused.Detail, ".")
	switch {
	case refused.Cause == gittoken.CauseSSO:
		return "it is not authorised for its organisation's single sign-on"
	case detail != "":
		return detail
	case refused.Cause == gittoken.CauseHidden:
		return "the host does not show it to the token, or there is none"
	case refused.Cause == gittoken.CauseRole:
		return "the token's account may do less there"
	}

	return "the host refuses it"
}

// whereRefused names the repository that a judgement turns on, as the end of a clause; empty for none.
func whereRefused(j gittoken.Judgement) string {
	if len(j.Refused) == 0 {
		return ""
	}

	return " at " + j.Refused[0].Probe.Repository + matters(j.Refused[0].Probe, "")
}

// besides ends a status that is good with what was refused all the same, and what nobody asked about.
func besides(j gittoken.Judgement) string {
	var b strings.Builder

	if len(j.Advised) > 0 {
		var places []string
		for _, group := range grouped(j.Advised, atRepository) {
			places = append(places, group[0].Probe.Repository)
		}

		b.WriteString("; is refused at " + firstOf(slices.Sorted(slices.Values(places))))
	}

	if j.LeftOut > 0 {
		b.WriteString("; not tried at " + counted(j.LeftOut, "more repository", "more repositories"))
	}

	return b.String()
}

// AccessReason words what came of one repository for the state. It is empty where access is proved.
func AccessReason(a gittoken.RepositoryAccess) string {
	switch a.Outcome {
	case gittoken.Proven:
		return ""
	case gittoken.Denied:
		return refusalReason(gittoken.ProbeResult{Cause: a.Cause, Detail: a.Detail})
	case gittoken.Undetermined:
	}

	return reasonFor(a.Cause, a.Detail)
}
