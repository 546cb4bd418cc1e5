// Package bitbucketcloud asks Bitbucket Cloud about a token.
//
// One GET of /user tells everything there is: the headers x-oauth-scopes and x-credential-type come with the
// account's record, and also with the 403 that a token gets which may not read it, as no access token of a
// repository, project or workspace may. Nothing tells when a token expires, or why one that is refused is refused.
//
// API tokens and app passwords go by HTTP Basic authentication with the account's e-mail address and user name
// respectively, access tokens as a Bearer (Bitbucket Cloud REST API, Authentication methods).
package bitbucketcloud
