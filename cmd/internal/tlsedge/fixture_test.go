package tlsedge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/crypto/certs/certstest"
)

// site is a gateway whose server certificates are the test's own.
type site struct {
	*rig.Rig
	servers, clients, strangers *certstest.CA
	dir                         string
}

// start runs a gateway; change rewrites its configuration, valid is how long
// its server certificate is.
func start(t *testing.T, valid time.Duration, change func(s *site, text string) string) *site {
	t.Helper()
	return startBehind(t, nil, valid, change)
}

// startBehind is start with something between gateway and simulator.
func startBehind(t *testing.T, watch func(http.Handler) http.Handler, valid time.Duration, change func(s *site, text string) string) *site {
	t.Helper()
	now := time.Now()
	s := &site{
		dir: t.TempDir(), servers: certstest.NewCA(t, "servers", now),
		clients: certstest.NewCA(t, "clients", now), strangers: certstest.NewCA(t, "strangers", now),
	}
	s.Rig = rig.Start(t, rig.Options{Keep: s.dir, Watch: watch, Config: func(text string) string {
		s.write(t, "certs/ca.pem", s.servers.PEM())
		s.write(t, "certs/clients.pem", s.clients.PEM())
		s.renew(t, now.Add(valid))
		text = swap(t, text, "limits: {", "limits: {management_per_hour: 0, ") // clients read a number's node all the time
		if change == nil {
			return text
		}
		return change(s, text)
	}})
	return s
}

func (s *site) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// renew writes a new pair for both listeners.
func (s *site) renew(t *testing.T, until time.Time) {
	t.Helper()
	cert, key := certstest.Files(t, s.servers.Server(t, nil, func(c *x509.Certificate) { c.NotAfter = until }))
	s.write(t, "certs/server.pem", cert)
	s.write(t, "certs/server-key.pem", key)
}

// swap changes a text that has to be there.
func swap(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the configuration has no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// client shows the certificate, whatever roots the server names.
func (s *site) client(t *testing.T, cert *tls.Certificate) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(s.servers.Cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: roots, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if cert == nil {
				return &tls.Certificate{}, nil
			}
			return cert, nil
		},
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: time.Minute, Transport: transport}
}

// ask makes one request; status 0 is a refused connection.
func ask(t *testing.T, c *http.Client, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(answer)
}

// names gives a certificate subject alternative names.
func names(list ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, n := range list {
			if u, err := url.Parse(n); err == nil && u.Scheme != "" {
				c.URIs = append(c.URIs, u)
			} else {
				c.DNSNames = append(c.DNSNames, n)
			}
		}
	}
}

// metric waits for a line of the metrics.
func (s *site) metric(t *testing.T, line string) {
	t.Helper()
	asked := 0
	rig.Await(t, line, func() bool {
		if asked++; asked%20 != 1 {
			return false
		}
		return strings.Contains("\n"+s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, "\n"+line)
	})
}

// records waits until the trail holds so many of a kind.
func (s *site) records(t *testing.T, what, where, count string) {
	t.Helper()
	asked := 0
	rig.Await(t, count+" records "+what+" "+where, func() bool {
		if asked++; asked%20 != 0 {
			return false
		}
		return s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = '"+what+"' "+where)[0][0] == count
	})
}
