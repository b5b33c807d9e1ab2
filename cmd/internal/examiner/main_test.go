package examiner

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"

	"postern/cmd/internal/built"
	"postern/cmd/internal/rig"
)

// programs is the folder of the two programs as they are shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(built.Main(m, &programs)) }

// shell runs a command as a person pastes it, against the rig's configuration,
// and returns what it printed and its exit code.
func shell(t *testing.T, r *rig.Rig, command string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command) //nolint:gosec // the test's own commands
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"), "POSTERN_CONFIG="+r.Env["POSTERN_CONFIG"])
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
