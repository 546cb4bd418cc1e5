package rest

import "github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"

// Hurdle is what stands between a token and the answer that was hoped for: what that proves of the token, and why. The
// zero value is none.
type Hurdle struct {
	Standing gittoken.Standing
	Cause    gittoken.Cause
}

// Blocked is the hurdle of a host that knows the token and refuses its use.
func Blocked(cause gittoken.Cause) Hurdle { return Hurdle{Standing: gittoken.Blocked, Cause: cause} }

// Unchecked is the hurdle of an answer that proves nothing of the token.
func Unchecked(cause gittoken.Cause) Hurdle { return Hurdle{Cause: cause} }
