package canary_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// text reports every marker in a text, once each.
func (m *marks) text(t *testing.T, where string, raw []byte) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[string]bool{}
	for i := 0; i+prefix <= len(raw); i++ {
		if !m.first[int(raw[i])<<8|int(raw[i+1])] {
			continue
		}
		for _, k := range m.by[[prefix]byte(raw[i:i+prefix])] {
			if seen[k.name] || !bytes.HasPrefix(raw[i:], []byte(k.form)) {
				continue
			}
			seen[k.name] = true
			t.Errorf("%s shows %s: ...%s...", where, k.name, bytes.ToValidUTF8(raw[max(0, i-90):min(len(raw), i+len(k.form)+40)], []byte("?")))
		}
	}
}

// unpacked looks into what is stored compressed.
func (m *marks) unpacked(t *testing.T, where string, raw []byte) {
	t.Helper()
	for _, kind := range []struct {
		magic []byte
		open  func(io.Reader) (io.ReadCloser, error)
	}{
		{[]byte{0x1f, 0x8b, 0x08}, func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
		{[]byte{0x78, 0x01}, zlib.NewReader}, {[]byte{0x78, 0x9c}, zlib.NewReader}, {[]byte{0x78, 0xda}, zlib.NewReader},
	} {
		for at := bytes.Index(raw, kind.magic); at >= 0; {
			if r, err := kind.open(bytes.NewReader(raw[at:])); err == nil {
				plain, _ := io.ReadAll(io.LimitReader(r, 1<<20)) //nolint:errcheck // most of these are no archives at all
				m.text(t, where+" (unpacked)", plain)
			}
			next := bytes.Index(raw[at+1:], kind.magic)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
}

// files scans every file below dir but those whose path holds a word of except.
func (m *marks) files(t *testing.T, dir string, except ...string) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		for _, e := range except {
			if strings.HasPrefix(name, e) {
				return nil
			}
		}
		raw, err := os.ReadFile(path) //nolint:gosec // the test's own folder
		if err != nil {
			return err
		}
		count++
		m.text(t, name, raw)
		m.unpacked(t, name, raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 3 {
		t.Errorf("only %d files were scanned", count)
	}
}

// cells scans every value of every table: bytes of a file can be split over
// pages. It returns how many there were.
func (m *marks) cells(t *testing.T, file string) int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // read only
	total := 0
	for _, table := range rowsOf(t, db, "SELECT name FROM sqlite_master WHERE type = 'table'") {
		name := string(table[0])
		for i, row := range rowsOf(t, db, fmt.Sprintf("SELECT * FROM %q", name)) {
			m.text(t, fmt.Sprintf("table %s row %d", name, i), bytes.Join(row, []byte{0}))
			total += len(row)
		}
	}
	return total
}

func rowsOf(t *testing.T, db *sql.DB, question string) [][][]byte {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read to its end below
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][][]byte
	for rows.Next() {
		row, into := make([][]byte, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
