package retention

import (
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// TestCertifyRedaction: it counts from the trail what really went, finds what is
// left in the file, and holds with the public key alone.
func TestCertifyRedaction(t *testing.T) {
	s := newPurging(t, ActionErase)
	first := s.send(t, []byte("KOLIBRI said something"))
	s.settle(t, first.ID)
	begun := audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindRetention, Type: "redact_begun", Time: s.now().UnixMicro()}
	check(t, s.j.Append(t.Context(), journal.Batch{Records: []audit.Record{begun, audit.NewRevision(&first, s.now(), []byte("[NAME] said something"))}}))
	traces, err := TracesOf(t.Context(), s.j, []uint64{first.Seq}, []string{audit.PartBody})
	check(t, err)
	erasure := audit.Record{
		Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro(), Ref: begun.ID,
		Labels: RedactionLabels(audit.ClassMessages, first.Time),
	}
	d := Redaction{Record: begun.ID, Actor: "ana", Second: "ben", Reason: "minimisation", Packs: "p1", Moment: s.now().UnixMicro(), Stay: []Stays{{Why: "hold: CASE-1", Count: 2}}, Traces: traces}
	certify := func() Certificate {
		t.Helper()
		id, err := s.runner().CertifyRedaction(t.Context(), d)
		check(t, err)
		f, err := ExportCertificate(t.Context(), s.j, id)
		check(t, err)
		got, err := VerifyCertificate(encoded(t, f), s.pinned)
		check(t, err)
		return got.Certificate
	}
	if c := certify(); len(c.Gone) != 0 || c.Place[0].State != StatePending || c.Place[0].Facts["found"] != 1 {
		t.Errorf("before anything went: %+v", c)
	}
	check(t, s.j.Erase(t.Context(), journal.Erase{Record: erasure, Reason: "redaction", Parts: []string{audit.PartBody}, Seqs: []uint64{first.Seq}}))
	c := certify()
	want := Tally{Store: StoreRecords, Class: audit.ClassMessages, Action: ActionRedact, Day: time.UnixMicro(first.Time).UTC().Format(time.DateOnly), Count: 1}
	if c.Of != ofRedaction || c.Packs != "p1" || c.Second != "ben" || len(c.Gone) != 1 || c.Gone[0] != want || len(c.Stay) != 1 || c.Place[0].State != StateGone {
		t.Errorf("certificate %+v", c)
	}
	s.sound(t)
}
