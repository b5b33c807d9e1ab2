package reveal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"postern/cmd/internal/built"
	"postern/cmd/internal/rig"
)

// programs is the folder of the two programs as they are shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(built.Main(m, &programs)) }

// command is postern as an operator types it.
func (h *house) command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	key := filepath.Join(h.Dir, name+".key")
	check(t, os.WriteFile(key, []byte(h.keys[name]+"\n"), 0o600))
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs, "postern"), args...) //nolint:gosec // our own program
	cmd.Env = append(os.Environ(), "POSTERN_CONFIG="+h.Env["POSTERN_CONFIG"], "POSTERN_OPERATOR_KEY_FILE="+key)
	return cmd
}

// run gives what was printed, and wants an exit code.
func (h *house) run(t *testing.T, code int, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := h.command(t, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("postern %s: exit code %d, want %d: %s", args[1], got, code, errs.String())
	}
	return out.String(), errs.String()
}

// typed runs the command on a terminal and gives what the terminal showed.
func (h *house) typed(t *testing.T, name string, args ...string) string {
	t.Helper()
	hands, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	check(t, err)
	defer hands.Close() //nolint:errcheck // a terminal of the test
	fd := int(hands.Fd())
	check(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	check(t, err)
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	check(t, err)
	cmd := h.command(t, name, args...)
	cmd.Stdout = terminal
	check(t, cmd.Start())
	check(t, terminal.Close()) // the program has it now; when it ends, so does reading
	shown, err := io.ReadAll(hands)
	if err != nil && !errors.Is(err, unix.EIO) {
		t.Error(err)
	}
	check(t, cmd.Wait())
	return strings.ReplaceAll(string(shown), "\r\n", "\n")
}

// TestCommands opens as an operator does: on a terminal, into a file, as JSON,
// and with a second person.
func TestCommands(t *testing.T) {
	h := newHouse(t, rig.Options{})
	sent := h.send(t, "to "+address+" \u009b31mred").String()
	show := []string{"audit", "show", sent, "--reveal"}
	asked := append(show, "--part", "original", "--reason", because)

	if out, _ := h.run(t, 0, "rita", show...); !strings.Contains(out, "original    sealed\n") || !strings.Contains(out, "delivery    none") {
		t.Errorf("listed:\n%s", out)
	}
	h.nothingOpened(t, 2, "rita", asked)
	h.nothingOpened(t, 2, "rita", append(asked, "--json"))
	h.nothingOpened(t, 1, "ann", append(asked, "--output", "-"))
	file := filepath.Join(h.Dir, "original.json")
	check(t, os.WriteFile(file, []byte("mine"), 0o600))
	h.nothingOpened(t, 1, "rita", append(asked, "--output", file))
	check(t, os.Remove(file))
	h.nothingOpened(t, 1, "ann", append(asked, "--output", file))

	if out := h.typed(t, "rita", append(show, "--part", "answer", "--part", "original", "--reason", because)...); !strings.Contains(out, "answer:\n"+opaque+"\noriginal:\n") || !strings.Contains(out, address) || strings.ContainsAny(out, "\x1b\u009b") {
		t.Errorf("the terminal shows %q", out)
	}
	if out, _ := h.run(t, 0, "rita", append(asked, "--output", file)...); out != "" {
		t.Error("a file was asked for, and standard output holds something")
	}
	raw, err := os.ReadFile(file)
	info, failed := os.Stat(file)
	if err != nil || failed != nil || info.Mode().Perm() != 0o600 || !bytes.Contains(raw, []byte(`"body":"to `+address)) {
		t.Errorf("the file: %v %v, %d bytes", err, failed, len(raw))
	}
	if out, _ := h.run(t, 0, "rita", append(asked, "--part", "person", "--json", "--output", "-")...); !strings.Contains(out, `"name": "person",`) || !strings.Contains(out, `"record": "`) {
		t.Errorf("as JSON: %d bytes", len(out))
	}

	h.set(t, "second_person: true")
	out, _ := h.run(t, 0, "rita", append(asked, "--output", file+"2")...)
	id := h.waiting(t)[0].ID.String()
	if strings.Contains(out, address) || !strings.Contains(out, "postern audit approve "+id) || exists(file+"2") {
		t.Errorf("a request is answered:\n%s", out)
	}
	if out, _ := h.run(t, 0, "ralf", "audit", "requests"); !strings.Contains(out, id) || !strings.Contains(out, because) {
		t.Errorf("requests:\n%s", out)
	}
	if _, errs := h.run(t, 1, "rita", "audit", "approve", id); !strings.Contains(errs, "another operator") {
		t.Errorf("approving an own request: %s", errs)
	}
	if out, _ := h.run(t, 0, "ralf", "audit", "approve", id); !strings.Contains(out, "rita may open original") || strings.Contains(out, address) {
		t.Errorf("approved: %s", out)
	}
	if out, _ := h.run(t, 0, "rita", append(show, "--request", id, "--output", "-")...); !strings.Contains(out, address) {
		t.Error("what was approved is not shown")
	}
	h.nothingOpened(t, 1, "rita", append(show, "--request", id, "--output", "-"))

	// Without a gateway the command does the same on the store itself.
	h.set(t, "second_person: false")
	h.Stop()
	if out, _ := h.run(t, 0, "rita", append(asked, "--output", "-")...); !strings.Contains(out, address) {
		t.Error("the store alone shows nothing")
	}
	h.nothingOpened(t, 1, "ann", append(asked, "--output", "-"))
	if rows := h.opened(t); rows[len(rows)-1][0] != "reveal" || rows[len(rows)-1][1] != "rita" {
		t.Errorf("the last record is %v", rows[len(rows)-1])
	}
}

// nothingOpened wants a refusal, nothing printed, nothing recorded, no file.
func (h *house) nothingOpened(t *testing.T, code int, name string, args []string) {
	t.Helper()
	before := len(h.opened(t))
	if out, _ := h.run(t, code, name, args...); out != "" {
		t.Errorf("%s %v prints %d bytes", name, args[3:], len(out))
	}
	if n := len(h.opened(t)) - before; n != 0 {
		t.Errorf("%s %v: %d records", name, args[3:], n)
	}
	if at := args[len(args)-1]; filepath.IsAbs(at) && name == "ann" && exists(at) {
		t.Errorf("%s %v leaves a file", name, args[3:])
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
