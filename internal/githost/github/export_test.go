package github

// The parsers of headers, for tests.
var (
	ParseExpiry = parseExpiry
	ParseSSO    = parseSSO
)
