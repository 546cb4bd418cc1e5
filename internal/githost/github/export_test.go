package github

// The parsers of headers, for tests.
var (
	ParseScopes = parseScopes
	ParseExpiry = parseExpiry
	ParseSSO    = parseSSO
)
