package clickhouse

import (
	"fmt"
	"math"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// TestLost: what a restored store lost is listed, found by person and age, and
// goes for itself; what the store has is left as it is.
func TestLost(t *testing.T) {
	e := chtest.Start(t)
	s, j := store(t, e), openJournal(t, t.TempDir())
	known, unknown := audit.NewSubjectID(), audit.NewSubjectID()
	say := func(j *journal.Journal, who audit.SubjectID, n int) (last audit.Record) {
		for range n {
			last = received(int(j.Head().Size), 8) //nolint:gosec // small
			last.Subject = who
			appendRecords(t, j, last)
		}
		return last
	}
	if lost, err := s.Lost(t.Context(), "test-chain"); err != nil || len(lost) != 0 {
		t.Errorf("lost before anything was: %+v, %v", lost, err)
	}
	say(j, known, 4)
	restored, chain := restore(t, j, func() {
		settled := say(j, known, 2)
		say(j, unknown, 3)
		appendRecords(t, j, audit.Record{Version: audit.Version, ID: audit.NewID(start), Kind: audit.KindSettle, Time: start.UnixMicro(), Ref: settled.ID, Result: "accepted"})
		shipAll(t, s, j)
	})
	say(restored, known, 2)
	shipAll(t, s, restored)

	lost, err := s.Lost(t.Context(), chain)
	if err != nil || len(lost) != 1 {
		t.Fatalf("lost: %+v, %v", lost, err)
	}
	if l := lost[0]; l.Chain != "test-chain" || l.First != 4 || l.Last != 9 || l.Records != 6 || l.Content != 5 || l.Purged != 0 || l.From == 0 || l.Until < l.From {
		t.Errorf("lost: %+v", l)
	}
	look := func(before int64, of ...audit.SubjectID) (seqs []uint64) {
		err := s.EachLost(t.Context(), chain, before, of, func(a *journal.Aged) error {
			if a.Record.Chain != "test-chain" || len(a.Record.Parts) > 0 || a.Content != (a.Record.Kind == audit.KindInbound) {
				t.Errorf("%+v", a)
			}
			if a.Record.Kind == audit.KindSettle && a.Parent.Subject != known {
				t.Errorf("of an outcome is not said of what it is one: %+v", a.Parent)
			}
			seqs = append(seqs, a.Seq)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return seqs
	}
	for _, c := range []struct {
		got  []uint64
		want string
	}{
		{look(math.MaxInt64), "[4 5 6 7 8 9]"}, {look(math.MaxInt64, known), "[4 5 9]"}, {look(math.MaxInt64, unknown), "[6 7 8]"},
		{look(time.Date(2026, 8, 5, 9, 0, 7, 0, time.UTC).UnixMicro()), "[4 5 6]"}, {look(math.MaxInt64, audit.NewSubjectID()), "[]"},
	} {
		if fmt.Sprint(c.got) != c.want {
			t.Errorf("found %v, want %s", c.got, c.want)
		}
	}
	if n, err := s.Unnamed(t.Context(), chain); err != nil || n != 3 {
		t.Errorf("%d rows of persons whom the store does not know, %v", n, err)
	}

	for _, wrong := range [][]uint64{{3, 4}, {}} {
		if err := s.TakeLost(t.Context(), chain, "test-chain", []string{audit.PartRecord}, wrong); err == nil {
			t.Errorf("took %v", wrong)
		}
	}
	if err := s.TakeLost(t.Context(), chain, chain, []string{audit.PartRecord}, []uint64{5}); err == nil {
		t.Error("took what the store has")
	}
	for _, take := range []struct {
		parts []string
		seqs  []uint64
	}{{[]string{audit.PartBody, audit.PartInput}, []uint64{4, 5}}, {[]string{audit.PartRecord}, span(6, 9)}} {
		for range 2 { // once more changes nothing
			if err := s.TakeLost(t.Context(), chain, "test-chain", take.parts, take.seqs); err != nil {
				t.Fatal(err)
			}
		}
	}
	lost, err = s.Lost(t.Context(), chain)
	if err != nil || len(lost) != 1 || lost[0].Records != 3 || lost[0].Content != 0 || lost[0].Purged != 3 || lost[0].First != 4 {
		t.Errorf("lost afterwards: %+v, %v", lost, err)
	}
	if n, err := s.Unnamed(t.Context(), chain); err != nil || n != 0 {
		t.Errorf("%d rows of unknown persons afterwards, %v", n, err)
	}
	of, err := s.ofStore(t.Context(), chain)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Query(t, inDatabase(s, "SELECT count() FROM audit WHERE kind = 'inbound' AND body <> '' AND "+of)); got != "6" {
		t.Errorf("%s records of the store have a body, want all 6", got)
	}
}
