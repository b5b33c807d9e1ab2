package protect

import (
	"os"
	"testing"

	"postern/cmd/internal/built"
)

// programs is the folder of the two programs as they are shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(built.Main(m, &programs)) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
