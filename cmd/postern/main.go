// Command postern is the gateway and everything an operator, a compliance
// person or an auditor does with it. "postern help" lists the commands; each
// says with what it exits.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
