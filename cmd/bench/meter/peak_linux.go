package main

import (
	"os"
	"syscall"
)

// peak returns the most memory, in bytes, that was resident: ru_maxrss of getrusage(2), in KiB there.
func peak(ended *os.ProcessState) int64 {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}

	return int64(usage.Maxrss) << 10 //nolint:unconvert // 32 bits on some
}
