package vaulted

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const top = "../../.."

// program is the server's binary, built once a run.
var program = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join(top, ".cache", "vaultserver"))
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-C", filepath.Join(top, "crypto", "vault", "vaulttest"), "-o", path, "./vaultserver").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

// server is a Vault of this test's own.
type server struct {
	Address   string `json:"address"`
	CA        string `json:"ca"`
	RootToken string `json:"root_token"`
	UnsealKey string `json:"unseal_key"`

	dir     string // of the files that the gateway reads
	process *os.Process
	client  *http.Client
}

// start gives one that is prepared for secrets below team.
func start(t *testing.T) *server {
	t.Helper()
	v := bare(t)
	v.do(t, "POST", "sys/mounts/secret", map[string]any{"type": "kv", "options": map[string]string{"version": "2"}})
	v.policy(t, rules(t, "postern.hcl"))
	return v
}

// bare gives one with nothing in it.
func bare(t *testing.T) *server {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatalf("build vaultserver: %v\n%s", err, path)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path)
	stdin, err := cmd.StdinPipe()
	check(t, err)
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	cmd.Stderr = os.Stderr
	check(t, cmd.Start())
	v := &server{dir: t.TempDir(), process: cmd.Process}
	t.Cleanup(func() {
		_ = v.process.Signal(syscall.SIGCONT)
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	check(t, json.NewDecoder(stdout).Decode(v))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(v.CA))
	v.client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	v.write(t, "ca.pem", v.CA)
	return v
}

// rules are the policy that deploy/vault gives, for secrets below team.
func rules(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(top, "deploy", "vault", name))
	check(t, err)
	return strings.ReplaceAll(string(raw), "PREFIX", "team")
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file is where the gateway finds what write wrote.
func (v *server) file(name string) string { return filepath.Join(v.dir, name) }

func (v *server) write(t *testing.T, name, text string) {
	t.Helper()
	check(t, os.WriteFile(v.file(name), []byte(text), 0o600))
}

// do asks Vault as root, unless a header brings another token, and fails the
// test on anything but success.
func (v *server) do(t *testing.T, method, path string, in any, headers ...string) map[string]any {
	t.Helper()
	status, body := v.ask(t, method, path, in, headers...)
	if status > 299 {
		t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	out := map[string]any{}
	if len(body) > 0 {
		check(t, json.Unmarshal(body, &out))
	}
	return out
}

func (v *server) ask(t *testing.T, method, path string, in any, headers ...string) (int, []byte) {
	t.Helper()
	raw, err := json.Marshal(in)
	check(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, v.Address+"/v1/"+path, bytes.NewReader(raw))
	check(t, err)
	req.Header.Set("X-Vault-Token", v.RootToken)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := v.client.Do(req)
	check(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	return resp.StatusCode, body
}

// policy replaces what the gateway may do.
func (v *server) policy(t *testing.T, rules string) {
	t.Helper()
	v.do(t, "PUT", "sys/policies/acl/postern", map[string]any{"policy": rules})
}

// put writes a new version of a secret.
func (v *server) put(t *testing.T, path string, fields map[string]string) {
	t.Helper()
	v.do(t, "POST", "secret/data/"+path, map[string]any{"data": fields})
}

// issue writes a token of the gateway's policy into a file.
func (v *server) issue(t *testing.T, name, ttl string) string {
	t.Helper()
	made := v.do(t, "POST", "auth/token/create", map[string]any{"policies": []string{"postern"}, "ttl": ttl})
	token := made["auth"].(map[string]any)["client_token"].(string)
	v.write(t, name, token+"\n")
	return token
}

func (v *server) seal(t *testing.T) { v.do(t, "PUT", "sys/seal", nil) }
func (v *server) unseal(t *testing.T) {
	t.Helper()
	v.do(t, "PUT", "sys/unseal", map[string]any{"key": v.UnsealKey})
}

// hang stops the process: connections are taken and nothing is answered. It
// returns once every thread stands still, as the signal alone leaves time for
// one more answer.
func (v *server) hang(t *testing.T) {
	t.Helper()
	check(t, v.process.Signal(syscall.SIGSTOP))
	waits(t, "stopped", func() bool {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", v.process.Pid))
		check(t, err)
		for _, path := range threads {
			stat, err := os.ReadFile(path)
			check(t, err)
			if _, state, ok := strings.Cut(string(stat), ") "); !ok || state[0] != 'T' {
				return false
			}
		}
		return len(threads) > 0
	})
}

func (v *server) resume(t *testing.T) {
	t.Helper()
	check(t, v.process.Signal(syscall.SIGCONT))
}
