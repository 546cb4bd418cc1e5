// Package gitlab asks GitLab (GitLab.com and self-managed) about tokens.
//
// GET /personal_access_tokens/self tells a token's scopes and expiry, and in its refusals whether a token expired or
// was revoked. Any scope opens it. A second request tells whose the token is.
package gitlab
