// Package chtest runs a real ClickHouse engine for tests: chdbserver (see
// ../chdb), a process of its own that ends with the test binary.
//
// Without the engine a test is skipped and says how to get it; where CI is set
// in the environment it fails instead.
package chtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const getEngine = "the tests with a real ClickHouse need its engine, on linux/amd64 with npm: run `make clickhouse`"

// Server is a running engine over a store of its own.
type Server struct {
	Addr    string // 127.0.0.1:PORT, for clickhouse-go with Protocol HTTP
	URL     string // http://127.0.0.1:PORT
	Version string // of the engine, as 26.7.2.1

	own     bool
	options []string
	process *exec.Cmd
	stdin   io.Closer
}

// shared is the engine of the test binary: one takes 250 MB.
var shared = struct {
	sync.Mutex
	*Server
}{}

// Start gives the engine that the tests of this binary share. Keep apart from
// others with Database.
func Start(t testing.TB) *Server {
	t.Helper()
	program, library := engine(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.Server != nil {
		return shared.Server
	}
	folder, err := os.MkdirTemp("", "chtest")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{options: []string{program, "-library", library, "-path", folder, "-temporary"}}
	if err := s.run(0); err != nil {
		t.Fatal(err)
	}
	shared.Server = s
	return s
}

// StartOwn gives an engine of the test's own, which it may Kill and Restart.
func StartOwn(t testing.TB) *Server {
	t.Helper()
	program, library := engine(t)
	s := &Server{own: true, options: []string{program, "-library", library, "-path", filepath.Join(t.TempDir(), "store")}}
	var err error
	for range 20 {
		// Below the range that outgoing connections get theirs from, so that the port is there after a kill.
		if err = s.run(30_000 + mathrand.IntN(2_700)); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Errorf("end engine: %v", err)
		}
	})
	return s
}

// Kill ends the engine with SIGKILL.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if !s.own {
		t.Fatal("other tests use this engine; take one with StartOwn")
	}
	if err := s.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.process.Wait() // it was killed
	s.process = nil
}

// Restart starts it again after Kill, over the same store, at the same address.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	_, port, _ := strings.Cut(s.Addr, ":")
	n, err := strconv.Atoi(port)
	if err == nil {
		err = s.run(n)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Database makes an empty database and gives its name; it goes with the test.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%016x", mathrand.Uint64())
	s.Query(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.Query(t, "DROP DATABASE IF EXISTS "+name+" SYNC") })
	return name
}

// Query gives the answer in tab-separated lines.
func (s *Server) Query(t testing.TB, query string) string {
	t.Helper()
	answer, err := http.Post(s.URL, "text/plain", strings.NewReader(query)) //nolint:noctx // the test ends it
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", query, answer.StatusCode, body, err)
	}
	return strings.TrimSuffix(string(body), "\n")
}

// Used is the processor time that the engine's process took so far.
func (s *Server) Used(t testing.TB) time.Duration {
	t.Helper()
	stat := read(fmt.Sprintf("/proc/%d/stat", s.process.Process.Pid))
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	var ticks int64 // of which Linux has 100 in a second
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// run starts the process and waits until it says where it listens.
func (s *Server) run(port int) error {
	process := exec.Command(s.options[0], slices.Concat(s.options[1:], []string{"-until-eof", "-port", strconv.Itoa(port)})...) //nolint:gosec // built here
	process.Stderr = os.Stderr
	stdin, err := process.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	var ready struct{ Address, Version string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("wait for engine: %w", err), process.Wait())
	}
	s.process, s.stdin = process, stdin
	s.Addr, s.URL, s.Version = ready.Address, "http://"+ready.Address, ready.Version
	return nil
}

func (s *Server) end() error {
	if s.process == nil {
		return nil
	}
	return errors.Join(s.stdin.Close(), s.process.Wait())
}

// Folder is where `make clickhouse` put the engine.
func Folder(t testing.TB) string {
	t.Helper()
	program, _ := engine(t)
	return filepath.Dir(program)
}

// engine finds what `make clickhouse` put into .cache.
func engine(t testing.TB) (program, library string) {
	t.Helper()
	root, err := os.Getwd()
	for err == nil && !strings.HasPrefix(read(filepath.Join(root, "go.mod")), "module postern\n") {
		if root == filepath.Dir(root) {
			t.Fatal("not within the module postern")
		}
		root = filepath.Dir(root)
	}
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(root, ".cache", "chdbserver")
	library = filepath.Join(root, ".cache", "chdb", "node_modules", "@chdb", "lib-linux-x64-gnu", "libchdb.so")
	for _, path := range []string{program, library} {
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatal(getEngine)
		}
		t.Skip(getEngine)
	}
	return program, library
}

func read(path string) string {
	b, _ := os.ReadFile(path) // without one it is not the module's folder
	return string(b)
}
