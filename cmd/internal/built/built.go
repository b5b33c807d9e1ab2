// Package built makes the two programs as they are shipped, for tests that run
// them as processes: without the race detector, which would slow each start and
// change what a kill can hit, and in the mode that clears keys from memory.
//
// Its errors hold what the build printed. It leaves no folder behind.
package built

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Main builds both programs into a folder that everybody may enter, names it in
// dir, runs the tests and gives the exit code for os.Exit.
func Main(m *testing.M, dir *string) int {
	folder, err := os.MkdirTemp("", "postern-built-")
	if err == nil {
		defer os.RemoveAll(folder)                               //nolint:errcheck // a folder of the test
		err = errors.Join(os.Chmod(folder, 0o755), into(folder)) //nolint:gosec // other users run the programs
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:errcheck // nowhere left to say it
		return 1
	}
	*dir = folder
	return m.Run()
}

// Programs builds both programs for one test and gives their folder.
func Programs(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := into(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func into(dir string) error {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return errors.New("build: where the sources lie is not known")
	}
	top := filepath.Join(filepath.Dir(here), "..", "..", "..")
	build := exec.Command("make", "--no-print-directory", "-C", top, "build", "BIN="+dir) //nolint:gosec // our own program
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}
