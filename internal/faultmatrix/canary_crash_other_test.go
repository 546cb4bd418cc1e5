//go:build faults && !linux

package faultmatrix_test

// crash is for systems that tell which program a process runs.
func (s *stage) crash() {}
