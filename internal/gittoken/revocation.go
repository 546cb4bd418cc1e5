package gittoken

// Revocation is a host's answer to being asked to revoke a token.
type Revocation struct {
	// Accepted says that the host took the request. Whether the token works still is for another question to find out.
	Accepted bool
	// Cause and Detail say why it did not, as in Verdict.
	Cause  Cause
	Detail string
	// RequestID is as in Verdict.
	RequestID string
}

// NotRevoked is the answer of a host that did not take the request, or the lack of one.
func NotRevoked(c Cause, detail string) Revocation { return Revocation{Cause: c, Detail: detail} }

// Revokes reports whether the host revokes tokens for whoever has them. Bitbucket does that on its pages only.
func (h Host) Revokes() bool { return h.Provider() == GitHub || h.Provider() == GitLab }

// RevokesItself reports whether a token of this kind can be revoked by whoever has it, with nothing else. Of the others
// GitLab's OAuth tokens are their application's to revoke, and those of a GitHub App end within hours.
func (h Host) RevokesItself(k Kind) bool {
	switch h.Provider() {
	case GitHub:
		return k == KindClassic || k == KindFineGrained || k == KindOAuth && h.IsPublic()
	case GitLab:
		return k != KindOAuth
	case BitbucketServer, BitbucketCloud:
	}

	return false
}
