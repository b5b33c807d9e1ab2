package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"postern/audit"
)

// closed makes a journal with a few records and closes it.
func closed(t *testing.T, dir string) string {
	t.Helper()
	j, err := Open(context.Background(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	}
	note := Signed{Size: 4, Time: 1, Note: []byte("a signed note")}
	if err := j.AddCheckpoint(context.Background(), note); err != nil {
		t.Fatal(err)
	}
	if err := j.AddCheckpoint(context.Background(), Signed{Size: 6}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a checkpoint beyond the end: %v", err)
	}
	if got, err := j.Checkpoints(context.Background(), 5); err != nil || len(got) != 1 || !bytes.Equal(got[0].Note, note.Note) {
		t.Errorf("checkpoints: %v (%v)", got, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return j.path
}

func script(t *testing.T, path, text string) {
	t.Helper()
	c, err := dial(context.Background(), dsn(path, pageSize, false))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.script(text), c.close()); err != nil {
		t.Fatal(err)
	}
}

// TestOpenRefuses spoils the file in each way; it is refused, and not touched.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		{"newer", func(t *testing.T, p string) { script(t, p, "PRAGMA user_version=99") }, ErrNewer},
		{"another program", func(t *testing.T, p string) { script(t, p, "PRAGMA application_id=5") }, ErrForeign},
		{"unmarked tables", func(t *testing.T, p string) { script(t, p, "PRAGMA application_id=0") }, ErrForeign},
		{"another chain", func(t *testing.T, p string) { script(t, p, "UPDATE state SET chain = 'x'") }, ErrForeign},
		{"end cut off", func(t *testing.T, p string) { script(t, p, "DELETE FROM records WHERE seq > 2") }, ErrDamaged},
		{"not a database", func(t *testing.T, p string) { write(t, p, bytes.Repeat([]byte("text "), 500)) }, ErrDamaged},
		{"short", func(t *testing.T, p string) { write(t, p, read(t, p)[:pageSize*5]) }, ErrDamaged},
		{"odd length", func(t *testing.T, p string) { write(t, p, read(t, p)[:pageSize*5+7]) }, ErrDamaged},
		{"schema overwritten", func(t *testing.T, p string) {
			b := read(t, p)
			copy(b[100:pageSize], bytes.Repeat([]byte{0x55}, pageSize))
			write(t, p, b)
		}, ErrDamaged},
		{"gone", func(t *testing.T, p string) { remove(t, p) }, ErrMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := closed(t, t.TempDir())
			c.spoil(t, path)
			before, _ := os.ReadFile(path) //nolint:gosec // a file of the test
			j, err := Open(context.Background(), config(filepath.Dir(path)))
			if !errors.Is(err, c.want) {
				t.Errorf("opened with %v, want %v", err, c.want)
			}
			if err == nil {
				_ = j.Close()
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) { //nolint:gosec // a file of the test
				t.Error("the file was touched")
			}
		})
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte { return []byte(readFile(t, path)) }

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestModesAndLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	j := open(t, config(dir))
	appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	for name, want := range map[string]os.FileMode{"": 0o700, "journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600, "journal.db.lock": 0o600} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil || st.Mode().Perm() != want {
			t.Errorf("%q: mode %v (%v), want %v", name, st.Mode().Perm(), err, want)
		}
	}
	if _, err := Open(context.Background(), config(dir)); !errors.Is(err, ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	if report := verify(t, dir); !report.OK() || report.Records != 2 {
		t.Errorf("verified beside the writer: %d records, %v", report.Records, report.Findings)
	}
}

func TestReaderRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenReader(context.Background(), dir); !errors.Is(err, ErrMissing) {
		t.Errorf("empty folder: %v", err)
	}
	path := closed(t, dir)
	script(t, path, "PRAGMA user_version=99")
	if _, err := OpenReader(context.Background(), path); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
	write(t, path, bytes.Repeat([]byte("text "), 500))
	if _, err := OpenReader(context.Background(), path); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
}

func TestQuickCheck(t *testing.T) {
	path := closed(t, t.TempDir())
	check := func() error {
		r, err := OpenReader(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close() //nolint:errcheck // read only
		return r.QuickCheck(context.Background())
	}
	if err := check(); err != nil {
		t.Errorf("whole file: %v", err)
	}
	c, err := dial(context.Background(), dsn(path, 0, true))
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'facts'")
	if err := errors.Join(err, c.close()); err != nil || root < 2 {
		t.Fatal(root, err)
	}
	b := read(t, path)
	copy(b[(root-1)*pageSize:], bytes.Repeat([]byte{0x55}, pageSize))
	write(t, path, b)
	if err := check(); !errors.Is(err, ErrDamaged) {
		t.Errorf("broken page: %v", err)
	}
}

// TestMigrateFromVersion1 opens a file as version 1 of the schema wrote it.
func TestMigrateFromVersion1(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	write(t, path, nil)
	script(t, path, readFile(t, "testdata/v1.sql"))
	j := open(t, config(dir))
	if n := checkChain(t, j); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
	if n := len(j.OpenAdmissions(1 << 62)); n != 0 {
		t.Errorf("%d open admissions, want 0", n)
	}
	got, err := j.Reader().Query(context.Background(), "SELECT sum(count) AS n FROM audit_counts", QueryOptions{})
	if err != nil || got.Rows[0][0] != int64(2) {
		t.Errorf("counts: %v (%v)", got.Rows, err)
	}
	r := appendOne(t, j, admission(time.UnixMicro(1762160400000000), audit.NewSubjectID()))
	checkChain(t, j)
	if class, months := j.SealedUnder(&r); class != "standard" || len(months) != 1 {
		t.Errorf("a new record is sealed under %s %v", class, months)
	}
	if r.Seq = 1; !sealedAs(j, &r, audit.ClassMessages, "2025-11") {
		t.Error("a record of before is not sealed as messages")
	}
	if r.Time = time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC).UnixMicro(); !sealedAs(j, &r, audit.ClassMessages, "2026-11", "2026-12") {
		t.Error("a record of before, of the end of a month, is of one month")
	}
}

func sealedAs(j *Journal, r *audit.Record, class string, months ...string) bool {
	c, m := j.SealedUnder(r)
	return c == class && slices.Equal(m, months)
}
