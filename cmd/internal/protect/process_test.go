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
	"regexp"
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
	dir   string
	env   map[string]string // of the demo folder
	admin string            // address of the admin listener
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

// serve starts the gateway over a folder of its own.
func serve(t *testing.T, env ...string) *gate {
	t.Helper()
	g := settle(t)
	g.start(t, exec.Command(filepath.Join(programs, "postern"), "serve"), env...) //nolint:gosec // the program under test
	return g
}

// settle sets a demo folder up and gives it to the stranger.
func settle(t *testing.T) *gate {
	t.Helper()
	dir, err := os.MkdirTemp(programs, "site-")
	check(t, err)
	port, release, err := demo.ClaimPorts()
	check(t, err)
	t.Cleanup(release)
	site, err := demo.NewSite(dir, programs, port, "")
	check(t, err)
	check(t, site.Setup(t.Context(), time.Now()))
	config, err := os.ReadFile(site.Env()["POSTERN_CONFIG"])
	check(t, err)
	often := regexp.MustCompile(`every: \w+`).ReplaceAll(config, []byte("every: 1s")) // a checkpoint, and with it who follows its key
	check(t, os.WriteFile(site.Env()["POSTERN_CONFIG"], often, 0o600))
	give(t, dir, stranger())
	known := site.Env()
	return &gate{dir: dir, env: known, admin: known["POSTERN_ADMIN_URL"], log: &lines{}}
}

// start runs the command that serves, until the test ends.
func (g *gate) start(t *testing.T, serve *exec.Cmd, env ...string) {
	t.Helper()
	g.cmd = as(stranger(), serve)
	g.cmd.Env = append(append(os.Environ(), "POSTERN_CONFIG="+g.env["POSTERN_CONFIG"]), env...)
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
