package message

import (
	"errors"
	"fmt"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

// This file words what users are told where a token is taken away, stays or changes hands in Codefresh.

const (
	// noKeyLeft tells how to give up on a registration that nobody can take away by a key.
	noKeyLeft = "If there is no key of this user any more, have the user remove the token in Codefresh, under Git " +
		"Personal Access Token, and take the resource out of the state: terraform state rm ADDRESS."
	// forgetIt tells how to give up on a resource whose place in Codefresh cannot be reached any more.
	forgetIt = "Try again later. If its cluster is gone for good, take the resource out of the state: terraform state " +
		"rm ADDRESS."
)

// FormerUserStays words that a token is registered for another user now, and that of the user before stays.
func FormerUserStays(runtime, integration, before, now string) Message {
	return Message{
		"Registration of another user stays",
		fmt.Sprintf("The Git user token of runtime %q is registered for user %s now. User %s, whose token it was before, "+
			"still has one in Git integration %q: only that user's API key can take it away. If it is not needed, have that "+
			"user remove it in Codefresh, under Git Personal Access Token. If another resource is for that user, nothing needs "+
			"to be done.", runtime, now, before, integration),
	}
}

// ImportedStays words that a resource that was imported without a user's id, and never applied, is destroyed.
func ImportedStays(runtime, integration, user string) Message {
	return Message{
		"Imported Git user token stays registered",
		fmt.Sprintf("The token in Git integration %q of runtime %q was imported without the user whose it is, and never "+
			"applied. Terraform forgets it, and user %s keeps it. To deregister it, add it again with the import id "+
			"<runtime>/<integration>/<user id>, and destroy that.", integration, runtime, user),
	}
}

// LeftToNewer words that a token is not taken away because an earlier refresh found a resource that had registered its
// own later, which may be gone by now.
func LeftToNewer(runtime, integration, user string) Message {
	return Message{
		"Git user token is left to a newer resource",
		fmt.Sprintf("When this state was last refreshed, another resource had registered its token later, for user %[3]s in "+
			"Git integration %[2]q of runtime %[1]q. Terraform forgets this resource, and leaves what is there to that one. If "+
			"that one is gone too, as after terraform state rm, the user keeps a token that no resource manages. To take it "+
			"away, use terraform import with the id %[1]s/%[2]s/%[3]s, and a destroy that refreshes.",
			runtime, integration, user),
	}
}

// RegistrationHidden words that an API key may not see the integration that holds a token, so that nothing tells
// whether it is still there.
func RegistrationHidden(runtime, integration, user string) Message {
	return Message{
		"Git user token could not be deregistered",
		fmt.Sprintf("The API key in use does not see Git integration %q of runtime %q: it is gone, or shared with "+
			"administrators only. User %s may still have a token there. Have an administrator share the integration with all "+
			"users of the account again, or take the resource out of the state: terraform state rm ADDRESS.",
			integration, runtime, user),
	}
}

// RegistrationStays words that a user's own API key is refused, and that nobody else can take the token away.
func RegistrationStays(runtime, integration, user string) Message {
	return Message{
		"Git user token stays registered",
		fmt.Sprintf("Codefresh refuses the API key of user %s, and a user can deregister only their own token. Terraform "+
			"forgets the token, and user %s keeps it in Git integration %q of runtime %q. Have that user remove it in "+
			"Codefresh, under Git Personal Access Token, and revoke it at its Git host.", user, user, integration, runtime),
	}
}

// NotDeregistered words why a token could not be taken away. own says that it was tried with the user's own API key.
func NotDeregistered(err error, runtime string, own bool) Message {
	m := ExplainCodefresh(err, runtime)
	m.Detail += stateKept

	problem := (*codefresh.Error)(nil)
	switch refused := errors.As(err, &problem) && problem.Kind == codefresh.KeyRefused; {
	case refused && own:
		m = OwnKeyGone(m)
	case refused:
		m.Detail += " " + noKeyLeft
	default:
		m.Detail += " " + forgetIt
	}

	return m
}

// OwnKeyGone adds to a message that Codefresh refuses a user's own key, which the state has and a destroy goes by, how
// to be rid of the resource.
func OwnKeyGone(m Message) Message {
	m.Detail += "\n\nA destroy goes by the key in the state. Put a key of the same user that works into api_key, and " +
		"apply that before you destroy. " + noKeyLeft

	return m
}

// TakenAway words that one resource leaves a place that another one keeps.
func TakenAway(runtime, integration string) Message {
	return Message{
		"Destroying this would deregister another resource's Git user token",
		fmt.Sprintf("Two resources hold the same user's token in Git integration %q of runtime %q, which has one. This plan "+
			"destroys one and keeps the other as it is, which would then not be registered any more. If an interrupted "+
			"replacement left the one that goes behind, plan without -refresh=false. Otherwise let Terraform forget it: put "+
			"removed { from = ADDRESS, lifecycle { destroy = false } } in its place, or run terraform state rm ADDRESS.",
			integration, runtime),
	}
}

// Reasserted words that a token is sent again, because an object of the state leaves its place.
func Reasserted(runtime, integration string) Message {
	return Message{
		"Git user token is registered again",
		fmt.Sprintf("This plan destroys another object of the state, an older resource or what an interrupted apply left, "+
			"that is for the same user in Git integration %q of runtime %q. The apply registers the token once more, so that "+
			"it is there whichever comes first. Nothing needs to be done.", integration, runtime),
	}
}

// Forgotten words that a runtime keeps its token when its resource is destroyed.
func Forgotten(runtime string) Message {
	return Message{
		"Git runtime token stays in Codefresh",
		fmt.Sprintf("A runtime must have a Git runtime token, and Codefresh has no way to take it away: runtime %q keeps "+
			"it, and Terraform forgets it. Revoke it at its Git host only once the runtime has another one.", runtime),
	}
}

// HandedOver words that the provider block's API key is no longer that of the user whose token it is.
func HandedOver(runtime, before, now string) Message {
	return Message{
		"API key is another user's",
		fmt.Sprintf("The Git user token of runtime %q is registered for user %s, and the API key in use is that of user "+
			"%s. The plan registers the token for user %s; the registration of user %s stays. To keep the resource as it "+
			"is, use the API key of user %s.", runtime, before, now, now, before, before),
	}
}

// AnotherUsersKey words that a token cannot be taken away with the API key of another user.
func AnotherUsersKey(runtime, owner, caller string) Message {
	return Message{
		"Git user token is another user's",
		fmt.Sprintf("The Git user token of runtime %q is registered for user %s, and the API key in use is that of user "+
			"%s. A user can deregister only their own token, so nothing was changed. Use the API key of user %s, or remove "+
			"this resource from the state.", runtime, owner, caller, owner),
	}
}
