package clickhouse

import (
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
)

// TestNothingSealedIsShipped: of every part that a record may have only those in
// the clear are in any table; nothing takes the place of one that is not there.
func TestNothingSealedIsShipped(t *testing.T) {
	e := chtest.Start(t)
	s, j := store(t, e), openJournal(t, t.TempDir())
	clear := map[string]bool{audit.PartBody: true, audit.PartDetail: true, audit.PartInput: true}
	names := []string{audit.PartBody, audit.PartOriginal, audit.PartSent, audit.PartInput, audit.PartAnswer, audit.PartDetail}
	mark := func(name, of string) string { return "quill-" + of + "-" + name }
	of := func(i int, who string, parts ...string) audit.Record {
		r := received(i, 8)
		r.Parts = nil
		for _, name := range parts {
			r.Parts = append(r.Parts, audit.NewPart(name, []byte(mark(name, who))))
		}
		return r
	}
	appendRecords(t, j, of(0, "whole", names...))
	for i, name := range names {
		appendRecords(t, j, of(1+i, "alone", name))
	}
	appendRecords(t, j, of(7, "erased", names...))
	erase(t, j, []string{audit.PartBody}, 7) // its body is gone, its original stays in the journal
	shipAll(t, s, j)
	var all strings.Builder
	for _, table := range []string{"records", "held", "purged", "leaves", "counts"} {
		all.WriteString(e.Query(t, "SELECT * FROM "+s.table(table)+" FORMAT RowBinary"))
	}
	for _, name := range names {
		for _, who := range []string{"whole", "alone", "erased"} {
			want := clear[name] && (who != "erased" || name != audit.PartBody)
			if got := strings.Contains(all.String(), mark(name, who)); got != want {
				t.Errorf("part %s of the record %s is there: %v, want %v", name, who, got, want)
			}
		}
	}
	if found := prove(t, s, j.Head().Size); len(found) > 0 {
		t.Errorf("%q", found)
	}
}
