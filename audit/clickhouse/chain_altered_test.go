package clickhouse

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// proveRestored verifies what is in ClickHouse of a restored journal.
func proveRestored(t *testing.T, s *Store, j *journal.Journal) (audit.Report, error) {
	t.Helper()
	pub, _ := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	key, err := audit.NewVerifier("test/keys", pub)
	if err != nil {
		t.Fatal(err)
	}
	head := j.Head()
	size := func(context.Context) (uint64, error) { return head.Size, nil }
	trail := &Trail{Store: s, Chain: head.Chain, Confirmed: size, Size: size}
	return trail.Verify(t.Context(), audit.VerifyOptions{Verifiers: []audit.Verifier{key}})
}

// TestAlteredBeginning: who alters the record that says where a restored chain
// goes on does not make the trail unreadable: it is named.
func TestAlteredBeginning(t *testing.T) {
	e := chtest.Start(t)
	s, j := store(t, e), openJournal(t, t.TempDir())
	appendMessages(t, j, 5)
	restored, chain := restore(t, j, func() {
		appendMessages(t, j, 3)
		shipAll(t, s, j)
	})
	appendMessages(t, restored, 2)
	shipAll(t, s, restored)
	if report, err := proveRestored(t, s, restored); err != nil || !report.OK() || report.Records != 8 || len(report.Restored) != 1 {
		t.Fatalf("before anything was altered: %+v, %v", report, err)
	}
	its := fmt.Sprintf(" WHERE chain = '%s' AND seq = 5", chain)
	e.Query(t, "CREATE TABLE "+s.table("kept")+" AS "+s.table("records"))
	e.Query(t, "INSERT INTO "+s.table("kept")+" SELECT * FROM "+s.table("records")+its)
	for name, change := range map[string]string{
		"what it says": "UPDATE detail = '{}'",
		"its type":     "UPDATE type = 'start'",
		"gone":         "DELETE",
	} {
		e.Query(t, "ALTER TABLE "+s.table("records")+" "+change+its+" SETTINGS mutations_sync = 2")
		report, err := proveRestored(t, s, restored)
		if err != nil || !slices.ContainsFunc(report.Findings, func(f audit.Finding) bool { return f.Seq == 5 }) {
			t.Errorf("%s: %v, %v", name, report.Findings, err)
		}
		if _, err := s.Lost(t.Context(), chain); !errors.Is(err, ErrLineage) {
			t.Errorf("%s: what was lost is told: %v", name, err)
		}
		e.Query(t, "ALTER TABLE "+s.table("records")+" DELETE"+its+" SETTINGS mutations_sync = 2")
		e.Query(t, "INSERT INTO "+s.table("records")+" SELECT * FROM "+s.table("kept"))
	}
	if report, err := proveRestored(t, s, restored); err != nil || !report.OK() {
		t.Errorf("as it was: %v, %v", report.Findings, err)
	}
}

// TestPurgedBeforeShipped: a restored store is shipped from its beginning to a
// ClickHouse that has nothing. Purged records, which name no chain, get there
// under that of which they were, so that its end is known.
func TestPurgedBeforeShipped(t *testing.T) {
	for name, gone := range map[string][]uint64{"some in the middle": span(3, 7), "the first": span(0, 7), "the last": span(6, 11), "all": span(0, 11)} {
		t.Run(name, func(t *testing.T) {
			s, j := store(t, chtest.Start(t)), openJournal(t, t.TempDir())
			for i := range 11 {
				appendRecords(t, j, received(i, 8))
			}
			restored, _ := restore(t, j, func() {})
			appendMessages(t, restored, 2)
			erase(t, restored, []string{audit.PartRecord}, gone...)
			h, stop := shipping(t, s, restored, ShipConfig{Rows: 3})
			shipped(t, h, restored)
			stop()
			if report, err := proveRestored(t, s, restored); err != nil || !report.OK() || report.Records != restored.Head().Size {
				t.Errorf("%v, %v", report.Findings, err)
			}
			same(t, s, restored)
		})
	}
}
