package trail

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/cmd/internal/rig"
	"postern/crypto/certs/certstest"
)

// TestReceiversThatAskForACertificate get the one of the configuration, as it is
// in its files at each connection; without it, or with one of another root,
// nothing leaves, and the fault says where to look.
func TestReceiversThatAskForACertificate(t *testing.T) {
	t.Parallel()
	dir, ca, other := t.TempDir(), certstest.NewCA(t, "clients", time.Now()), certstest.NewCA(t, "others", time.Now())
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.PEM())
	write := func(from *certstest.CA) {
		cert, key := certstest.Files(t, from.Client(t, nil))
		for name, text := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(other)
	splunk, datadog, bare := exporttest.NewSplunk(t, false), exporttest.NewDatadog(t), exporttest.NewDatadog(t)
	for _, w := range []*exporttest.Web{splunk.Web, datadog.Web, bare.Web} {
		w.Ask(pool)
	}
	syslog := exporttest.NewSyslog(t, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool })
	ours := fmt.Sprintf("client_cert: %s/cert.pem, client_key: %s/key.pem, private: true", dir, dir)
	r := exporting(t, strings.ReplaceAll(fmt.Sprintf(`
  - {name: splunk, kind: splunk, url: %q, ca: %q, token: TOKEN, OURS}
  - {name: datadog, kind: datadog, url: %q, ca: %q, token: TOKEN, OURS}
  - {name: syslog, kind: syslog, url: "tls://%s", ca: %q, OURS}
  - {name: bare, kind: datadog, url: %q, ca: %q, token: TOKEN, private: true}
`, splunk.URL, splunk.CA, datadog.URL, datadog.CA, syslog.Address, syslog.CA, bare.URL, bare.CA), "OURS", ours))
	for _, name := range []string{"splunk", "datadog", "syslog", "bare"} {
		rig.Await(t, name+" is refused", func() bool { return status(t, r)[name].State == export.Refused })
		if said := status(t, r)[name].Fault; !strings.Contains(said, "client_cert") {
			t.Errorf("%s says %s", name, said)
		}
	}
	if n := len(splunk.Events()) + len(datadog.Events()) + len(syslog.Events()) + len(bare.Events()); n > 0 {
		t.Errorf("%d events left", n)
	}
	write(ca)
	id := send(t, r, "One that leaves.")
	for name, in := range map[string]*exporttest.Inbox{"splunk": splunk.Inbox, "datadog": datadog.Inbox, "syslog": syslog.Inbox} {
		r.Admin(t, "export.replay", map[string]any{"name": name, "from": 0}, nil) // it is tried at once
		withID(t, in, id)
	}
	if len(bare.Events()) > 0 {
		t.Error("events left without a certificate")
	}
}

// TestAReceiverOfAnotherRoot gets nothing: neither with the root of somebody else
// nor with the system's alone.
func TestAReceiverOfAnotherRoot(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(root, certstest.NewCA(t, "others", time.Now()).PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	splunk, datadog, syslog := exporttest.NewSplunk(t, false), exporttest.NewDatadog(t), exporttest.NewSyslog(t, nil)
	r := exporting(t, fmt.Sprintf(`
  - {name: splunk, kind: splunk, url: %q, ca: %q, token: TOKEN, private: true}
  - {name: datadog, kind: datadog, url: %q, token: TOKEN, private: true}
  - {name: syslog, kind: syslog, url: "tls://%s", ca: %q, private: true}
`, splunk.URL, root, datadog.URL, syslog.Address, root))
	for _, name := range []string{"splunk", "datadog", "syslog"} {
		rig.Await(t, name+" is refused", func() bool { return status(t, r)[name].State == export.Refused })
		if said := status(t, r)[name].Fault; !strings.Contains(said, "check ca") {
			t.Errorf("%s says %s", name, said)
		}
	}
	send(t, r, "Messages pass all the same.")
	if n := len(splunk.Events()) + len(datadog.Events()) + len(syslog.Events()); n > 0 {
		t.Errorf("%d events left", n)
	}
}

// TestAReceiverThatIsAway for long is an alarm, once, and another time where it
// was back meanwhile.
func TestAReceiverThatIsAway(t *testing.T) {
	t.Parallel()
	s := exporttest.NewDatadog(t)
	var away atomic.Bool
	away.Store(true)
	s.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		if away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return away.Load()
	})
	r := exporting(t, fmt.Sprintf("  - {name: soc, kind: datadog, url: %q, ca: %q, token: TOKEN, private: true}\n", s.URL, s.CA))
	again := func() {
		t.Helper()
		before := status(t, r)["soc"].Faults
		r.Admin(t, "export.replay", map[string]any{"name": "soc", "from": 0}, nil) // it is tried at once
		rig.Await(t, "it fails once more", func() bool { return status(t, r)["soc"].Faults > before })
	}
	alarms := func(want string) {
		t.Helper()
		const name = `postern_alarms_total{alarm="export"} `
		_, after, _ := strings.Cut(metrics(t, r), name)
		if got, _, _ := strings.Cut(after, "\n"); got != want {
			t.Errorf("%q alarms, want %q", got, want)
		}
	}
	again()
	r.Clock.Forward(4 * time.Minute)
	again()
	alarms("")
	for _, want := range []string{"1", "1"} {
		r.Clock.Forward(2 * time.Minute)
		again()
		alarms(want)
	}
	if st := status(t, r)["soc"]; st.State != export.Retrying || st.Age < 8*60 {
		t.Errorf("%+v", st)
	}
	away.Store(false)
	r.Admin(t, "export.replay", map[string]any{"name": "soc", "from": status(t, r)["soc"].Next}, nil)
	rig.Await(t, "it is back", func() bool { return status(t, r)["soc"].State == export.Idle })
	away.Store(true)
	send(t, r, "One more.")
	again()
	r.Clock.Forward(6 * time.Minute)
	again()
	alarms("2")
}
