// Command bench measures Postern beside a bare reverse proxy: both in one run,
// on loopback, before the same upstream and under the same load, in rounds
// that take turns. README.md says how to read what it prints.
//
// It judges figures against the goals of the project but never fails because
// of one: it exits 1 only when it could not measure. A message that a gateway
// refused or lost is counted as failed and shown.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(command()) }

// command is one run as a process, until a signal ends it.
func command() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err) //nolint:errcheck // nowhere left to say it
		return 1
	}
	return 0
}
