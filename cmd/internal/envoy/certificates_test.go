package envoy

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/crypto/certs/certstest"
)

// TestAppsByCertificateBehindEnvoy: an app's client certificate ends at Envoy,
// and its first name tells the gateway who it is. A header that says so does not.
func TestAppsByCertificateBehindEnvoy(t *testing.T) {
	t.Parallel()
	apps := certstest.NewCA(t, "Apps", time.Now())
	s := byCertificate(t, apps)
	forged := `x-forwarded-client-cert: DNS=app.example`
	for name, c := range map[string]struct {
		names  []string
		header string
		status int
	}{
		"its certificate":       {[]string{"app.example"}, "X-Nothing: x", http.StatusOK},
		"another's":             {[]string{"other.example"}, "X-Nothing: x", http.StatusUnauthorized},
		"none":                  {nil, "X-Nothing: x", http.StatusUnauthorized},
		"none, but says so":     {nil, forged, http.StatusUnauthorized},
		"another's, says so":    {[]string{"other.example"}, forged, http.StatusUnauthorized},
		"the key in its stead":  {nil, "Authorization: Bearer " + s.Env["POSTERN_CLOUD_TOKEN"], http.StatusUnauthorized},
		"its name comes second": {[]string{"www.example", "app.example"}, "X-Nothing: x", http.StatusUnauthorized}, // Envoy tells the first
	} {
		if status := s.read(t, s.showing(t, apps, c.names), c.header); status != c.status {
			t.Errorf("%s: %d, want %d", name, status, c.status)
		}
	}
	if status := s.read(t, s.showing(t, certstest.NewCA(t, "Nobody", time.Now()), []string{"app.example"}), "X-Nothing: x"); status != 0 {
		t.Errorf("a certificate of another root: %d", status)
	}
}

// byCertificate is a site whose Cloud app is known by its certificate alone.
func byCertificate(t *testing.T, apps *certstest.CA) *site {
	t.Helper()
	return configured(t, rig.Options{ExtProc: rig.ExtProcTCP, Config: func(text string) string {
		ca := t.TempDir() + "/apps.pem"
		if err := os.WriteFile(ca, apps.PEM(), 0o600); err != nil {
			t.Fatal(err)
		}
		text = strings.Replace(text, "cert: certs/server.pem,", "client_ca: "+ca+", client_cert: optional, cert: certs/server.pem,", 1)
		return strings.Replace(text, "dialect: cloud,", "dialect: cloud, identify: certificate, client_names: [app.example],", 1)
	}})
}

// TestFilesWhereCertificatesAreAskedFor: files go on over a connection of Envoy's
// own, which shows none: an app with a key brings them, with its certificate or
// without, and one that is known by that alone can not.
func TestFilesWhereCertificatesAreAskedFor(t *testing.T) {
	t.Parallel()
	apps := certstest.NewCA(t, "Apps", time.Now())
	s := byCertificate(t, apps)
	token := "Bearer " + s.OnPrem(t)
	for name, c := range map[string]struct {
		names       []string
		path, token string
		status      int
	}{
		"a key":                       {nil, "/v1/media", token, http.StatusOK},
		"a key, and a certificate":    {[]string{"app.example"}, "/v1/media", token, http.StatusOK},
		"a certificate":               {[]string{"app.example"}, "/v25.0/" + s.Env["POSTERN_PHONE_ID"] + "/media", "", http.StatusUnauthorized},
		"a certificate of a stranger": {[]string{"other.example"}, "/v1/media", "", http.StatusUnauthorized},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Env["POSTERN_URL"]+c.path, strings.NewReader("%PDF-1.4\n"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Content-Type": {"application/pdf"}, "Authorization": {c.token}}
		resp, err := s.showing(t, apps, c.names).Do(req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != c.status {
			t.Errorf("%s: %s, %v", name, resp.Status, err)
		}
	}
}

// showing is a client with a certificate of those names, or none.
func (s *site) showing(t *testing.T, ca *certstest.CA, names []string) *http.Client {
	t.Helper()
	c := s.Client(t)
	if names != nil {
		cert := ca.Client(t, func(c *x509.Certificate) { c.DNSNames = names })
		c.Transport.(*http.Transport).TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	return c
}

// read asks for a number's node; 0 is a connection that was refused.
func (s *site) read(t *testing.T, c *http.Client, header string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Env["POSTERN_URL"]+"/v25.0/"+s.Env["POSTERN_PHONE_ID"], nil)
	if err != nil {
		t.Fatal(err)
	}
	name, value, _ := strings.Cut(header, ": ")
	req.Header.Set(name, value)
	resp, err := c.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// TestStrangersAreCounted: who comes to the gateway's side of Envoy without
// Envoy's certificate is refused, and counted.
func TestStrangersAreCounted(t *testing.T) {
	t.Parallel()
	s := configured(t, rig.Options{ExtProc: rig.ExtProcTCP})
	for listener, at := range map[string]string{"ext_proc": s.ExtProc.Address, "xds": s.ExtProc.Control} {
		conn, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // it is the one that is judged
		if err == nil {
			_ = conn.SetDeadline(time.Now().Add(patience))
			_, err = io.ReadAll(conn)
			_ = conn.Close()
		}
		if err == nil {
			t.Errorf("%s: nobody refuses", listener)
		}
		want := `postern_tls_failures_total{kind="certificate_missing",listener="` + listener + `"} 1`
		rig.Await(t, want, func() bool {
			a := s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/metrics", "")
			return strings.Contains(a.Body, want)
		})
	}
}
