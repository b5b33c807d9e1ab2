package protect

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestGateway looks at one running gateway from outside.
func TestGateway(t *testing.T) {
	g := serve(t, "GOTRACEBACK=all")
	t.Run("withheld", g.withheld)
	t.Run("gcore", g.noGcore)
	t.Run("no core file", g.noCoreFile)
	t.Run("locked", g.locked)
	t.Run("still serves", g.stillServes)
	t.Run("loud crash", func(t *testing.T) { await(t, g, "unset GOTRACEBACK") })
}

// withheld lets the gateway's own user try what gcore and debuggers do. The
// same attempts on an ordinary process of that user succeed.
func (g *gate) withheld(t *testing.T) {
	ordinary := ordinaryProcess(t)
	for name, attempt := range map[string]func(pid int) error{
		"trace": attach, "seize": seize, "memory": open("mem"), "environment": open("environ"), "map": open("maps"), "descriptors": list("fd"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := byStranger(func() error { return attempt(ordinary) }); err != nil {
				t.Fatalf("the attempt fails on any process: %v", err)
			}
			err := byStranger(func() error { return attempt(g.pid) })
			if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EACCES) {
				t.Errorf("on the gateway: %v; want that it is not permitted", err)
			}
		})
	}
}

// ordinaryProcess is one of the stranger's that withholds nothing.
func ordinaryProcess(t *testing.T) (pid int) {
	t.Helper()
	c := as(stranger(), exec.Command("sleep", "600"))
	check(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	})
	return c.Process.Pid
}

// noGcore has gcore itself try, where the machine has one that works. Where it
// has none, "trace" and "memory" above are what it does.
func (g *gate) noGcore(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Chmod(dir, 0o777)) //nolint:gosec // the stranger writes there
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		check(t, os.Chmod(parent, 0o777)) //nolint:gosec // and has to come there
	}
	dump := func(pid int) bool {
		to := filepath.Join(dir, "core")
		out, err := as(stranger(), exec.Command("gcore", "-o", to, strconv.Itoa(pid))).CombinedOutput() //nolint:gosec // a process id
		files, failed := filepath.Glob(to + ".*")
		check(t, failed)
		for _, f := range files {
			check(t, os.Remove(f))
		}
		t.Logf("gcore: %v, %d files\n%s", err, len(files), out)
		return len(files) > 0
	}
	if !dump(ordinaryProcess(t)) {
		return
	}
	if dump(g.pid) {
		t.Error("gcore of the gateway's own user got its memory")
	}
}

// byStranger runs an attempt on a thread of the stranger's, which ends with it.
func byStranger(attempt func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: nobody else may get this thread
		done <- func() error {
			if os.Getuid() != 0 {
				return attempt()
			}
			id := uintptr(stranger()) //nolint:gosec // a user id
			// The raw calls change this thread alone, and take its capabilities.
			if _, _, e := syscall.RawSyscall(unix.SYS_SETRESGID, id, id, id); e != 0 {
				return e
			}
			if _, _, e := syscall.RawSyscall(unix.SYS_SETRESUID, id, id, id); e != 0 {
				return e
			}
			return attempt()
		}()
	}()
	return <-done
}

// attach is what gcore begins with.
func attach(pid int) error {
	if err := unix.PtraceAttach(pid); err != nil {
		return err
	}
	if _, err := unix.Wait4(pid, nil, unix.WALL, nil); err != nil {
		return err
	}
	return unix.PtraceDetach(pid)
}

// seize attaches without stopping; the thread's end detaches.
func seize(pid int) error { return unix.PtraceSeize(pid) }

func open(name string) func(int) error {
	return func(pid int) error {
		f, err := os.Open(proc(pid, name))
		if err != nil {
			return err
		}
		return f.Close()
	}
}

func list(name string) func(int) error {
	return func(pid int) error {
		_, err := os.ReadDir(proc(pid, name))
		return err
	}
}

// noCoreFile reads what the kernel says of the process.
func (g *gate) noCoreFile(t *testing.T) {
	limits, err := os.ReadFile(proc(g.pid, "limits"))
	check(t, err)
	for line := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			if f := strings.Fields(rest); len(f) < 2 || f[0] != "0" || f[1] != "0" {
				t.Errorf("the limit of core files is %q", line)
			}
			return
		}
	}
	t.Error("the kernel names no limit of core files")
}

// locked reads how much memory is never swapped out.
func (g *gate) locked(t *testing.T) {
	status, err := os.ReadFile(proc(g.pid, "status"))
	check(t, err)
	if _, rest, _ := strings.Cut(string(status), "\nVmLck:"); strings.HasPrefix(strings.TrimSpace(rest), "0 ") || rest == "" {
		t.Error("the kernel locks none of its memory")
	}
}

// stillServes does what could break where /proc/self is root's: reload and the
// process's own metrics.
func (g *gate) stillServes(t *testing.T) {
	metrics := get(t, g.admin+"/metrics")
	for _, name := range []string{"process_resident_memory_bytes", "process_open_fds", "process_max_fds"} {
		if !strings.Contains(metrics, "\n"+name+" ") {
			t.Errorf("the metrics lack %s", name)
		}
	}
	check(t, g.cmd.Process.Signal(syscall.SIGHUP))
	await(t, g, `"message":"reloaded"`)
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url) //nolint:gosec,noctx // the gateway's own listener
	check(t, err)
	defer func() { check(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	return string(body)
}

// await waits for words in the log.
func await(t *testing.T, g *gate, words string) {
	t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(g.log.String(), words); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the log never says %q:\n%s", words, g.log)
		}
	}
}
