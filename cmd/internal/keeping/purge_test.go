package keeping

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/retention"
)

const purgedMessages = "version: 1\nclasses:\n  messages: {days: 30, action: purge}\n"

// archive is a gateway whose messages are purged after 30 days.
type archive struct{ *rig.Rig }

// write lets somebody write and waits until the app was told.
func (a archive) write(t *testing.T, from, words string) {
	t.Helper()
	told, err := a.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{
		From: "+" + from, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	a.Hooks.With(t, words)
}

// purge has a run begin and gives its certificate.
func (a archive) purge(t *testing.T) (audit.ID, retention.Certificate) {
	t.Helper()
	var state admin.RetentionState
	a.Admin(t, "retention.status", struct{}{}, &state)
	before := len(state.Certificates)
	a.Admin(t, "retention.run", admin.RetentionRun{Confirm: "purge"}, &state)
	rig.Await(t, "the end of the run", func() bool {
		a.Admin(t, "retention.status", struct{}{}, &state)
		if state.Failed != "" {
			t.Fatal(state.Failed)
		}
		return !state.Running && len(state.Certificates) > before
	})
	var f retention.CertificateFile
	a.Admin(t, "retention.proof", admin.RetentionCertificate{ID: state.Certificates[0].ID}, &f)
	c, err := f.Unchecked()
	if err != nil {
		t.Fatal(err)
	}
	return state.Certificates[0].ID, c
}

// holds counts which words the store's files hold.
func (a archive) holds(t *testing.T, words ...string) (n int) {
	t.Helper()
	for _, w := range words {
		for _, name := range []string{"journal.db", "journal.db-wal"} {
			b, err := os.ReadFile(filepath.Join(a.Dir, "data", name)) //nolint:gosec // a file of the test
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(w)) {
				n++
				break
			}
		}
	}
	return n
}

// TestPurgeOverAWholeGateway: messages go when their days are over, but for what
// a hold covers; sends go on meanwhile, the trail verifies, and the certificate
// proves it with the public key alone.
func TestPurgeOverAWholeGateway(t *testing.T) {
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": purgedMessages},
		Config:   func(text string) string { return text + "retention: {at: \"off\"}\n" }, // none by itself while the clock goes forward
	})}
	var old []string
	for i := range 6 {
		old = append(old, fmt.Sprintf("zaunkoenig %c%c", 'a'+i, 'p'+i))
		a.write(t, fmt.Sprintf("49171392007%02d", i), old[i])
	}
	const held = "4917139200799"
	a.write(t, held, "rotkehlchen bleibt")
	var h admin.Held
	a.Admin(t, "hold.place", admin.HoldPlace{Persons: []admin.Who{{Number: held}}, Matter: "CASE-2026-0043", Why: "litigation"}, &h)
	for i := range 5 {
		a.Clock.Forward(8 * 24 * time.Hour)
		a.write(t, "4917139200798", fmt.Sprintf("jetzt %c", 'a'+i))
	}
	if n := a.holds(t, old...); n != len(old) {
		t.Fatalf("%d of %d messages are in the file before", n, len(old))
	}
	var plan retention.Plan
	a.Admin(t, "retention.plan", admin.RetentionPlan{}, &plan)
	if len(plan.Due) == 0 || len(plan.Kept) == 0 {
		t.Fatalf("plan: %+v", plan)
	}
	if err := a.TryAdmin(t, "retention.run", admin.RetentionRun{}, nil); err == nil {
		t.Error("a run that nobody confirmed begins")
	}
	stop := a.sending(t)
	id, c := a.purge(t)
	if stop() == 0 {
		t.Error("nothing was sent meanwhile")
	}
	if n := a.holds(t, old...); n != 0 {
		t.Errorf("%d messages are in the file after", n)
	}
	if a.holds(t, "rotkehlchen bleibt") != 1 {
		t.Error("what is held is gone")
	}
	if c.Place[0].State != retention.StateGone || len(c.Gone) == 0 || len(c.Stay) == 0 {
		t.Errorf("certificate: %+v", c)
	}
	if rows := a.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'purged' AND erased = 1 AND day = ''"); rows[0][0] == "0" {
		t.Error("nothing is shown as purged")
	}
	if a.proved(t, id) == 0 {
		t.Error("nothing is purged")
	}
}

// sending sends to many in turn until it is told to stop, and wants every send
// taken.
func (a archive) sending(t *testing.T) (stop func() int) {
	t.Helper()
	const people = 40 // within the rates of number and app
	data := "fact,number,time,business\n"
	for i := range people {
		data += fmt.Sprintf("window,+49171392%04d,%s,%s\n", i, a.Clock.Now().Add(-time.Minute).UTC().Format(time.RFC3339), a.Env["POSTERN_PHONE_ID"])
	}
	var in admin.Imported
	if a.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data}, &in); len(in.Problems) > 0 {
		t.Fatal(in.Problems)
	}
	done, n := make(chan struct{}), 0
	var wait sync.WaitGroup
	wait.Go(func() {
		for n < people {
			if r := a.Cloud(t, fmt.Sprintf(`{"to":"+49171392%04d","type":"text","text":{"body":"noch da"}}`, n)); r.Status != http.StatusOK {
				t.Errorf("a send during the run: %d %s", r.Status, r.Body)
				return
			}
			n++
			select {
			case <-done:
				return
			default:
			}
		}
	})
	return func() int { close(done); wait.Wait(); return n }
}

// proved verifies the trail, and the certificate once a checkpoint covers it. It
// says how many records are purged.
func (a archive) proved(t *testing.T, id audit.ID) (purged uint64) {
	t.Helper()
	var f retention.CertificateFile
	rig.Await(t, "a checkpoint over the certificate", func() bool {
		a.Clock.Forward(time.Minute)
		a.Admin(t, "retention.proof", admin.RetentionCertificate{ID: id}, &f)
		return len(f.Receipt) > 0
	})
	raw, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	a.Halt()
	cfg, err := boot.Load(a.Env["POSTERN_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	keys, err := boot.OpenKeys(cfg, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := boot.CheckpointVerifiers(keys)
	if err != nil {
		t.Fatal(err)
	}
	got, err := retention.VerifyCertificate(raw, pinned...)
	if err != nil || !got.Proven {
		t.Errorf("certificate: %+v (%v)", got, err)
	}
	if _, err := retention.VerifyCertificate([]byte(strings.Replace(string(raw), `\"count\":`, `\"count\":1`, 1)), pinned...); err == nil {
		t.Error("a certificate that was changed holds")
	}
	r, err := journal.OpenReader(t.Context(), a.Dir+"/data")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	report, err := audit.Verify(t.Context(), r, audit.VerifyOptions{Verifiers: pinned})
	if err != nil || !report.OK() {
		t.Errorf("%v, %v", report.Findings, err)
	}
	return report.Purged
}
