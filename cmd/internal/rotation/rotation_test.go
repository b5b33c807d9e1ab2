package rotation_test

import (
	"context"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
	"postern/proxy/message"
)

// TestStoppedInTheMiddle stops the work between its first and its second step,
// opens the store anew, and lets it go on.
func TestStoppedInTheMiddle(t *testing.T) {
	for _, p := range []keyring.Purpose{keyring.KEK, keyring.Index} {
		t.Run(string(p), func(t *testing.T) {
			f := newFolder(t)
			people := f.fill(600)
			all := f.needs(p, 1)
			f.reopen(time.Hour) // it rests after the first step
			f.rotate(p)
			f.found(people)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- f.worker.Run(ctx) }()
			rig.Await(t, "the first step", func() bool { return f.state(p).Moved > 0 })
			f.found(people)
			cancel()
			f.check(<-ended)
			if left := f.needs(p, 1); left == 0 || left == all {
				t.Fatalf("%d of %d are left after one step", left, all)
			}
			f.reopen(0)
			f.found(people)
			if f.state(p).State != "waiting" {
				t.Fatalf("after a start the work is %q", f.state(p).State)
			}
			f.check(f.worker.Finish(t.Context()))
			if w := f.state(p); w.State != "done" || w.Version != 2 || w.Stuck != 0 {
				t.Fatalf("at the end: %+v", w)
			}
			if left := f.needs(p, 1); left != 0 {
				t.Fatalf("%d still need version 1", left)
			}
			f.check(f.keys.Destroy(p, 1))
			f.found(people)
			f.reopen(0)
			f.found(people)
			if len(f.worker.Status()) != 0 {
				t.Fatal("finished work is begun again")
			}
		})
	}
}

// TestWhatComesMeanwhileMovesToo resolves people under the old epoch whose rows
// reach the store only after the rotation.
func TestWhatComesMeanwhileMovesToo(t *testing.T) {
	f := newFolder(t)
	people := f.fill(3)
	who, rows, err := f.people.Resolve(t.Context(), tenant, message.Party{Number: "491760999999"})
	f.check(err)
	if _, err := f.people.Sealer(t.Context(), who.Subject, "messages", "2026-11", rows); err != nil {
		t.Fatal(err)
	}
	people["491760999999"] = who.Subject
	f.rotate(keyring.Index)
	f.rotate(keyring.KEK)
	ended := make(chan error, 1)
	go func() { ended <- f.worker.Finish(t.Context()) }()
	rig.Await(t, "the others", func() bool { return f.needs(keyring.Index, 1) == 1 })
	if f.state(keyring.Index).State != "running" {
		t.Fatal("the index is called done while somebody is missing")
	}
	var b journal.Batch
	rows.AddTo(&b)
	f.check(f.journal.Append(t.Context(), b))
	f.check(<-ended)
	for _, p := range []keyring.Purpose{keyring.Index, keyring.KEK} {
		if n := f.needs(p, 1); n != 0 {
			t.Fatalf("%d need the old %s key", n, p)
		}
		f.check(f.keys.Destroy(p, 1))
	}
	f.found(people)
	// A batch that was made before carries the old wrapping: it changes nothing.
	b = journal.Batch{}
	rows.AddTo(&b)
	b.Subjects = nil
	f.check(f.journal.Append(t.Context(), b))
	f.reopen(0)
	f.found(people)
}

// TestOneFamilyUnderTwoEpochs: while the index moves, the forms of one number
// stand under different epochs and are family nevertheless.
func TestOneFamilyUnderTwoEpochs(t *testing.T) {
	f := newFolder(t)
	first, second := "5511987654321", "551187654321" // with and without the ninth digit
	a, rows, err := f.people.Resolve(t.Context(), tenant, message.Party{Number: first})
	f.check(err)
	var b journal.Batch
	rows.AddTo(&b)
	f.check(f.journal.Append(t.Context(), b))
	f.rotate(keyring.Index)
	c, rows, err := f.people.Resolve(t.Context(), tenant, message.Party{Number: second})
	f.check(err)
	b = journal.Batch{}
	rows.AddTo(&b)
	f.check(f.journal.Append(t.Context(), b))
	for range 2 { // under two epochs, and then under one
		for _, n := range []string{first, second} {
			other := map[string]any{first: c.Subject, second: a.Subject}[n]
			if who, known := f.people.Find(tenant, message.Party{Number: n}); !known || len(who.Family) != 1 || who.Family[0] != other {
				t.Fatalf("family of %s: %v %v", n, known, who.Family)
			}
		}
		f.check(f.worker.Finish(t.Context()))
	}
}

// TestWhatDoesNotOpenIsStuck: somebody whose data key is gone stays findable
// under the old epoch, which stays needed.
func TestWhatDoesNotOpenIsStuck(t *testing.T) {
	f := newFolder(t)
	people := f.fill(2)
	row, err := f.journal.Subject(t.Context(), people[number(1)])
	f.check(err)
	keys, err := f.journal.KeysOf(t.Context(), row.ID)
	f.check(err)
	f.check(f.journal.Erase(t.Context(), journal.Erase{Record: life(), Keys: keys}))
	f.rotate(keyring.Index)
	f.check(f.worker.Finish(t.Context()))
	if w := f.state(keyring.Index); w.State != "done" || w.Stuck != 1 || w.Moved != 1 {
		t.Fatalf("%+v", w)
	}
	if n := f.needs(keyring.Index, 1); n != 1 {
		t.Fatalf("%d need the old epoch", n)
	}
	if who, known := f.people.Find(tenant, message.Party{Number: number(1)}); !known || who.Subject != row.ID {
		t.Fatal("who is stuck is not found any more")
	}
}
