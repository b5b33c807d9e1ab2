// Package crash kills the real gateway at random moments under load and holds
// what it acknowledged, what the simulator of upstream took, what the apps
// heard and what the trail says against each other. It also makes the journal
// fail at every step, and looks at what the program does with a journal that
// it must not touch.
//
// A failing run names its seed; SEED=n repeats its choices, ROUNDS=n sets how
// often the gateway is killed.
package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// programs is the folder of the two programs as they are shipped: without the
// race detector, which would change what a kill can hit.
var programs string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "postern-crash-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	root, err := filepath.Abs("../../..")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	build := exec.Command("go", "build", "-trimpath", "-o", dir+"/", "./cmd/postern", "./cmd/metasim")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	programs = dir
	return m.Run()
}
