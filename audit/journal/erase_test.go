package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postern/audit"
)

// TestEraseLeavesNoByte looks for the erased bytes in the file and its log.
func TestEraseLeavesNoByte(t *testing.T) {
	ctx := context.Background()
	cfg := config(t.TempDir())
	j := open(t, cfg)
	subject, secret := audit.NewSubjectID(), strings.Repeat("KOLIBRI-", 900)
	sealed, key, index := []byte("IDENTIFIERS-SEALED"), []byte("WRAPPED-KEY-BYTES"), [16]byte([]byte("BLINDINDEXBYTES!"))
	r := admission(cfg.Now(), subject)
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte(secret)), audit.NewPart(audit.PartInput, []byte(`{"kept":1}`))}
	err := j.Append(ctx, Batch{
		Records:  []audit.Record{admission(cfg.Now(), audit.NewSubjectID()), r, settle(cfg.Now(), &r, "accepted")},
		Subjects: []Subject{{ID: subject, Tenant: "bank", Identifiers: sealed, Index: []IndexEntry{{Epoch: 1, Hash: index, Kind: "number", From: 5}}}},
		DataKeys: []DataKey{{Subject: subject, Class: "standard", Month: "2026-11", Wrapped: key}},
		Facts:    []Fact{{Tenant: "bank", Subject: subject, Kind: "consent", Key: "marketing", Value: []byte("FACT-OF-PERSON")}},
		Deliveries: []Delivery{
			{ID: r.ID, App: "alerts", Subject: subject, Body: []byte("QUEUED-BODY")}, {ID: audit.NewID(cfg.Now()), App: "alerts", Subject: audit.NewSubjectID(), Body: []byte("OF-ANOTHER")},
		},
		MessageIDs:  []MessageID{{Admission: r.ID, Subject: subject, Hash: [16]byte{7}, Upstream: []byte("MESSAGE-ID-SEALED")}},
		Idempotency: []Idempotency{{App: "alerts", Key: [32]byte{9}, Subject: subject, Answer: []byte("ANSWER-SEALED"), Admission: r.ID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	needles := [][]byte{
		[]byte("KOLIBRI-"), sealed, key, index[:], []byte("FACT-OF-PERSON"), []byte("QUEUED-BODY"), []byte("MESSAGE-ID-SEALED"), []byte("ANSWER-SEALED"),
	}
	for _, n := range needles {
		if !onDisk(t, j, n) {
			t.Fatal("not on the disk before it is erased: the test looks in the wrong place")
		}
	}
	seqs, err := j.SeqsOf(ctx, subject)
	if err != nil || len(seqs) != 2 {
		t.Fatalf("records of the person: %v (%v)", seqs, err)
	}
	var about []audit.Kind
	err = j.About(ctx, subject, func(r *audit.Record) error {
		about = append(about, r.Kind)
		if len(r.Parts) > 0 || r.Tenant != "bank" || r.App != "loans" {
			t.Errorf("about the person: %+v", r)
		}
		return nil
	})
	if err != nil || !slices.Equal(about, []audit.Kind{audit.KindAdmission, audit.KindSettle}) {
		t.Errorf("about the person: %v (%v)", about, err)
	}
	keys, err := j.KeysOf(ctx, subject)
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys of the person: %v (%v)", len(keys), err)
	}
	erase := Erase{Record: audit.Record{ID: audit.NewID(cfg.Now()), Kind: audit.KindErasure, Time: 1, Subject: subject, Actor: "operator"},
		Reason: "request", Parts: []string{audit.PartBody, audit.PartOriginal}, Seqs: seqs, Keys: keys, Subjects: []audit.SubjectID{subject}}
	if err := j.Erase(ctx, erase); err != nil {
		t.Fatal(err)
	}
	for i, n := range needles {
		if onDisk(t, j, n) {
			t.Errorf("needle %d is still on the disk", i)
		}
	}
	if !onDisk(t, j, []byte("OF-ANOTHER")) {
		t.Error("what belongs to another person is gone")
	}
	// A repeat finds its key and a late status its message, both without content.
	if row, err := j.IdempotencyGet(ctx, "alerts", "", [32]byte{9}); err != nil || row.Answer != nil || row.Admission != r.ID {
		t.Errorf("idempotency row: %v", err)
	}
	if row, err := j.MessageByHash(ctx, [16]byte{7}); err != nil || row.Upstream != nil || row.Admission != r.ID {
		t.Errorf("message id: %v", err)
	}
	got, err := j.Record(ctx, r.ID)
	if err != nil || !got.Parts[0].Erased || got.Parts[0].Body != nil || string(got.Parts[1].Body) != `{"kept":1}` {
		t.Errorf("record after erasure: %+v (%v)", got.Parts, err)
	}
	if _, err := j.DataKey(ctx, subject, "standard", "2026-11"); !errors.Is(err, ErrNotFound) {
		t.Errorf("data key after erasure: %v", err)
	}
	if report := verify(t, j.path); !report.OK() || report.Erased != 1 {
		t.Errorf("verification after erasure: %d erased, %v", report.Erased, report.Findings)
	}
}

func onDisk(t *testing.T, j *Journal, needle []byte) bool {
	t.Helper()
	for _, name := range []string{j.path, j.path + "-wal"} {
		b, err := os.ReadFile(name) //nolint:gosec // a file of the test
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(b, needle) {
			return true
		}
	}
	return false
}

func TestEraseRefuses(t *testing.T) {
	j := open(t, config(t.TempDir()))
	appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	rec := audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindErasure, Time: 1}
	for name, e := range map[string]Erase{
		"record to come": {Record: rec, Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{1}},
		"unknown part":   {Record: rec, Reason: "request", Parts: []string{"leaf"}, Seqs: []uint64{0}},
		"no records":     {Record: rec, Reason: "request"},
		"another kind":   {Record: audit.Record{ID: rec.ID, Kind: audit.KindLife, Time: 1}, Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{0}},
		"no parts":       {Record: rec, Reason: "request", Seqs: []uint64{0}},
	} {
		if err := j.Erase(context.Background(), e); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	if n := checkChain(t, j); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestErasePastReader erases while somebody reads an older moment: it waits
// for the reader, and sends go on meanwhile.
func TestErasePastReader(t *testing.T) {
	ctx := context.Background()
	cfg := config(t.TempDir())
	j := open(t, cfg)
	r := admission(cfg.Now(), audit.NewSubjectID())
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("KOLIBRI"))}
	appendOne(t, j, r)
	reading, release, read := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		read <- j.Records(ctx, 0, func(*audit.Record) error { close(reading); <-release; return nil })
	}()
	<-reading
	erased := make(chan error, 1)
	go func() {
		erased <- j.Erase(ctx, Erase{Record: audit.Record{ID: audit.NewID(cfg.Now()), Kind: audit.KindErasure, Time: 1},
			Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{0}})
	}()
	await(t, "the erasure record", func() bool { return j.Head().Size == 2 })
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	select {
	case err := <-erased:
		t.Fatalf("erased (%v) while the old page was still read", err)
	default:
	}
	close(release)
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	if onDisk(t, j, []byte("KOLIBRI")) {
		t.Error("still on the disk")
	}
}

// TestCutPastCopy: the log is not called cut while another connection copies
// it, as one does now and then. What was erased is still in it.
func TestCutPastCopy(t *testing.T) {
	ctx := context.Background()
	var copying *os.File // closed last: that lets go of the store's own locks, too
	t.Cleanup(func() { _ = copying.Close() })
	cfg := config(t.TempDir())
	cfg.Checkpoint = time.Hour
	j := open(t, cfg)
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	copying, err := os.OpenFile(j.path+"-shm", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	lockOfCopy(t, copying, unix.F_WRLCK)
	if err := j.alone(ctx, j.truncateLog); !errors.Is(err, errHeld) || fileSize(j.path+"-wal") == 0 {
		t.Errorf("cut (%v) a log of %d bytes while it was copied", err, fileSize(j.path+"-wal"))
	}
	lockOfCopy(t, copying, unix.F_UNLCK)
	if err := j.alone(ctx, j.truncateLog); err != nil || fileSize(j.path+"-wal") != 0 {
		t.Errorf("cut (%v) to %d bytes", err, fileSize(j.path+"-wal"))
	}
}

// lockOfCopy takes or leaves the lock that whoever copies the log holds
// (https://sqlite.org/walformat.html, section 2.3), as another process would.
func lockOfCopy(t *testing.T, shm *os.File, kind int16) {
	t.Helper()
	const copies = 121
	if err := unix.FcntlFlock(shm.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Start: copies, Len: 1}); err != nil {
		t.Fatal(err)
	}
}

// TestDestroyKeys destroys keys only: the chain says so and stays whole.
func TestDestroyKeys(t *testing.T) {
	ctx := context.Background()
	j := open(t, config(t.TempDir()))
	key := DataKey{Subject: audit.NewSubjectID(), Class: "deliveries", Month: "2026-11", Wrapped: []byte("WRAPPED-KEY-BYTES")}
	if err := j.Append(ctx, Batch{DataKeys: []DataKey{key}}); err != nil {
		t.Fatal(err)
	}
	if got, err := j.DataKey(ctx, key.Subject, key.Class, key.Month); err != nil || !equal(got, key) {
		t.Fatalf("data key: %v", err)
	}
	rec := audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindLife, Time: 1, Type: "keys_destroyed"}
	if err := j.Erase(ctx, Erase{Record: rec, Keys: []DataKey{key}}); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, j, key.Wrapped) {
		t.Error("the key is still on the disk")
	}
	if report := verify(t, j.path); !report.OK() || report.Records != 1 {
		t.Error(report.Findings)
	}
}
