// Package githost asks Git hosts about tokens. The packages below it each turn one kind of host's answers into the
// words of gittoken; this one routes to them and sees to it that no question is asked twice.
package githost
