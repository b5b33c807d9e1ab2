package trail

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/cmd/internal/rig"
)

// TestAnExportThatFallsBehind: a receiver that takes long is no fault; the alarm
// comes once what waits is old, once, and goes when it has caught up.
func TestAnExportThatFallsBehind(t *testing.T) {
	t.Parallel()
	s := exporttest.NewDatadog(t)
	r := exporting(t, fmt.Sprintf("  - {name: soc, kind: datadog, url: %q, ca: %q, token: TOKEN, private: true, timeout: 10m, behind_after: 10m}\n", s.URL, s.CA))
	rig.Await(t, "nothing waits", func() bool { return status(t, r)["soc"].Waiting == 0 })
	release := make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	t.Cleanup(let)
	s.Answer(func(http.ResponseWriter, *http.Request) bool { <-release; return false })
	alarms := func(n string) bool {
		return strings.Contains(metrics(t, r), `postern_alarms_total{alarm="export_behind"} `+n+"\n")
	}
	send(t, r, "It waits for the receiver.")
	looked := func(minutes int) {
		t.Helper()
		before := looks(t, r)
		r.Clock.Forward(time.Duration(minutes) * time.Minute)
		rig.Await(t, "a look", func() bool { return looks(t, r) > before })
	}
	for range 4 {
		looked(2)
	}
	if alarms("1") {
		t.Error("an alarm after eight minutes")
	}
	for range 4 {
		looked(2)
	}
	if !alarms("1") || !ready(t, r, `"exports":{"soc":"behind"}`) || status(t, r)["soc"].Faults != 0 || status(t, r)["soc"].State != export.Idle {
		t.Errorf("after 16 minutes: %+v", status(t, r)["soc"])
	}
	let()
	rig.Await(t, "nothing waits", func() bool { return status(t, r)["soc"].Waiting == 0 })
	looked(1)
	if !alarms("1") || !ready(t, r, `"exports":{"soc":"ok"}`) {
		t.Error("it has caught up, and is not said to be well")
	}
}

// looks is how often it was looked how far the exports are.
func looks(t *testing.T, r *rig.Rig) (n int) {
	t.Helper()
	if _, rest, found := strings.Cut(metrics(t, r), `postern_tasks_total{task="exports"} `); found {
		_, err := fmt.Sscan(rest, &n)
		must(t, err)
	}
	return n
}

func ready(t *testing.T, r *rig.Rig, words string) bool {
	t.Helper()
	return strings.Contains(r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body, words)
}

// TestAReceiverThatNeverAnswers is given up after its time, by each kind of
// export, and holds up no other.
func TestAReceiverThatNeverAnswers(t *testing.T) {
	t.Parallel()
	hung, well := exporttest.NewSplunk(t, false), exporttest.NewDatadog(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	must(t, err)
	t.Cleanup(func() { silent.Close() }) //nolint:errcheck // a test
	release := make(chan struct{})
	hung.Answer(func(http.ResponseWriter, *http.Request) bool { <-release; return true })
	t.Cleanup(func() { close(release) })
	r := exporting(t, fmt.Sprintf(`
  - {name: hung, kind: splunk, url: %q, ca: %q, token: TOKEN, private: true, timeout: 1s}
  - {name: log, kind: syslog, url: "tls://%s", ca: %q, private: true, timeout: 1s}
  - {name: well, kind: datadog, url: %q, ca: %q, token: TOKEN, private: true}
`, hung.URL, hung.CA, silent.Addr(), hung.CA, well.URL, well.CA))
	withID(t, well.Inbox, send(t, r, "One of them has it."))
	for _, name := range []string{"hung", "log"} {
		rig.Await(t, name+" is given up", func() bool { s := status(t, r)[name]; return s.Faults > 0 && s.State == export.Retrying })
		if s := status(t, r)[name]; s.Sent != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
