// Package stamptest is a time-stamping authority for tests: a certificate made
// for it, and openssl, which answers.
package stamptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Authority answers requests for stamps until its test ends.
type Authority struct {
	URL   string
	Roots string // PEM file

	t   testing.TB
	dir string
	mu  sync.Mutex // one answer at a time: openssl counts in a file
	old []byte     // answered in place of a new one, where set
}

// New makes an authority whose root is good for days around now, and whose own
// certificate ends at until.
func New(t testing.TB, now, until time.Time) *Authority {
	t.Helper()
	a := &Authority{t: t, dir: t.TempDir()}
	a.certificates(now, until)
	a.write("serial", []byte("01\n"))
	a.write("tsa.cnf", []byte(`[tsa]
default_tsa = at
[at]
serial = `+filepath.Join(a.dir, "serial")+`
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
`))
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// Repeat makes it give an earlier answer from now on; nil ends that.
func (a *Authority) Repeat(answer []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.old = answer
}

// ServeHTTP answers one request.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	query, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(w, "no query", http.StatusBadRequest)
		return
	}
	answer := a.old
	if answer == nil {
		answer = a.reply(query)
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(answer) //nolint:errcheck // the client has gone
}

func (a *Authority) reply(query []byte) []byte {
	a.write("query", query)
	out, err := exec.Command("openssl", "ts", "-reply", "-config", a.path("tsa.cnf"), "-queryfile", a.path("query"), //nolint:gosec,noctx // files of the test
		"-signer", a.path("tsa.pem"), "-inkey", a.path("tsa-key.pem"), "-out", a.path("answer")).CombinedOutput()
	if err != nil {
		a.t.Errorf("openssl ts -reply: %v: %s", err, out)
	}
	raw, err := os.ReadFile(a.path("answer"))
	a.check(err)
	return raw
}

func (a *Authority) path(name string) string { return filepath.Join(a.dir, name) }

func (a *Authority) write(name string, data []byte) { a.check(os.WriteFile(a.path(name), data, 0o600)) }

func (a *Authority) check(err error) {
	if err != nil {
		a.t.Error(err)
	}
}

// certificates makes a root and the authority's own, for time stamps alone.
func (a *Authority) certificates(now, until time.Time) {
	from := now.Add(-48 * time.Hour)
	rootKey, root := a.certificate("root", nil, nil, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stamps root"}, NotBefore: from, NotAfter: now.Add(240 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	a.check(err)
	a.certificate("tsa", rootKey, root, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "stamps"}, NotBefore: from, NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	})
	a.Roots = a.path("root.pem")
}

func (a *Authority) certificate(name string, signer *ecdsa.PrivateKey, parent, template *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.check(err)
	if signer == nil {
		signer, parent = key, template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	a.check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	a.check(err)
	a.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	a.write(name+"-key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	made, err := x509.ParseCertificate(der)
	a.check(err)
	return key, made
}
