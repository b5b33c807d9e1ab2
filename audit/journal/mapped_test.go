package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"postern/audit"
)

// TestMappedFileCut cuts a file off while it is read: the pages that are gone
// fault, and that is an error like any other, not the end of the process.
func TestMappedFileCut(t *testing.T) {
	j := open(t, config(t.TempDir()))
	records := make([]audit.Record, 2000)
	for i := range records {
		records[i] = admission(j.cfg.Now(), audit.NewSubjectID())
	}
	if err := j.Append(context.Background(), Batch{Records: records}); err != nil {
		t.Fatal(err)
	}
	if err := j.tidyForCopy(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), fileName)
	copyFile(t, j.path, path)
	r, err := OpenReader(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	seen := 0
	err = r.Records(context.Background(), 0, 2000, func(*audit.Record) error {
		if seen++; seen == 1 {
			return os.Truncate(path, 16*pageSize)
		}
		return nil
	})
	if !errors.Is(err, ErrDamaged) || seen == 2000 {
		t.Errorf("read %d records of a file that was cut: %v", seen, err)
	}
	if n := checkChain(t, j); n != 2000 {
		t.Errorf("the journal itself has %d records", n)
	}
}
