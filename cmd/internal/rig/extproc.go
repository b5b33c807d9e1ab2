package rig

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"postern/cmd/internal/demo"
	"postern/crypto/certs/certstest"
)

// ExtProc is how an Envoy reaches a rig's gateway.
type ExtProc string

// Ways to reach it. Over TCP both sides show certificates.
const (
	NoExtProc   ExtProc = ""
	ExtProcUnix ExtProc = "unix"
	ExtProcTCP  ExtProc = "tcp"
)

// Processor is where the gateway listens for Envoy, and what Envoy shows.
type Processor struct {
	Socket  string // path of the unix socket, "" over TCP
	Address string // host:port, "" over a unix socket
	Cert    string // PEM file of Envoy's certificate, for Address
	Key     string
	Control string // what Envoys are configured by: unix:PATH or host:port
}

// Node is the id of the Envoy that a rig's gateway configures, to listen for apps
// and webhooks on ports of its choice.
const Node = "edge-1"

// sockets is a folder whose name is short enough for a socket, which that of a
// test may not be.
func sockets(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rig")
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	return dir
}

// listenForEnvoy gives the configuration's section for it. Envoy's word on its
// clients is believed.
func (r *Rig) listenForEnvoy(t testing.TB, how ExtProc) string {
	t.Helper()
	const section = "envoy: {ext_proc: {listen: %q, trust: {source_address: true, client_certificate: true}%s}, xds: {listen: %q, nodes: [" + Node + "], app: \"127.0.0.1:0\", webhook: \"127.0.0.1:0\"%s}}\n"
	if how == ExtProcUnix {
		dir := sockets(t)
		r.ExtProc.Socket = filepath.Join(dir, "ext_proc.sock")
		r.ExtProc.Control = "unix:" + filepath.Join(dir, "xds.sock")
		return fmt.Sprintf(section, "unix:"+r.ExtProc.Socket, "", r.ExtProc.Control, "")
	}
	port, release, err := demo.ClaimPorts()
	check(t, err)
	t.Cleanup(release)
	ca := certstest.NewCA(t, "Envoy", time.Now())
	cert, key := certstest.Files(t, ca.Client(t, nil))
	r.Write(t, "certs/envoy-ca.pem", string(ca.PEM()))
	r.Write(t, "certs/envoy.pem", string(cert))
	r.Write(t, "certs/envoy-key.pem", string(key))
	r.ExtProc = Processor{
		Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Control: net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1)),
		Cert: filepath.Join(r.Dir, "certs/envoy.pem"), Key: filepath.Join(r.Dir, "certs/envoy-key.pem"),
	}
	const side = ", cert: certs/server.pem, key: certs/server-key.pem, client_ca: certs/envoy-ca.pem"
	reach := fmt.Sprintf(", reach: {name: localhost, cert: %q, key: %q, ca: %q}", r.ExtProc.Cert, r.ExtProc.Key, r.Env["POSTERN_CA"])
	return fmt.Sprintf(section, r.ExtProc.Address, side, r.ExtProc.Control, side+reach)
}
