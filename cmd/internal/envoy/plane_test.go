package envoy

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	pemfile "encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/cmd/internal/envoytest"
	"postern/crypto/certs"
	"postern/proxy/xds"
)

// patience bounds waits for what has to come.
const patience = 30 * time.Second

// plane is a control plane with an Envoy of its own.
type plane struct {
	*envoytest.Envoy
	t         *testing.T
	server    *xds.Server
	stop      func()
	told      chan string // what the server hears of Envoy's judgement
	authority *certs.Authority
	dir       string
	config    xds.Config
}

// Rejected implements xds.Observer.
func (p *plane) Rejected(node, kind, words string) {
	p.told <- "rejected " + node + " " + kind + ": " + words
}

// Accepted implements xds.Observer.
func (p *plane) Accepted(node, kind string) { p.told <- "accepted " + node + " " + kind }

// Unknown implements xds.Observer.
func (p *plane) Unknown() { p.told <- "unknown" }

// newPlane starts both. No processor listens.
func newPlane(t *testing.T, delta bool, change ...func(*xds.Config)) *plane {
	t.Helper()
	dir, err := os.MkdirTemp("", "xds") // short enough for a socket, which the folder of a test may not be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &plane{t: t, told: make(chan string, 64), dir: dir}
	if p.authority, err = certs.NewAuthority("test", time.Now(), time.Hour); err != nil {
		t.Fatal(err)
	}
	p.config = xds.Config{
		App: &xds.Listener{Address: "127.0.0.1:0"}, Upstream: xds.Upstream{URL: "https://127.0.0.1:9", Timeout: time.Second, Connections: 8},
		Processor: xds.Processor{Address: "unix:" + filepath.Join(dir, "ext_proc")}, Gateway: "127.0.0.1:9",
		BodyBytes: 1 << 10, WebhookBytes: 1 << 10, AnswerBytes: 1 << 10, Transfer: time.Minute,
	}
	for _, c := range change {
		c(&p.config)
	}
	p.serve()
	p.push(p.secrets(p.issue()))
	start := xds.Start{Node: "edge-1", Admin: "127.0.0.1:0", HeapBytes: 1 << 30, Connections: 100, Server: "unix:" + p.socket(), Delta: delta}
	raw, err := xds.Bootstrap(start)
	if err != nil {
		t.Fatal(err)
	}
	p.Envoy = envoytest.Start(t, raw)
	return p
}

func (p *plane) socket() string { return filepath.Join(p.dir, "xds") }

// serve starts the server, or another one in its place.
func (p *plane) serve() {
	p.t.Helper()
	l, err := net.Listen("unix", p.socket())
	if err != nil {
		p.t.Fatal(err)
	}
	server, ended := xds.NewServer(xds.ServerConfig{Nodes: []string{"edge-1"}, Observe: p}), make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	stopped := false
	p.server, p.stop = server, func() {
		if stopped {
			return
		}
		stopped = true
		server.Stop()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	}
	p.t.Cleanup(p.stop)
}

// issue makes a certificate with its key.
func (p *plane) issue() (chain, key []byte) {
	p.t.Helper()
	chain, key, err := p.authority.Issue(time.Now(), time.Hour, "gateway.example.org")
	if err != nil {
		p.t.Fatal(err)
	}
	return chain, key
}

func (p *plane) secrets(chain, key []byte) xds.Secrets {
	roots := xds.Source{PEM: p.authority.CertPEM()}
	return xds.Secrets{App: xds.Certificate{Chain: xds.Source{PEM: chain}, Key: xds.Source{PEM: key}}, Meta: roots, Gateway: roots}
}

func (p *plane) push(s xds.Secrets) {
	p.t.Helper()
	r, err := xds.Snapshot(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.server.Push(p.t.Context(), r, s); err != nil {
		p.t.Fatal(err)
	}
}

// hears waits for the server's next word.
func (p *plane) hears() string {
	p.t.Helper()
	select {
	case word := <-p.told:
		return word
	case <-time.After(patience):
		p.t.Fatal("nothing is told")
		return ""
	}
}

// client opens one connection and keeps it.
func (p *plane) client(http2 bool) *http.Client {
	p.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.authority.CertPEM())
	protocols := &http.Protocols{}
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "gateway.example.org"}, Protocols: protocols, MaxConnsPerHost: 1}
	p.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// shows waits until new handshakes show that certificate.
func (p *plane) shows(chain []byte) {
	p.t.Helper()
	block, _ := pemfile.Decode(chain)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for {
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(ctx, "tcp", p.Address(p.t, "postern_app")) //nolint:gosec // it looks at what is shown
		if err != nil {
			p.t.Fatal(err)
		}
		shown := conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Raw
		_ = conn.Close()
		if bytes.Equal(shown, block.Bytes) {
			return
		}
	}
}
