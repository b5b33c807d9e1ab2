// Command postern is the gateway and everything an operator, a compliance
// person or an auditor does with it. "postern help" lists the commands; each
// says with what it exits.
package main

import (
	"context"
	"fmt"
	"os"

	"postern/cmd/internal/boot"
)

func main() {
	if err := boot.Protect(); err != nil {
		fmt.Fprintf(os.Stderr, "postern: %v\n", err) //nolint:errcheck // nowhere left to say it
		os.Exit(exitFailed)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
