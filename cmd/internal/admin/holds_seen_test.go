package admin_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/proxy/person"
)

// TestLookingAtHoldsIsOnRecord, with who looked and at how many.
func TestLookingAtHoldsIsOnRecord(t *testing.T) {
	g := newGateway(t)
	ann := g.operator("ann", admin.RoleApprove, "")
	g.known(ann)
	held := must[admin.Held](t, g.direct, ann, "hold.place", litigation)
	looked := func() (n int) {
		for _, r := range g.records() {
			if r.Kind == audit.KindTrailRead && r.Type == "holds" && r.Actor == "ann" && r.Result == "rows:1" && r.Subject.IsZero() {
				n++
			}
		}
		return n
	}
	all := must[[]admin.Held](t, g.direct, ann, "hold.list", admin.None{})
	if looked() != 1 {
		t.Error("nobody sees that they were listed")
	}
	if len(all) != 1 || all[0].Records != -1 || all[0].Emptied != -1 || all[0].Purged != -1 {
		t.Errorf("a list counts what it did not look at: %+v", all)
	}
	if one := must[admin.Held](t, g.direct, ann, "hold.show", admin.HoldName{ID: held.Hold.ID}); one.Records != 1 {
		t.Errorf("shown: %+v", one)
	}
	if looked() != 2 {
		t.Error("nobody sees that it was shown")
	}
	must[admin.Erasure](t, g.direct, ann, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	must[[]admin.Waiting](t, g.direct, ann, "hold.waiting", admin.None{})
	if looked() != 3 {
		t.Error("nobody sees that it was shown what waits")
	}
}

// TestWhoAskedIsGone: another operator of the same name did not ask for it, and one
// without the role may not.
func TestWhoAskedIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		role  admin.Role
		later time.Duration
	}{"another of the name": {admin.RoleApprove, time.Minute}, "without the role": {admin.RoleOperate, 0}} {
		g := newGateway(t)
		g.config.Holds = boot.Holds{SecondPerson: true, Expires: time.Hour}
		ann := g.operator("ann", admin.RoleApprove, "")
		bob := g.operator("bob", admin.RoleApprove, ann)
		g.known(ann)
		of := admin.HoldName{ID: must[admin.Held](t, g.direct, bob, "hold.place", litigation).Hold.ID}
		must[admin.None](t, g.direct, ann, "operator.revoke", admin.Name{Name: "bob"})
		g.forward(c.later)
		g.operator("bob", c.role, ann)
		if _, err := ask[admin.Held](t, g.direct, ann, "hold.approve", of); err == nil {
			t.Errorf("%s: it is placed", name)
		} else {
			wantCode(t, err, admin.Conflict)
		}
	}
}

// TestHoldStopsAnErasureUnderWay: what was cut off goes on once the hold is lifted.
func TestHoldStopsAnErasureUnderWay(t *testing.T) {
	g := newGateway(t)
	ann := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(ann))
	if err != nil {
		t.Fatal(err)
	}
	id := audit.SubjectID(parsed)
	said := g.said(id, 3)
	held := must[admin.Held](t, g.direct, ann, "hold.place", litigation)
	begun, err := json.Marshal(person.Forgotten{Tenant: tenant, Subjects: []audit.SubjectID{id}, Record: audit.NewID(g.clock()), Reason: "request", Actor: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	row := journal.Setting{Scope: "erasing", Key: id.String(), Value: begun, Time: g.clock().UnixMicro()} // as a crash leaves it
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Settings: []journal.Setting{row}}); err != nil {
		t.Fatal(err)
	}
	if err := g.direct.FinishErasures(t.Context()); err != nil || g.erasedBody(said) {
		t.Errorf("under a hold: erased %v, %v", g.erasedBody(said), err)
	}
	must[admin.Held](t, g.direct, ann, "hold.lift", admin.HoldLift{ID: held.Hold.ID, Why: "closed"})
	if err := g.direct.FinishErasures(t.Context()); err != nil || !g.erasedBody(said) {
		t.Errorf("lifted: erased %v, %v", g.erasedBody(said), err)
	}
}

// TestErasureIsConfirmed: without the word nothing goes.
func TestErasureIsConfirmed(t *testing.T) {
	g := newGateway(t)
	ann := g.operator("ann", admin.RoleApprove, "")
	g.known(ann)
	for _, word := range []string{"", "yes", "Erase"} {
		_, err := ask[admin.Erasure](t, g.direct, ann, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: word})
		wantCode(t, err, admin.Invalid)
	}
	if known := must[admin.Known](t, g.direct, ann, "consent.show", admin.Who{Number: stranger}); len(known.Facts) != 1 {
		t.Errorf("what is left: %+v", known)
	}
}

// TestNamesThatNothingHas are said: a hold or a list of persons by one covers
// nothing to come.
func TestNamesThatNothingHas(t *testing.T) {
	g := newGateway(t)
	ann := g.operator("ann", admin.RoleApprove, "")
	for name, c := range map[string]struct {
		app, number string
		want        []string
	}{"both there": {app: "shop", number: "1"}, "neither": {"shp", "99", []string{"app shp", "number 99"}}} {
		held := must[admin.Held](t, g.direct, ann, "hold.place", admin.HoldPlace{App: c.app, Number: c.number, Matter: "CASE-1", Why: "litigation"})
		affected := must[admin.AffectedPersons](t, g.direct, ann, "subject.affected", admin.Affected{App: c.app, Number: c.number, Since: "2026-01-01"})
		if !slices.Equal(held.Unknown, c.want) || !slices.Equal(affected.Unknown, c.want) {
			t.Errorf("%s: %v, %v", name, held.Unknown, affected.Unknown)
		}
	}
}
