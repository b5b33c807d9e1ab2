// Package envoytest runs a real Envoy for tests: the program that `make envoy`
// put into .cache, a process of its own that ends with the test.
//
// Without the program a test is skipped and says how to get it; where CI is set
// in the environment it fails instead. A test that failed shows what Envoy
// wrote last.
package envoytest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	getProgram = "the tests with a real Envoy need its program, on Linux with Python 3.10: run `make envoy`"

	// patience bounds every wait; what is waited for ends it at once.
	patience = time.Minute
)

// Envoy is a running program.
type Envoy struct {
	process *os.Process
	folder  string        // configuration and what it writes
	admin   string        // http://127.0.0.1:PORT
	ended   chan struct{} // closed when the process is gone
}

// Start runs Envoy with a bootstrap configuration in YAML and waits until it is
// live. Listeners should have a name and port 0, see Address. The admin listener
// is this package's, whatever the configuration says. More arguments may follow.
//
// An access log to /dev/stdout is kept for AccessLog.
func Start(t testing.TB, bootstrap []byte, args ...string) *Envoy {
	t.Helper()
	e := &Envoy{folder: t.TempDir(), ended: make(chan struct{})}
	config := e.file("envoy.yaml")
	if err := os.WriteFile(config, bootstrap, 0o600); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(args, "--log-level") {
		args = append(args, "--log-level", "warning")
	}
	command := exec.Command(Program(t), slices.Concat([]string{ //nolint:gosec // the pinned program
		"--config-path", config,
		"--config-yaml", `{"admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}}}`,
		"--admin-address-path", e.file("admin"),
		"--disable-hot-restart", "--concurrency", "2", "--file-flush-interval-msec", "20",
	}, args)...)
	if err := e.run(command); err != nil {
		t.Fatalf("start Envoy: %v", err)
	}
	t.Cleanup(func() {
		e.end()
		if t.Failed() {
			t.Logf("Envoy wrote:\n%s", e.tail())
		}
	})
	if err := e.live(); err != nil {
		t.Fatalf("wait for Envoy: %v", err)
	}
	return e
}

// Validate asks Envoy whether it would take a bootstrap configuration. The error
// holds its words.
func Validate(t testing.TB, bootstrap []byte) error {
	t.Helper()
	config := filepath.Join(t.TempDir(), "envoy.yaml")
	if err := os.WriteFile(config, bootstrap, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(Program(t), "--mode", "validate", "--log-level", "error", "--config-path", config).CombinedOutput() //nolint:gosec // the pinned program
	if err != nil {
		return fmt.Errorf("validate: %w: %s", err, out)
	}
	return nil
}

func (e *Envoy) file(name string) string { return filepath.Join(e.folder, name) }

func (e *Envoy) run(command *exec.Cmd) error {
	out, err := os.Create(e.file("stdout"))
	if err != nil {
		return err
	}
	defer out.Close() //nolint:errcheck // the process has its own
	log, err := os.Create(e.file("stderr"))
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the process has its own
	command.Stdout, command.Stderr = out, log
	if err := command.Start(); err != nil {
		return err
	}
	e.process = command.Process
	go func() {
		defer close(e.ended)
		_ = command.Wait() // it ends as the test wants
	}()
	return nil
}

// live waits until Envoy says of itself that it serves.
func (e *Envoy) live() error {
	return e.await("LIVE", func() error {
		address, err := os.ReadFile(e.file("admin"))
		if err != nil {
			return err
		}
		e.admin = "http://" + strings.TrimSpace(string(address))
		_, err = e.ask("GET", "/ready")
		return err
	})
}

// await tries until there is no error. A process that is gone ends it.
func (e *Envoy) await(what string, try func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := try()
		switch {
		case err == nil:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%s is not there: %w", what, err)
		}
		select {
		case <-e.ended:
			return fmt.Errorf("it ended before %s was there: %w", what, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop ends Envoy with SIGTERM and waits: connections are closed, not drained.
func (e *Envoy) Stop(t testing.TB) {
	t.Helper()
	e.signal(t, syscall.SIGTERM)
	e.wait(t)
}

// Kill ends it with SIGKILL and waits.
func (e *Envoy) Kill(t testing.TB) {
	t.Helper()
	e.signal(t, syscall.SIGKILL)
	e.wait(t)
}

// Pause stops its threads, as a machine that hangs; Resume lets them go on.
func (e *Envoy) Pause(t testing.TB) { t.Helper(); e.signal(t, syscall.SIGSTOP) }

// Resume lets a paused Envoy go on.
func (e *Envoy) Resume(t testing.TB) { t.Helper(); e.signal(t, syscall.SIGCONT) }

func (e *Envoy) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := e.process.Signal(s); err != nil {
		t.Fatalf("signal Envoy: %v", err)
	}
}

func (e *Envoy) wait(t testing.TB) {
	t.Helper()
	select {
	case <-e.ended:
	case <-time.After(patience):
		t.Fatal("Envoy does not end")
	}
}

// end is for processes in any state, ended ones included.
func (e *Envoy) end() {
	if err := e.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return // what can not be killed is not waited for
	}
	<-e.ended
}

// Process is Envoy's number, to read its memory and processor time.
func (e *Envoy) Process() int { return e.process.Pid }

// AccessLog is what went to /dev/stdout so far. Envoy writes an entry some
// milliseconds after the request's end: await what you look for.
func (e *Envoy) AccessLog(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(e.file("stdout"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tail is the end of Envoy's own log.
func (e *Envoy) tail() string {
	b, err := os.ReadFile(e.file("stderr"))
	if err != nil {
		return err.Error()
	}
	const most = 16 << 10
	return string(b[max(0, len(b)-most):])
}
