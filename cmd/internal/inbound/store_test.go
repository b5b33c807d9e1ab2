package inbound

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// table asks the journal's own tables one thing.
func (s *office) table(t *testing.T, question string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, "data", "journal.db")+"?mode=ro")
	check(t, err)
	defer db.Close() //nolint:errcheck // read only
	var out string
	check(t, db.QueryRowContext(t.Context(), question).Scan(&out))
	return out
}

// holders are the files of the demo folder that hold a word in the clear.
func (s *office) holders(t *testing.T, word string) []string {
	t.Helper()
	var out []string
	check(t, filepath.WalkDir(filepath.Join(s.Dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return nil
		}
		raw, err := os.ReadFile(path) //nolint:gosec // the test's own folder
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file
		}
		if bytes.Contains(raw, []byte(word)) {
			out = append(out, path)
		}
		return err
	}))
	return out
}
