package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// peakMemory runs Terraform and returns the most resident memory, in bytes, that any process of the provider had. It
// reads /proc, in a run of its own: looking takes time.
func peakMemory(ctx context.Context, s *subject, args []string) (int64, error) {
	done := make(chan error, 1)
	go func() { done <- s.do(ctx, args...) }()

	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	var peak int64
	for {
		select {
		case err := <-done:
			if err == nil && peak == 0 {
				err = errors.New("no process of the provider was seen in /proc: memory can only be measured on Linux")
			}

			return peak, err
		case <-ticker.C:
			peak = max(peak, residentPeak(s.binary))
		}
	}
}

// residentPeak returns the highest mark (VmHWM) of the processes that run binary now; 0 if there are none.
func residentPeak(binary string) int64 {
	executables, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return 0
	}
	var peak int64
	for _, link := range executables {
		// A process that ends meanwhile, or is another user's, is none of ours.
		if target, err := os.Readlink(link); err != nil || target != binary {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status"))
		if err != nil {
			continue
		}
		if mark, err := highWaterMark(string(status)); err == nil {
			peak = max(peak, mark)
		}
	}

	return peak
}

// highWaterMark reads VmHWM from /proc/PID/status (proc_pid_status(5)), in bytes.
func highWaterMark(status string) (int64, error) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("VmHWM: %w", err)
			}

			return kilobytes << 10, nil
		}
	}

	return 0, errors.New("no VmHWM")
}
