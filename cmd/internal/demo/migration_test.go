package demo

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/crypto/certs"
)

// app keeps what comes to its webhook.
type app struct {
	mu   sync.Mutex
	came bytes.Buffer
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.came.WriteString(r.URL.Path + " " + r.Header.Get("X-Origin") + " ")
	a.came.Write(body)
	a.came.WriteByte('\n')
}

// TestMigrationGuide goes from an old app's settings to a working send and a
// webhook that the app takes, as the guide says, on free ports.
func TestMigrationGuide(t *testing.T) {
	dir := t.TempDir()
	port, release, err := ClaimPorts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	authority, err := certs.NewAuthority("guide", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue(time.Now(), time.Hour, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cert.pem": append(cert, authority.CertPEM()...), "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := &app{}
	hook := httptest.NewServer(old)
	defer hook.Close()
	here := func(n int) string { return "127.0.0.1:" + strconv.Itoa(port+n) }
	guide := strings.NewReplacer("127.0.0.1:8400", here(0), "127.0.0.1:8443", here(1), "127.0.0.1:8444", here(2), "127.0.0.1:8445", here(3),
		"http://127.0.0.1:9000", hook.URL, "127.0.0.1:9000", strings.TrimPrefix(hook.URL, "http://")).Replace(text(t, "proxy/dialect/MIGRATION.md"))
	followText(t, "proxy/dialect/MIGRATION.md", guide, dir, "PATH="+programs+":"+os.Getenv("PATH"), "CERT="+dir+"/cert.pem", "KEY="+dir+"/key.pem",
		"POSTERN_CONFIG=", "POSTERN_OPERATOR_KEY_FILE=")

	old.mu.Lock()
	defer old.mu.Unlock()
	came := old.came.String()
	for _, want := range []string{
		`/events  {"contacts":[{"profile":`, `"text":{"body":"where is it?"}`, // flat, as the old client's
		`"status":"sent"`, `"status":"delivered"`, // sent_status came over
		`/events desk {"statuses":[`,
	} {
		if !strings.Contains(came, want) {
			t.Errorf("no %s came to the app:\n%s", want, came)
		}
	}
}
