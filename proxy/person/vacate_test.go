package person_test

import (
	"errors"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/message"
)

// TestVacate: whoever was taken is found no more and comes back as somebody new;
// where taking failed they are found as before.
func TestVacate(t *testing.T) {
	f := newFolder(t)
	number := message.Party{Number: "491713920001"}
	ann := f.resolve("bank", number).Subject
	look := func() ([]audit.SubjectID, error) { return []audit.SubjectID{ann}, nil }
	failed := errors.New("failed")
	if err := f.people.Vacate(t.Context(), look, func([]audit.SubjectID) error { return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if got := f.resolve("bank", number); got.Subject != ann {
		t.Error("after a failure the person is somebody else")
	}
	f.check(f.people.Vacate(t.Context(), look, func(all []audit.SubjectID) error {
		r := audit.Record{Version: 1, ID: audit.NewID(time.Now()), Kind: audit.KindRetention, Time: time.Now().UnixMicro(), Actor: "test", Type: "beside"}
		return f.journal.Erase(t.Context(), journal.Erase{Record: r, Reason: "retention", Subjects: all})
	}))
	if _, known := f.people.Find("bank", number); known {
		t.Error("found after it went")
	}
	again := f.resolve("bank", number).Subject
	if again == ann {
		t.Error("came back as the same")
	}
	f.restart()
	if got := f.resolve("bank", number); got.Subject != again {
		t.Error("after a restart somebody else")
	}
}
