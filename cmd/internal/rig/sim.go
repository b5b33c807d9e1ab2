package rig

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

// startSim serves the simulator over TLS at the address that the gateway's
// configuration names. As in the demo it leaves the service window to the
// gateway, which knows imported windows.
func (r *Rig) startSim(t testing.TB, o Options) {
	t.Helper()
	settings := sim.DefaultSettings()
	settings.Window, settings.Webhook = sim.WindowOff, r.Env["POSTERN_WEBHOOK_URL"]
	settings.DelaysMS = []int{0, 5, 10}
	if o.Settings != nil {
		o.Settings(&settings)
	}
	token, err := os.ReadFile(filepath.Join(r.Dir, "secrets", "meta-token"))
	check(t, err)
	var d360 sim.D360
	if r.d360 != nil {
		d360 = sim.D360{Keys: r.d360.keys, PlatformSecret: r.Secret(t, D360Platform)}
	}
	r.Sim, err = sim.New(sim.Config{
		D360: d360,
		Numbers: append([]sim.Number{
			{ID: r.Env["POSTERN_PHONE_ID"], Display: "+49 30 23125 001", Account: r.Env["POSTERN_WABA_ID"]},
			{ID: r.Env["POSTERN_D360_PHONE_ID"], Display: "+49 30 23125 002", Account: r.Env["POSTERN_WABA_ID"]},
			{ID: r.Env["POSTERN_ONPREM_PHONE_ID"], Display: "+49 30 23125 003", Account: r.Env["POSTERN_WABA_ID"]},
		}, o.Numbers...),
		Tokens: []string{strings.TrimSpace(string(token))}, AppSecret: r.Env["META_APP_SECRET"], VerifyToken: r.Env["META_VERIFY_TOKEN"],
		Seed: 1, StateDir: filepath.Join(r.Dir, "metasim"), WebhookClient: sim.WebhookClient(r.roots(t)),
		RetryBase: 50 * time.Millisecond, RetryMax: time.Second, RetryAttempts: 100, Settings: &settings,
		PublicURL: r.Env["METASIM_GRAPH_URL"],
	})
	check(t, err)
	pair, err := tls.LoadX509KeyPair(filepath.Join(r.Dir, "certs", "server.pem"), filepath.Join(r.Dir, "certs", "server-key.pem"))
	check(t, err)
	socket, err := net.Listen("tcp", strings.TrimPrefix(r.Env["METASIM_GRAPH_URL"], "https://"))
	check(t, err)
	handler := http.Handler(r.Sim)
	if o.Watch != nil {
		handler = o.Watch(handler)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}}
	if r.d360 != nil { // first: serving changes the configuration it is given
		r.d360.serve(server.TLSConfig.Clone(), r.Sim.D360())
	}
	if o.Tap == nil {
		go server.ServeTLS(socket, "", "") //nolint:errcheck // ends with Close
	} else {
		server.TLSConfig.NextProtos = []string{"http/1.1"}
		go server.Serve(tapped{tls.NewListener(socket, server.TLSConfig), o.Tap}) //nolint:errcheck // ends with Close
	}
	r.stop = func() {
		if err := errors.Join(server.Close(), r.d360.close()); err != nil {
			t.Errorf("stop simulator: %v", err)
		}
		if err := r.Sim.Close(); err != nil {
			t.Errorf("close simulator: %v", err)
		}
	}
}

// tapped is a listener whose connections somebody looks into.
type tapped struct {
	net.Listener
	tap func(net.Conn) net.Conn
}

// Accept implements net.Listener.
func (l tapped) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.tap(conn), nil
}

// roots are the demo's authority.
func (r *Rig) roots(t testing.TB) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(r.Env["POSTERN_CA"])
	check(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the demo's authority is no certificate")
	}
	return pool
}
