package clients

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; a condition that holds ends it at once.
const patience = 30 * time.Second

// site is a running demo: gateway, simulator and a receiver of webhooks.
type site struct {
	env   map[string]string // of demo.env
	dir   string
	bin   string
	hooks *receiver
	http  *http.Client // trusts the demo's authority
	ended chan error   // the demo's end
	stop  func()
}

// gate is the one demo that all tests share, started by TestMain.
var gate *site

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "clients-")
	if err == nil {
		gate, err = start(dir)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "start gateway and simulator:", err)
	} else {
		code = m.Run()
	}
	if gate != nil {
		if err := gate.close(); err != nil {
			fmt.Fprintln(os.Stderr, "stop gateway and simulator:", err)
			code = 1
		}
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// start builds both programs and runs the demo until it says it is ready.
func start(dir string) (*site, error) {
	s := &site{dir: filepath.Join(dir, "demo"), bin: filepath.Join(dir, "bin"), hooks: &receiver{}, ended: make(chan error, 1)}
	build := exec.Command("go", "build", "-C", "../../..", "-o", s.bin+"/", "./cmd/postern", "./cmd/metasim")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w\n%s", err, out)
	}
	port, err := freePorts()
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(s.hooks)
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = func() { cancel(); server.Close() }
	args := []string{"demo", "run", "--dir", s.dir, "--bin", s.bin, "--port", strconv.Itoa(port), "--webhook-url", server.URL + "/hook"}
	if os.Getenv("POSTERN_EDGE") == "envoy" { // the same through an Envoy, which make envoy gets
		args = append(args, "--envoy", "../../../.cache/envoy/envoy")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "postern"), args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = patience
	var told bytes.Buffer
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- cmd.Wait() }()
	if err := s.ready(); err != nil {
		return s, errors.Join(err, errors.New(told.String()))
	}
	return s, s.trust()
}

// ready waits for demo.env, which the demo writes when all of it answers.
func (s *site) ready() error {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		raw, err := os.ReadFile(filepath.Join(s.dir, "demo.env"))
		if err == nil {
			s.env = parseEnv(raw)
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return errors.New("the demo ended before it was ready")
		case <-time.After(20 * time.Millisecond):
		}
	}
	return errors.New("the demo is not ready in time")
}

func (s *site) close() error {
	s.stop()
	err := <-s.ended
	var exit *exec.ExitError
	if errors.Is(err, context.Canceled) || errors.As(err, &exit) && exit.ExitCode() == 0 {
		return nil
	}
	return err
}

// parseEnv reads NAME='value' lines.
func parseEnv(raw []byte) map[string]string {
	out := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		out[name] = strings.ReplaceAll(strings.Trim(value, "'"), `'\''`, "'")
	}
	return out
}

func (s *site) trust() error {
	pem, err := os.ReadFile(s.env["POSTERN_CA"])
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return errors.New("the demo's authority is no certificate")
	}
	s.http = &http.Client{Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}}
	return nil
}

// freePorts finds the eight ports in a row that the demo takes.
func freePorts() (int, error) {
	for range 100 {
		first, free := 10_000+rand.IntN(20_000), true
		for i := range 8 {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first+i)))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			return first, nil
		}
	}
	return 0, errors.New("no eight free ports in a row")
}

// control calls the simulator's control API.
func (s *site) control(t *testing.T, method, path, body string) []byte {
	t.Helper()
	return fetch(t, http.DefaultClient, method, s.env["METASIM_URL"]+path, body, nil)
}

// fetch makes a request that must be answered 200.
func fetch(t *testing.T, c *http.Client, method, url, body string, header http.Header) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, url, resp.StatusCode, raw)
	}
	return raw
}

// await waits until the condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); {
		if time.Now().After(end) {
			t.Fatal("did not come in time: " + what)
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the test ended while waiting for " + what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
