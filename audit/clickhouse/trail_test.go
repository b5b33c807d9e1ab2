package clickhouse

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
)

// prove verifies what is in ClickHouse, up to size.
func prove(t testing.TB, s *Store, size uint64) []string {
	t.Helper()
	at := func(context.Context) (uint64, error) { return size, nil }
	report, err := (&Trail{Store: s, Chain: "test-chain", Confirmed: at, Size: at}).Verify(t.Context(), audit.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range report.Findings {
		out = append(out, f.String())
	}
	if len(out) == 0 && (report.Records != size || size > 0 && report.Parts == 0) {
		t.Errorf("%d records and %d parts were proved, want %d records", report.Records, report.Parts, size)
	}
	return out
}

func TestTrailProved(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	for i := range 60 {
		appendRecords(t, j, received(i, 8+i%3))
	}
	erase(t, j, []string{audit.PartBody, audit.PartOriginal}, 3, 4)
	erase(t, j, []string{audit.PartRecord}, append(span(20, 50), 7)...)
	h, stop := shipping(t, s, j, ShipConfig{Rows: 25})
	shipped(t, h, j)
	erase(t, j, []string{audit.PartInput}, span(8, 12)...)
	erase(t, j, []string{audit.PartRecord}, 50, 51)
	shipped(t, h, j)
	stop()
	if found := prove(t, s, j.Head().Size); len(found) > 0 {
		t.Errorf("a sound trail: %q", found)
	}
	// Between the note of a purge and its end a record is in both tables.
	for _, statement := range tamper(s, "PURGE")[:1] {
		e.Query(t, strings.Replace(statement, "seq = 17", "seq = 55", 1))
	}
	if found := prove(t, s, j.Head().Size); len(found) > 0 {
		t.Errorf("a purge under way: %q", found)
	}
	e.Query(t, "ALTER TABLE "+s.table("records")+" UPDATE erased = 0 WHERE seq = 3 SETTINGS mutations_sync = 2")
	if found := prove(t, s, j.Head().Size); len(found) != 1 || !strings.Contains(found[0], "record 3") {
		t.Errorf("an erasure that the row does not tell of: %q", found)
	}
}

// TestTamperedNamed changes what is stored, one thing at a time, and demands
// that the record is named.
func TestTamperedNamed(t *testing.T) {
	e := chtest.Start(t)
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 30)
	s := store(t, e)
	reship := func() {
		for _, table := range []string{"records", "held", "purged", "leaves"} {
			e.Query(t, "TRUNCATE TABLE "+s.table(table)+" SYNC")
		}
		if err := j.Unfollow(context.Background(), FollowerName); err != nil {
			t.Fatal(err)
		}
		shipAll(t, s, j)
	}
	reship()
	if found := prove(t, s, 30); len(found) > 0 {
		t.Fatalf("before anything was changed: %q", found)
	}
	for name, change := range map[string]string{
		"column":              "ALTER TABLE records UPDATE result = 'refused' WHERE seq = 17",
		"retention class":     "DELETE_AND_REPLACE class = 'other'",
		"body":                "ALTER TABLE records UPDATE body = 'Nothing was said' WHERE seq = 17",
		"body without a salt": "ALTER TABLE records UPDATE body = 'Nothing was said', body_salt = '' WHERE seq = 17",
		"input":               "ALTER TABLE records UPDATE input = '{}' WHERE seq = 17",
		"a part it never had": "ALTER TABLE records UPDATE detail = '{}' WHERE seq = 17",
		"erased in secret":    "ALTER TABLE records UPDATE body = '', body_salt = '', erased = 1 WHERE seq = 17",
		"erased, not said":    "ALTER TABLE records UPDATE body = '', body_salt = '' WHERE seq = 17",
		"leaf input":          "ALTER TABLE records UPDATE leaf_input = replaceOne(leaf_input, '\"accepted\"', '\"refused\"'), result = 'refused' WHERE seq = 17",
		"no leaf input":       "ALTER TABLE records UPDATE leaf_input = 'x' WHERE seq = 17",
		"leaf":                "ALTER TABLE leaves UPDATE leaf = toFixedString('forged', 32) WHERE seq = 17",
		"missing":             "ALTER TABLE records DELETE WHERE seq = 17",
		"missing leaf":        "ALTER TABLE leaves DELETE WHERE seq = 17",
		"twice":               "INSERT INTO records SELECT * FROM records WHERE seq = 17",
		"leaf twice":          "INSERT INTO leaves SELECT * FROM leaves WHERE seq = 17",
		"purged in secret":    "PURGE",
	} {
		for _, statement := range tamper(s, change) {
			e.Query(t, statement)
		}
		found := prove(t, s, 30)
		if len(found) == 0 {
			t.Errorf("%s: nothing was found", name)
		}
		for _, f := range found {
			if !strings.Contains(f, "record 17") {
				t.Errorf("%s: found: %s", name, f)
			}
		}
		reship()
	}
}

// TestRowsBeyond: a row that no record of the journal stands behind is named,
// wherever a walk over the records would not pass it; what is only not confirmed
// yet is none.
func TestRowsBeyond(t *testing.T) {
	e := chtest.Start(t)
	s, j := store(t, e), openJournal(t, t.TempDir())
	appendMessages(t, j, 12)
	shipAll(t, s, j)
	at := func(n uint64) func(context.Context) (uint64, error) {
		return func(context.Context) (uint64, error) { return n, nil }
	}
	found := func() (out []string) {
		trail := &Trail{Store: s, Chain: "test-chain", Confirmed: at(9), Size: at(12)}
		report, err := trail.Verify(t.Context(), audit.VerifyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			out = append(out, fmt.Sprint(f.Seq))
		}
		return out
	}
	if got := found(); len(got) > 0 {
		t.Fatalf("before anything was put there: %v", got)
	}
	e.Query(t, "INSERT INTO "+s.table("records")+" SELECT * REPLACE(seq + 1000000 AS seq) FROM (SELECT * FROM "+s.table("records")+" WHERE seq = 3)")
	e.Query(t, "INSERT INTO "+s.table("held")+" SELECT * REPLACE(-7 AS seq) FROM (SELECT * FROM "+s.table("records")+" WHERE seq = 4)")
	e.Query(t, "INSERT INTO "+s.table("purged")+" SELECT chain, seq + 8, id, '', '' FROM "+s.table("records")+" WHERE seq = 4")
	if got := fmt.Sprint(found()); got != "[18446744073709551609 1000003 12]" {
		t.Errorf("found %s", got)
	}
}

// tamper is the change as statements on the tables of s.
func tamper(s *Store, change string) []string {
	switch {
	case change == "PURGE":
		return []string{
			"INSERT INTO " + s.table("purged") + " SELECT chain, seq, id, unhex(JSONExtractString(leaf_input, 'prev')), SHA256(concat('\\0', leaf_input)) FROM " + s.table("records") + " WHERE seq = 17",
			"ALTER TABLE " + s.table("records") + " DELETE WHERE seq = 17 SETTINGS mutations_sync = 2",
		}
	case strings.HasPrefix(change, "DELETE_AND_REPLACE"): // of a key, which no mutation may change
		return []string{
			"INSERT INTO " + s.table("held") + " SELECT * REPLACE('other' AS class) FROM " + s.table("records") + " WHERE seq = 17",
			"ALTER TABLE " + s.table("records") + " DELETE WHERE seq = 17 SETTINGS mutations_sync = 2",
		}
	}
	for _, name := range []string{"records", "leaves"} {
		change = strings.NewReplacer("TABLE "+name, "TABLE "+s.table(name), "INTO "+name, "INTO "+s.table(name), "FROM "+name, "FROM "+s.table(name)).Replace(change)
	}
	if strings.HasPrefix(change, "ALTER") {
		change += " SETTINGS mutations_sync = 2"
	}
	return []string{change}
}
