package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Within a network namespace of the test's own, all of this is on lo.
const (
	withinNamespace = "POSTERN_TEST_NAMESPACE"

	appUser  = 2001            // of egress.nft
	ownHost  = "192.0.2.2"     // answers here
	noHost   = "198.51.100.7"  // answers nowhere
	noHostV6 = "2001:db8::1:7" // answers nowhere

	noRules = "the machine has no such rules" // what is said in the namespace
)

// TestDeployEgress loads egress.nft in a network namespace of its own, where
// the machine allows it, and sends as the app's user.
func TestDeployEgress(t *testing.T) {
	if os.Getenv(withinNamespace) != "" {
		egress(t)
		return
	}
	_, err := exec.LookPath("nft")
	_, errIP := exec.LookPath("ip")
	if err = errors.Join(err, errIP); err == nil && os.Getuid() != 0 {
		err = errors.New("not root")
	}
	if err != nil {
		t.Skipf("the redirect is not tried here (%v); TestDeploySidecar connects to the listener", err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDeployEgress$", "-test.v") //nolint:gosec // this very program
	cmd.Env = append(os.Environ(), withinNamespace+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM) || strings.Contains(string(out), noRules):
		t.Skipf("the redirect is not tried here (%v); TestDeploySidecar connects to the listener\n%s", err, out)
	case err != nil || !strings.Contains(string(out), "--- PASS: TestDeployEgress"):
		t.Errorf("in a network namespace: %v\n%s", err, out)
	}
}

// prepare makes the namespace's network, and sees whether the machine has what
// any rules of this kind need.
func prepare(t *testing.T) error {
	t.Helper()
	for _, line := range []string{
		"ip link set lo up", "ip addr add " + ownHost + "/32 dev lo", "ip route add default dev lo src " + ownHost,
		"ip -6 addr add 2001:db8::2/128 dev lo", "ip -6 route add default dev lo",
		"nft add table inet probe", "nft add chain inet probe out { type nat hook output priority -100 ; }",
		"nft add rule inet probe out meta skuid 1 tcp dport 443 redirect to :1",
		"nft add rule inet probe out meta skuid 1 th dport 53 accept", "nft delete table inet probe",
	} {
		if err := system(t, line); err != nil {
			return err
		}
	}
	return nil
}

// egress is the test within the namespace.
func egress(t *testing.T) {
	if err := prepare(t); err != nil {
		t.Log(noRules, err)
		return
	}
	p, part := besides(t, "others: refuse", "others: pass"), steps(t, sidecarPart)
	p.walk(t, part[1:3], "postern_sidecar")
	p.redirect(t)
	other := p.elsewhere(t)
	p.hosts(t, "graph.facebook.com", noHost, "waba.360dialog.io", noHost, "waba-v2.360dialog.io", noHost, "example.com", ownHost)
	for _, line := range append(part[3:6], "curl --fail --silent --show-error --cacert other.pem https://example.com/") {
		p.run(t, line)
	}
	p.sent(t, 3)
	p.passed(t, "postern_sidecar", 3)
	if n := other.Load(); n != 1 {
		t.Errorf("%d requests to another name passed", n)
	}
	refused(t)
	p.asks(t)
}

func system(t *testing.T, line string) error {
	t.Helper()
	words := strings.Fields(line)
	out, err := exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput() //nolint:gosec // the test's own
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", line, err, out)
	}
	return nil
}

// redirect loads the rules, with the port that the sidecar has here. From here
// on commands are the app's.
func (p *outpost) redirect(t *testing.T) {
	t.Helper()
	_, port, _ := net.SplitHostPort(p.envoy.Address(t, "postern_sidecar"))
	rules := strings.Replace(envoyFile(t, "egress.nft"), "define sidecar = 15001", "define sidecar = "+port, 1)
	p.Write(t, "egress.nft", rules)
	if err := system(t, "nft -f "+p.Dir+"/egress.nft"); err != nil {
		t.Fatal(err)
	}
	p.user = &syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: appUser, Gid: appUser},
		AmbientCaps: []uintptr{1}, // CAP_DAC_OVERRIDE: the test's folder is its owner's
	}
}

// elsewhere serves example.com with a certificate in other.pem.
func (p *outpost) elsewhere(t *testing.T) (requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	l, err := net.Listen("tcp", ownHost+":443")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	_ = s.Listener.Close()
	s.Listener = l
	s.StartTLS()
	t.Cleanup(s.Close)
	p.Write(t, "other.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	return requests
}

// refused: neither QUIC nor IPv6 leads the app round the sidecar.
func refused(t *testing.T) {
	t.Helper()
	for network, address := range map[string]string{"udp4": noHost + ":443", "udp6": "[" + noHostV6 + "]:443", "tcp6": "[" + noHostV6 + "]:443"} {
		if err := speak(network, address); !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.EPERM) {
			t.Errorf("%s to port 443: %v", network, err)
		}
	}
}

// asks: name servers are left.
func (p *outpost) asks(t *testing.T) {
	t.Helper()
	server, err := net.ListenPacket("udp4", ownHost+":53")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close() //nolint:errcheck // the test's own
	go func() {
		buf := make([]byte, 16)
		if n, from, err := server.ReadFrom(buf); err == nil {
			_, _ = server.WriteTo(buf[:n], from)
		}
	}()
	if err := speak("udp4", ownHost+":53"); err != nil {
		t.Errorf("to a name server: %v", err)
	}
}

// speak sends a byte as the app's user and waits for one.
func speak(network, address string) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with its user
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, appUser, 0, 0); errno != 0 {
			done <- errno
			return
		}
		done <- exchange(network, address)
	}()
	return <-done
}

func exchange(network, address string) error {
	conn, err := net.DialTimeout(network, address, time.Minute)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // the test's own
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte{1}); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}
