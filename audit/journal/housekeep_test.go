package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"postern/audit"
)

func numbered(i int) (h [16]byte) {
	binary.BigEndian.PutUint64(h[:], uint64(i)*0x9e3779b97f4a7c15) //nolint:gosec // a test's number
	binary.BigEndian.PutUint64(h[8:], uint64(i))                   //nolint:gosec // a test's number
	return h
}

// TestHousekeep keeps what is young, drops what is old, and never looks at
// more than a bounded number of rows at once.
func TestHousekeep(t *testing.T) {
	ctx, clk := context.Background(), newClock()
	cfg := config(t.TempDir())
	cfg.Now = clk.now
	j := open(t, cfg)
	const n = 2500
	var b Batch
	for i := range n {
		at := clk.now().UnixMicro()
		if i%2 == 0 {
			at = clk.now().Add(48 * time.Hour).UnixMicro()
		}
		h := numbered(i)
		k := Idempotency{App: "loans", Number: "1", Time: at}
		copy(k.Key[:], h[:])
		b.Idempotency = append(b.Idempotency, k)
		b.Seen = append(b.Seen, Seen{Hash: h, Time: at - (7 * 24 * time.Hour).Microseconds()})
		b.MessageIDs = append(b.MessageIDs, MessageID{Admission: h, Hash: h, Time: at - (59 * 24 * time.Hour).Microseconds()})
		b.Deliveries = append(b.Deliveries, Delivery{ID: h, App: "loans", Body: []byte("sealed")})
		b.Outcomes = append(b.Outcomes, Outcome{ID: h, App: "loans", State: DeliveryState(i % 3)})
	}
	if err := j.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	clk.add(25 * time.Hour)
	steps := 0
	for done := false; !done; steps++ {
		var err error
		if done, err = j.Housekeep(ctx, clk.now(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if want := 4 * (n/sweepRows + 1); steps != want {
		t.Errorf("%d steps, want %d of at most %d rows", steps, want, sweepRows)
	}
	for table, want := range map[string]int64{"idempotency": n / 2, "seen": n / 2, "message_ids": n / 2, "deliveries": n - (n+1)/3} {
		err := j.view(ctx, func(c *conn) error {
			got, err := c.integer("SELECT count(*) FROM " + table)
			if got != want {
				t.Errorf("%s: %d rows left, want %d", table, got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if pending, dead, err := j.Backlog(ctx); err != nil || pending != 834 || dead != 833 {
		t.Errorf("backlog %d, dead letters %d (%v)", pending, dead, err)
	}
}

// TestHousekeepLeavesWhatIsKept asks about each webhook and message id that is
// old, and about nothing else.
func TestHousekeepLeavesWhatIsKept(t *testing.T) {
	ctx, clk := context.Background(), newClock()
	cfg := config(t.TempDir())
	cfg.Now = clk.now
	j := open(t, cfg)
	kept, gone := audit.NewSubjectID(), audit.NewSubjectID()
	at := clk.now().UnixMicro()
	var b Batch
	for i, s := range []audit.SubjectID{kept, gone} {
		id := audit.ID(numbered(i))
		b.Deliveries = append(b.Deliveries, Delivery{ID: id, Tenant: "bank", App: "loans", Number: "1", Subject: s, Created: at, Body: []byte("sealed")})
		b.Outcomes = append(b.Outcomes, Outcome{ID: id, App: "loans", State: DeliveryDone})
		b.MessageIDs = append(b.MessageIDs, MessageID{Admission: id, Tenant: "bank", Number: "1", Subject: s, Hash: numbered(i), Time: at})
		b.Seen = append(b.Seen, Seen{Hash: numbered(i), Time: at})
	}
	if err := j.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	clk.add(61 * 24 * time.Hour)
	want := map[Resting]bool{}
	for i, s := range []audit.SubjectID{kept, gone} {
		for _, app := range []string{"loans", ""} { // a message id does not say the app
			want[Resting{Record: audit.ID(numbered(i)), Tenant: "bank", App: app, Number: "1", Subject: s, Time: at}] = true
		}
	}
	for done := false; !done; {
		var err error
		done, err = j.Housekeep(ctx, clk.now(), func(r Resting) bool {
			if !want[r] {
				t.Errorf("asked about %+v", r)
			}
			return r.Subject == kept
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, stays := range []bool{true, false} {
		id := audit.ID(numbered(i))
		_, ofMessage := j.MessageByAdmission(ctx, id)
		_, ofDelivery := j.Delivery(ctx, id, "loans")
		if stays != (ofMessage == nil) || stays != (ofDelivery == nil) {
			t.Errorf("person %d: message id %v, webhook %v", i, ofMessage, ofDelivery)
		}
	}
}

func TestDeliveries(t *testing.T) {
	ctx := context.Background()
	cfg := config(t.TempDir())
	j := open(t, cfg)
	a, b := audit.NewID(cfg.Now()), audit.NewID(cfg.Now())
	err := j.Append(ctx, Batch{Deliveries: []Delivery{
		{ID: a, App: "loans", NextAt: 10, NotAfter: 99, Body: []byte("one"), Subject: audit.NewSubjectID()},
		{ID: a, App: "cards", NextAt: 5, NotAfter: 99, Body: []byte("two")},
		{ID: b, App: "loans", NextAt: 20, NotAfter: 99, Body: []byte("three")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if due, err := j.Pending(ctx, 10, 9); err != nil || len(due) != 2 || due[0].App != "cards" || string(due[1].Body) != "one" {
		t.Errorf("due: %+v (%v)", due, err)
	}
	if all, err := j.PendingAfter(ctx, 1, 9); err != nil || len(all) != 2 || all[0].Seq != 2 {
		t.Errorf("pending after the first: %+v (%v)", all, err)
	}
	if at, ok, err := j.NextDue(ctx); err != nil || !ok || at != 5 {
		t.Errorf("next due: %d %v (%v)", at, ok, err)
	}
	change := func(o Outcome) {
		if err := j.Append(ctx, Batch{Outcomes: []Outcome{o}}); err != nil {
			t.Fatal(err)
		}
	}
	change(Outcome{ID: a, App: "cards", State: DeliveryDead, Attempts: 7, LastCode: 503})
	change(Outcome{ID: a, App: "loans", State: DeliveryDone, Attempts: 1, LastCode: 200})
	if dead, err := j.DeadLetters(ctx, 0, 9); err != nil || len(dead) != 1 || dead[0].Attempts != 7 || dead[0].LastCode != 503 {
		t.Errorf("dead letters: %+v (%v)", dead, err)
	}
	change(Outcome{ID: a, App: "cards", State: DeliveryPending, NextAt: 30, NotAfter: 200})
	if d, err := j.Delivery(ctx, a, "cards"); err != nil || d.State != DeliveryPending || d.NotAfter != 200 {
		t.Errorf("replayed: %+v (%v)", d, err)
	}
}

// TestState writes each table and reads it back, over a restart.
func TestState(t *testing.T) {
	ctx := context.Background()
	cfg := config(t.TempDir())
	j, err := Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := Subject{ID: audit.NewSubjectID(), Tenant: "bank", Identifiers: []byte("sealed"), Alias: audit.NewSubjectID(), Created: 7,
		Index: []IndexEntry{{Epoch: 3, Hash: numbered(1), Kind: "number", From: 1, Until: 2}, {Epoch: 4, Hash: numbered(2), Kind: "user_id", From: 9}}}
	f := Fact{Tenant: "bank", Subject: s.ID, Kind: "window", Key: "106", Value: []byte(`{"a":1}`), Time: 4, Until: 5, Record: audit.NewID(cfg.Now())}
	gone := Fact{Tenant: "bank", Subject: s.ID, Kind: "zone", Value: []byte("{}")}
	m := MessageID{Admission: audit.NewID(cfg.Now()), Tenant: "bank", Number: "106", Subject: s.ID, Hash: numbered(5), Upstream: []byte("sealed"), Month: "2026-11", Class: "statutory", Time: 8}
	k := Idempotency{App: "loans", Number: "106", Key: [32]byte{1}, Body: [32]byte{2}, Admission: m.Admission, Subject: s.ID, Month: "2026-11", Time: 9}
	freed := k
	freed.Key[0] = 2
	set := Setting{Scope: "app/loans", Key: "webhook", Value: []byte("sealed"), Time: 3}
	if err := j.Append(ctx, Batch{Subjects: []Subject{s}, Facts: []Fact{f, gone}, MessageIDs: []MessageID{m}, Idempotency: []Idempotency{k, freed}, Settings: []Setting{set, {Scope: "app/loans", Key: "old", Value: []byte("x")}}}); err != nil {
		t.Fatal(err)
	}
	k.Answer, gone.Value, freed.Free = []byte("sealed answer"), nil, true
	if err := j.Append(ctx, Batch{Facts: []Fact{gone}, Idempotency: []Idempotency{k, freed}, Settings: []Setting{{Scope: "app/loans", Key: "old"}}}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, cfg)
	check := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil || !equal(got, want) {
			t.Errorf("%s came back as %+v (%v), want %+v", what, got, err, want)
		}
	}
	var facts []Fact
	err = j.Facts(ctx, func(f Fact) error { facts = append(facts, f); return nil })
	check("facts", facts, []Fact{f}, err)
	got, err := j.Subject(ctx, s.ID)
	check("subject", got, s, err)
	var light []Subject
	err = j.Subjects(ctx, func(s Subject) error { light = append(light, s); return nil })
	s.Identifiers = nil
	check("subjects", light, []Subject{s}, err)
	byHash, err := j.MessageByHash(ctx, m.Hash)
	check("message id by hash", byHash, m, err)
	byID, err := j.MessageByAdmission(ctx, m.Admission)
	check("message id by admission", byID, m, err)
	idem, err := j.IdempotencyGet(ctx, "loans", "106", k.Key)
	check("idempotency", idem, k, err)
	settings, err := j.Settings(ctx, "app/loans")
	check("settings", settings, []Setting{set}, err)
	if _, err := j.IdempotencyGet(ctx, "loans", "106", freed.Key); !errors.Is(err, ErrNotFound) {
		t.Errorf("a key that was freed: %v", err)
	}
	if _, err := j.IdempotencyGet(ctx, "cards", "106", k.Key); !errors.Is(err, ErrNotFound) {
		t.Errorf("another app's key: %v", err)
	}
	if _, err := j.MessageByHash(ctx, numbered(77)); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown hash: %v", err)
	}
}

// TestHousekeepLooksAgain: a row that became young after it was found old stays.
func TestHousekeepLooksAgain(t *testing.T) {
	j := open(t, config(t.TempDir()))
	if err := j.Append(t.Context(), Batch{Seen: []Seen{{Hash: numbered(1), Time: 1}, {Hash: numbered(2), Time: 9}}}); err != nil {
		t.Fatal(err)
	}
	s := sweeps()[1]
	s.until = 5
	one, two := numbered(1), numbered(2)
	err := j.alone(t.Context(), func() error { return s.remove(j.w, [][]any{{one[:]}, {two[:]}}) })
	if n := number(t, j, "SELECT min(time) FROM seen"); err != nil || s.table != "seen" || n != 9 {
		t.Errorf("the oldest left is of %d (%v)", n, err)
	}
}
