package keeping

import (
	"net/http"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestNothingEndsByAClockAhead: a gateway that starts with a clock that was set
// ahead keeps the files of a floor, and the hold that waits for a second person.
func TestNothingEndsByAClockAhead(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": "version: 1\nclasses:\n  media: {days: 90, floor: 60}\n"},
		Config:   func(text string) string { return text + "holds: {second_person: true}\nretention: {at: \"off\"}\n" },
	})
	if _, answer := uploads(t, r, "the terms of the loan"); answer.Status != http.StatusOK {
		t.Fatalf("upload: %d %s", answer.Status, answer.Body)
	}
	var asked admin.Held
	r.Admin(t, "hold.place", admin.HoldPlace{App: "loans", Matter: "CASE-2026-0047", Why: "litigation"}, &asked)
	r.Halt()
	r.Clock.Jump(200 * 24 * time.Hour)
	r.Resume(t)
	for range 3 { // the looks that would end them
		r.Clock.Forward(2 * time.Minute)
		time.Sleep(1100 * time.Millisecond)
		r.SQL(t, "SELECT count(*) FROM audit")
	}
	var all []admin.Held
	if r.Admin(t, "hold.list", admin.None{}, &all); len(all) != 1 || all[0].Hold.ID != asked.Hold.ID || all[0].Hold.Ended != 0 {
		t.Errorf("holds: %+v", all)
	}
	if n := files(t, r); n != 1 {
		t.Errorf("%d of 1 file is kept", n)
	}
}
