package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"testing"

	"postern/audit"
)

// oldCopy is a copy as Snapshot of a program with tables of that version wrote
// it: rows and tables, no index and no view.
func oldCopy(t *testing.T, version int, spoil string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	write(t, path, nil)
	script(t, path, readFile(t, "testdata/v1.sql"))
	c, err := dial(t.Context(), copyDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	files, err := steps()
	if err == nil {
		err = raise(c, files[:version], 1, "")
	}
	for _, kind := range []string{"view", "index"} {
		names := ""
		if err == nil {
			names, err = drops(c, kind)
		}
		if err == nil {
			err = c.script(names)
		}
	}
	if err == nil {
		err = c.script(spoil)
	}
	if err := errors.Join(err, c.close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func drops(c *conn, kind string) (out string, err error) {
	return out, c.query("SELECT name FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL", func(row []driver.Value) error {
		out += fmt.Sprintf("DROP %s %s;", kind, asString(row[0]))
		return nil
	}, kind)
}

// TestRenew brings copies of every older program up to date.
func TestRenew(t *testing.T) {
	now := open(t, config(t.TempDir()))
	files, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	for version := 1; version <= len(files); version++ {
		path := oldCopy(t, version, "")
		if err := Renew(t.Context(), path); err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		r, err := OpenReader(t.Context(), path)
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		report, err := audit.Verify(t.Context(), r, audit.VerifyOptions{})
		if err := errors.Join(err, r.Close()); err != nil || !report.OK() || report.Records != 2 {
			t.Errorf("version %d: %d records, %v %v", version, report.Records, report.Findings, err)
		}
		if err := Complete(t.Context(), path, audit.RestoredChain(report.Chain), noKeys()); err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if a, b := schema(t, now.path), schema(t, path); !slices.Equal(a, b) {
			t.Errorf("version %d: other tables, indexes or views:\n%q\n%q", version, a, b)
		}
	}
}

func noKeys() iter.Seq2[DataKey, error] { return func(func(DataKey, error) bool) {} }

// TestRenewRefuses changes nothing of what it can not read.
func TestRenewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil string
		want  error
	}{
		"a newer program's": {"PRAGMA user_version=99", ErrNewer},
		"another program's": {"PRAGMA application_id=7", ErrForeign},
	} {
		path := oldCopy(t, 1, c.spoil)
		before := read(t, path)
		if err := Renew(context.Background(), path); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(before, read(t, path)) {
			t.Errorf("%s: the file changed", name)
		}
	}
}
