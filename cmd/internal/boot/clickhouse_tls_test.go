package boot_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit/clickhouse"
	"postern/cmd/internal/boot"
	"postern/crypto/certs/certstest"
)

// door is a server that lets nobody in without a certificate, and says "no" to
// all who are in.
type door struct {
	Address string
	mu      sync.Mutex
	seen    []string // serial numbers of who came in
}

func newDoor(t *testing.T, ca *certstest.CA) *door {
	t.Helper()
	d := &door{}
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.seen = append(d.seen, r.TLS.PeerCertificates[0].SerialNumber.String())
		w.WriteHeader(http.StatusForbidden)
	}))
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each client that it refuses
	web.Config.SetKeepAlivesEnabled(false)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.PEM())
	web.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Server(t, nil, nil)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	web.StartTLS()
	t.Cleanup(web.Close)
	d.Address = web.Listener.Addr().String()
	return d
}

func (d *door) came() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.seen)
}

// TestClickHouseIsReachedAsConfigured: the roots of ca alone are trusted, our
// certificate is shown as it is in its files now, and what fails is told apart.
func TestClickHouseIsReachedAsConfigured(t *testing.T) {
	ca, other, dir := certstest.NewCA(t, "trail", time.Now()), certstest.NewCA(t, "others", time.Now()), t.TempDir()
	d := newDoor(t, ca)
	put := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	issue := func(from *certstest.CA, name string) (serial string) {
		c := from.Client(t, nil)
		cert, key := certstest.Files(t, c)
		put(name+".pem", cert)
		put(name+".key", key)
		parsed, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return parsed.SerialNumber.String()
	}
	first := issue(ca, "ours")
	issue(other, "wrong")
	roots, wrongRoots := put("ca.pem", ca.PEM()), put("wrong-ca.pem", other.PEM())
	open := func(settings string) *clickhouse.Store {
		t.Helper()
		cfg, err := boot.Load(withClickHouse(t, fmt.Sprintf("endpoints: [%q], timeout: 5s, %s", d.Address, settings)))
		if err != nil {
			t.Fatal(err)
		}
		s, err := cfg.ClickHouse.Open(time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // its part is over
		return s
	}
	pair := func(name string) string { return fmt.Sprintf("cert: %s/%s.pem, key: %s/%s.key", dir, name, dir, name) }
	for settings, want := range map[string]string{
		"ca: " + roots:                            "certificate",
		"ca: " + roots + ", " + pair("wrong"):     "certificate",
		"ca: " + wrongRoots + ", " + pair("ours"): "certificate",
		"tls: true, " + pair("ours"):              "certificate",
	} {
		if err := open(settings).Ready(t.Context()); err == nil || !strings.Contains(err.Error(), want) || len(d.came()) > 0 {
			t.Errorf("%s: %v, %d came in", settings, err, len(d.came()))
		}
	}
	good := open("ca: " + roots + ", " + pair("ours"))
	if err := good.Ready(t.Context()); err == nil || !slices.Equal(d.came(), []string{first}) {
		t.Fatalf("with our certificate: %v, came %v", err, d.came())
	}
	second := issue(ca, "ours") // renewed
	if err := good.Ready(t.Context()); err == nil || d.came()[len(d.came())-1] != second {
		t.Errorf("renewed: %v", err)
	}
}
