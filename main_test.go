package main

import (
	"runtime/debug"
	"testing"
)

//nolint:paralleltest // what it sets is the whole process's
func TestSaveMemory(t *testing.T) {
	const untouched = 90

	before := debug.SetGCPercent(untouched)

	t.Cleanup(func() { debug.SetGCPercent(before) })

	for own, want := range map[string]int{"": garbagePercent, "100": untouched, "off": untouched} {
		debug.SetGCPercent(untouched)
		saveMemory(own)

		if got := debug.SetGCPercent(untouched); got != want {
			t.Errorf("with GOGC=%q garbage may be %d %% of what is in use, want %d", own, got, want)
		}
	}
}
