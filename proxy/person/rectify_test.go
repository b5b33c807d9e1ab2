package person_test

import (
	"errors"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/message"
	"postern/proxy/person"
)

func saying() journal.Batch {
	return journal.Batch{Records: []audit.Record{{Version: 1, ID: audit.NewID(time.Now()), Kind: audit.KindLife, Time: time.Now().UnixMicro(), Actor: "test"}}}
}

// TestAttachAndDetach: an identifier is one person's from a moment on, also after
// a restart and a rotation of the index key; nobody loses one to another.
func TestAttachAndDetach(t *testing.T) {
	f := newFolder(t)
	first, second, user := message.Party{Number: "491713920001"}, message.Party{Number: "491713920002"}, message.Party{UserID: "DE.8812345678901234"}
	ann, bob := f.resolve("bank", first).Subject, f.resolve("bank", message.Party{Number: "491713920003"}).Subject
	now := time.Now()
	attach := func(id audit.SubjectID, p message.Party, at time.Time) error {
		return f.people.Attach(t.Context(), "bank", id, p, at, saying())
	}
	detach := func(id audit.SubjectID, p message.Party, at time.Time) error {
		return f.people.Detach(t.Context(), "bank", id, p, at, saying())
	}
	f.check(attach(ann, second, now.Add(-time.Hour)))
	f.check(attach(ann, user, now.Add(-time.Hour)))
	whose := func(p message.Party, want audit.SubjectID, known bool) {
		t.Helper()
		if got, ok := f.people.Find("bank", p); ok != known || known && got.Subject != want {
			t.Errorf("%v %v, want %v", ok, got.Subject == want, known)
		}
	}
	whose(second, ann, true)
	f.restart()
	whose(second, ann, true)
	whose(user, ann, true)
	var taken *person.Taken
	if err := attach(bob, second, now); !errors.As(err, &taken) || taken.By != ann || taken.Until != 0 {
		t.Errorf("another's was attached: %v", err)
	}
	if err := attach(ann, second, now); !errors.Is(err, person.ErrAttached) {
		t.Errorf("twice: %v", err)
	}
	if err := detach(bob, second, now); !errors.Is(err, person.ErrDetached) {
		t.Errorf("another's was detached: %v", err)
	}
	if err := detach(ann, second, now.Add(-2*time.Hour)); !errors.Is(err, person.ErrDetached) {
		t.Errorf("before it was attached: %v", err)
	}
	f.check(detach(ann, second, now))
	whose(second, ann, false)
	whose(first, ann, true)
	f.restart()
	whose(second, ann, false)
	ids, err := f.people.Identifiers(t.Context(), ann)
	f.check(err)
	if len(ids.Numbers) != 1 || ids.Numbers[0] != first.Number || len(ids.UserIDs) != 1 || len(ids.Former.Numbers) != 1 {
		t.Errorf("identifiers %d and %d, former %+v", len(ids.Numbers), len(ids.UserIDs), ids.Former != nil)
	}
	if err := attach(bob, second, now.Add(-time.Minute)); !errors.As(err, &taken) || taken.By != ann || taken.Until != now.UnixMicro() {
		t.Errorf("attached to two at once: %v", err)
	}
	_, err = f.keys.Rotate(keyring.Index)
	f.check(err)
	people, err := f.journal.SubjectsAfter(t.Context(), audit.SubjectID{}, 100)
	f.check(err)
	if _, lost, stuck, err := f.people.Reindex(t.Context(), people); err != nil || lost+stuck != 0 {
		t.Errorf("moved to another key: %d lost, %d stuck, %v", lost, stuck, err)
	}
	f.check(attach(bob, second, now.Add(time.Microsecond)))
	f.restart()
	whose(second, bob, true)
	whose(first, ann, true)
	f.check(detach(ann, first, time.Now()))
	if err := detach(ann, user, time.Now()); !errors.Is(err, person.ErrLastName) {
		t.Errorf("nothing is left to find the person by: %v", err)
	}
}

// TestDetachedIsSomebodyNew: whoever writes from a detached number is not the
// person, nor are they thought to share it.
func TestDetachedIsSomebodyNew(t *testing.T) {
	f := newFolder(t)
	number := message.Party{Number: "491713920001"}
	ann := f.resolve("bank", number).Subject
	f.check(f.people.Attach(t.Context(), "bank", ann, message.Party{Number: "491713920002"}, time.Now(), saying()))
	f.check(f.people.Detach(t.Context(), "bank", ann, number, time.Now().Add(time.Millisecond), saying()))
	for range 2 {
		if got := f.resolve("bank", number); got.Subject == ann || len(got.Family) != 0 {
			t.Errorf("the same: %v, %d share the number", got.Subject == ann, len(got.Family))
		}
		f.restart()
	}
}
