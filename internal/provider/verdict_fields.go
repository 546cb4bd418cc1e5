package provider

// verdictField describes one attribute of verdictModel. The framework has a schema package of its own for each kind of
// block, so that each builds its attributes from this.
type verdictField struct {
	name        string
	set         bool           // of strings; else a string
	rows        []verdictField // of a list of objects, whose attributes these are; else nil
	description string
}

func verdictFields() []verdictField {
	return []verdictField{
		{name: "status", description: "What the last check proved: `valid`, `unproven` (it works, but its host does not " +
			"tell its permissions), `under_scoped`, `expired`, `revoked`, `invalid`, `blocked`, or `unchecked` if nothing " +
			"was proved yet."},
		{name: "status_reason", description: "The status in words."},
		{name: "token_kind", description: "Kind of the token: " + describeKinds() + "; or `unknown`."},
		{name: "token_owner", description: "Account that the token acts as, if the host tells it."},
		{name: "granted_scopes", set: true, description: "Scopes of the token, in the host's spelling and without " +
			"those that others imply."},
		{name: "missing_scopes", set: true, description: "Required scopes that the token lacks."},
		{name: "excess_scopes", set: true, description: "Scopes of the token beyond the required ones. They are " +
			"advice and do not affect `status`."},
		{name: "repository_access", rows: []verdictField{
			{name: "url", description: "Address of the repository."},
			{name: "access", description: "Access that was to be proved: `read`, `write` or `admin`."},
			{name: "source", description: "Why the repository matters: `configuration` (it is in `repositories`), " +
				"`shared_configuration` (the account's shared configuration repository) or `git_source` (a Git Source of the " +
				"runtime)."},
			{name: "result", description: "`proved`, `denied`, or `unproved` if it could not be told."},
			{name: "reason", description: "Why it is not proved; null if it is."},
		}, description: "What came of each repository at which the token was tried; null if none was."},
		{name: "help_url", description: "Page where a person can fix a bad token: the one that authorises it for single " +
			"sign-on, or the one that makes a new one; null if the token is not bad."},
		{name: "expires_at", description: "When the token expires, in RFC 3339 form; null if it does not, or its host does " +
			"not tell."},
	}
}
