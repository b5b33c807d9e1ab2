package crash

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; a condition that holds ends it at once.
const patience = time.Minute

// process is a program that a test started, the only kind it ever ends.
type process struct {
	name  string
	cmd   *exec.Cmd
	began time.Time
	ready chan struct{}
	done  chan struct{}
	took  time.Duration // from the start to the line that says it is ready
	err   error         // how it ended; after done
}

// launch starts a command line of demo.env. Its stderr goes to a file.
func launch(t testing.TB, name, command, log string) *process {
	t.Helper()
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	check(t, err)
	defer file.Close()
	p := &process{name: name, cmd: exec.Command("/bin/sh", "-c", "exec "+command), ready: make(chan struct{}), done: make(chan struct{})}
	p.cmd.Stderr = file
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	check(t, err)
	p.began = time.Now()
	check(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		lines := bufio.NewScanner(out)
		if lines.Scan() {
			p.took = time.Since(p.began)
			close(p.ready)
		}
		io.Copy(io.Discard, out)
		p.err = p.cmd.Wait()
	}()
	return p
}

// awaitReady waits until the program says that it serves.
func (p *process) awaitReady(t testing.TB) {
	t.Helper()
	select {
	case <-p.ready:
	case <-p.done:
		t.Fatalf("%s did not start: %v", p.name, p.err)
	case <-time.After(patience):
		t.Fatalf("%s is not ready after %s", p.name, patience)
	}
}

// end sends the signal and waits for the end.
func (p *process) end(t testing.TB, s syscall.Signal) {
	t.Helper()
	select {
	case <-p.done:
		return
	default:
	}
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("%s to %s: %v", s, p.name, err)
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatalf("%s does not end", p.name)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pause waits a random moment: it is when to kill, not for what to happen.
func pause(d time.Duration) { <-time.After(d) }

func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); pause(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited %s for %s", patience, what)
}
