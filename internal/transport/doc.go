// Package transport is the one HTTP stack: every request of the provider, to Codefresh, to an app-proxy or to a Git
// host, goes through a client that it makes.
//
// A client belongs to one server and one credential. It puts the credential on requests to that server's scheme, host
// and port, and refuses every other request before anything is sent: neither a redirect nor a mistaken address can
// carry a token elsewhere. It also owns what must be decided once: which certificates to trust, how long an answer may
// take and how large it may be, what is asked again and when, and how many questions one server gets at a time.
package transport
