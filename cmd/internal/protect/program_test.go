package protect

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// gone are the purposes whose first keys the test destroys. What else is
// rotated goes on being needed by records and by credentials nobody uses.
var gone = []string{"kek", "index", "suppression", "webhook", "secret", "checkpoint"}

// TestProgramForgetsDestroyedKeys looks into the memory of the program as it is
// shipped, as root, before and after keys were destroyed through its commands.
// Who is not root may not even look.
func TestProgramForgetsDestroyedKeys(t *testing.T) {
	g := serve(t)
	if os.Getuid() != 0 {
		if _, err := os.ReadFile(proc(g.pid, "mem")); !errors.Is(err, syscall.EACCES) {
			t.Errorf("its user reads the memory: %v", err)
		}
		return
	}
	known := forms(t, filepath.Join(g.dir, "data", "keystore.json"))
	g.works(t)
	before := found(t, g.pid, known)
	for _, form := range []string{"kek seal", "index mac", "suppression mac", "webhook derive", "secret seal", "checkpoint material"} {
		if !before[form] {
			t.Errorf("%s is not found while it is in use: the test looks for the wrong bytes", form)
		}
	}
	for _, p := range gone {
		g.asks(t, "keys", "rotate", p)
	}
	g.works(t)
	for _, p := range gone {
		g.destroys(t, p)
	}
	g.works(t)
	for form := range found(t, g.pid, known) {
		if p, _, _ := strings.Cut(form, " "); p != "original" && p != "app" {
			t.Errorf("%s is still in memory", form)
		}
	}
}

// works has apps and people bring the keys into use. Nobody answers upstream.
func (g *gate) works(t *testing.T) {
	t.Helper()
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(g.env["POSTERN_CA"])
	check(t, err)
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: patience}
	defer client.CloseIdleConnections()
	for _, call := range []struct{ path, name, value, body string }{
		{"/v25.0/" + g.env["POSTERN_PHONE_ID"] + "/messages", "Authorization", "Bearer " + g.env["POSTERN_CLOUD_TOKEN"],
			`{"messaging_product":"whatsapp","to":"+` + g.env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"Hello"}}`},
		{"/v1/configs/webhook", "D360-API-KEY", g.env["POSTERN_D360_V1_KEY"], `{"url":"https://app.example.org/hook"}`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.env["POSTERN_URL"]+call.path, strings.NewReader(call.body))
		check(t, err)
		req.Header.Set(call.name, call.value)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		check(t, err)
		body, err := io.ReadAll(resp.Body)
		check(t, errors.Join(err, resp.Body.Close()))
		if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
			t.Fatalf("%s: %d %s", call.path, resp.StatusCode, body)
		}
	}
	g.asks(t, "keys", "list")
}

// destroys ends the first version of a purpose as soon as nothing needs it.
func (g *gate) destroys(t *testing.T, purpose string) {
	t.Helper()
	name := purpose + "/1"
	for end := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
		out, err := g.command(t, "keys", "destroy", purpose, "1", "--yes", "--confirm", name)
		if err == nil {
			return
		}
		if !strings.Contains(out, "is still needed") || time.Now().After(end) {
			t.Fatalf("destroy %s: %s", name, out)
		}
		if strings.Contains(out, "keys rewrap") {
			g.asks(t, "keys", "rewrap")
		}
	}
}

// asks runs a command that has to succeed.
func (g *gate) asks(t *testing.T, args ...string) {
	t.Helper()
	if out, err := g.command(t, args...); err != nil {
		t.Fatalf("postern %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// command runs one of the program's commands as the gateway's user.
func (g *gate) command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := as(stranger(), exec.CommandContext(t.Context(), filepath.Join(programs, "postern"), args...)) //nolint:gosec // the program under test
	c.Env = append(os.Environ(), "POSTERN_CONFIG="+g.env["POSTERN_CONFIG"], "POSTERN_OPERATOR_KEY_FILE="+g.env["POSTERN_OPERATOR_KEY_FILE"])
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.String(), err
}
