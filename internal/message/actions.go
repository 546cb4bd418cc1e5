package message

import (
	"fmt"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file words what actions say. Their progress is a line each, without a full stop.

// AskingAboutToken is the progress of a check that begins.
func AskingAboutToken(r tokencheck.Request) string {
	return fmt.Sprintf("Asking %s about the Git token", r.Host)
}

// TokenFound is the progress of a check that ended well.
func TokenFound(r tokencheck.Request, j gittoken.Judgement) string {
	return fmt.Sprintf("%s is %s: %s", capitalised(describe(r, j.Verdict)), j.Status, StatusReason(j))
}
