package certs_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/crypto/certs"
	"postern/crypto/certs/certstest"
)

// door is a listener with a pair, that notes why handshakes failed.
type door struct {
	address string
	pair    *certs.Pair
	kinds   chan string
}

// Write takes a line of net/http's log.
func (d *door) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("TLS handshake error")) {
		select {
		case d.kinds <- certs.FailureKind(string(line)):
		default: // more than any test asks for: it counts them elsewhere
		}
	}
	return len(line), nil
}

// kind waits for the next failure.
func (d *door) kind(t *testing.T) string {
	t.Helper()
	select {
	case kind := <-d.kinds:
		return kind
	case <-time.After(time.Minute):
		t.Fatal("no handshake failed")
		return ""
	}
}

// open serves with the site's files and the changed configuration.
func (s *site) door(t *testing.T, change func(*certs.Config)) *door {
	t.Helper()
	c := s.config()
	if change != nil {
		change(&c)
	}
	pair, err := certs.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{pair: pair, kinds: make(chan string, 100)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{
		TLSConfig: pair.Server(), ErrorLog: log.New(d, "", 0), ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			names, err := certs.ClientNames(r.TLS, s.now)
			if err != nil {
				names = []string{err.Error()}
			}
			_, _ = io.WriteString(w, strings.Join(names, " "))
		}),
	}
	go srv.ServeTLS(l, "", "") //nolint:errcheck // ends with Close
	t.Cleanup(func() { _ = srv.Close() })
	d.address = l.Addr().String()
	return d
}

// visit makes one request on a connection of its own. A server of TLS 1.3
// refuses a client's certificate only after the client has finished.
func (s *site) visit(t *testing.T, d *door, change func(*tls.Config)) (body string, state tls.ConnectionState, err error) {
	t.Helper()
	c, err := certs.Client(certs.ClientConfig{CA: s.path("ca.pem"), TLS12: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Time = func() time.Time { return s.now }
	if change != nil {
		change(c)
	}
	conn, err := tls.Dial("tcp", d.address, c)
	if err != nil {
		return "", state, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		return "", state, err
	}
	answer, err := io.ReadAll(conn)
	_, body, _ = strings.Cut(string(answer), "\r\n\r\n")
	return body, conn.ConnectionState(), err
}

func named(names ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, n := range names {
			if u, err := url.Parse(n); err == nil && u.Scheme != "" {
				c.URIs = append(c.URIs, u)
			} else {
				c.DNSNames = append(c.DNSNames, n)
			}
		}
	}
}

func TestClientCertificates(t *testing.T) {
	s := newSite(t)
	ours, theirs := certstest.NewCA(t, "clients", start), certstest.NewCA(t, "others", start)
	s.write(t, "clients.pem", ours.PEM(), 0o644)
	shop := ours.Client(t, named("Shop.example", "spiffe://example/shop"))
	expired := ours.Client(t, func(c *x509.Certificate) { c.NotAfter = start.Add(-time.Minute) })
	later := ours.Client(t, func(c *x509.Certificate) { c.NotBefore = start.Add(time.Minute) })
	server := ours.Client(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	foreign := theirs.Client(t, named("shop.example"))
	meta := ours.Client(t, func(c *x509.Certificate) { c.Subject.CommonName = "meta.example" })
	for name, tc := range map[string]struct {
		cert   *tls.Certificate
		change func(*certs.Config)
		body   string // "" is refused
		kind   string
	}{
		"right":                  {&shop, nil, "shop.example spiffe://example/shop", ""},
		"none":                   {nil, nil, "", "certificate_missing"},
		"none, optional":         {nil, func(c *certs.Config) { c.Optional = true }, "nobody", ""},
		"foreign, optional":      {&foreign, func(c *certs.Config) { c.Optional = true }, "", "certificate_unknown"},
		"expired, optional":      {&expired, func(c *certs.Config) { c.Optional = true }, "", "certificate_expired"},
		"expired":                {&expired, nil, "", "certificate_expired"},
		"not yet valid":          {&later, nil, "", "certificate_expired"},
		"a server's":             {&server, nil, "", "certificate_refused"},
		"foreign root":           {&foreign, nil, "", "certificate_unknown"},
		"expected name":          {&shop, func(c *certs.Config) { c.ClientNames = []string{"SHOP.example"} }, "shop.example spiffe://example/shop", ""},
		"expected URI":           {&shop, func(c *certs.Config) { c.ClientNames = []string{"x", "spiffe://example/shop"} }, "shop.example spiffe://example/shop", ""},
		"expected common name":   {&meta, func(c *certs.Config) { c.ClientNames = []string{"meta.example"} }, "nobody", ""},
		"another name":           {&shop, func(c *certs.Config) { c.ClientNames = []string{"meta.example"} }, "", "certificate_name"},
		"a name that begins so":  {&shop, func(c *certs.Config) { c.ClientNames = []string{"shop.example.org"} }, "", "certificate_name"},
		"no name, an empty wish": {&expired, func(c *certs.Config) { c.ClientNames = []string{""} }, "", "certificate_expired"},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.door(t, func(c *certs.Config) {
				c.ClientCA, c.TLS12 = s.path("clients.pem"), true
				if tc.change != nil {
					tc.change(c)
				}
			})
			for _, version := range []uint16{tls.VersionTLS13, tls.VersionTLS12} {
				body, _, err := s.visit(t, d, func(c *tls.Config) {
					c.MaxVersion = version
					// Shown whatever roots the server names.
					c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
						if tc.cert == nil {
							return &tls.Certificate{}, nil
						}
						return tc.cert, nil
					}
				})
				if refused := err != nil; refused != (tc.body == "") {
					t.Fatalf("refused %t: %v", refused, err)
				}
				if tc.body == "" {
					if kind := d.kind(t); kind != tc.kind {
						t.Errorf("counted as %s, want %s", kind, tc.kind)
					}
				} else if tc.body != "nobody" && body != tc.body || tc.body == "nobody" && body != "" {
					t.Errorf("the server saw %q", body)
				}
			}
		})
	}
}

// TestResumedClientsAreJudgedAgain: a session may outlive the root, the name
// and the certificate that opened it.
func TestResumedClientsAreJudgedAgain(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *site, *door){
		"nothing": func(*testing.T, *site, *door) {},
		"root gone": func(t *testing.T, s *site, d *door) {
			s.write(t, "clients.pem", certstest.NewCA(t, "new", start).PEM(), 0o644)
			if err := d.pair.Reload(); err != nil {
				t.Fatal(err)
			}
		},
		"expired": func(_ *testing.T, s *site, _ *door) { s.now = start.Add(61 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.issue(t, 3*time.Hour)
			ca := certstest.NewCA(t, "clients", start)
			s.write(t, "clients.pem", ca.PEM(), 0o644)
			client := ca.Client(t, named("shop.example"))
			d := s.door(t, func(c *certs.Config) { c.ClientCA = s.path("clients.pem") })
			cache := tls.NewLRUClientSessionCache(1)
			again := func(c *tls.Config) { c.ClientSessionCache, c.Certificates = cache, []tls.Certificate{client} }
			if _, _, err := s.visit(t, d, again); err != nil {
				t.Fatal(err)
			}
			change(t, s, d)
			_, state, err := s.visit(t, d, again)
			if good := name == "nothing"; (err == nil) != good || good && !state.DidResume {
				t.Errorf("resumed %t: %v", state.DidResume, err)
			}
		})
	}
}

// TestTicketKeysRotate: a session is resumed under the newest three keys.
func TestTicketKeysRotate(t *testing.T) {
	for rotations := range 5 {
		s := newSite(t)
		d := s.door(t, nil)
		cache := tls.NewLRUClientSessionCache(1)
		again := func(c *tls.Config) { c.ClientSessionCache = cache }
		if _, _, err := s.visit(t, d, again); err != nil {
			t.Fatal(err)
		}
		for range rotations {
			d.pair.Rotate()
		}
		s.issue(t, 2*time.Hour)
		if err := d.pair.Reload(); err != nil { // a new pair keeps the ticket keys
			t.Fatal(err)
		}
		_, state, err := s.visit(t, d, again)
		if want := rotations < 3; err != nil || state.DidResume != want {
			t.Errorf("after %d rotations: resumed %t, %v", rotations, state.DidResume, err)
		}
	}
}

func TestClientRootsMustBeRoots(t *testing.T) {
	s := newSite(t)
	ca := certstest.NewCA(t, "clients", start)
	key := []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	for name, tc := range map[string]struct {
		data []byte
		says string
	}{
		"nothing": {nil, "no PEM certificate"},
		"a key":   {append(ca.PEM(), key...), "something else than certificates"},
		"damaged": {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "certificate 1 is damaged"},
	} {
		s.write(t, "clients.pem", tc.data, 0o644)
		c := s.config()
		c.ClientCA = s.path("clients.pem")
		if _, err := certs.Open(c); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
