// Package gitlab asks GitLab (GitLab.com and self-managed) about tokens.
//
// GET /personal_access_tokens/self tells a token's scopes and expiry, and in its refusals whether a token expired or
// was revoked. Any scope opens it. A second request tells whose the token is.
//
// GitLab's client library for Go (go-gitlab) is not used. It drops the body of a 404, which alone tells GitLab's own
// from a proxy's; it reads some hundred fields where a few are needed, any of which could make a good answer
// unreadable; and it is archived.
package gitlab
