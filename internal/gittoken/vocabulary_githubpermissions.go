package gittoken

import "strings"

// newGitHubPermissions makes the vocabulary of repositoryPermissions. Each level implies those below it.
func newGitHubPermissions() Vocabulary {
	var list []word

	aliases := map[string]Scope{}

	for _, p := range repositoryPermissions() {
		var lower []Scope

		for level := range strings.FieldsSeq(p.levels) {
			s := Scope(p.name + ":" + level)
			list = append(list, word{scope: s, implies: lower})
			lower = []Scope{s}

			for _, name := range append([]string{p.name}, p.other...) {
				for _, spelling := range levelSpellings(level) {
					aliases[name+":"+spelling] = s
				}
			}
		}
	}

	return newVocabulary(list, aliases).withCompanion(githubMetadata)
}

// levelSpellings returns a level's own name, and what GitHub's and Codefresh's pages call it.
func levelSpellings(level string) []string {
	switch level {
	case "read":
		return []string{"read", "read-only"}
	case "write":
		return []string{"write", "read and write"}
	}

	return []string{level}
}
