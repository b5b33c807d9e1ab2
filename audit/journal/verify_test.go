package journal

import (
	"context"
	"database/sql/driver"
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
	appendOne(t, j, rich(j.cfg.Now(), first.ID))
	plain := appendOne(t, j, audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindLife, Time: 5})
	appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	if err := j.tidyForCopy(); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, j.path); !r.OK() || r.Records != 4 {
		t.Fatalf("untouched: %+v", r.Findings)
	}
	for _, table := range []string{"records", "contexts"} {
		for _, column := range columns(t, j, table) {
			for _, seq := range []uint64{1, plain.Seq} {
				for _, value := range []string{"NULL", "''", "0", "2", "x''", "zeroblob(16)", "'x'", "CAST(%[1]s || x'00' AS BLOB)", "%[1]s || 'x'", "%[1]s + 1"} {
					where := fmt.Sprintf("seq = %d", seq)
					if table == "contexts" {
						where = fmt.Sprintf("id = (SELECT context FROM records WHERE seq = %d)", seq)
					}
					if column == "seq" || table == "contexts" && column == "id" {
						continue // see TestVerifyNamesWhatIsGone
					}
					tamper(t, j.path, table, column, strings.ReplaceAll(value, "%[1]s", column), where, seq)
				}
			}
		}
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

// tamper runs one change on a copy; a change that the schema refuses or that
// changes nothing is none.
func tamper(t *testing.T, path, table, column, value, where string, seq uint64) {
	t.Helper()
	file := filepath.Join(t.TempDir(), fileName)
	copyFile(t, path, file)
	c, err := dial(context.Background(), dsn(file, pageSize, false))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.script("PRAGMA synchronous=OFF"); err != nil { // there are hundreds of copies
		t.Fatal(err)
	}
	n, err := c.exec(fmt.Sprintf("UPDATE OR IGNORE %s SET %s = %s WHERE %s AND (%s IS NOT %s OR typeof(%s) <> typeof(%s))",
		table, column, value, where, column, value, column, value))
	if err == nil && n == 1 {
		err = c.script("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if closeErr := c.close(); err != nil || closeErr != nil {
		if isConstraint(err) || code(err) != 0 {
			return
		}
		t.Fatal(err, closeErr)
	}
	if n == 0 {
		return
	}
	for _, f := range verify(t, file).Findings {
		if f.Seq <= seq && seq <= f.Last {
			return
		}
	}
	t.Errorf("%s.%s = %s of record %d: not named", table, column, value, seq)
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
