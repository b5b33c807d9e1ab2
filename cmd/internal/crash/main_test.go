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
	"os"
	"testing"

	"postern/cmd/internal/built"
)

// programs is the folder of the two programs as they are shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(built.Main(m, &programs)) }
