package clickhouse

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// oddApp has all that a text must not end by.
const oddApp = "it's \\t \\' \\"

// asked is a trail in both stores: 60 messages that differ in what a search
// asks for, one of them purged and one with its body erased.
func asked(t *testing.T) (*Store, *journal.Journal, audit.SubjectID) {
	t.Helper()
	s, j := store(t, chtest.Start(t)), openJournal(t, t.TempDir())
	person, records := audit.NewSubjectID(), make([]audit.Record, 60)
	for i := range records {
		r := message(i)
		if i < 22 { // what is purged has no open admission below it
			r.Kind = audit.KindInbound
		}
		r.Parts[0] = audit.NewPart(audit.PartBody, fmt.Appendf(nil, `{"text":{"body":"Item %d: Straße, o'clock\t\\ end"}}`, i))
		if i == 9 { // names the person, and is of another
			r.Parts[0] = audit.NewPart(audit.PartBody, fmt.Appendf(nil, `{"text":{"body":"Item 9: %s"}}`, person))
		}
		if i%5 == 0 {
			r.Subject, r.Template = person, "offer/en_US"
		}
		if i%6 == 0 {
			r.Effect, r.Reasons, r.App = audit.EffectDeny, []string{"consent_missing", "quiet_hours"}, oddApp
		}
		if i == 7 {
			r.Kind, r.Ref = audit.KindStatus, records[6].ID
		}
		records[i] = r
	}
	appendRecords(t, j, records...)
	h, stop := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	erase(t, j, []string{audit.PartBody}, 12)
	erase(t, j, []string{audit.PartRecord}, 20, 21)
	shipped(t, h, j)
	stop()
	reader, err := OpenToAsk(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() }) // it only read
	return reader, j, person
}

// TestAsked puts questions to one trail: nothing changes it.
func TestAsked(t *testing.T) {
	s, j, person := asked(t)
	t.Run("search alike", func(t *testing.T) { searchAlike(t, s, j, person) })
	s.long = 1
	t.Run("search alike by parts", func(t *testing.T) { searchAlike(t, s, j, person) })
	t.Run("search uses indexes", func(t *testing.T) { searchUsesIndexes(t, s, person) })
	t.Run("query alike", func(t *testing.T) { queryAlike(t, s, j, person) })
	t.Run("query refuses", func(t *testing.T) { queryRefuses(t, s) })
	t.Run("query limits", func(t *testing.T) { queryLimits(t, s) })
}

// queryLimits asks the server by which limits it answers.
func queryLimits(t *testing.T, s *Store) {
	t.Helper()
	const question = "SELECT toString(getSetting('max_execution_time')), toString(getSetting('max_memory_usage')), toString(getSetting('max_result_rows')), toString(getSetting('readonly'))"
	got, err := s.Query(t.Context(), question, journal.QueryOptions{MaxRows: 40, Timeout: 7 * time.Second})
	want := [][]any{{"7", "2147483648", "41", "2"}}
	if err != nil || !reflect.DeepEqual(got.Rows, want) {
		t.Errorf("it answers within %v, want %v (%v)", got.Rows, want, err)
	}
}

// searchAlike: both stores answer the same pages.
func searchAlike(t *testing.T, s *Store, j *journal.Journal, person audit.SubjectID) {
	t.Helper()
	for name, q := range map[string]journal.Search{
		"all":            {Limit: 9},
		"person":         {Subject: person, Limit: 3},
		"reason, second": {Reason: "quiet_hours", Limit: 4},
		"part of reason": {Reason: "quiet", Limit: 4},
		"template":       {Template: "offer", Limit: 5},
		"template whole": {Template: "offer/en_US", Limit: 5},
		"other language": {Template: "offer/de", Limit: 5},
		"time":           {From: start.Add(3 * time.Second).UnixMicro(), Until: start.Add(9 * time.Second).UnixMicro(), Limit: 9},
		"until":          {Until: start.Add(9 * time.Second).UnixMicro(), Limit: 9},
		"app":            {App: oddApp, Subject: person, Limit: 9},
		"person in text": {Words: []string{person.String()}, Limit: 9},
		"number":         {Number: "106540352242922", Limit: 50},
		"kind":           {Kind: "status", Limit: 9},
		"purged":         {Kind: "purged", Limit: 9},
		"tenant":         {Tenant: "nobody", Limit: 9},
		"words":          {Words: []string{"item", "7"}, Limit: 9},
		"many by words":  {Words: []string{"item"}, Limit: 11},
		"word, not part": {Words: []string{"ite"}, Limit: 9},
		"beyond ASCII":   {Words: journal.Words("STRAßE 13"), Limit: 9},
		"erased words":   {Words: []string{"item", "12"}, Limit: 9},
	} {
		t.Run(name, func(t *testing.T) {
			for page := 0; ; page++ {
				want, err := j.Reader().Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(got.Columns, got.Rows, got.Next) != fmt.Sprint(want.Columns, want.Rows, want.Next) {
					t.Fatalf("page %d: got %d rows, next %d\n%v\nwant %d rows, next %d\n%v", page, len(got.Rows), got.Next, got.Rows, len(want.Rows), want.Next, want.Rows)
				}
				if q.Before = want.Next; want.Next == 0 {
					break
				}
			}
		})
	}
}

// searchUsesIndexes: a person and words are looked up, not searched through the
// table.
func searchUsesIndexes(t *testing.T, s *Store, person audit.SubjectID) {
	t.Helper()
	for index, q := range map[string]journal.Search{
		"by_subject": {Subject: person, Limit: 5},
		"by_word":    {Words: []string{"item"}, Limit: 5},
	} {
		params := map[string]string{}
		question := "EXPLAIN indexes = 1 " + s.page(part{q, 0}, "chain = 'test-chain'", params)
		plan, err := s.answer(t.Context(), question, ask{settings: limits(1000, searchTime), params: params}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(fmt.Sprint(plan.Rows), "Name: "+index) {
			t.Errorf("the index %s is not used: %v", index, plan.Rows)
		}
	}
}

// queryAlike: the common subset of SQL gives the same rows on both.
func queryAlike(t *testing.T, s *Store, j *journal.Journal, person audit.SubjectID) {
	t.Helper()
	named := map[string]any{"person": person.String(), "from": start.UnixMicro(), "app": oddApp}
	for _, text := range []string{
		"SELECT * FROM audit WHERE kind <> 'purged' ORDER BY seq",
		"SELECT seq, id, kind, time, day, tenant, erased, version, prev, leaf FROM audit WHERE kind = 'purged' ORDER BY seq",
		"SELECT * FROM audit_counts ORDER BY day, tenant, kind, effect, reason",
		"SELECT reason, count(*) AS n, sum(code) AS s, min(seq), max(seq) + 1 - count(*), avg(code) FROM audit GROUP BY reason ORDER BY n DESC, reason;",
		"SELECT seq FROM audit WHERE subject = :person AND time >= :from ORDER BY seq -- :person",
		"SELECT seq, app FROM audit WHERE app = :app AND seq > 21 ORDER BY seq",
		"SELECT ':person' AS p, seq FROM audit WHERE seq < 3 ORDER BY seq",
		"SELECT 'a\\' AS p, 'it''s' AS q, length('\\n') AS r, max(seq) AS \"set # up\" FROM audit -- SETTINGS of nothing",
		"WITH d AS (SELECT seq, ref FROM audit WHERE ref <> '') SELECT a.seq, d.seq, d.ref, CASE WHEN d.seq IS NULL THEN 'none' ELSE 'one' END FROM audit a LEFT JOIN d ON d.ref = a.id WHERE a.seq < 9 ORDER BY a.seq",
		"SELECT count(DISTINCT subject), lower(max(app)), substr(max(tenant), 1, 2), coalesce(max(labels), '') FROM audit",
		"SELECT what, n FROM (SELECT 'signed' AS what, max(seq) + 1 - count(*) AS n FROM audit UNION ALL SELECT 'unsigned', count(*) FROM audit) ORDER BY what",
		"SELECT day, kind, count(*) AS count FROM audit GROUP BY day, kind HAVING count(*) > 1 ORDER BY day, kind",
	} {
		want, err := j.Reader().Query(t.Context(), text, journal.QueryOptions{Named: named})
		if err != nil {
			t.Fatal(text, err)
		}
		got, err := s.Query(t.Context(), text, journal.QueryOptions{Named: named})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(got.Rows) == 0 || len(got.Columns) != len(want.Columns) || len(got.Rows) != len(want.Rows) {
			t.Errorf("%s: %d rows of %d columns, want %d of %d", text, len(got.Rows), len(got.Columns), len(want.Rows), len(want.Columns))
			continue
		}
		for i := range want.Rows {
			if fmt.Sprintf("%#v", got.Rows[i]) != fmt.Sprintf("%#v", want.Rows[i]) {
				t.Errorf("%s\ngot  %#v\nwant %#v", text, got.Rows[i], want.Rows[i])
			}
		}
	}
	cut, err := s.Query(t.Context(), "SELECT seq FROM audit ORDER BY seq", journal.QueryOptions{MaxRows: 2})
	if err != nil || !cut.More || len(cut.Rows) != 2 {
		t.Errorf("cut off: %v, %v", cut, err)
	}
}

// queryRefuses: nothing is changed by a question, and no error holds what the
// trail holds.
func queryRefuses(t *testing.T, s *Store) {
	t.Helper()
	for _, text := range []string{
		"DROP TABLE " + s.table("records"), "SELECT 1; DROP TABLE x", "SELECT nothing FROM audit", "SELECT FROM WHERE",
		"SELECT toInt64(body) FROM audit", "SELECT toInt64(body) FROM audit WHERE seq = 1", "SELECT toDateTime(substr(body, 18)) FROM audit WHERE seq = 1", "SELECT throwIf(1, body) FROM audit WHERE seq = 1", "SELECT * FROM elsewhere.audit", "",
		"WITH x AS (SELECT 1) INSERT INTO " + s.table("migrations") + " SELECT 9, 'x', 'y', 0",
	} {
		_, err := s.Query(t.Context(), text, journal.QueryOptions{})
		if err == nil {
			t.Errorf("%s is answered", text)
		} else if strings.Contains(err.Error(), "Item") {
			t.Errorf("%s: the error quotes the trail: %v", text, err)
		}
	}
	for _, text := range []string{ // each would lift a limit, or take the answer elsewhere
		"SELECT 1 SETTINGS max_memory_usage = 0", "SELECT 1 sEttings/* */readonly = 0", "SELECT seq FROM audit FORMAT CSV", "SELECT 1 INTO OUTFILE '/tmp/x'",
		"SELECT '\\'' SETTINGS max_execution_time = 0 --'", "SELECT 1 #[\n SETTINGS max_execution_time = 0 #]", "SELECT $$'$$ SETTINGS max_rows_to_read = 0 --'", "SELECT 1; SELECT 2",
	} {
		// What begins within quotes of the common subset stays there: nothing closes it.
		if got, err := s.Query(t.Context(), text, journal.QueryOptions{}); !errors.Is(err, journal.ErrQuery) && (err != nil || !strings.Contains(fmt.Sprint(got.Rows), "SETTINGS")) {
			t.Errorf("%s: %v, %v", text, got.Rows, err)
		}
	}
	slow := "SELECT count() FROM audit a, audit b, audit c, audit d, audit e, audit f WHERE a.seq + b.seq + c.seq + d.seq + e.seq + f.seq = 1"
	if _, err := s.Query(t.Context(), slow, journal.QueryOptions{Timeout: time.Second}); !errors.Is(err, journal.ErrTooLong) && !errors.Is(err, journal.ErrQuery) {
		t.Errorf("a question without end: %v", err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
