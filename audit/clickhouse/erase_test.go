package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

func erase(t testing.TB, j *journal.Journal, parts []string, seqs ...uint64) {
	t.Helper()
	err := j.Erase(context.Background(), journal.Erase{
		Record: audit.Record{ID: audit.NewID(start), Kind: audit.KindErasure, Time: start.UnixMicro(), Actor: "system"},
		Reason: "request", Parts: parts, Seqs: seqs,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func span(from, until uint64) (out []uint64) {
	for seq := from; seq < until; seq++ {
		out = append(out, seq)
	}
	return out
}

func TestErasedPartsFollow(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 40)
	erase(t, j, []string{audit.PartInput}, 1, 2) // before anything was shipped
	h, stop := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	erase(t, j, []string{audit.PartBody, audit.PartOriginal}, append(span(5, 9), 20)...)
	erase(t, j, []string{audit.PartDetail}, 30) // which it never had
	shipped(t, h, j)
	stop()
	same(t, s, j)
	for query, want := range map[string]string{
		"SELECT arraySort(groupArray(seq)) FROM audit WHERE erased = 1":                            "[1,2,5,6,7,8,20]",
		"SELECT arraySort(groupArray(seq)) FROM audit WHERE body = '' AND kind = 'admission'":      "[5,6,7,8,20]",
		"SELECT arraySort(groupArray(seq)) FROM records WHERE input = '' AND kind = 'admission'":   "[1,2]",
		"SELECT arraySort(groupArray(seq)) FROM records WHERE body_salt = '' AND length(body) > 0": "[]",
	} {
		if got := e.Query(t, inDatabase(s, query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// inDatabase names the database that the engine's own interface does not know.
func inDatabase(s *Store, query string) string {
	for _, name := range []string{"audit", "records", "held", "purged"} {
		query = replaceTable(query, name, s.table(name))
	}
	return query
}

func replaceTable(query, name, with string) string {
	return regexp.MustCompile(`\b(FROM|IN) `+name+`\b`).ReplaceAllString(query, "$1 "+with)
}

// received is the i-th message, from a person, in a month of 2026.
func received(i, month int) audit.Record {
	r := message(i)
	r.Time = time.Date(2026, time.Month(month), 5, 9, 0, i, 0, time.UTC).UnixMicro()
	r.Kind, r.Effect, r.Direction = audit.KindInbound, "", "inbound"
	return r
}

// TestPartitionDropKeepsHeld: most of a month goes by dropping its partition;
// what stays of it is held, and the view shows both.
func TestPartitionDropKeepsHeld(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	for i := range 60 {
		appendRecords(t, j, received(i, 8+i%3))
	}
	h, stop := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	var august []uint64
	for seq := uint64(0); seq < 60; seq += 3 {
		august = append(august, seq)
	}
	erase(t, j, []string{audit.PartRecord}, append(august[3:], 1, 4)...) // most of August, a little of September
	shipped(t, h, j)
	same(t, s, j)
	for query, want := range map[string]string{
		"SELECT arraySort(groupArray(seq)) FROM held":                                 "[0,3,6]",
		"SELECT count() FROM records WHERE seq < 60":                                  "38",
		"SELECT count() FROM audit WHERE kind = 'purged'":                             "19",
		"SELECT count() FROM audit WHERE kind = 'inbound'":                            "41",
		"SELECT count() FROM records WHERE seq IN (1, 4) OR seq % 3 = 0 AND seq < 60": "0",
	} {
		if got := e.Query(t, inDatabase(s, query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	// What is held is erased, purged and proved like the rest.
	erase(t, j, []string{audit.PartBody}, 3)
	erase(t, j, []string{audit.PartRecord}, 0)
	shipped(t, h, j)
	stop()
	same(t, s, j)
	if found := prove(t, s, j.Head().Size); len(found) > 0 {
		t.Errorf("with held rows: %q", found)
	}
	q := journal.Search{Kind: "inbound", Limit: 100}
	want, err := j.Reader().Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Search(t.Context(), q); err != nil || len(want.Rows) != 40 || fmt.Sprint(got.Rows) != fmt.Sprint(want.Rows) {
		t.Errorf("found %d rows with those that are held, want %d: %v", len(got.Rows), len(want.Rows), err)
	}
	// All of it comes again, as after a lost cursor: what is held or purged is there.
	if err := j.Unfollow(t.Context(), FollowerName); err != nil {
		t.Fatal(err)
	}
	shipAll(t, s, j)
	same(t, s, j)
	if got := e.Query(t, inDatabase(s, "SELECT (SELECT count() FROM held), (SELECT count(), uniqExact(seq) FROM purged)")); got != "2\t(20,20)" {
		t.Errorf("held, purged: %s", got)
	}
	if got := e.Query(t, inDatabase(s, "SELECT arraySort(groupArray((seq, erased))) FROM held")); got != "[(3,1),(6,0)]" {
		t.Errorf("held are %s", got)
	}
}

// TestDropRefused: rows that did not reach the table of held ones keep the
// partition where it is.
func TestDropRefused(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 10)
	shipAll(t, s, j)
	// A row of that place which is not the record: it must not count as kept.
	e.Query(t, "INSERT INTO "+s.table("held")+" SELECT * REPLACE('altered' AS body) FROM "+s.table("records")+" WHERE seq = 9")
	err := s.carryOut(context.Background(), "test-chain", []audit.Erasure{audit.NewErasure("retention", []string{audit.PartRecord}, span(0, 9))})
	if !errors.Is(err, ErrHeld) {
		t.Errorf("dropped although a row that stays is not kept: %v", err)
	}
	if got := e.Query(t, inDatabase(s, "SELECT count() FROM records")); got != "10" {
		t.Errorf("%s rows are left, want all 10", got)
	}
}
