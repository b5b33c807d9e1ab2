package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit"
)

// rich is a record with a value in every column.
func rich(now time.Time, ref audit.ID) audit.Record {
	r := admission(now, audit.NewSubjectID())
	r.Ref, r.Template, r.Changed, r.MessageID, r.Code = ref, "hello/en_US", true, []byte("0123456789abcdef"), 131000
	r.Observed, r.Labels, r.Result = []string{"a", "b"}, []string{"x"}, "failed"
	r.Parts = nil
	for _, name := range partNames {
		r.Parts = append(r.Parts, audit.NewPart(name, []byte("a "+name)))
	}
	return r
}

func verify(t testing.TB, path string) audit.Report {
	t.Helper()
	r, err := OpenReader(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	report, err := audit.Verify(context.Background(), r, audit.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from) //nolint:gosec // a file of the test
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyNamesEveryChange changes each column of a record, and of its
// context, in each way on a copy: verification names that record.
func TestVerifyNamesEveryChange(t *testing.T) {
	dir := t.TempDir()
	j := open(t, config(dir))
	first := appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	second := appendOne(t, j, rich(j.cfg.Now(), first.ID))
	plain := appendOne(t, j, audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindLife, Time: 5})
	appendOne(t, j, settle(j.cfg.Now(), &first, "accepted"))
	appendOne(t, j, settle(j.cfg.Now(), &second, "accepted"))
	gone := appendOne(t, j, audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindLife, Time: 6})
	erase := purge(j, gone.Seq)
	if err := errors.Join(j.Erase(context.Background(), erase), j.tidyForCopy()); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, j.path); !r.OK() || r.Records != 7 {
		t.Fatalf("untouched: %+v", r.Findings)
	}
	k := newSpoiled(t, j.path)
	for _, table := range []string{"records", "contexts"} {
		for _, column := range columns(t, j, table) {
			if column == "seq" || column == "id" && table == "contexts" {
				continue // see TestVerifyNamesWhatIsGone
			}
			for _, seq := range []uint64{1, plain.Seq, gone.Seq} {
				if column == "id" && seq == gone.Seq {
					continue // the only value of a purged record that nothing proves
				}
				for _, value := range []string{"NULL", "''", "0", "2", "x''", "zeroblob(16)", "'x'", "CAST(%[1]s || x'00' AS BLOB)", "%[1]s || 'x'", "%[1]s + 1"} {
					k.tamper(t, table, column, strings.ReplaceAll(value, "%[1]s", column), seq)
				}
			}
		}
	}
	if r := k.verify(t); !r.OK() || k.changes < 500 {
		t.Errorf("%d changes, not put back: %+v", k.changes, r.Findings)
	}
}

func columns(t *testing.T, j *Journal, table string) (names []string) {
	t.Helper()
	err := j.view(context.Background(), func(c *conn) error {
		return c.query("SELECT name FROM pragma_table_info(?)", func(row []driver.Value) error {
			names = append(names, asString(row[0]))
			return nil
		}, table)
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// spoiled is a copy that is changed, verified and put back hundreds of times.
type spoiled struct {
	w       *conn
	r       *Reader
	changes int
}

func newSpoiled(t *testing.T, path string) *spoiled {
	t.Helper()
	file := filepath.Join(t.TempDir(), fileName)
	copyFile(t, path, file)
	w, err := dial(context.Background(), dsn(file, pageSize, false))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.exec("ATTACH ? AS whole", path); err != nil {
		t.Fatal(err)
	}
	if err := w.script("PRAGMA synchronous=OFF"); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.Close(), w.close()); err != nil {
			t.Error(err)
		}
	})
	return &spoiled{w: w, r: r}
}

func (k *spoiled) verify(t *testing.T) audit.Report {
	t.Helper()
	report, err := audit.Verify(context.Background(), k.r, audit.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// tamper makes one change and undoes it; one that the schema refuses or that
// changes nothing is none.
func (k *spoiled) tamper(t *testing.T, table, column, value string, seq uint64) {
	t.Helper()
	where := fmt.Sprintf("seq = %d", seq)
	if table == "contexts" {
		where = fmt.Sprintf("id = (SELECT context FROM whole.records WHERE seq = %d)", seq)
	}
	n, err := k.w.exec(fmt.Sprintf("UPDATE OR IGNORE main.%s SET %s = %s WHERE %s AND (%s IS NOT %s OR typeof(%s) <> typeof(%s))",
		table, column, value, where, column, value, column, value))
	if isConstraint(err) || err == nil && n == 0 {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	k.changes++
	named := false
	for _, f := range k.verify(t).Findings {
		named = named || f.Seq <= seq && seq <= f.Last
	}
	if !named {
		t.Errorf("%s.%s = %s of record %d: not named", table, column, value, seq)
	}
	if _, err := k.w.exec(fmt.Sprintf("UPDATE main.%s SET %s = (SELECT %s FROM whole.%s WHERE %s) WHERE %s", table, column, column, table, where, where)); err != nil {
		t.Fatal(err)
	}
}

// tidyForCopy brings the whole log into the file.
func (j *Journal) tidyForCopy() error { return j.alone(context.Background(), j.truncateLog) }

func TestVerifyNamesWhatIsGone(t *testing.T) {
	j := open(t, config(t.TempDir()))
	for range 6 {
		appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	}
	if err := j.tidyForCopy(); err != nil {
		t.Fatal(err)
	}
	for text, seq := range map[string]uint64{
		"DELETE FROM records WHERE seq = 2":           2,
		"UPDATE records SET seq = 900 WHERE seq = 3":  3,
		"DELETE FROM contexts":                        4,
		"UPDATE contexts SET id = id + 100":           1,
		"UPDATE records SET context = 77 WHERE seq=0": 0,
	} {
		file := filepath.Join(t.TempDir(), fileName)
		copyFile(t, j.path, file)
		c, err := dial(context.Background(), dsn(file, pageSize, false))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.script(text); err != nil {
			t.Fatal(err)
		}
		if err := c.close(); err != nil {
			t.Fatal(err)
		}
		named := false
		for _, f := range verify(t, file).Findings {
			named = named || f.Seq <= seq && seq <= f.Last
		}
		if !named {
			t.Errorf("%s: record %d not named", text, seq)
		}
	}
}
