package keeping

import (
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// TestPersonsGo: a person of whom nothing is left goes with what they were found
// by, and comes back as somebody new; one whom a hold covers, one who refused
// messages and one of whom something is left stay.
func TestPersonsGo(t *testing.T) {
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": "version: 1\nclasses:\n  messages: {days: 30, action: purge}\n  audit: {days: 30, action: purge}\n  consent: {days: 40, action: purge}\n"},
		Config:   func(text string) string { return text + "retention: {at: \"off\"}\n" },
	})}
	const gone, held, refused, busy = "4917139200741", "4917139200742", "4917139200743", "4917139200744"
	ids := map[string]string{}
	subject := func(number string) (id string, found bool) {
		var out admin.Found
		err := a.TryAdmin(t, "subject.find", admin.Who{Number: "+" + number}, &out)
		return out.Subject, err == nil
	}
	for _, number := range []string{gone, held, refused, busy} {
		a.write(t, number, "die nachtigall sang "+number[11:]+"x")
		ids[number], _ = subject(number)
	}
	var in admin.Imported
	a.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: "fact,number,scope,time\noptout,+" + refused + ",all," + a.Clock.Now().UTC().Format(time.RFC3339) + "\n"}, &in)
	if in.Stored != 1 {
		t.Fatalf("%+v", in)
	}
	var h admin.Held
	a.Admin(t, "hold.place", admin.HoldPlace{Persons: []admin.Who{{Number: held}}, Matter: "CASE-2026-0047", Why: "litigation"}, &h)
	counted := int64(0)
	for range 14 { // 112 days: messages, then windows, then keys of the month, then persons
		a.Clock.Forward(8 * 24 * time.Hour)
		a.write(t, busy, "immer noch da")
		_, c := a.purge(t)
		for _, g := range c.Gone {
			if g.Store == retention.StorePersons {
				counted += g.Count
			}
		}
	}
	for number, want := range map[string]bool{gone: false, held: true, refused: true, busy: true} {
		if id, found := subject(number); found != want || found && id != ids[number] {
			t.Errorf("person %s is found: %v", number[11:], found)
		}
	}
	if counted == 0 {
		t.Error("no certificate names them")
	}
	if rows := a.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'retention' AND type = 'beside' AND labels LIKE '%store:persons%'"); rows[0][0] == "0" {
		t.Error("it is not on record")
	}
	a.write(t, gone, "wieder da")
	if id, found := subject(gone); !found || id == ids[gone] {
		t.Errorf("came back as the same: %v", found)
	}
	a.Halt()
	a.Resume(t)
	if id, found := subject(gone); !found || id == ids[gone] {
		t.Errorf("after a restart: %v", found)
	}
}
