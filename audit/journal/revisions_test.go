package journal

import (
	"slices"
	"testing"
	"time"

	"postern/audit"
)

// revised appends a revision of a record, as stricter packs make it, and erases
// the body of what it revises.
func revised(t *testing.T, j *Journal, now time.Time, first *audit.Record, body string, erase ...uint64) audit.Record {
	t.Helper()
	r := appendOne(t, j, audit.NewRevision(first, now, []byte(body)))
	e := Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindErasure, Time: now.UnixMicro()},
		Reason: "redaction", Parts: []string{audit.PartBody}, Seqs: erase,
	}
	if err := j.Erase(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRevisions: they come with what they are of, by person, by age and by words,
// however long after they were made, and after it is purged too.
func TestRevisions(t *testing.T) {
	clock := newClock()
	cfg := config(t.TempDir())
	cfg.Now = clock.now
	j := open(t, cfg)
	person := audit.NewSubjectID()
	r := admission(clock.now(), person)
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("order 12 for ana"))}
	first := appendOne(t, j, r)
	status := settle(clock.now(), &first, "accepted")
	status.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("a status of ana"))}
	status = appendOne(t, j, status)
	for range 1200 { // beyond what is looked at for records that came out of order
		clock.add(time.Hour)
		appendOne(t, j, admission(clock.now(), audit.NewSubjectID()))
	}
	before := revised(t, j, clock.now(), &first, "order 12 for [NAME]", first.Seq)
	now := revised(t, j, clock.now(), &first, "order [NUMBER] for [NAME]", before.Seq)
	other := revised(t, j, clock.now(), &status, "a status of [NAME]", status.Seq)

	all, err := j.Revisions(t.Context(), first.ID)
	if newest := Newest(all); err != nil || len(all) != 2 || newest == nil || newest.ID != now.ID {
		t.Errorf("%d revisions, newest %+v: %v", len(all), newest, err)
	}
	seqs, err := j.SeqsOf(t.Context(), person)
	if want := []uint64{first.Seq, status.Seq, before.Seq, now.Seq, other.Seq}; err != nil || !slices.Equal(seqs, want) {
		t.Errorf("of the person %v, want %v: %v", seqs, want, err)
	}
	var about []uint64
	if err := j.About(t.Context(), person, func(r *audit.Record) error { about = append(about, r.Seq); return nil }); err != nil || !slices.Equal(about, seqs) {
		t.Errorf("about the person %v, want %v: %v", about, seqs, err)
	}
	hits, err := j.Reader().Search(t.Context(), Search{Kind: "admission", Words: []string{"order", "for"}, Limit: 5})
	if err != nil || len(hits.Rows) != 1 || hits.Rows[0][0] != int64(now.Seq) { //nolint:gosec // small
		t.Errorf("found %v: %v", hits.Rows, err)
	}
	if hits, err = j.Reader().Search(t.Context(), Search{Kind: "admission", Subject: person, Limit: 5}); err != nil || len(hits.Rows) != 1 {
		t.Errorf("%d messages of the person: %v", len(hits.Rows), err)
	}
	aged := func() (out []Aged) {
		t.Helper()
		err := j.Reader().Aged(t.Context(), 0, first.Time+time.Minute.Microseconds(), func(a *Aged) error { out = append(out, *a); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := aged()
	if len(got) != 5 || got[2].Seq != before.Seq || got[2].Content || got[3].Seq != now.Seq || !got[3].Content || got[3].Parent.Seq != first.Seq {
		t.Errorf("aged: %+v", got)
	}
	if err := j.Append(t.Context(), Batch{Records: []audit.Record{settle(clock.now(), &first, "accepted")}}); err != nil {
		t.Fatal(err)
	}
	times, err := j.Reader().Times(t.Context(), clock.now(), clock.now())
	if err != nil || times.Newest < clock.now().Add(-time.Hour).UnixMicro() {
		t.Errorf("a revision passes for the newest moment: %+v, %v", times, err)
	}
}

// TestRevisionsOfPurged: what revises a purged record is found by its place.
func TestRevisionsOfPurged(t *testing.T) {
	clock := newClock()
	cfg := config(t.TempDir())
	cfg.Now = clock.now
	j := open(t, cfg)
	r := admission(clock.now(), audit.NewSubjectID())
	r.Effect = audit.EffectDeny // it has no outcome to wait for
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("order 12 for ana"))}
	first := appendOne(t, j, r)
	clock.add(40 * 24 * time.Hour)
	now := revised(t, j, clock.now(), &first, "order 12 for [NAME]", first.Seq)
	if err := j.Erase(t.Context(), purge(j, first.Seq)); err != nil {
		t.Fatal(err)
	}
	var got []Aged
	err := j.Reader().Aged(t.Context(), 0, first.Time+1, func(a *Aged) error { got = append(got, *a); return nil })
	if err != nil || len(got) != 1 || got[0].Seq != now.Seq || !got[0].Parent.Purged {
		t.Errorf("aged: %+v, %v", got, err)
	}
}
