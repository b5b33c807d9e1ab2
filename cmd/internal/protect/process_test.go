package protect

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/demo"
)

// patience bounds every wait; a condition that holds ends it at once.
const patience = 60 * time.Second

// stranger is the unprivileged user: the one who runs the tests or, for root,
// one that owns nothing (nobody on every Linux).
func stranger() int {
	if uid := os.Getuid(); uid != 0 {
		return uid
	}
	return 65534
}

// as runs a command as the stranger.
func as(uid int, c *exec.Cmd) *exec.Cmd {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)} //nolint:gosec // a user id
	}
	return c
}

// gate is a running gateway of the stranger's. No upstream answers it.
type gate struct {
	pid   int
	admin string // address of the admin listener
	log   *lines
	cmd   *exec.Cmd
}

// lines collects what a program writes.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// serve sets a demo folder up, gives it to the stranger and starts the gateway.
func serve(t *testing.T, env ...string) *gate {
	t.Helper()
	dir, err := os.MkdirTemp(programs, "site-")
	check(t, err)
	port, err := demo.FreePorts()
	check(t, err)
	site, err := demo.NewSite(dir, programs, port, "")
	check(t, err)
	check(t, site.Setup(t.Context(), time.Now()))
	give(t, dir, stranger())
	known := site.Env()
	g := &gate{admin: known["POSTERN_ADMIN_URL"], log: &lines{}}
	g.cmd = as(stranger(), exec.Command(filepath.Join(programs, "postern"), "serve", "--config", known["POSTERN_CONFIG"])) //nolint:gosec // the program under test
	g.cmd.Env = append(os.Environ(), env...)
	g.cmd.Stderr = g.log
	out, err := g.cmd.StdoutPipe()
	check(t, err)
	check(t, g.cmd.Start())
	g.pid = g.cmd.Process.Pid
	t.Cleanup(func() { g.end(t) })
	late := time.AfterFunc(patience, func() { _ = g.cmd.Process.Kill() }) // which ends the line below
	defer late.Stop()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the gateway did not start: %v\n%s", err, g.log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return g
}

// give makes everything below dir the user's.
func give(t *testing.T, dir string, uid int) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, -1)
	}))
}

// end stops the gateway in order.
func (g *gate) end(t *testing.T) {
	t.Helper()
	check(t, g.cmd.Process.Signal(syscall.SIGTERM))
	late := time.AfterFunc(patience, func() { _ = g.cmd.Process.Kill() })
	defer late.Stop()
	if err := g.cmd.Wait(); err != nil {
		t.Errorf("the gateway did not end in order: %v\n%s", err, g.log)
	}
}

// proc is a file of the process in /proc.
func proc(pid int, name string) string { return fmt.Sprintf("/proc/%d/%s", pid, name) }
