package gateway_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

func metaToken(t *testing.T, r *rig.Rig) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.Dir, "secrets", "meta-token"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

func alarms(t *testing.T, r *rig.Rig, kind, count string) {
	t.Helper()
	rig.Await(t, "alarm "+kind, func() bool {
		return strings.Contains(r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, `postern_alarms_total{alarm="`+kind+`"} `+count+"\n")
	})
}

// TestReadiness: alive is not ready, and ready says what is missing.
func TestReadiness(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	r := rig.Start(t, rig.Options{Fault: func(journal.Step) error {
		if full.Load() {
			return errors.New("no space left on device")
		}
		return nil
	}})
	admin := r.Env["POSTERN_ADMIN_URL"]
	readySays(t, r, "ok", http.StatusOK)

	fault, err := r.Sim.AddFault(sim.Fault{Method: http.MethodGet, Action: sim.ActionError, Code: 190})
	if err != nil {
		t.Fatal(err)
	}
	r.Clock.Forward(30 * time.Second)
	readySays(t, r, "token", http.StatusServiceUnavailable)
	alarms(t, r, "upstream", "1")
	r.Sim.ClearFaults(fault.ID)
	r.Clock.Forward(30 * time.Second)
	readySays(t, r, "ok", http.StatusOK)

	if fault, err = r.Sim.AddFault(sim.Fault{Method: http.MethodGet, Action: sim.ActionCut}); err != nil {
		t.Fatal(err)
	}
	r.Clock.Forward(30 * time.Second)
	readySays(t, r, "unreachable", http.StatusServiceUnavailable)
	r.Sim.ClearFaults(fault.ID)
	r.Clock.Forward(30 * time.Second)
	readySays(t, r, "ok", http.StatusOK)

	full.Store(true)
	if a := send(t, r); a.Status < 500 {
		t.Errorf("a send that cannot be recorded is answered %d %s", a.Status, a.Body)
	}
	rig.Await(t, "the journal's state", func() bool {
		a := r.At(t, http.MethodGet, admin+"/readyz", "")
		return a.Status == http.StatusServiceUnavailable && strings.Contains(a.Body, `"journal":"down"`)
	})
	wantStatus(t, r.At(t, http.MethodGet, admin+"/healthz", ""), http.StatusOK)
	full.Store(false)
	readySays(t, r, "ok", http.StatusOK)
	wantStatus(t, send(t, r), http.StatusOK)
	if list, _ := r.Sim.Accepted(0, 100); len(list) != 1 {
		t.Errorf("%d messages left, want the recorded one", len(list))
	}
}

// TestClockJump: a clock that somebody sets is recorded, and nothing is purged
// by a time that may be wrong.
func TestClockJump(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	wantStatus(t, r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"once"}}`, "Idempotency-Key: one"), http.StatusOK)
	kept := func() string { return stored(t, r, "SELECT count(*) FROM idempotency") }
	if kept() != "1" {
		t.Fatalf("%s answers kept", kept())
	}

	r.Clock.Jump(-time.Hour)
	rig.Await(t, "the record of the jump back", func() bool {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = 'clock_jump' AND code BETWEEN -3601 AND -3599")[0][0] == "1"
	})
	r.Clock.Jump(31 * 24 * time.Hour)
	rig.Await(t, "the record of the jump ahead", func() bool {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = 'clock_jump' AND code > 2600000")[0][0] == "1"
	})
	alarms(t, r, "clock_jump", "2")
	for range 2 { // the second round's first task comes after the first round's last
		round(t, r)
	}
	if kept() != "1" {
		t.Error("an answer was purged by a clock that had just jumped")
	}
	if rows := r.SQL(t, "SELECT count(*) FROM audit a JOIN audit b ON b.seq = a.seq + 1 WHERE b.time < a.time"); rows[0][0] == "0" {
		t.Error("no record is older than the one before: the clock did not go back")
	}
}

// round lets everything that recurs come once: it ends with a new checkpoint,
// which is what recurs first.
func round(t *testing.T, r *rig.Rig) {
	t.Helper()
	const signed = "SELECT coalesce(max(size), 0) FROM checkpoints"
	before := stored(t, r, signed)
	offered(t, r, r.Env["DEMO_TEMPLATE"], "template_parameters") // a record to sign, and a gateway that goes on
	r.Clock.Forward(time.Minute)
	rig.Await(t, "a checkpoint", func() bool { return stored(t, r, signed) != before })
}
