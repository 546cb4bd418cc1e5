// Package bitbucketserver asks a Bitbucket Server or Data Center about an HTTP access token.
//
// The server has no address at which a token learns about itself, so that a verdict is put together from what the
// server lets the token do. Every request is a GET below the REST API or, for pushes, below /scm, because tokens open
// nothing else (Atlassian Support, Access tokens no longer work as expected after upgrading Bitbucket Data Center), and
// carries the token as a Bearer: project and repository tokens work in no other way (Bitbucket Data Center
// documentation, HTTP access tokens).
//
// Three habits of the server decide how its answers are read:
//   - the header X-AUSERNAME names whom a request was made as. A bad token is answered with 401, or ignored, as if
//     nobody had signed in; in both cases the header is missing;
//   - a permission that is missing is a 401 and not a 403, so that only the header tells "not permitted" from "not
//     known";
//   - a list that is narrowed by permission= may show what the token's owner may do. Whether it heeds the token's own,
//     lower level is not documented, so that it can refute a permission and not prove one.
package bitbucketserver
