package journal

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"postern/audit"
)

// TestWipeSparesWhatIsWritten: what is recorded while the log is overwritten
// stays, in the log as in the file, and so it is after a crash.
func TestWipeSparesWhatIsWritten(t *testing.T) {
	j := longLog(t)
	var group sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				r := admission(j.cfg.Now(), audit.NewSubjectID())
				if err := j.Append(context.WithoutCancel(ctx), Batch{Records: []audit.Record{r}}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for size := j.Head().Size; j.Head().Size < size+500 && !t.Failed(); {
		if err := j.DropLog(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if loggedText(t, j) {
		t.Error("old text is in the log still")
	}
	stop()
	group.Wait()
	size := j.Head().Size
	if report := verify(t, j.path); !report.OK() || report.Records != size { // reads file and log as they would be found
		t.Errorf("%d records of %d: %v", report.Records, size, report.Findings)
	}
}

// TestLogIsCutToItsMost: what a reader made the log grow by is given back.
func TestLogIsCutToItsMost(t *testing.T) {
	j := open(t, config(t.TempDir()))
	appendOne(t, j, admission(j.cfg.Now(), audit.SubjectID{1}))
	f, err := os.OpenFile(j.path+"-wal", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("old"), maxLog+3*wipePiece)
	if err = errors.Join(err, f.Close(), j.DropLog(t.Context())); err != nil || fileSize(j.path+"-wal") != maxLog {
		t.Errorf("a log of %d bytes is left, want %d (%v)", fileSize(j.path+"-wal"), maxLog, err)
	}
	appendOne(t, j, admission(j.cfg.Now(), audit.SubjectID{1}))
	if n := checkChain(t, j); n != 2 {
		t.Errorf("%d records", n)
	}
}
