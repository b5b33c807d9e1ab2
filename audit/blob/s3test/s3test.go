// Package s3test runs a real S3 server for tests: versitygw over a folder of
// the test's own, with versions and Object Lock, pinned in .ci/tools.
//
// Without the program a test fails and says how to build it.
package s3test

import (
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Region is what requests are signed for.
const Region = "us-east-1"

// patience bounds the wait for a server to answer.
const patience = 30 * time.Second

// Server is a running S3 server.
type Server struct {
	Addr      string // 127.0.0.1:PORT, without TLS
	AccessKey string // random, may do everything
	SecretKey string

	program, folder string
	process         *exec.Cmd
	ended           chan struct{} // closed when process has
}

// Start gives an empty server, which ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{AccessKey: rand.Text(), SecretKey: rand.Text(), program: program(t), folder: t.TempDir()}
	for _, name := range []string{"objects", "versions"} {
		if err := os.Mkdir(filepath.Join(s.folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.end)
	var err error
	for range 20 {
		// Below the range that outgoing connections get theirs from, so that the port is there for Restart.
		s.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(30_000+mathrand.IntN(2_700)))
		if err = s.run(); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// Stop makes the server go away, in the midst of what it does.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.process == nil {
		t.Fatal("the server is stopped already")
	}
	s.end()
}

// Restart starts it again after Stop, with what it stored, at the same address.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// Bucket makes an empty bucket of a random name; lock turns Object Lock on,
// and with it versions.
func (s *Server) Bucket(t testing.TB, lock bool) string {
	t.Helper()
	name := "test-" + strings.ToLower(rand.Text())
	header := map[string]string{}
	if lock {
		header["x-amz-bucket-object-lock-enabled"] = "true"
	}
	status, err := s.send(http.MethodPut, "/"+name, header)
	if err != nil || status != http.StatusOK {
		t.Fatalf("make bucket: %d %v", status, err)
	}
	return name
}

// run starts the process and waits until it answers to its own credentials.
func (s *Server) run() error {
	p := exec.Command(s.program, "--quiet", "--port", s.Addr, "--region", Region, //nolint:gosec // built here
		"posix", "--versioning-dir", filepath.Join(s.folder, "versions"), filepath.Join(s.folder, "objects"))
	p.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.AccessKey, "ROOT_SECRET_KEY="+s.SecretKey)
	var says strings.Builder
	p.Stderr = &says
	if err := p.Start(); err != nil {
		return fmt.Errorf("start S3 server: %w", err)
	}
	s.process, s.ended = p, make(chan struct{})
	go func() {
		_ = p.Wait() // it is killed at the end
		close(s.ended)
	}()
	late := time.After(patience)
	for {
		if status, err := s.send(http.MethodGet, "/", nil); err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-s.ended:
			s.process = nil
			return errors.New("the S3 server ended: " + says.String())
		case <-late:
			s.end()
			return errors.New("the S3 server does not answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) end() {
	if s.process != nil {
		_ = s.process.Process.Kill() // it may have ended
		<-s.ended
		s.process = nil
	}
}

// program finds what `make test` builds into .cache.
func program(t testing.TB) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !ours(root) {
		if root == filepath.Dir(root) {
			t.Fatal("not within the module postern")
		}
		root = filepath.Dir(root)
	}
	path := filepath.Join(root, ".cache", "tools", "versitygw")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the tests with a real S3 server need it built: run `make %s`", path)
	}
	return path
}

func ours(folder string) bool {
	b, _ := os.ReadFile(filepath.Join(folder, "go.mod")) // without one it is not the module's folder
	return strings.HasPrefix(string(b), "module postern\n")
}
