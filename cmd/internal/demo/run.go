package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a program that the demo started. It is the only process the demo
// ever ends.
type child struct {
	name  string
	cmd   *exec.Cmd
	ready string // its line on stdout
	done  chan struct{}
	err   error
}

// startupWait bounds how long a program may take until it says it is ready.
const startupWait = 30 * time.Second

// start runs a program and waits for its line of JSON on stdout. Its stderr
// goes to a file in the demo folder.
func (s *Site) start(name string, args []string) (*child, error) {
	log, err := os.OpenFile(s.path("log", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", name, err)
	}
	defer log.Close()                                                                           //nolint:errcheck // the child has its own descriptor
	c := &child{name: name, cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{})} //nolint:gosec // our own program with our own arguments
	c.cmd.Stderr = log
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches us alone; we stop the children in order
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	ready := make(chan bool, 1)
	go func() {
		line := bufio.NewScanner(out)
		ok := line.Scan()
		c.ready = line.Text()
		ready <- ok
		io.Copy(io.Discard, out) //nolint:errcheck // nothing more is expected
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	select {
	case ok := <-ready:
		if !ok {
			<-c.done
			return nil, fmt.Errorf("%s did not start; see %s", name, log.Name())
		}
		return c, nil
	case <-time.After(startupWait):
		return nil, errors.Join(fmt.Errorf("%s is not ready after %s; see %s", name, startupWait, log.Name()), c.stop())
	}
}

// stop asks the program to end and waits.
func (c *child) stop() error {
	select {
	case <-c.done:
		return nil
	default:
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", c.name, err)
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(startupWait):
		return errors.Join(fmt.Errorf("%s did not stop by itself", c.name), c.cmd.Process.Kill())
	}
}

func (s *Site) serveArgs() []string {
	return []string{filepath.Join(s.Bin, "postern"), "serve", "--config", s.config()}
}

// metasimArgs start the simulator. It does not enforce the service window:
// imported windows are known to the gateway only, and the gateway enforces them.
func (s *Site) metasimArgs() []string {
	args := []string{
		filepath.Join(s.Bin, "metasim"), "--quiet", "--listen", s.graph(), "--control", s.control(),
		"--tls-cert", s.path("certs", "server.pem"), "--tls-key", s.path("certs", "server-key.pem"),
		"--state", s.path("metasim"), "--window", "off", "--webhook", "https://" + s.webhook() + "/webhook/" + tenantName,
		"--webhook-ca", s.ca(), "--app-secret-file", s.path("secrets", "app-secret"),
		"--token-file", s.path("secrets", "meta-token"), "--verify-token", s.Keys.VerifyToken,
	}
	for i, id := range []string{cloudPhone, d360Phone, onpremPhone} {
		args = append(args, "--number", id+":+49 30 23125 00"+strconv.Itoa(i+1)+":"+waba)
	}
	return args
}

// quote makes a command line for a shell.
func quote(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

// Run sets the demo up, starts it, says how to use it, and waits for ctx. It
// stops what it started, in order. The data stays.
func (s *Site) Run(ctx context.Context, stdout io.Writer) (err error) {
	if err := s.findEnvoy(); err != nil {
		return err
	}
	engine, err := s.startEngine()
	if err != nil {
		return err
	}
	if engine != nil {
		defer func() { err = errors.Join(err, engine.stop()) }()
	}
	if err := s.Setup(ctx, time.Now()); err != nil {
		return err
	}
	if err := s.makeTables(ctx); err != nil {
		return err
	}
	children, stopReceiver, err := s.startAll(ctx, stdout)
	defer stopReceiver()
	if err == nil {
		err = s.writeEnv(children)
	}
	if err == nil {
		err = errors.Join(s.writePID(), s.explain(stdout))
		s.wait(ctx, stdout, children)
	}
	for i := len(children) - 1; i >= 0; i-- {
		err = errors.Join(err, children[i].stop())
	}
	return errors.Join(err, os.Remove(s.path("demo.pid")), os.Remove(s.path("demo.env")))
}

// startAll starts receiver, simulator, gateway and, where it is wanted, Envoy. A step that fails leaves the
// children started so far for the caller to stop.
func (s *Site) startAll(ctx context.Context, stdout io.Writer) ([]*child, func(), error) {
	stopReceiver := func() {}
	if s.WebhookURL == "" {
		r, err := receive(ctx, s.receiver(), stdout)
		if err != nil {
			return nil, stopReceiver, err
		}
		stopReceiver = r
	}
	sim, err := s.start("metasim", s.metasimArgs())
	if err != nil {
		return nil, stopReceiver, err
	}
	gate, err := s.start("postern", s.serveArgs())
	if err != nil {
		return []*child{sim}, stopReceiver, err
	}
	if !s.Front {
		return []*child{sim, gate}, stopReceiver, nil
	}
	envoy, err := s.startEnvoy()
	if err != nil {
		return []*child{sim, gate}, stopReceiver, err
	}
	return []*child{sim, gate, envoy}, stopReceiver, nil
}

// wait ends with ctx. A child that ends before is told and left: a test may
// kill one and start it again with the command in demo.env.
func (s *Site) wait(ctx context.Context, stdout io.Writer, children []*child) {
	for _, c := range children {
		go func() {
			select {
			case <-ctx.Done():
			case <-c.done:
				if ctx.Err() == nil {
					fmt.Fprintf(stdout, "%s ended; start it again with the command in %s\n", c.name, s.path("demo.env")) //nolint:errcheck // only a hint
				}
			}
		}()
	}
	<-ctx.Done()
}

func (s *Site) writePID() error {
	return os.WriteFile(s.path("demo.pid"), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
}

// Stop ends the demo that runs in this folder, by the process id it wrote.
func (s *Site) Stop(stdout io.Writer) error {
	raw, err := os.ReadFile(s.path("demo.pid"))
	if errors.Is(err, os.ErrNotExist) {
		_, err = fmt.Fprintln(stdout, "no demo runs in", s.Dir)
		return err
	}
	if err != nil {
		return fmt.Errorf("read process id: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || !s.ours(pid) {
		return errors.Join(os.Remove(s.path("demo.pid")), errors.New("the demo is gone already"))
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop demo: %w", err)
	}
	for range 600 {
		if !s.ours(pid) {
			_, err := fmt.Fprintln(stdout, "stopped")
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the demo does not stop; see its logs in " + s.path("log"))
}

// ours reports whether the process is still a demo: ids are used again.
func (s *Site) ours(pid int) bool {
	cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return err == nil && strings.Contains(string(cmdline), "demo\x00run")
}

// pretty is one event as the receiver prints it.
func pretty(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return fmt.Sprintf("%d bytes", len(body))
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%d bytes", len(body))
	}
	return string(out)
}
