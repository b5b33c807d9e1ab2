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
}

// listenForEnvoy gives the configuration's section for it. Envoy's word on its
// clients is believed.
func (r *Rig) listenForEnvoy(t testing.TB, how ExtProc) string {
	t.Helper()
	const section = "envoy: {ext_proc: {listen: %q, trust: {source_address: true, client_certificate: true}%s}}\n"
	if how == ExtProcUnix {
		dir, err := os.MkdirTemp("", "rig") // short enough for a socket, which the folder of a test may not be
		check(t, err)
		t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
		r.ExtProc.Socket = filepath.Join(dir, "ext_proc.sock")
		return fmt.Sprintf(section, "unix:"+r.ExtProc.Socket, "")
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
		Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Cert:    filepath.Join(r.Dir, "certs/envoy.pem"), Key: filepath.Join(r.Dir, "certs/envoy-key.pem"),
	}
	return fmt.Sprintf(section, r.ExtProc.Address, ", cert: certs/server.pem, key: certs/server-key.pem, client_ca: certs/envoy-ca.pem")
}
