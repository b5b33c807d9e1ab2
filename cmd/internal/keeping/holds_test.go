package keeping

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// Numbers of fiction: whose data is held, and whose is not.
const (
	held = "4917139200061"
	free = "4917139200062"
)

// vault is a gateway with somebody who may look at what is kept sealed.
type vault struct {
	*rig.Rig
	key string
}

func newVault(t *testing.T, o rig.Options) *vault {
	t.Helper()
	v := &vault{Rig: rig.Start(t, o)}
	var k admin.OperatorKey
	v.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &k)
	v.key = k.Key
	return v
}

// hear lets somebody write, waits until the app was told, and gives the record.
func (v *vault) hear(t *testing.T, from, words string) audit.ID {
	t.Helper()
	told, err := v.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{
		From: "+" + from, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	v.Hooks.With(t, words)
	var id audit.ID
	rig.Await(t, "the delivery's outcome", func() bool {
		rows := v.SQL(t, "SELECT i.id FROM audit i JOIN audit d ON d.ref = i.id WHERE i.kind = 'inbound' AND d.kind = 'delivery' AND d.result = 'delivered' AND i.body LIKE '%"+words+"%'")
		if len(rows) == 0 {
			return false
		}
		id, err = audit.ParseID(rows[0][0])
		return err == nil
	})
	return id
}

// state says how a part of a record is kept: sealed, erased or none.
func (v *vault) state(t *testing.T, id audit.ID, part string) string {
	t.Helper()
	raw, err := json.Marshal(admin.Record{ID: id})
	check(t, err)
	answer, err := admin.NewClient(strings.TrimPrefix(v.Env["POSTERN_ADMIN_URL"], "http://")).Do(t.Context(), v.key, "record.sealed", raw)
	check(t, err)
	var out admin.Sealed
	check(t, json.Unmarshal(answer, &out))
	for _, p := range out.Parts {
		if p.Name == part {
			return p.State
		}
	}
	t.Fatalf("no part %s", part)
	return ""
}

func (v *vault) metric(t *testing.T, line string) bool {
	t.Helper()
	return strings.Contains(v.At(t, http.MethodGet, v.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, line+"\n")
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestHoldOverAWholeGateway: what a hold covers outlives housekeeping, restarts
// and the person's erasure, which goes through once the hold is lifted.
func TestHoldOverAWholeGateway(t *testing.T) {
	v := newVault(t, rig.Options{})
	kept, gone := v.hear(t, held, "please keep kolibri"), v.hear(t, free, "please drop pelikan")
	var h admin.Held
	v.Admin(t, "hold.place", admin.HoldPlace{Persons: []admin.Who{{Number: held}}, Matter: "CASE-2026-0042", Why: "litigation"}, &h)
	if h.Records < 2 || h.Emptied != 0 || h.Waits {
		t.Errorf("placed %+v", h)
	}
	for _, id := range []audit.ID{kept, gone} {
		if s := v.state(t, id, "delivery"); s != "sealed" {
			t.Fatalf("before: the webhook is %s", s)
		}
	}
	rig.Await(t, "housekeeping to drop a webhook that nothing holds", func() bool {
		v.Clock.Forward(time.Hour)
		return v.state(t, gone, "delivery") == "none"
	})
	v.Clock.Forward(24 * time.Hour) // as often as it comes by, the other one stays
	erase := admin.SubjectErase{Who: admin.Who{Number: held}, Reason: "request", Confirm: "erase"}
	var out admin.Erasure
	v.Admin(t, "subject.erase", erase, &out)
	if out.Queued == nil || len(out.Queued.Holds) != 1 || out.Queued.Holds[0] != h.Hold.ID || strings.Contains(out.Queued.Public, "CASE") {
		t.Fatalf("erasure under a hold: %+v", out)
	}
	if !v.metric(t, `postern_holds{state="placed"} 1`) || !v.metric(t, "postern_erasures_held 1") {
		t.Error("the metrics do not count the hold and what waits for it")
	}
	v.Halt()
	v.Resume(t)
	v.hear(t, held, "and now albatros") // the person still writes, and is known
	if s := v.state(t, kept, "delivery"); s != "sealed" {
		t.Errorf("under a hold the webhook is %s", s)
	}
	if s := v.state(t, kept, "original"); s != "sealed" {
		t.Errorf("under a hold the original is %s", s)
	}
	var lifted admin.Held
	v.Admin(t, "hold.lift", admin.HoldLift{ID: h.Hold.ID, Why: "closed"}, &lifted)
	if lifted.Erased != 1 {
		t.Errorf("lifted %+v", lifted)
	}
	if s := v.state(t, kept, "original"); s != "erased" {
		t.Errorf("after the hold the original is %s", s)
	}
	if !v.metric(t, `postern_holds{state="placed"} 0`) || !v.metric(t, "postern_erasures_held 0") {
		t.Error("the metrics still count them")
	}
}

// TestHoldKeepsFiles: what somebody sent stays past the life of its id while a
// hold covers them, somebody else's goes, and theirs once the hold is lifted.
func TestHoldKeepsFiles(t *testing.T) {
	t.Parallel()
	a := archive{rig.Start(t, rig.Options{Config: func(text string) string { return text + "retention: {at: \"off\"}\n" }})}
	for _, from := range []string{held, free} {
		told, err := a.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+" + from, Wait: true, Message: map[string]any{
			"type": "image", "image": map[string]any{"caption": "of " + from},
		}})
		if err != nil || told.Status != http.StatusOK {
			t.Fatalf("webhook: %d, %v", told.Status, err)
		}
	}
	rig.Await(t, "both files", func() bool { return files(t, a.Rig) == 2 })
	var h admin.Held
	a.Admin(t, "hold.place", admin.HoldPlace{Persons: []admin.Who{{Number: held}}, Matter: "CASE-2026-0047", Why: "litigation"}, &h)
	a.Clock.Forward(8 * 24 * time.Hour)
	rig.Await(t, "the file that nothing holds to go", func() bool { a.Clock.Forward(time.Minute); return files(t, a.Rig) < 2 })
	for range 3 { // as often as it is cleaned
		a.Clock.Forward(24 * time.Hour)
		a.write(t, "4917139200063", "weiter")
	}
	if n := files(t, a.Rig); n != 1 {
		t.Fatalf("%d files while one is held", n)
	}
	a.Admin(t, "hold.lift", admin.HoldLift{ID: h.Hold.ID, Why: "closed"}, nil)
	rig.Await(t, "the file to go with the hold", func() bool { a.Clock.Forward(time.Minute); return files(t, a.Rig) == 0 })
}
