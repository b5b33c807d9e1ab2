package examiner

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestReadingsAreOnRecord asks in every way there is, of a running gateway and
// of its store alone: each leaves who asked, how many rows and of whom.
func TestReadingsAreOnRecord(t *testing.T) {
	r := converse(t)
	last := readings(t, r, 0)
	t.Run("serving", func(t *testing.T) { last = readAll(t, r, last) })
	t.Run("refused", func(t *testing.T) { last = refused(t, r, last) })
	r.Stop()
	t.Run("not serving", func(t *testing.T) { readAll(t, r, last) })
}

// readAll runs the commands one by one; rows are the record expected of each.
func readAll(t *testing.T, r *rig.Rig, last int) int {
	t.Helper()
	who := "+" + customer
	id := r.SQL(t, "SELECT id FROM audit WHERE kind = 'consent' AND type = 'given'")[0][0]
	records := len(r.SQL(t, "SELECT seq FROM audit WHERE kind <> 'trail_read'"))
	lines := func(n int) func(string) bool {
		return func(out string) bool { return strings.Count(out, "\n") == n }
	}
	for _, c := range []struct {
		command string
		shown   func(out string) bool
		want    []string // type, result, whether of one person
	}{
		{`audit sql "SELECT seq FROM audit LIMIT 7"`, lines(8), []string{"sql rows:7 0"}},
		{`audit sql --json "SELECT seq FROM audit LIMIT 0"`, nil, []string{"sql rows:0 0"}},
		{`audit sql --person ` + who + ` --csv "SELECT kind FROM audit WHERE subject = :person AND kind = 'inbound'"`, lines(3), []string{"find rows:1 1", "sql rows:2 1"}},
		{`audit search --kind inbound --words "PARCEL my" --csv`, lines(2), []string{"search rows:1 0"}},
		{`audit search --json --person ` + who + ` --reason window_closed`, nil, []string{"find rows:1 1", "search rows:1 1"}},
		{`audit search --template spring_offer --since 2020-01-01 --limit 2`, lines(3), []string{"search rows:2 0"}},
		{`audit thread ` + who, talked, []string{"find rows:1 1", "thread rows:"}},
		{`audit thread --html ` + who, talked, []string{"find rows:1 1", "thread rows:"}},
		{`audit show ` + id, nil, []string{"show rows:1 1"}},
		{`audit show --json ` + id, nil, []string{"show rows:1 1"}},
		{`audit export --csv --person ` + who + ` --since 2020-01-01`, wellFormed, []string{"find rows:1 1", "export rows:"}},
		{`subject show ` + who, nil, []string{"subject"}},
		{`consent show ` + who, nil, []string{"consent"}},
		{`audit verify`, nil, nil}, // it shows no row
	} {
		out, errs, code := shell(t, r, "postern "+c.command)
		if code != 0 || out == "" || c.shown != nil && !c.shown(out) {
			t.Errorf("%s: exit code %d\n%s%s", c.command, code, out, errs)
		}
		if strings.Contains(out, customer) {
			t.Errorf("%s shows the number", c.command)
		}
		got := r.SQL(t, fmt.Sprintf("SELECT type || ' ' || result || ' ' || (subject <> ''), actor, labels FROM audit WHERE kind = 'trail_read' ORDER BY seq LIMIT 100 OFFSET %d", last))
		for i, want := range c.want {
			if i >= len(got) || !strings.HasPrefix(got[i][0], want) || got[i][1] != "demo" || strings.Contains(got[i][2], "store:") {
				t.Errorf("%s: recorded %v, want %v by demo", c.command, got, c.want)
				break
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %d records, want %d", c.command, len(got), len(c.want))
		}
		last += len(got)
	}
	last = exported(t, r, last, 1, "postern audit export --since 2020-01-01 --tenant demo")
	return exported(t, r, last, records, "postern audit export")
}

// refused asks what has no answer: that is on record, too, by its form alone.
func refused(t *testing.T, r *rig.Rig, last int) int {
	t.Helper()
	if out, errs, code := shell(t, r, `postern audit sql "SELECT elsewhere FROM audit WHERE body = '`+customer+`'"`); code == 0 {
		t.Errorf("answered: %s%s", out, errs)
	}
	got := r.SQL(t, fmt.Sprintf("SELECT type, result, actor, detail FROM audit WHERE kind = 'trail_read' ORDER BY seq LIMIT 9 OFFSET %d", last))
	want := `[[sql refused demo {"asked":"select ? from audit where body = ?"}]]`
	if fmt.Sprint(got) != want {
		t.Errorf("recorded %v, want %s", got, want)
	}
	return last + len(got)
}

// talked looks for what either side wrote, what was decided and what became of it.
func talked(out string) bool {
	for _, want := range []string{"Where is my parcel?", "a***@e***.com", "It arrives at noon.", "window_closed", "spring_offer/en_US", "delivered", "given"} {
		if !strings.Contains(out, want) {
			return false
		}
	}
	return true
}

// exported takes records out: as many lines as the record of it says.
func exported(t *testing.T, r *rig.Rig, last, atLeast int, command string) int {
	t.Helper()
	out, errs, code := shell(t, r, command)
	n := strings.Count(out, "\n")
	got := r.SQL(t, fmt.Sprintf("SELECT result FROM audit WHERE kind = 'trail_read' ORDER BY seq LIMIT 1 OFFSET %d", last))
	if code != 0 || n < atLeast || len(got) != 1 || got[0][0] != fmt.Sprintf("rows:%d", n) {
		t.Errorf("%s: exit code %d %s, %d lines of at least %d, recorded %v", command, code, errs, n, atLeast, got)
	}
	return last + 1
}

func readings(t *testing.T, r *rig.Rig, from int) int {
	t.Helper()
	return from + len(r.SQL(t, "SELECT seq FROM audit WHERE kind = 'trail_read'"))
}

func wellFormed(out string) bool {
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	return err == nil && len(rows) > 2
}
