package vaulted

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// toxiproxy is the program that stands between, built once a run.
var toxiproxy = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join(top, ".cache", "tools", "toxiproxy"))
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-C", filepath.Join(top, ".ci", "tools", "toxiproxy"), "-o", path, "github.com/Shopify/toxiproxy/v2/cmd/server").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

// proxy is a toxiproxy of this test's own between the gateway and Vault.
type proxy struct {
	address string // of Vault behind it, https
	api     string
}

// between starts one in front of the server.
func between(t *testing.T, v *server) *proxy {
	t.Helper()
	path, err := toxiproxy()
	if err != nil {
		t.Fatalf("build toxiproxy: %v\n%s", err, path)
	}
	port := claim(t)
	at := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	p := &proxy{address: "https://" + at(port), api: "http://" + at(port+1)}
	// The shell ends it with this test's process, however that ends.
	cmd := exec.Command("/bin/sh", "-c", `"$0" "$@" & cat; kill $!; wait`, path, "-host", "127.0.0.1", "-port", strconv.Itoa(port+1))
	cmd.Env = append(os.Environ(), "LOG_LEVEL=fatal")
	stdin, err := cmd.StdinPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	waits(t, "toxiproxy", func() bool {
		resp, err := http.Get(p.api + "/version")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	p.do(t, http.MethodPost, "/proxies", map[string]any{"name": "vault", "listen": at(port), "upstream": strings.TrimPrefix(v.Address, "https://"), "enabled": true})
	return p
}

// claim finds two ports that nobody takes while the proxy does not listen: below
// those of outgoing connections, above those of rigs. Each test holds the
// first one's datagram port.
func claim(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 30_000 + 2*rand.IntN(1_380)
		held, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			continue
		}
		if free(port) && free(port+1) {
			t.Cleanup(func() { _ = held.Close() })
			return port
		}
		_ = held.Close()
	}
	t.Fatal("no free ports")
	return 0
}

func free(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	return err == nil && l.Close() == nil
}

// do speaks toxiproxy's API.
func (p *proxy) do(t *testing.T, method, path string, in any) []byte {
	t.Helper()
	raw, err := json.Marshal(in)
	check(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, p.api+path, bytes.NewReader(raw))
	check(t, err)
	client := &http.Client{Timeout: time.Minute}
	resp, err := client.Do(req)
	check(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	if resp.StatusCode > 299 {
		t.Fatalf("toxiproxy %s %s: %d %s", method, path, resp.StatusCode, body)
	}
	return body
}

// toxic puts a fault on what Vault answers.
func (p *proxy) toxic(t *testing.T, kind string, attributes map[string]any) {
	t.Helper()
	p.do(t, http.MethodPost, "/proxies/vault/toxics", map[string]any{"name": kind, "type": kind, "stream": "downstream", "attributes": attributes})
}

// enable lets connections in, or breaks all and takes none.
func (p *proxy) enable(t *testing.T, on bool) {
	t.Helper()
	p.do(t, http.MethodPost, "/proxies/vault", map[string]any{"enabled": on})
}

// clear takes all faults away.
func (p *proxy) clear(t *testing.T) {
	t.Helper()
	p.do(t, http.MethodPost, "/reset", nil)
}
