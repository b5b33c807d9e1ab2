package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// stopPatience is how long a process may take to end in order.
const stopPatience = 30 * time.Second

// process is a program of the run. Its standard error goes to NAME.log in the
// site.
type process struct {
	name  string
	pid   int
	ready []byte // the first line on its standard output
	cmd   *exec.Cmd
	done  chan struct{} // closed once it ended
	err   error         // of Wait; read it after done
}

// launch starts a program and waits for nothing.
func launch(s site, name string, cmd *exec.Cmd, stdout io.Writer) (*process, error) {
	log, err := os.OpenFile(s.path(name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", name, err)
	}
	defer log.Close() //nolint:errcheck // the process has its own copy
	cmd.Stdout, cmd.Stderr = stdout, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, pid: cmd.Process.Pid, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// startProcess waits for the line that says the program is ready.
func startProcess(ctx context.Context, s site, name string, cmd *exec.Cmd, patience time.Duration) (*process, error) {
	first := &firstLine{got: make(chan []byte, 1)}
	p, err := launch(s, name, cmd, first)
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case p.ready = <-first.got:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s ended before it was ready: %w; see %s.log in the folder of the run (-dir keeps it)", name, errors.Join(errEnded, p.err), name)
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.stop())
	case <-timer.C:
		return nil, errors.Join(fmt.Errorf("%s was not ready within %v", name, patience), p.stop())
	}
}

var errEnded = errors.New("it ended")

// stop asks the process to end and waits; one that does not is killed, which
// is an error.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	timer := time.NewTimer(stopPatience)
	defer timer.Stop()
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("%s did not end well: %w", p.name, p.err)
		}
		return nil
	case <-timer.C:
		err := p.cmd.Process.Kill()
		<-p.done
		return errors.Join(fmt.Errorf("%s did not end within %v and was killed", p.name, stopPatience), err)
	}
}

// firstLine keeps the first line written to it and drops the rest.
type firstLine struct {
	mu   sync.Mutex
	line []byte
	sent bool
	got  chan []byte // has room for the one line
}

func (f *firstLine) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sent {
		return len(b), nil
	}
	f.line = append(f.line, b...)
	if end := bytes.IndexByte(f.line, '\n'); end >= 0 {
		f.sent = true
		f.got <- f.line[:end]
	}
	return len(b), nil
}

// addresses is the ready line of the run's own children.
type addresses struct {
	Address string `json:"address"` // of the API, TLS
	Control string `json:"control"` // of counters and switches, plain HTTP
}

// child is one of the harness' own processes: itself under another name.
type child struct {
	*process
	addresses
}

func startChild(ctx context.Context, s site, name string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	cmd := exec.Command(self, append([]string{childWord, name, string(s)}, args...)...) //nolint:gosec // itself
	if _, err := cmd.StdinPipe(); err != nil {                                          // it ends with this process, and the child with it
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p, err := startProcess(ctx, s, name, cmd, startPatience)
	if err != nil {
		return nil, err
	}
	c := &child{process: p}
	if err := json.Unmarshal(p.ready, &c.addresses); err != nil {
		return nil, errors.Join(fmt.Errorf("read addresses of %s: %w", name, err), p.stop())
	}
	return c, nil
}
