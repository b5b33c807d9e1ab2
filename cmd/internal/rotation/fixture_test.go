package rotation_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/proxy/message"
	"postern/proxy/person"
)

const tenant = "bank"

// folder is a store with people in it and the worker over it.
type folder struct {
	tb      testing.TB
	dir     string
	keys    *keyring.Keyring
	journal *journal.Journal
	people  *person.Directory
	worker  *rotation.Worker
	wrong   chan error
}

func newFolder(tb testing.TB) *folder {
	tb.Helper()
	f := &folder{tb: tb, dir: tb.TempDir(), wrong: make(chan error, 16)}
	keys, err := keyring.Create(filepath.Join(f.dir, "keys"), keyring.Config{Name: "test"})
	f.check(err)
	keys.Close()
	f.open(0)
	tb.Cleanup(f.close)
	return f
}

func (f *folder) check(err error) {
	f.tb.Helper()
	if err != nil {
		f.tb.Fatal(err)
	}
}

// open opens everything anew, as a start does.
func (f *folder) open(pause time.Duration) {
	f.tb.Helper()
	var err error
	f.keys, err = keyring.Open(filepath.Join(f.dir, "keys"), keyring.Config{})
	f.check(err)
	ctx := f.tb.Context()
	f.journal, err = journal.Open(ctx, journal.Config{Path: f.dir, Chain: "test", Now: time.Now, MinFree: -1})
	f.check(err)
	f.people, err = person.Load(ctx, person.Config{
		Journal: f.journal, Keys: f.keys, Now: time.Now, Linked: func(string, audit.SubjectID, audit.SubjectID, bool) {},
	})
	f.check(err)
	f.worker, err = rotation.Open(ctx, rotation.Config{
		Journal: f.journal, Keys: f.keys, People: f.people, Now: time.Now, Pause: pause, OnError: func(err error) { f.wrong <- err },
	})
	f.check(err)
}

func (f *folder) close() {
	f.tb.Helper()
	f.check(f.journal.Close())
	f.keys.Close()
}

func (f *folder) reopen(pause time.Duration) {
	f.tb.Helper()
	f.close()
	f.open(pause)
}

func number(i int) string { return fmt.Sprintf("4917600%06d", i) }

// fill makes so many people known, each with a sealed value.
func (f *folder) fill(n int) map[string]audit.SubjectID {
	f.tb.Helper()
	out := map[string]audit.SubjectID{}
	var b journal.Batch
	for i := range n {
		who, rows, err := f.people.Resolve(f.tb.Context(), tenant, message.Party{Number: number(i), UserID: fmt.Sprintf("DE.%d", i)})
		f.check(err)
		_, err = f.people.Sealer(f.tb.Context(), who.Subject, "messages", "2026-11", rows)
		f.check(err)
		rows.AddTo(&b)
		out[number(i)] = who.Subject
		if len(b.Subjects) == 1000 || i == n-1 {
			f.check(f.journal.Append(f.tb.Context(), b))
			b = journal.Batch{}
		}
	}
	return out
}

// rotate rotates a purpose and asks for its work, as an operator does.
func (f *folder) rotate(p keyring.Purpose) {
	f.tb.Helper()
	var b journal.Batch
	f.worker.Ask(&b, p)
	f.check(f.journal.Append(f.tb.Context(), b))
	_, err := f.keys.Rotate(p)
	f.check(err)
	f.worker.Begin(p)
}

// found looks everybody up and opens what is sealed about them.
func (f *folder) found(people map[string]audit.SubjectID) {
	f.tb.Helper()
	for n, id := range people {
		who, known := f.people.Find(tenant, message.Party{Number: n})
		if !known || who.Subject != id {
			f.tb.Fatalf("%s is not found, or somebody else", n)
		}
		if _, err := f.people.Opener(f.tb.Context(), id, "messages", "2026-11"); err != nil {
			f.tb.Fatalf("data key of %s: %v", n, err)
		}
		ids, err := f.people.Identifiers(f.tb.Context(), id)
		if err != nil || len(ids.Numbers) != 1 || ids.Numbers[0] != n {
			f.tb.Fatalf("identifiers of %s: %v", n, err)
		}
	}
}

// needs is how many rows need a version.
func (f *folder) needs(p keyring.Purpose, version uint32) int64 {
	f.tb.Helper()
	all, err := f.worker.Needs(f.tb.Context(), p, nil)
	f.check(err)
	n := int64(0)
	for _, need := range all[version] {
		n += need.Count
	}
	return n
}

func (f *folder) state(p keyring.Purpose) rotation.Work {
	for _, w := range f.worker.Status() {
		if w.Purpose == p {
			return w
		}
	}
	return rotation.Work{}
}

// life is a record about nobody.
func life() audit.Record {
	now := time.Now()
	return audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "test", Type: "test"}
}
