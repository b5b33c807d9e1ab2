package demo

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/built"
)

// programs is the folder of the two programs as they are shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(built.Main(m, &programs)) }

// printed is what a program printed so far.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// running is a demo as make run starts it.
type running struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
	out *printed
	env map[string]string
}

func start(t *testing.T, bin, dir, hook string, more ...string) *running {
	t.Helper()
	port, release, err := ClaimPorts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	r := &running{t: t, dir: dir, out: &printed{}}
	args := append([]string{"demo", "run", "--dir", dir, "--bin", bin, "--port", strconv.Itoa(port), "--webhook-url", hook}, more...)
	r.cmd = exec.Command(filepath.Join(bin, "postern"), args...)
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.out
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.cmd.Process.Signal(os.Interrupt)
		r.cmd.Wait()
	})
	r.await("its last word", func() bool { return strings.Contains(r.out.String(), "Ctrl-C stops") })
	if !strings.Contains(r.out.String(), ":"+strconv.Itoa(port)) {
		t.Errorf("the port asked for is not in\n%s", r.out)
	}
	r.env = r.sourced()
	return r
}

func (r *running) await(what string, holds func() bool) {
	r.t.Helper()
	awaitPrinted(r.t, what, 30*time.Second, r.out, holds)
}

// awaitPrinted looks until the condition holds, and else fails with what a
// program printed.
func awaitPrinted(t *testing.T, what string, within time.Duration, printed fmt.Stringer, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited for %s; printed so far:\n%s", what, printed)
}

// sourced is demo.env as a shell reads it.
func (r *running) sourced() map[string]string {
	r.t.Helper()
	out, err := exec.Command("bash", "-c", `set -a; . "$0/demo.env"; env -0`, r.dir).Output()
	if err != nil {
		r.t.Fatal(err)
	}
	env := map[string]string{}
	for _, kv := range strings.Split(string(out), "\x00") {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	return env
}

// pasted are the lines that the demo says to paste, in order.
func (r *running) pasted() []string {
	r.t.Helper()
	_, text, found := strings.Cut(r.out.String(), "Paste, one by one:\n")
	text, _, ends := strings.Cut(text, "Ctrl-C stops")
	if !found || !ends {
		r.t.Fatalf("nothing to paste in\n%s", r.out)
	}
	return strings.Split(strings.TrimSpace(text), "\n\n")
}

func (r *running) paste(line, want string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "bash", "-c", line).CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		r.t.Errorf("%v: want %q from\n%s\ngot\n%s", err, want, line, out)
	}
}

// ends waits until the demo has gone, with all it started and wrote for others.
func (r *running) ends() {
	r.t.Helper()
	if err := r.cmd.Wait(); err != nil {
		r.t.Errorf("the demo ended with %v\n%s", err, r.out)
	}
	for _, name := range []string{"POSTERN_PID", "METASIM_PID"} {
		pid, err := strconv.Atoi(r.env[name])
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			r.t.Errorf("%s %q still runs", name, r.env[name])
		}
	}
	for _, name := range []string{"demo.env", "demo.pid"} {
		if _, err := os.Stat(filepath.Join(r.dir, name)); !errors.Is(err, fs.ErrNotExist) {
			r.t.Errorf("%s is still there", name)
		}
	}
}

// hooks takes webhooks and keeps those that the secret signed.
type hooks struct {
	mu     sync.Mutex
	signed map[string][]string // bodies by signature
}

func (h *hooks) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	sig := r.Header.Get("X-Hub-Signature-256")
	h.signed[sig] = append(h.signed[sig], string(body))
}

// has reports whether a webhook with the words was signed with the secret.
func (h *hooks) has(secret, words string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sig, bodies := range h.signed {
		for _, body := range bodies {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(body))
			if sig == "sha256="+hex.EncodeToString(mac.Sum(nil)) && strings.Contains(body, words) {
				return true
			}
		}
	}
	return false
}

// TestRunAsANewUserDoes starts the demo, pastes every line it prints, stops it
// with Ctrl-C, starts it again on other ports and finds everything kept.
func TestRunAsANewUserDoes(t *testing.T) {
	bin := programs
	h := &hooks{signed: map[string][]string{}}
	server := httptest.NewServer(h)
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "it's a demo")

	first := start(t, bin, dir, server.URL+"/path")
	first.complete()
	wants := []string{`"messages":[{"id":"wamid.`, "policy:opt_in_missing", `"updates":1`, "admission", "Nothing disagrees"}
	lines := first.pasted()
	if len(lines) != len(wants) {
		t.Fatalf("%d lines to paste, want %d", len(lines), len(wants))
	}
	for i, line := range lines {
		first.paste(line, wants[i])
	}
	first.await("the customer's words at the app", func() bool { return h.has(first.env["DEMO_WEBHOOK_SECRET"], "When will it arrive?") })
	if err := first.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	first.ends()

	second := start(t, bin, dir, "")
	for _, name := range []string{"POSTERN_CLOUD_TOKEN", "POSTERN_D360_V1_KEY", "META_APP_SECRET", "POSTERN_ONPREM_PASSWORD"} {
		if second.env[name] != first.env[name] {
			t.Errorf("%s is another one", name)
		}
	}
	second.paste(filepath.Join(bin, "postern")+` --config `+word(dir)+`/postern.yaml audit sql --csv "SELECT count(*) FROM audit WHERE kind = 'admission'"`, "\n2\n")
	lines = second.pasted()
	second.paste(lines[2], `"updates":1`)
	second.await("the receiver's print", func() bool { return strings.Contains(second.out.String(), "webhook /events ") })
	second.paste(lines[4], "Nothing disagrees")
	second.restart(lines[0])

	out, err := exec.Command(filepath.Join(bin, "postern"), "demo", "stop", "--dir", dir).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "stopped") {
		t.Errorf("stop: %v\n%s", err, out)
	}
	second.ends()
	out, err = exec.Command(filepath.Join(bin, "postern"), "demo", "stop", "--dir", dir).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "no demo runs") {
		t.Errorf("stop without a demo: %v\n%s", err, out)
	}
}

// complete looks for every variable that scripts count on.
func (r *running) complete() {
	r.t.Helper()
	for _, name := range strings.Fields(`POSTERN_URL POSTERN_CA POSTERN_ADMIN_URL POSTERN_CONFIG POSTERN_PHONE_ID
		POSTERN_D360_PHONE_ID POSTERN_ONPREM_PHONE_ID POSTERN_WABA_ID POSTERN_CLOUD_TOKEN POSTERN_D360_V1_KEY POSTERN_D360_V2_KEY
		POSTERN_ONPREM_USER POSTERN_ONPREM_PASSWORD POSTERN_WEBHOOK_URL METASIM_URL META_APP_SECRET META_VERIFY_TOKEN
		DEMO_WEBHOOK_SECRET DEMO_CONSENTED DEMO_STRANGER DEMO_TEMPLATE POSTERN_SERVE_CMD METASIM_CMD POSTERN_PID METASIM_PID`) {
		if r.env[name] == "" {
			r.t.Errorf("demo.env has no %s", name)
		}
	}
}

// restart kills the gateway and starts it with the command of demo.env.
func (r *running) restart(send string) {
	r.t.Helper()
	pid, err := strconv.Atoi(r.env["POSTERN_PID"])
	if err != nil {
		r.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		r.t.Fatal(err)
	}
	r.await("word of the end", func() bool { return strings.Contains(r.out.String(), "postern ended; start it again") })
	again := exec.Command("bash", "-c", "exec "+r.env["POSTERN_SERVE_CMD"])
	out := &printed{}
	again.Stdout = out
	if err := again.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.await("the gateway to be ready again", func() bool { return strings.Contains(out.String(), `"ready":true`) })
	r.paste(send, `"messages":[{"id":"wamid.`)
	if err := again.Process.Signal(os.Interrupt); err != nil {
		r.t.Fatal(err)
	}
	if err := again.Wait(); err != nil {
		r.t.Errorf("the gateway ended with %v", err)
	}
}
