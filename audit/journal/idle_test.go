package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"postern/audit"
)

// someone is a person with records, and the data keys of two months.
type someone struct {
	j    *Journal
	id   audit.SubjectID
	time time.Time
}

func newSomeone(t *testing.T, classes ...string) *someone {
	t.Helper()
	s := &someone{j: open(t, config(t.TempDir())), id: audit.NewSubjectID(), time: time.Date(2026, 8, 31, 23, 59, 59, 0, time.UTC)}
	var b Batch
	for _, class := range classes {
		for _, month := range []string{"2026-08", "2026-09", "2026-11"} { // of the last one more may come
			b.DataKeys = append(b.DataKeys, DataKey{Subject: s.id, Class: class, Month: month, Wrapped: []byte("wrapped")})
		}
	}
	if err := s.j.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return s
}

// sealed is a record about the person with a sealed part.
func (s *someone) sealed(t *testing.T, kind audit.Kind, retention string, of audit.ID) audit.Record {
	t.Helper()
	return appendOne(t, s.j, audit.Record{
		ID: audit.NewID(s.time), Kind: kind, Time: s.time.UnixMicro(), Tenant: "bank", Subject: s.id, Retention: retention, Ref: of,
		Parts: []audit.Part{audit.NewPart(audit.PartBody, []byte("clear")), audit.NewPart(audit.PartOriginal, []byte("sealed"))},
	})
}

// idle are the keys that nothing needs, as class and month.
func (s *someone) idle(t *testing.T) (names []string) {
	t.Helper()
	var after DataKey
	for {
		some, last, err := s.j.IdleKeys(t.Context(), after, s.j.cfg.Now(), 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range some {
			names = append(names, k.Class+" "+k.Month)
		}
		if after = last; last.Month == "" {
			slices.Sort(names)
			return names
		}
	}
}

func (s *someone) want(t *testing.T, when string, names ...string) {
	t.Helper()
	if got := s.idle(t); !slices.Equal(got, names) {
		t.Errorf("%s nothing needs %q, want %q", when, got, names)
	}
}

// TestIdleKeysByClass: a key goes when nothing of its own class and month is left.
func TestIdleKeysByClass(t *testing.T) {
	s := newSomeone(t, "messages", "statutory", "deliveries", "media", "subject")
	all := []string{"deliveries 2026-08", "deliveries 2026-09", "media 2026-08", "media 2026-09", "messages 2026-08", "messages 2026-09", "statutory 2026-08", "statutory 2026-09"}
	without := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(n string) bool { return slices.Contains(names, n) })
	}
	s.want(t, "of nobody's records", all...)
	said := s.sealed(t, audit.KindInbound, "", audit.ID{})
	law := s.sealed(t, audit.KindInbound, "statutory", audit.ID{})
	answer := s.sealed(t, audit.KindDelivery, "", said.ID)
	file := Media{ID: audit.NewID(s.time), Subject: s.id, Month: "2026-08", Upstream: []byte("sealed")}
	named := MessageID{Admission: law.ID, Subject: s.id, Upstream: []byte("sealed"), Month: "2026-09", Class: "statutory"}
	if err := s.j.Append(t.Context(), Batch{Media: []Media{file}, MessageIDs: []MessageID{named}}); err != nil {
		t.Fatal(err)
	}
	s.want(t, "with all of it", without("messages 2026-08", "statutory 2026-08", "statutory 2026-09", "deliveries 2026-08", "media 2026-08")...)
	free, err := s.j.IdleKeysOf(t.Context(), s.id, Erase{Seqs: []uint64{law.Seq, answer.Seq}, Media: []audit.ID{file.ID}}, s.j.cfg.Now())
	if err != nil || len(free) != len(all)-2 {
		t.Errorf("as if two were gone: %v (%v)", free, err)
	}
	free, err = s.j.IdleKeysOf(t.Context(), s.id, Erase{Seqs: []uint64{law.Seq, answer.Seq}, MessageIDs: true, Media: []audit.ID{file.ID}}, s.j.cfg.Now())
	if err != nil || len(free) != len(all)-1 {
		t.Errorf("as if an id were gone, too: %v (%v)", free, err)
	}
	if err := s.j.Erase(t.Context(), purge(s.j, said.Seq)); err != nil {
		t.Fatal(err)
	}
	s.want(t, "with the question gone and its answer kept", without("statutory 2026-08", "statutory 2026-09", "deliveries 2026-08", "media 2026-08")...)
	e := purge(s.j, law.Seq, answer.Seq)
	e.Parts = []string{audit.PartOriginal}
	if err := s.j.Erase(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.want(t, "with originals erased", without("statutory 2026-09", "media 2026-08")...)
	queued := Delivery{ID: law.ID, App: "loans", Subject: s.id, Month: "2026-09", Body: []byte("sealed"), State: DeliveryDead}
	if err := errors.Join(s.j.Append(t.Context(), Batch{Deliveries: []Delivery{queued}}), s.j.Erase(t.Context(), purge(s.j, answer.Seq))); err != nil {
		t.Fatal(err)
	}
	s.want(t, "with a dead letter", without("statutory 2026-09", "media 2026-08", "deliveries 2026-09")...)
	e = purge(s.j, law.Seq)
	e.Parts, e.MessageIDs = []string{audit.PartBody}, true
	if err := s.j.Erase(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.want(t, "with the id gone", without("media 2026-08", "deliveries 2026-09")...)
	if row, err := s.j.MessageByAdmission(t.Context(), law.ID); err != nil || row.Upstream != nil || row.Class != "statutory" {
		t.Errorf("the id that went: %+v (%v)", row, err)
	}
}

// TestIdleKeysOfBefore: what was sealed before keys had classes holds the keys of
// messages, of both months where it may have been either.
func TestIdleKeysOfBefore(t *testing.T) {
	s := newSomeone(t, "messages", "statutory")
	law := s.sealed(t, audit.KindInbound, "statutory", audit.ID{})
	s.want(t, "now", "messages 2026-08", "messages 2026-09", "statutory 2026-09")
	s.j.ownKeys.Store(law.Seq + 1)
	s.want(t, "before", "statutory 2026-08", "statutory 2026-09")
}

// BenchmarkIdleKeys looks through the keys of people with a record a month of
// each of two classes, all of which are needed.
func BenchmarkIdleKeys(b *testing.B) {
	j := open(b, config(b.TempDir()))
	const people, months = 1000, 8
	for range people {
		who := audit.NewSubjectID()
		var batch Batch
		for m := range months {
			at := time.Date(2026, time.Month(1+m), 10, 0, 0, 0, 0, time.UTC)
			for _, class := range []string{"", "statutory"} {
				r := admission(at, who)
				r.Effect, r.Retention = audit.EffectDeny, class
				batch.Records = append(batch.Records, r)
				batch.DataKeys = append(batch.DataKeys, DataKey{Subject: who, Class: audit.KeyClass(r.Kind, class), Month: at.Format(monthForm), Wrapped: make([]byte, 65)})
			}
		}
		if err := j.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := 0
		for after := (DataKey{}); ; n++ {
			idle, last, err := j.IdleKeys(context.Background(), after, j.cfg.Now(), 1000)
			if err != nil || len(idle) > 0 {
				b.Fatal(fmt.Errorf("%d idle: %w", len(idle), err))
			}
			if after = last; last.Month == "" {
				break
			}
		}
	}
}
