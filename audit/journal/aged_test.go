package journal

import (
	"context"
	"errors"
	"testing"
	"time"

	"postern/audit"
)

// TestAged: records older than a time come in order with those they refer to,
// purged ones do not, over many pages and with the clock set back in between.
func TestAged(t *testing.T) {
	clock := newClock()
	cfg := config(t.TempDir())
	cfg.Now = clock.now
	j := open(t, cfg)
	person := audit.NewSubjectID()
	var want []uint64
	for i := range 3 {
		sent := appendOne(t, j, admission(clock.now(), person))
		done := settle(clock.now(), &sent, "accepted")
		done.Subject = audit.SubjectID{}
		if done = appendOne(t, j, done); i < 2 {
			want = append(want, sent.Seq, done.Seq)
		}
		clock.add(24 * time.Hour)
	}
	clock.add(-72 * time.Hour)
	want = append(want, appendOne(t, j, admission(clock.now(), person)).Seq)
	cutoff := clock.now().Add(30 * time.Hour)
	if err := j.Erase(t.Context(), purge(j, 0)); err != nil {
		t.Fatal(err)
	}
	want = append(want[1:], want[len(want)-1]+1) // the erasure's own record
	var got []uint64
	err := j.Reader().Aged(t.Context(), 0, cutoff.UnixMicro(), func(a *Aged) error {
		got = append(got, a.Seq)
		switch {
		case a.Record.Kind == audit.KindAdmission && (!a.Content || a.Detail || a.Record.Subject != person || a.Row != a.Record.ID):
			t.Errorf("admission: %+v", a)
		case a.Seq == 1 && !a.Parent.Purged, a.Seq == 3 && (a.Parent.Purged || a.Parent.Subject != person || a.Parent.Kind != audit.KindAdmission):
			t.Errorf("settle %d: parent %+v", a.Seq, a.Parent)
		}
		return nil
	})
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, want %v: %v", got, want, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	enough := errors.New("enough")
	if err := j.Reader().Aged(t.Context(), 2, cutoff.UnixMicro(), func(a *Aged) error {
		if a.Seq != 2 {
			t.Errorf("begins at %d", a.Seq)
		}
		return enough
	}); !errors.Is(err, enough) {
		t.Errorf("the caller's error is lost: %v", err)
	}
	times, err := j.Reader().Times(t.Context(), clock.now().Add(time.Hour), clock.now().Add(time.Hour))
	if err != nil || times.Newest != clock.now().UnixMicro() || times.Before == 0 || times.Before > clock.now().Add(time.Hour).UnixMicro() {
		t.Errorf("times %+v: %v", times, err)
	}
	contact := clock.now().UnixMicro()
	clock.add(time.Hour)
	appendOne(t, j, audit.Record{Version: audit.Version, ID: audit.NewID(clock.now()), Kind: audit.KindTrailRead, Time: clock.now().UnixMicro(), Subject: person, Type: "show"})
	if at, err := j.Reader().LastContact(t.Context(), person); err != nil || at != contact {
		t.Errorf("last contact %d: %v", at, err)
	}
	if at, err := j.Reader().LastContact(t.Context(), audit.NewSubjectID()); err != nil || at != 0 {
		t.Errorf("a stranger's last contact %d: %v", at, err)
	}
}

// TestAgedRows: files that are stored and webhooks that were given up.
func TestAgedRows(t *testing.T) {
	j := open(t, config(t.TempDir()))
	old, id := j.cfg.Now().UnixMicro(), audit.NewID(j.cfg.Now())
	media := Media{ID: id, Tenant: "bank", Number: "1", App: "loans", Subject: audit.NewSubjectID(), Month: "2026-11", Hash: [16]byte{1}, Kind: "image", Mime: "image/png", Created: old, Stored: true, Until: old}
	gone := media
	gone.ID, gone.Stored = audit.NewID(j.cfg.Now()), false
	dead := Delivery{ID: id, App: "loans", Tenant: "bank", Number: "1", Dialect: "cloud", Month: "2026-11", State: DeliveryDead, Created: old, Body: []byte{1}}
	waits := dead
	waits.ID, waits.State = gone.ID, DeliveryPending
	if err := j.Append(t.Context(), Batch{Media: []Media{media, gone}, Deliveries: []Delivery{dead, waits}}); err != nil {
		t.Fatal(err)
	}
	for kind, list := range map[audit.Kind]func(context.Context, int64, func(*Aged) error) error{
		audit.KindMedia: j.Reader().AgedMedia, audit.KindDelivery: j.Reader().AgedDeliveries,
	} {
		for before, want := range map[int64]int{old: 0, old + 1: 1} {
			n := 0
			err := list(t.Context(), before, func(a *Aged) error {
				if n++; a.Row != id || a.Record.Kind != kind || a.Record.App != "loans" || a.Record.Time != old {
					t.Errorf("%s: %+v", kind, a)
				}
				return nil
			})
			if err != nil || n != want {
				t.Errorf("%s: %d rows, want %d: %v", kind, n, want, err)
			}
		}
	}
}

// TestAgedRowsOfOneMoment: each comes once, over more than one page.
func TestAgedRowsOfOneMoment(t *testing.T) {
	j := open(t, config(t.TempDir()))
	old := j.cfg.Now().UnixMicro()
	var b Batch
	for range agedRowsPage + 3 {
		id := audit.NewID(j.cfg.Now())
		b.Media = append(b.Media, Media{ID: id, Tenant: "bank", Number: "1", Month: "2026-11", Hash: [16]byte(id), Kind: "image", Mime: "image/png", Created: old, Stored: true, Until: old})
		b.Deliveries = append(b.Deliveries, Delivery{ID: id, App: "loans", Tenant: "bank", Number: "1", Dialect: "cloud", Month: "2026-11", State: DeliveryDead, Created: old, Body: []byte{1}})
	}
	if err := j.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for _, list := range []func(context.Context, int64, func(*Aged) error) error{j.Reader().AgedMedia, j.Reader().AgedDeliveries} {
		seen := map[audit.ID]bool{}
		n := 0
		err := list(t.Context(), old+1, func(a *Aged) error { n++; seen[a.Row] = true; return nil })
		if err != nil || n != agedRowsPage+3 || len(seen) != n {
			t.Errorf("%d rows, %d different: %v", n, len(seen), err)
		}
	}
}

// BenchmarkAged reads a million records as a plan does.
func BenchmarkAged(b *testing.B) {
	cfg := config(b.TempDir())
	cfg.Now = time.Now
	j := open(b, cfg)
	const n = 1_000_000
	fill(b, j, n)
	for b.Loop() {
		seen := 0
		err := j.Reader().Aged(context.Background(), 0, j.cfg.Now().UnixMicro()+1, func(*Aged) error { seen++; return nil })
		if err != nil || seen != n {
			b.Fatal(seen, err)
		}
	}
}
