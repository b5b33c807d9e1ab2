package vaulted

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/built"
	"postern/cmd/internal/rig"
)

// gatekeeper stands before Vault and holds a call for ever where it is told to.
type gatekeeper struct {
	*httptest.Server
	hold atomic.Pointer[string] // part of a path
	met  chan struct{}
}

func (v *server) behind(t *testing.T) *gatekeeper {
	t.Helper()
	to, err := url.Parse(v.Address)
	check(t, err)
	proxy := &httputil.ReverseProxy{Transport: v.client.Transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	g := &gatekeeper{met: make(chan struct{}, 1)}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if part := g.hold.Load(); part != nil && strings.Contains(r.URL.Path, *part) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the caller is gone
			g.met <- struct{}{}
			<-r.Context().Done()
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

// migration is a halted gateway, and the program that moves its keystore.
type migration struct {
	*gate
	front   *gatekeeper
	program string
}

func (m *migration) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), m.program, append([]string{"--config", m.Env["POSTERN_CONFIG"], "keys"}, args...)...)
}

// does runs a command that has to succeed, and gives what it prints.
func (m *migration) does(t *testing.T, args ...string) string {
	t.Helper()
	cmd := m.command(t, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// fails runs a command that changes nothing and says why.
func (m *migration) fails(t *testing.T, says string, args ...string) {
	t.Helper()
	before := m.content(t)
	out, err := m.command(t, args...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), says) || !bytes.Equal(m.content(t), before) {
		t.Errorf("%v: error %v, or a changed file: %s", args, err, out)
	}
}

// killed ends a command in the middle of a call to Vault.
func (m *migration) killed(t *testing.T, at string, args ...string) {
	t.Helper()
	before := m.content(t)
	m.front.hold.Store(&at)
	cmd := m.command(t, args...)
	check(t, cmd.Start())
	select {
	case <-m.front.met:
	case <-time.After(time.Minute):
		t.Errorf("no call of %s", at)
	}
	check(t, cmd.Process.Kill())
	if cmd.Wait() == nil || !bytes.Equal(m.content(t), before) {
		t.Errorf("killed at %s the file is another", at)
	}
	m.front.hold.Store(nil)
	m.Resume(t)
	m.works(t)
	m.Halt()
}

func (m *migration) content(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile(m.file())
	check(t, err)
	return raw
}

// opensBy writes how the keystore opens into the configuration, and starts the
// gateway by it.
func (m *migration) opensBy(t *testing.T, section string) {
	t.Helper()
	m.Rewrite(t, func(text string) string {
		at := strings.LastIndex(text, "\n#keystore\n")
		return text[:at] + "\n#keystore\n" + section
	})
	m.Resume(t)
	m.works(t)
	m.Halt()
}

func newMigration(t *testing.T) *migration {
	t.Helper()
	v := start(t)
	v.transit(t)
	v.issue(t, "token", "24h")
	m := &migration{gate: &gate{vault: v}, front: v.behind(t), program: filepath.Join(built.Programs(t), "postern")}
	m.Rig = rig.Start(t, rig.Options{Config: func(text string) string {
		return text + strings.Replace(v.section(m.front.URL), "timeout: 2s", "timeout: 60s", 1) + "\n#keystore\n"
	}})
	return m
}

// TestMigrate moves a keystore to Vault and back, in each protection, killed at
// each call.
func TestMigrate(t *testing.T) {
	t.Parallel()
	m := newMigration(t)
	m.works(t)
	toVault := []string{"migrate", "--to", "vault", "--transit", "postern-team"}
	m.fails(t, "stop it first", toVault...)
	m.Halt()
	m.fails(t, "403", "migrate", "--to", "vault", "--transit", "nothing")
	m.fails(t, "in a file already", "migrate", "--to", "file", "--bare")
	m.fails(t, "say where", "migrate")
	m.killed(t, "transit/encrypt", toVault...)
	m.killed(t, "transit/decrypt", toVault...)

	var info struct{ Protected, Wrapped bool }
	check(t, json.Unmarshal([]byte(m.does(t, append(toVault, "--json")...)), &info))
	if text := m.content(t); !info.Protected || !info.Wrapped || bytes.Contains(text, []byte(`"material"`)) {
		t.Errorf("%+v, or keys as they are in the file", info)
	}
	if err := m.Refused(t); !strings.Contains(err.Error(), "keystore.transit") {
		t.Errorf("a start by the old configuration: %v", err)
	}
	m.fails(t, "keystore.transit", toVault...)
	m.opensBy(t, transitConfig)
	m.fails(t, "keys migrate --to file", "passphrase", "--remove")
	if said := m.does(t, "backup", filepath.Join(m.Dir, "copy.json")); !strings.Contains(said, "transit key") {
		t.Errorf("backup says %s", said)
	}

	m.vault.seal(t)
	if said := m.does(t, "list"); !strings.Contains(said, "kek") || !strings.Contains(said, "active") {
		t.Errorf("without Vault the list says %s", said)
	}
	m.vault.unseal(t)
	rig.Await(t, "unsealed", func() bool {
		status, _ := m.vault.ask(t, http.MethodGet, "transit/keys/postern-team", nil)
		return status == http.StatusOK
	})

	m.Write(t, "secrets/phrase", "correct horse battery staple\n")
	toFile := []string{"migrate", "--to", "file", "--new", "file:" + filepath.Join(m.Dir, "secrets", "phrase")}
	m.killed(t, "transit/decrypt", toFile...)
	m.does(t, toFile...)
	if err := m.Refused(t); !strings.Contains(err.Error(), "not wrapped by Vault") {
		t.Errorf("a start by the old configuration: %v", err)
	}
	m.opensBy(t, "keystore: {passphrase: file:secrets/phrase}\n")
	m.does(t, toVault...)
	m.opensBy(t, transitConfig)
	m.does(t, "migrate", "--to", "file", "--bare")
	m.opensBy(t, "")
	rows := m.SQL(t, "SELECT result FROM audit WHERE kind = 'config' AND type = 'keystore_migrate' ORDER BY seq")
	var ways []string
	for _, row := range rows {
		ways = append(ways, row[0])
	}
	if got := strings.Join(ways, " "); got != "vault vault vault file vault file" {
		t.Errorf("on record: %s", got)
	}
}
