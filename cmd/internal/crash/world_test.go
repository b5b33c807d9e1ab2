package crash

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/demo"
)

// world is a demo folder whose two programs run for real.
type world struct {
	dir    string
	env    map[string]string
	hooks  *receiver
	client *http.Client // trusts the demo's authority
	site   *demo.Site
	sim    *process
	gate   *process
}

// newWorld sets a folder up, as it was changed, and starts the simulator, which
// stays up.
func newWorld(t testing.TB, seed uint64, change ...func(*demo.Site)) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), hooks: receive(t)}
	port, release, err := demo.ClaimPorts()
	check(t, err)
	t.Cleanup(release)
	site, err := demo.NewSite(w.dir, programs, port, w.hooks.url)
	check(t, err)
	for _, c := range change {
		c(site)
	}
	check(t, site.Setup(t.Context(), time.Now()))
	w.site = site
	w.env = maps.Clone(site.Env())
	w.configure(t)
	w.client = w.trusting(t)
	w.sim = launch(t, "metasim", fmt.Sprintf("%s --retry-base 20ms --retry-max 200ms --retry-attempts 1000000 --seed %d", w.env["METASIM_CMD"], seed), w.log("metasim"))
	t.Cleanup(func() {
		w.sim.end(t, syscall.SIGTERM)
		if w.gate != nil {
			w.gate.end(t, syscall.SIGKILL)
		}
	})
	w.sim.awaitReady(t)
	w.control(t, http.MethodPost, "/_sim/config", map[string]any{"delays_ms": []int{0, 5}, "statuses": []string{"sent", "delivered"}}, nil)
	return w
}

// configure takes the limit per person away: a few people get the whole load.
func (w *world) configure(t testing.TB) {
	t.Helper()
	raw, err := os.ReadFile(w.env["POSTERN_CONFIG"])
	check(t, err)
	text := strings.Replace(string(raw), "limits: {", "limits: {pair_rate: 0, ", 1)
	text = strings.Replace(text, "every: 5s", "every: 1s", 1)
	check(t, os.WriteFile(w.env["POSTERN_CONFIG"], []byte(text), 0o600))
}

func (w *world) log(name string) string { return filepath.Join(w.dir, "log", name+".log") }

func (w *world) trusting(t testing.TB) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(w.env["POSTERN_CA"])
	check(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: patience, Transport: transport}
}

// serve starts the gateway; it may not be ready when serve returns.
func (w *world) serve(t testing.TB) {
	t.Helper()
	w.gate = launch(t, "postern", w.env["POSTERN_SERVE_CMD"], w.log("postern"))
}

// kill ends the gateway as a power cut would, as far as a process goes.
func (w *world) kill(t testing.TB) {
	t.Helper()
	w.gate.end(t, syscall.SIGKILL)
	w.client.CloseIdleConnections()
}

// post makes one request and reads the answer to its end.
func (w *world) post(url string, header map[string]string, body []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, raw, err
}

// control asks the simulator's control API. in and out may be nil.
func (w *world) control(t testing.TB, method, path string, in, out any) {
	t.Helper()
	check(t, w.tell(method, path, in, out))
}

func (w *world) tell(method, path string, in, out any) error {
	raw := []byte(nil)
	if in != nil {
		var err error
		if raw, err = json.Marshal(in); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.env["METASIM_URL"]+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %s: %w", path, resp.StatusCode, answer, err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}
