package clickhouse

import (
	"reflect"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// TestRevisionsFollow: what stricter packs left of a body stands in ClickHouse as
// in the journal, the body before it is gone there too, and both stores answer
// the same; a purge of the message takes its revision.
func TestRevisionsFollow(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	for i := range 30 { // in August; what follows is in November
		r := received(i, 8)
		r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("Dear Lena, appointment at noon"))}
		appendRecords(t, j, r)
	}
	h, stop := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	first, err := j.RecordsAt(t.Context(), []uint64{3})
	if err != nil {
		t.Fatal(err)
	}
	rev := audit.NewRevision(&first[0], start.Add(time.Hour), []byte("Dear [NAME], appointment at noon"))
	rev.Parts = append(rev.Parts, audit.NewPart(audit.PartDetail, []byte(`{"version":1}`)))
	appendRecords(t, j, rev)
	place := j.Head().Size - 1
	erase(t, j, []string{audit.PartBody}, 3)
	shipped(t, h, j)
	same(t, s, j)
	reader, err := OpenToAsk(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // it only read
	for _, question := range []string{
		"SELECT seq, kind, ref, time, day, body, erased, labels, retention FROM audit WHERE kind IN ('inbound', 'revision') ORDER BY seq",
		"SELECT day, kind, count(*) AS n FROM audit GROUP BY day, kind ORDER BY day, kind",
		"SELECT day, kind, sum(count) AS n FROM audit_counts GROUP BY day, kind ORDER BY day, kind",
		"SELECT record FROM (SELECT id AS record, body FROM audit WHERE body <> '' AND kind <> 'revision' UNION ALL SELECT ref AS record, body FROM audit WHERE body <> '' AND kind = 'revision') AS x ORDER BY record",
	} {
		here, err := j.Reader().Query(t.Context(), question, journal.QueryOptions{})
		if err != nil {
			t.Fatal(err)
		}
		there, err := reader.Query(t.Context(), question, journal.QueryOptions{})
		if err != nil || !reflect.DeepEqual(here.Rows, there.Rows) {
			t.Errorf("%s: here %v, there %v: %v", question, here.Rows, there.Rows, err)
		}
	}
	for name, q := range map[string]journal.Search{
		"words of a kind":    {Kind: "inbound", Words: []string{"name", "noon"}, Limit: 9},
		"words that went":    {Words: []string{"lena", "noon"}, Until: first[0].Time + 1, Limit: 50},
		"kind":               {Kind: "inbound", Limit: 50},
		"revisions by month": {Kind: "revision", From: first[0].Time, Until: first[0].Time + 1, Limit: 9},
	} {
		here, err := j.Reader().Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		there, err := reader.Search(t.Context(), q)
		if err != nil || !reflect.DeepEqual(here.Rows, there.Rows) {
			t.Errorf("%s: here %v, there %v: %v", name, here.Rows, there.Rows, err)
		}
	}
	erase(t, j, []string{audit.PartRecord}, 3, place)
	shipped(t, h, j)
	stop()
	same(t, s, j)
	if got := e.Query(t, inDatabase(s, "SELECT count() FROM audit WHERE kind = 'revision' OR body LIKE '%[NAME]%'")); got != "0" {
		t.Errorf("%s rows of what was purged", got)
	}
}
