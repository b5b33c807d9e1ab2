// Command vaultserver is a real Vault for tests: Vault's own core, HTTP API,
// transit, KV, PKI, AppRole and the login of Kubernetes, with storage in memory,
// behind TLS on loopback.
// It starts initialised, unsealed and with nothing mounted.
//
// One line of JSON on stdout says where it listens and what opens it (see
// Ready). It ends when its stdin does, so it never outlives the test that
// started it; what it stored ends with it. Anything that does not start is an
// error on stderr and exit code 1.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "vaultserver: %v\n", err) //nolint:errcheck // nowhere left to say it
		os.Exit(1)
	}
}
