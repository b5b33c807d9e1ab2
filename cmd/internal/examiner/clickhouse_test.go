package examiner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// shippedTo is a configuration whose trail goes to a database of the engine.
func shippedTo(e *chtest.Server, database string) rig.Options {
	return rig.Options{Config: func(text string) string {
		return text + fmt.Sprintf("clickhouse: {endpoints: [%q], tls: false, database: %s, read_user: reader, batch_wait: 10ms, timeout: 30s}\n", e.Addr, database)
	}}
}

// asked is the SQL in a command of the page.
var asked = regexp.MustCompile(`(?s)"(\s.*|SELECT.*)"`)

// TestQuestionsOnBoth puts the ten questions of the page to both stores, after
// the same conversation: they give the same rows.
func TestQuestionsOnBoth(t *testing.T) {
	e := chtest.Start(t)
	r := converseWith(t, shippedTo(e, e.Database(t)))
	if out, errs, code := shell(t, r, "postern clickhouse migrate"); code != 0 {
		t.Fatalf("migrate: %d %s%s", code, out, errs)
	}
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	check(t, err)
	there, err := cfg.ClickHouse.OpenToAsk("", time.Now)
	check(t, err)
	defer there.Close()
	here, err := journal.OpenReader(t.Context(), cfg.JournalPath())
	check(t, err)
	defer here.Close()
	person, err := here.Query(t.Context(), "SELECT max(subject) FROM audit WHERE kind = 'inbound'", journal.QueryOptions{})
	check(t, err)
	opt := journal.QueryOptions{Named: map[string]any{"person": person.Rows[0][0]}}
	now := time.Now().UTC()
	period := strings.NewReplacer("2026-11-01", now.AddDate(0, 0, -2).Format(time.DateOnly), "2026-12-01", now.AddDate(0, 0, 2).Format(time.DateOnly), `\"`, `"`)
	for _, q := range questions(t) {
		m := asked.FindStringSubmatch(q.command)
		if m == nil {
			t.Fatalf("%s: no question in %s", q.title, q.command)
		}
		text, got, want := period.Replace(m[1]), "", ""
		ordered := strings.Contains(text, "ORDER BY")
		rig.Await(t, "the same rows for: "+q.title, func() bool {
			a, err := here.Query(t.Context(), text, opt)
			check(t, err)
			b, err := there.Query(t.Context(), text, opt)
			if want = rows(a, ordered); err != nil {
				got = err.Error()
				return false
			}
			got = rows(b, ordered)
			return len(a.Rows) > 0 && got == want
		})
	}
}

// rows are compared as they are printed: the stores tell integers from
// fractions in their own way, and NULL is printed as nothing. Their order is
// the question's to say.
func rows(t journal.Table, ordered bool) string {
	lines := make([]string, len(t.Rows))
	for i, row := range t.Rows {
		for _, v := range row {
			if v == nil {
				v = ""
			}
			lines[i] += fmt.Sprint(v) + "\t"
		}
	}
	if !ordered {
		slices.Sort(lines)
	}
	return strings.Join(lines, "\n")
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestAskedInClickHouse asks there by the commands: each leaves who asked, how
// many rows and of whom, in the journal.
func TestAskedInClickHouse(t *testing.T) {
	e := chtest.Start(t)
	r := converseWith(t, shippedTo(e, e.Database(t)))
	if out, errs, code := shell(t, r, "postern clickhouse migrate"); code != 0 {
		t.Fatalf("migrate: %d %s%s", code, out, errs)
	}
	rig.Await(t, "the conversation in ClickHouse", func() bool {
		out, _, code := shell(t, r, `postern audit sql --store clickhouse --csv "SELECT count(*) FROM audit WHERE kind IN ('admission', 'inbound', 'delivery', 'status')"`)
		want := r.SQL(t, "SELECT count(*) FROM audit WHERE kind IN ('admission', 'inbound', 'delivery', 'status')")
		return code == 0 && strings.HasSuffix(out, "\n"+want[0][0]+"\n")
	})
	last := readings(t, r, 0)
	who := "+" + customer
	for _, c := range []struct {
		command string
		shown   func(string) bool
		want    []string
	}{
		{`audit sql --store clickhouse --person ` + who + ` --csv "SELECT kind FROM audit WHERE subject = :person AND kind = 'inbound'"`,
			func(out string) bool { return strings.Count(out, "\n") == 3 }, []string{"find rows:1 1", "sql rows:2 1"}},
		{`audit search --store clickhouse --kind inbound --words "PARCEL my" --json`,
			func(out string) bool { return strings.Contains(out, "Where is my parcel") }, []string{"search rows:1 0"}},
		{`audit thread --store clickhouse --html ` + who, talked, []string{"find rows:1 1", "thread rows:"}},
	} {
		out, errs, code := shell(t, r, "postern "+c.command)
		if code != 0 || !c.shown(out) || strings.Contains(out, customer) {
			t.Errorf("%s: exit code %d\n%s%s", c.command, code, out, errs)
		}
		got := r.SQL(t, fmt.Sprintf("SELECT type || ' ' || result || ' ' || (subject <> ''), actor, labels FROM audit WHERE kind = 'trail_read' ORDER BY seq LIMIT 100 OFFSET %d", last))
		for i, want := range c.want {
			store := "store:clickhouse"
			if strings.HasPrefix(want, "find ") { // who a number is, the journal says
				store = ""
			}
			if len(got) != len(c.want) || !strings.HasPrefix(got[i][0], want) || got[i][1] != "demo" || got[i][2] != store {
				t.Errorf("%s: recorded %v, want %v by demo", c.command, got, c.want)
				break
			}
		}
		last += len(got)
	}
	for _, bad := range []string{`sql --store elsewhere "SELECT 1"`, `sql --store clickhouse --file x "SELECT 1"`, `sql --store clickhouse "DROP TABLE audit"`} {
		if _, errs, code := shell(t, r, "postern audit "+bad); code == 0 || errs == "" {
			t.Errorf("%s: exit code %d %s", bad, code, errs)
		}
	}
	// The last of them reached the store and was refused there.
	if got := r.SQL(t, "SELECT actor, detail FROM audit WHERE kind = 'trail_read' AND result = 'refused' AND labels = 'store:clickhouse'"); fmt.Sprint(got) != `[[demo {"asked":"? ? audit"}]]` {
		t.Errorf("recorded of the refused question: %v", got)
	}
}
