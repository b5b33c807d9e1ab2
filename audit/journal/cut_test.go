package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"time"

	"postern/audit"
)

// logged must not be called while somebody reads: closing the file lets go of
// the locks that this process has on it. It is how many pages the log holds and how many of them are in the file,
// as the first page of its index says (https://sqlite.org/walformat.html, 2.1).
func logged(t *testing.T, j *Journal) (pages, copied uint32) {
	t.Helper()
	index, err := os.ReadFile(j.path + "-shm")
	if err != nil || len(index) < 100 {
		t.Fatalf("index of the log, %d bytes: %v", len(index), err)
	}
	return binary.NativeEndian.Uint32(index[16:]), binary.NativeEndian.Uint32(index[96:])
}

// longLog is a journal whose log holds some 6 MB that nobody has copied.
func longLog(t *testing.T) *Journal {
	t.Helper()
	cfg := config(t.TempDir())
	cfg.Checkpoint = time.Hour
	j := open(t, cfg)
	r := admission(cfg.Now(), audit.SubjectID{1})
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, bytes.Repeat([]byte("long text "), 2000))}
	var b Batch
	for range 300 {
		r.ID = audit.NewID(cfg.Now())
		b.Records = append(b.Records, r)
	}
	if err := j.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if pages, copied := logged(t, j); pages < 4*littleLog || copied != 0 || !loggedText(t, j) {
		t.Fatalf("%d pages of %d are copied already", copied, pages)
	}
	return j
}

// loggedText reports whether the log holds text of longLog.
func loggedText(t *testing.T, j *Journal) bool {
	t.Helper()
	log, err := os.ReadFile(j.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(log, []byte("long text "))
}

// TestCutLeavesWriterLittle: before the writer is asked to cut a long log, it is
// in the file. While a reader keeps it from that, the writer is not asked at all.
func TestCutLeavesWriterLittle(t *testing.T) {
	t.Run("copied before", func(t *testing.T) {
		j := longLog(t)
		if err := j.askToCopy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if pages, copied := logged(t, j); copied != pages {
			t.Errorf("%d pages of %d are copied", copied, pages)
		}
		if err := j.DropLog(t.Context()); err != nil || loggedText(t, j) {
			t.Errorf("its text is in the log still (%v)", err)
		}
	})
	t.Run("held by a reader", func(t *testing.T) {
		j := longLog(t)
		reading, release, read := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			first := true
			read <- j.Records(context.Background(), 299, func(*audit.Record) error {
				if first {
					first = false
					close(reading)
					<-release
				}
				return nil
			})
		}()
		<-reading
		for range 20 {
			r := admission(j.cfg.Now(), audit.SubjectID{1})
			r.Parts = []audit.Part{audit.NewPart(audit.PartBody, bytes.Repeat([]byte("long text "), 2000))}
			appendOne(t, j, r)
		}
		if err := j.askToCopy(t.Context()); !errors.Is(err, errHeld) {
			t.Errorf("copied past a reader: %v", err)
		}
		close(release)
		if err := errors.Join(<-read, j.DropLog(t.Context())); err != nil || loggedText(t, j) {
			t.Errorf("its text is in the log still (%v)", err)
		}
	})
}
