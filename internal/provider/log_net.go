package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

var (
	// Prefixes of the Git hosts' tokens.
	hostsTokens = regexp.MustCompile(
		`\b(gh[pousr]_|github_pat_|glpat-|gloas-|gldt-|ATATT3x|ATCTT3x|ATBB|BBDC-)[\w.=+/-]{8,}`)
	// Values of the header Authorization.
	authorizations = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[\w.~+/=-]{16,}`)
	// A login in an address.
	logins = regexp.MustCompile(`://[^/\s@]+:[^/\s@]+@`)
)

// secondNet is tflog's own masking, by what credentials look like. The log's texts have passed the redactor, which
// knows the secrets of this process; this one shares nothing with it, and hides whole what has the shape of one.
type secondNet []*regexp.Regexp

func newSecondNet() secondNet { return secondNet{hostsTokens, authorizations, logins} }

// over returns ctx with the masking of the provider's own lines.
func (n secondNet) over(ctx context.Context) context.Context {
	return tflog.MaskMessageRegexes(tflog.MaskAllFieldValuesRegexes(ctx, n...), n...)
}

// overSubsystem is over for the lines of a subsystem.
func (n secondNet) overSubsystem(ctx context.Context, name string) context.Context {
	return tflog.SubsystemMaskMessageRegexes(tflog.SubsystemMaskAllFieldValuesRegexes(ctx, name, n...), name, n...)
}
