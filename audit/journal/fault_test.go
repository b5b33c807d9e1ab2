package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
)

// faults is a Hook that fails at chosen steps, a number of times each.
type faults struct {
	mu   sync.Mutex
	left map[Step]int
	seen map[Step]int
}

var errFault = errors.New("injected fault")

func (f *faults) hook(s Step) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = make(map[Step]int)
	}
	f.seen[s]++
	if f.left[s] > 0 {
		f.left[s]--
		return errFault
	}
	return nil
}

func (f *faults) set(s Step, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = map[Step]int{s: n}
}

func stored(t *testing.T, j *Journal, id audit.ID) bool {
	t.Helper()
	_, err := j.Record(context.Background(), id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestAnswerIsTrue fails each step of a transaction once: whatever Append
// says is what the store holds, then and after a restart.
func TestAnswerIsTrue(t *testing.T) {
	for _, c := range []struct {
		name string
		step Step
		want error // nil: stored
	}{
		{"begin fails", StepBegin, ErrDown},
		{"write fails", StepWrite, ErrDown},
		{"commit fails", StepCommit, ErrDown},
		{"commit fails but persists", StepCommitted, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, records := range []int{2, 0} {
				f := &faults{}
				cfg := config(t.TempDir())
				cfg.Hook = f.hook
				j := open(t, cfg)
				appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
				b := Batch{Facts: []Fact{{Tenant: "bank", Kind: "optout", Key: "k", Value: []byte("{}")}}}
				for range records {
					b.Records = append(b.Records, admission(cfg.Now(), audit.NewSubjectID()))
				}
				committed := 0
				b.Committed = func() { committed++ }
				f.set(c.step, 1)
				err := j.Append(context.Background(), b)
				if !errors.Is(err, c.want) {
					t.Errorf("%d records: answered %v, want %v", records, err, c.want)
				}
				if want := c.want == nil; (committed == 1) != want || hasFact(t, j) != want {
					t.Errorf("%d records: stored %v, callback ran %d times, want %v", records, hasFact(t, j), committed, want)
				}
				await(t, "recovery", func() bool { return j.Err() == nil })
				appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
				want := uint64(2)
				if c.want == nil {
					want += uint64(records)
				}
				if n := checkChain(t, j); n != want {
					t.Errorf("%d records in the chain, want %d", n, want)
				}
			}
		})
	}
}

func hasFact(t *testing.T, j *Journal) (found bool) {
	t.Helper()
	if err := j.Facts(context.Background(), func(Fact) error { found = true; return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDown keeps the store from recovering: callers hear ErrDown at once and
// lazy batches are kept, then it recovers by itself.
func TestDown(t *testing.T) {
	f, heard := &faults{}, &recorder{}
	cfg := config(t.TempDir())
	cfg.Hook, cfg.OnError = f.hook, heard.hear
	j := open(t, cfg)
	r := appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	f.mu.Lock()
	f.left = map[Step]int{StepWrite: 1, StepRecover: 1 << 30}
	f.mu.Unlock()
	lazy, later := settle(cfg.Now(), &r, "accepted"), settle(cfg.Now(), &r, "failed")
	if err := j.Append(context.Background(), Batch{Records: []audit.Record{lazy}, Lazy: true}); err != nil {
		t.Fatal(err)
	}
	await(t, "the fault", func() bool { return errors.Is(j.Err(), ErrDown) })
	if err := j.Append(context.Background(), Batch{Records: []audit.Record{later}, Lazy: true}); err != nil {
		t.Errorf("a lazy batch while it is down: %v", err)
	}
	f.mu.Lock()
	f.left = nil
	f.mu.Unlock()
	await(t, "recovery", func() bool { return j.Err() == nil })
	await(t, "the lazy batches", func() bool { return stored(t, j, lazy.ID) && stored(t, j, later.ID) })
	if !heard.heard(ErrDown) || !heard.heard(errFault) {
		t.Error("nobody was told")
	}
	if n := checkChain(t, j); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
}

// TestUnresolved cannot recover in time: the caller hears that the outcome is
// not known, and the callback runs once it shows that the batch is stored.
func TestUnresolved(t *testing.T) {
	f := &faults{}
	cfg := config(t.TempDir())
	cfg.Hook, cfg.held = f.hook, 50*time.Millisecond
	j := open(t, cfg)
	f.mu.Lock()
	f.left = map[Step]int{StepCommitted: 1, StepRecover: 1 << 30}
	f.mu.Unlock()
	var committed atomic.Bool
	r := admission(cfg.Now(), audit.NewSubjectID())
	err := j.Append(context.Background(), Batch{Records: []audit.Record{r}, Committed: func() { committed.Store(true) }})
	if !errors.Is(err, ErrUnresolved) || !errors.Is(err, ErrDown) {
		t.Fatalf("answered %v", err)
	}
	if err := j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}}); !errors.Is(err, ErrDown) {
		t.Fatalf("a later caller heard %v", err)
	}
	f.set(StepRecover, 0)
	await(t, "recovery", func() bool { return j.Err() == nil })
	if !committed.Load() || !stored(t, j, r.ID) {
		t.Error("the batch is stored, its callback did not run")
	}
	if n := len(j.OpenAdmissions(1 << 62)); n != 1 {
		t.Errorf("%d open admissions, want 1", n)
	}
}

// TestDiskFull lets SQLite itself run out of pages and gives it room again.
func TestDiskFull(t *testing.T) {
	cfg := config(t.TempDir())
	var j *Journal
	var full atomic.Bool
	cfg.Hook = func(s Step) error {
		if j == nil || j.w == nil || s != StepWrite {
			return nil
		}
		limit := 1 << 30
		if full.Load() {
			limit = 1
		}
		return j.w.script(fmt.Sprintf("PRAGMA max_page_count=%d", limit))
	}
	opened := open(t, cfg)
	j = opened
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	full.Store(true)
	refused := 0
	for range 50 {
		err := j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}})
		if err != nil && !errors.Is(err, ErrDown) {
			t.Fatalf("full disk answered %v", err)
		}
		if err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	full.Store(false)
	await(t, "room", func() bool {
		return j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}}) == nil
	})
	if n := checkChain(t, j); n != uint64(52-refused) {
		t.Errorf("%d records, want %d", n, 52-refused)
	}
}

// TestSpaceLimit sheds before the disk is full; settles still go through.
func TestSpaceLimit(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.MaxBytes = 1
	j := open(t, cfg)
	err := j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}})
	if !errors.Is(err, ErrNoSpace) || !errors.Is(err, ErrDown) {
		t.Errorf("over the limit: %v", err)
	}
	r := admission(cfg.Now(), audit.NewSubjectID())
	if err := j.Append(context.Background(), Batch{Records: []audit.Record{r}, Lazy: true}); err != nil {
		t.Errorf("lazy over the limit: %v", err)
	}
	await(t, "the lazy batch", func() bool { return stored(t, j, r.ID) })
}

// TestFileGone loses the file under a running journal: it stays down, says so
// and never begins a new chain.
func TestFileGone(t *testing.T) {
	f, heard := &faults{}, &recorder{}
	cfg := config(t.TempDir())
	cfg.Hook, cfg.OnError = f.hook, heard.hear
	j := open(t, cfg)
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	if err := os.Rename(j.path, j.path+".away"); err != nil {
		t.Fatal(err)
	}
	f.set(StepWrite, 1)
	err := j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}})
	if !errors.Is(err, ErrDown) {
		t.Fatalf("answered %v", err)
	}
	await(t, "the report", func() bool { return heard.heard(ErrMissing) })
	if _, err := os.Stat(j.path); !os.IsNotExist(err) {
		t.Error("a new file took the place of the lost one")
	}
	if err := os.Rename(j.path+".away", j.path); err != nil {
		t.Fatal(err)
	}
	await(t, "recovery", func() bool { return j.Err() == nil })
	if n := checkChain(t, j); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

// TestCloseWhileDown closes a journal that cannot recover: nobody hangs.
func TestCloseWhileDown(t *testing.T) {
	f := &faults{left: map[Step]int{StepCommit: 1, StepRecover: 1 << 30}}
	cfg := config(t.TempDir())
	cfg.Hook = f.hook
	j, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	go func() {
		answer <- j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}})
	}()
	await(t, "the fault", func() bool { return errors.Is(j.Err(), ErrDown) })
	_, err = j.Housekeep(context.Background(), cfg.Now(), nil)
	if !errors.Is(err, ErrDown) {
		t.Errorf("housekeeping while it is down: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if err := <-answer; !errors.Is(err, ErrUnresolved) {
		t.Errorf("who waited heard %v", err)
	}
	f.set(StepRecover, 0)
	cfg.Hook = nil
	if n := checkChain(t, open(t, cfg)); n != 0 {
		t.Errorf("%d records, want none", n)
	}
}
