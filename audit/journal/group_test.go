package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"postern/audit"
)

// gate holds the writer within a transaction until it is opened, so that what
// is queued meanwhile becomes one group.
type gate struct{ entered, release chan struct{} }

func gated(cfg *Config) *gate {
	g := &gate{entered: make(chan struct{}), release: make(chan struct{})}
	var once sync.Once
	cfg.Hook = func(s Step) error {
		if s == StepCommit {
			once.Do(func() { close(g.entered); <-g.release })
		}
		return nil
	}
	return g
}

// group queues batches while the writer is held, and returns their answers.
func group(t *testing.T, cfg Config, batches ...Batch) (*Journal, []error) {
	t.Helper()
	g := gated(&cfg)
	j := open(t, cfg)
	answers := make([]error, len(batches))
	var wg sync.WaitGroup
	wg.Go(func() { appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID())) })
	<-g.entered
	for i, b := range batches {
		wg.Go(func() { answers[i] = j.Append(context.Background(), b) })
		await(t, "the queue", func() bool { n, _, _ := j.queue.look(); return n == i+1 })
	}
	before := j.commits.Load()
	close(g.release)
	wg.Wait()
	await(t, "the commit", func() bool { return j.commits.Load() > before })
	return j, answers
}

// TestStopWins queues a STOP and then a send: the send's recheck sees the fact
// that is not in memory yet and keeps it out, in the same transaction.
func TestStopWins(t *testing.T) {
	subject, errStop := audit.NewSubjectID(), errors.New("opted out")
	recheck := func(pending []Fact) error {
		for _, f := range pending {
			if f.Subject == subject && f.Kind == "optout" {
				return errStop
			}
		}
		return nil
	}
	cfg := config(t.TempDir())
	ran := 0
	stop := Batch{Records: []audit.Record{admission(cfg.Now(), subject)}, Committed: func() { ran++ },
		Facts: []Fact{{Tenant: "bank", Subject: subject, Kind: "optout", Key: "marketing", Value: []byte(`{"by":"word"}`)}}}
	send := Batch{Records: []audit.Record{admission(cfg.Now(), subject)}, Recheck: recheck, Committed: func() { ran += 10 }}
	other := Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}, Committed: func() { ran += 100 }}
	j, answers := group(t, cfg, stop, send, other)
	if answers[0] != nil || !errors.Is(answers[1], errStop) || answers[2] != nil {
		t.Errorf("answers: %v", answers)
	}
	if ran != 101 {
		t.Errorf("callbacks: %d, want those of the first and the third", ran)
	}
	if n := j.commits.Load(); n != 2 {
		t.Errorf("%d transactions, want 2", n)
	}
	if n := checkChain(t, j); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
}

// TestSeenInGroup delivers one webhook twice at once and once again later.
func TestSeenInGroup(t *testing.T) {
	cfg := config(t.TempDir())
	in := func(marks ...byte) Batch {
		b := Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}}
		for _, m := range marks {
			b.Seen = append(b.Seen, Seen{Hash: [16]byte{m}, Time: 1})
		}
		return b
	}
	j, answers := group(t, cfg, in(1, 2), in(2, 3), in(3), in(4, 4))
	if answers[0] != nil || !errors.Is(answers[1], ErrSeen) || answers[2] != nil || answers[3] != nil {
		t.Errorf("answers: %v", answers)
	}
	if err := j.Append(context.Background(), in(9, 3)); !errors.Is(err, ErrSeen) {
		t.Errorf("later: %v", err)
	}
	got, err := j.SeenAny(context.Background(), [][16]byte{{1}, {9}, {3}})
	if err != nil || fmt.Sprint(got) != "[true false true]" {
		t.Errorf("seen: %v (%v)", got, err)
	}
	if n := checkChain(t, j); n != 4 {
		t.Errorf("%d records, want 4", n)
	}
}

// TestBadBatchAlone puts batches that cannot be stored among good ones.
func TestBadBatchAlone(t *testing.T) {
	cfg := config(t.TempDir())
	good := func() Batch { return Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}} }
	control := good()
	control.Records[0].Tenant = "a\nb"
	twice := good()
	part := good()
	part.Records[0].Parts[0].Name = "unknown"
	j, answers := group(t, cfg, good(), control, twice, Batch{Records: twice.Records[:1:1]}, good())
	for i, want := range []error{nil, ErrInvalid, nil, ErrInvalid, nil} {
		if !errors.Is(answers[i], want) {
			t.Errorf("batch %d: %v, want %v", i, answers[i], want)
		}
	}
	if err := j.Append(context.Background(), part); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown part: %v", err)
	}
	index := Batch{Subjects: []Subject{{ID: audit.NewSubjectID(), Index: []IndexEntry{{Kind: "email"}}}}}
	if err := j.Append(context.Background(), index); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown kind of index: %v", err)
	}
	if n := checkChain(t, j); n != 4 {
		t.Errorf("%d records, want 4", n)
	}
}

func TestQueueFull(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.QueueSize = 2
	g := gated(&cfg)
	j := open(t, cfg)
	var wg sync.WaitGroup
	send := func() error {
		return j.Append(context.Background(), Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}})
	}
	wg.Go(func() { _ = send() })
	<-g.entered
	ctx, leave := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() {
		left <- j.Append(ctx, Batch{Records: []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}})
	}()
	wg.Go(func() {
		if err := send(); err != nil {
			t.Error(err)
		}
	})
	await(t, "the queue", func() bool { n, _, _ := j.queue.look(); return n == 2 })
	if err := send(); !errors.Is(err, ErrFull) {
		t.Errorf("third: %v", err)
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	close(g.release)
	wg.Wait()
	if n := checkChain(t, j); n != 2 {
		t.Errorf("%d records, want 2: who left the queue is not recorded", n)
	}
}

// TestLazy waits no longer than LazyDelay, and for Close not at all.
func TestLazy(t *testing.T) {
	cfg := config(t.TempDir())
	j, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	if n := len(j.OpenAdmissions(1 << 62)); n != 1 {
		t.Errorf("%d open admissions, want 1", n)
	}
	lazy := func(j *Journal) audit.ID {
		s := settle(cfg.Now(), &r, "accepted")
		if err := j.Append(context.Background(), Batch{Records: []audit.Record{s}, Lazy: true}); err != nil {
			t.Fatal(err)
		}
		return s.ID
	}
	first := lazy(j)
	await(t, "the lazy batch", func() bool { return stored(t, j, first) })
	// A reader may see the commit before the writer has noted it.
	await(t, "the end of the admission", func() bool { return len(j.OpenAdmissions(1<<62)) == 0 })
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.LazyDelay = time.Hour
	if j, err = Open(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	last := lazy(j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(context.Background(), Batch{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if j = open(t, cfg); !stored(t, j, last) {
		t.Error("a lazy batch was lost over Close")
	}
	checkChain(t, j)
}

// TestConcurrent appends from many goroutines; the chain is dense and valid.
func TestConcurrent(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.Checkpoint = 5 * time.Millisecond
	j := open(t, cfg)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 40 {
				r := appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
				b := Batch{Records: []audit.Record{settle(cfg.Now(), &r, "accepted")}, Lazy: true}
				if err := j.Append(context.Background(), b); err != nil {
					t.Error(err)
				}
				if _, err := j.Record(context.Background(), r.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	await(t, "the last settle", func() bool { return j.Head().Size == 1280 })
	checkChain(t, j)
	if report := verify(t, j.path); !report.OK() {
		t.Error(report.Findings)
	}
}
