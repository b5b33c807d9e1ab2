package clickhouse

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// openHooked is a journal whose erasures go through hook between their record
// and the first byte that is overwritten.
func openHooked(t *testing.T, hook func() error) *journal.Journal {
	t.Helper()
	j, err := journal.Open(context.Background(), journal.Config{
		Path: t.TempDir(), Chain: "test-chain", Now: now, MinFree: -1,
		Erased: func(audit.Record, journal.Erase) error { return hook() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // nothing is left to write
	return j
}

// TestErasureCutOff: an erasure that a crash cut off after its record took
// nothing in the journal, and takes nothing here; where a hold keeps a row from
// the one that goes on, the row stays in both.
func TestErasureCutOff(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	var cut atomic.Bool
	crashed := errors.New("crashed here")
	j := openHooked(t, func() error {
		if cut.Load() {
			return crashed
		}
		return nil
	})
	for i := range 40 {
		appendRecords(t, j, received(i, 8))
	}
	h, stop := shipping(t, s, j, ShipConfig{})
	for _, step := range []struct {
		parts       []string
		covers, now []uint64 // of the erasure that was cut off; of the one that went on
		gone        string
	}{
		{[]string{audit.PartBody}, span(2, 5), []uint64{2, 4}, "[2,4]"},
		{[]string{audit.PartRecord}, span(6, 9), []uint64{6, 8}, "[2,4,6,8]"},
		{[]string{audit.PartRecord}, span(10, 39), append(span(10, 20), span(21, 39)...), ""}, // by dropping a partition
	} {
		cut.Store(true)
		err := j.Erase(t.Context(), journal.Erase{
			Record: audit.Record{ID: audit.NewID(start), Kind: audit.KindErasure, Time: start.UnixMicro()}, Reason: "retention", Parts: step.parts, Seqs: step.covers,
		})
		if !errors.Is(err, crashed) {
			t.Fatal(err)
		}
		cut.Store(false)
		shipped(t, h, j)
		agree(t, s, j, e)
		erase(t, j, step.parts, step.now...)
		shipped(t, h, j)
		agree(t, s, j, e)
		got := e.Query(t, inDatabase(s, "SELECT arraySort(groupArray(seq)) FROM audit WHERE seq < 40 AND body = ''"))
		if step.gone != "" && got != step.gone {
			t.Errorf("without a body are %s, want %s", got, step.gone)
		}
	}
	stop()
	same(t, s, j)
}

// agree holds which records have a body here against the journal.
func agree(t *testing.T, s *Store, j *journal.Journal, e *chtest.Server) {
	t.Helper()
	const question = "SELECT seq FROM audit WHERE kind = 'inbound' AND body <> '' ORDER BY seq"
	want, err := j.Reader().Query(t.Context(), question, journal.QueryOptions{MaxRows: 100})
	if err != nil {
		t.Fatal(err)
	}
	has := map[any]bool{}
	for _, row := range want.Rows {
		has[row[0]] = true
	}
	reader, err := OpenToAsk(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // it only read
	got, err := reader.Query(t.Context(), question, journal.QueryOptions{MaxRows: 100})
	if err != nil || len(got.Rows) != len(want.Rows) {
		t.Errorf("%d records have a body there and %d here (%v)", len(want.Rows), len(got.Rows), err)
	}
	for _, row := range got.Rows {
		if !has[row[0]] {
			t.Errorf("record %v has a body here alone", row[0])
		}
	}
}

// TestErasureUnderWay: nothing goes here before the journal has taken it.
func TestErasureUnderWay(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	goOn := make(chan struct{})
	j := openHooked(t, func() error { <-goOn; return nil })
	appendMessages(t, j, 5)
	h, _ := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	erased := make(chan struct{})
	go func() {
		defer close(erased)
		erase(t, j, []string{audit.PartBody}, 3)
	}()
	await(t, "the erasure's record here", func() bool { return e.Query(t, inDatabase(s, "SELECT count() FROM audit")) == "6" })
	if got := e.Query(t, inDatabase(s, "SELECT count() FROM audit WHERE body <> '' AND seq = 3")); got != "1" || h.Confirmed() != 5 {
		t.Errorf("the part went here first, or the record is passed (%d)", h.Confirmed())
	}
	close(goOn)
	<-erased
	shipped(t, h, j)
	if got := e.Query(t, inDatabase(s, "SELECT count() FROM audit WHERE body <> '' AND seq = 3")); got != "0" {
		t.Error("the part is still here")
	}
}
