package journal

import (
	"context"
	"errors"
	"strings"
	"testing"

	"postern/audit"
)

// purge is the erasure of whole records.
func purge(j *Journal, seqs ...uint64) Erase {
	now := j.cfg.Now()
	return Erase{Record: audit.Record{ID: audit.NewID(now), Kind: audit.KindErasure, Time: now.UnixMicro(), Actor: "system"},
		Reason: "retention", Parts: []string{audit.PartRecord}, Seqs: seqs}
}

// TestPurgeLeavesNoByte looks for what a record held in the file and its log,
// and at what stays of it.
func TestPurgeLeavesNoByte(t *testing.T) {
	ctx := context.Background()
	cfg := config(t.TempDir())
	j := open(t, cfg)
	first := appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	appendOne(t, j, settle(cfg.Now(), &first, "accepted"))
	r := rich(cfg.Now(), first.ID)
	r.Effect, r.Template, r.Facts = audit.EffectDeny, "TEMPLATE-NEEDLE/en", `{"needle":"FACTS-NEEDLE"}`
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte(strings.Repeat("KOLIBRI-", 900))), audit.NewPart(audit.PartDetail, []byte("DETAIL-NEEDLE"))}
	r = appendOne(t, j, r)
	if err := j.Append(ctx, Batch{
		Deliveries: []Delivery{{ID: r.ID, App: "dead", State: DeliveryDead, Body: []byte("QUEUED-NEEDLE")}, {ID: r.ID, App: "waits", Body: []byte("WAITING")}},
		MessageIDs: []MessageID{{Admission: r.ID, Subject: r.Subject, Hash: [16]byte{7}, Upstream: []byte("ID-NEEDLE-SEALED")}},
	}); err != nil {
		t.Fatal(err)
	}
	before := countsOf(t, j)
	needles := [][]byte{[]byte("KOLIBRI-"), []byte("TEMPLATE-NEEDLE"), []byte("FACTS-NEEDLE"), []byte("DETAIL-NEEDLE"), []byte("QUEUED-NEEDLE"),
		[]byte("ID-NEEDLE-SEALED"), r.Subject[:], r.Parts[0].Hash[:], []byte("0123456789abcdef")}
	for i, n := range needles {
		if !onDisk(t, j, n) {
			t.Fatalf("needle %d is not on the disk before: the test looks in the wrong place", i)
		}
	}
	if err := j.Erase(ctx, purge(j, r.Seq)); err != nil {
		t.Fatal(err)
	}
	for i, n := range needles {
		if onDisk(t, j, n) {
			t.Errorf("needle %d is still on the disk", i)
		}
	}
	if !onDisk(t, j, []byte("WAITING")) {
		t.Error("a delivery that still waits is gone")
	}
	got, err := j.Record(ctx, r.ID)
	want := audit.Record{Version: 1, Seq: r.Seq, ID: r.ID, Prev: r.Prev, Leaf: r.Leaf, Kind: audit.KindPurged, Purged: true}
	if err != nil || !equal(got, want) {
		t.Errorf("after the purge: %+v (%v)", got, err)
	}
	if row, err := j.MessageByHash(ctx, [16]byte{7}); err != nil || row.Upstream != nil || row.Admission != r.ID {
		t.Errorf("message id: %v", err)
	}
	if report := verify(t, j.path); !report.OK() || report.Purged != 1 {
		t.Errorf("%d purged, %v", report.Purged, report.Findings)
	}
	if after := countsOf(t, j); after != before+1 { // the erasure record
		t.Errorf("counted %d records before and %d after", before, after)
	}
}

// countsOf is the number of records counted by day.
func countsOf(t *testing.T, j *Journal) int64 {
	return number(t, j, "SELECT sum(count) FROM audit_counts WHERE kind <> 'purged'")
}

func contextsOf(t *testing.T, j *Journal) int64 {
	return number(t, j, "SELECT count(*) FROM contexts")
}

func number(t *testing.T, j *Journal, text string) (n int64) {
	t.Helper()
	err := j.view(context.Background(), func(c *conn) (err error) {
		n, err = c.integer(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPurgeIsOpenedAgain purges all that may go and opens the journal anew.
func TestPurgeIsOpenedAgain(t *testing.T) {
	cfg := config(t.TempDir())
	j, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var seqs []uint64
	for range 300 {
		a := appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
		s := appendOne(t, j, settle(cfg.Now(), &a, "accepted"))
		seqs = append(seqs, a.Seq, s.Seq)
	}
	e := purge(j, seqs...)
	e.Later = true
	if err := errors.Join(j.Erase(context.Background(), e), j.DropLog(context.Background()), j.DropContexts(context.Background()), j.Close()); err != nil {
		t.Fatal(err)
	}
	j = open(t, cfg)
	if n := j.OpenAdmissions(1 << 62); len(n) != 0 {
		t.Errorf("%d admissions are open", len(n))
	}
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	if n := countsOf(t, j); n != 602 {
		t.Errorf("%d records counted", n)
	}
	if report := verify(t, j.path); !report.OK() || report.Purged != 600 || report.Records != 602 {
		t.Errorf("%d purged of %d: %v", report.Purged, report.Records, report.Findings)
	}
	const text = "SELECT kind, day, month, hour, erased, count(*) FROM audit WHERE seq < 600 GROUP BY 1, 2, 3, 4, 5"
	out, err := j.reader.Query(context.Background(), text, QueryOptions{})
	if want := [][]any{{"purged", "", "", "", int64(1), int64(600)}}; err != nil || !equal(out.Rows, want) {
		t.Errorf("the view shows %v (%v)", out.Rows, err)
	}
	if n := contextsOf(t, j); n != 3 {
		t.Errorf("%d contexts: of an erasure, of what is purged, of an admission", n)
	}
}

func TestPurgeRefuses(t *testing.T) {
	ctx := context.Background()
	j := open(t, config(t.TempDir()))
	a := appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	if err := j.Erase(ctx, purge(j, a.Seq)); !errors.Is(err, ErrStillOpen) {
		t.Errorf("an open admission: %v", err)
	}
	appendOne(t, j, settle(j.cfg.Now(), &a, "accepted"))
	if err := j.Erase(ctx, purge(j, a.Seq)); err != nil {
		t.Fatal(err)
	}
	if err := j.Erase(ctx, purge(j, a.Seq)); err != nil {
		t.Errorf("a record that is gone: %v", err)
	}
	if err := j.Erase(ctx, purge(j, 0, 1, 2)); !errors.Is(err, ErrPermanent) {
		t.Errorf("an erasure record: %v", err)
	}
	detail := purge(j, 2)
	detail.Parts = []string{audit.PartDetail}
	if err := j.Erase(ctx, detail); !errors.Is(err, ErrPermanent) {
		t.Errorf("the detail of an erasure record: %v", err)
	}
	both := purge(j, 1)
	both.Parts = []string{audit.PartBody, audit.PartRecord}
	if err := j.Erase(ctx, both); !errors.Is(err, ErrInvalid) {
		t.Errorf("a part and the record: %v", err)
	}
	if report := verify(t, j.path); !report.OK() || report.Purged != 1 {
		t.Errorf("%d purged, %v", report.Purged, report.Findings)
	}
}
