// Command meter runs the program "provider" that lies beside it in its own place, and adds a line to the file "usage"
// there: nanoseconds of CPU in user and in system mode, and the most memory that was resident, in bytes.
//
// Terraform starts it as a provider. Being small, it leaves the figures of the provider alone.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	status, err := run()
	if err != nil {
		log.Fatal(err)
	}

	os.Exit(status)
}

func run() (status int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	// An interrupt from the terminal reaches the provider too, which leaves it to Terraform.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	//nolint:gosec,noctx // our own; it ends when Terraform says so
	provider := exec.Command(filepath.Join(filepath.Dir(self), "provider"), os.Args[1:]...)

	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := provider.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return 0, err
	}

	usage, err := os.OpenFile(filepath.Join(filepath.Dir(self), "usage"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}

	ended := provider.ProcessState
	_, err = fmt.Fprintln(usage, ended.UserTime().Nanoseconds(), ended.SystemTime().Nanoseconds(), peak(ended))

	return ended.ExitCode(), errors.Join(err, usage.Close())
}
