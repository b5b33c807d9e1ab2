package journal

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/audit"
)

// FuzzReader: a journal file with any bytes changed and its end cut off is
// refused or read to the end; what is wrong in it is an error or a finding,
// never a panic, and never a longer trail than was written.
func FuzzReader(f *testing.F) {
	whole := small(f)
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(0), []byte("SQLite format 4"), uint32(0))
	f.Add(uint32(18), []byte{9, 9}, uint32(0))
	f.Add(uint32(100), []byte{0xff, 0xff, 0xff, 0xff}, uint32(4096))
	f.Add(uint32(len(whole)-300), []byte("another text"), uint32(0))
	path := filepath.Join(f.TempDir(), "journal.db")
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut uint32) {
		changed := append([]byte(nil), whole...)
		copy(changed[int(at)%len(changed):], patch)
		changed = changed[:len(changed)-int(cut)%len(changed)]
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		readAll(t, path)
	})
}

// small is the file of a journal with a few records.
func small(f *testing.F) []byte {
	f.Helper()
	j, err := Open(context.Background(), config(f.TempDir()))
	if err != nil {
		f.Fatal(err)
	}
	first := appendOne(f, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	appendOne(f, j, rich(j.cfg.Now(), first.ID))
	if err := j.tidyForCopy(); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(j.path)
	if err != nil {
		f.Fatal(err)
	}
	if err := j.Close(); err != nil {
		f.Fatal(err)
	}
	return whole
}

func readAll(t *testing.T, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r, err := OpenReader(ctx, path)
	if err != nil {
		return
	}
	defer r.Close() //nolint:errcheck // read only
	report, err := audit.Verify(ctx, r, audit.VerifyOptions{})
	if err == nil && report.OK() && report.Records > 2 {
		t.Fatalf("%d records agree where two were written", report.Records)
	}
	if table, err := r.Query(ctx, "SELECT * FROM audit", QueryOptions{}); err == nil && len(table.Columns) == 0 {
		t.Fatal("an answer without columns")
	}
	if ctx.Err() != nil {
		t.Fatal("reading does not end")
	}
}
