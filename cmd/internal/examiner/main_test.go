package examiner

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"postern/cmd/internal/rig"
)

// bin is the folder of the built command line.
var bin string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "examiner-"); err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:errcheck // nowhere left to say it
		return 1
	}
	defer os.RemoveAll(bin) //nolint:errcheck // a folder of the test
	if out, err := exec.Command("go", "build", "-o", bin+"/", "postern/cmd/postern").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out) //nolint:errcheck // nowhere left to say it
		return 1
	}
	return m.Run()
}

// shell runs a command as a person pastes it, against the rig's configuration,
// and returns what it printed and its exit code.
func shell(t *testing.T, r *rig.Rig, command string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command) //nolint:gosec // the test's own commands
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "POSTERN_CONFIG="+r.Env["POSTERN_CONFIG"])
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
