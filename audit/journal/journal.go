// Package journal is the durable store of the trail and of everything that
// changes with it: facts, subjects, keys, deliveries, ids. It owns all SQL.
//
// One writer commits batches in groups: many callers, one transaction, one
// fsync. What Append has acknowledged is on the disk; what it has refused is
// not and never will be. When the disk fails, every caller hears ErrDown and
// nothing is recorded until the writer has re-read the store and could write
// to it again, which it tries by itself.
package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"postern/audit"
)

// Config says where the journal is and how it behaves. Path, Chain and Now
// are required; zero elsewhere takes the default.
type Config struct {
	Path  string // a folder (the file is journal.db in it) or the file itself
	Chain string // name of the chain, for a new file; must match that of an old one, or what a restoration made of it
	Now   func() time.Time

	LazyDelay   time.Duration // how long a lazy batch may wait for company; 5 ms
	QueueSize   int           // batches waiting for the writer; 4096
	MaxBatch    int           // batches in one transaction; 256
	MaxBytes    int64         // refuse batches while the file and its log are larger; 0 is no limit
	MinFree     int64         // refuse batches while the disk has less free; 64 MiB, negative is no limit
	Checkpoint  time.Duration // how often the log is copied into the file; 200 ms
	RecoverWait time.Duration // longest pause between attempts to recover; 1 s

	// OnError hears what no caller waits for: a lazy batch that was refused,
	// a failure of the store and its recovery attempts. Errors hold no data.
	OnError func(error)

	// Recorded hears of each record that was committed, in order. The writer
	// waits for it. Nil does nothing.
	Recorded func(*audit.Record)

	// Erased hears of each erasure once it is on record and before anything is
	// overwritten; Seq of the record is set. Its error ends the erasure there, to
	// be asked for again. Nil does nothing.
	Erased func(audit.Record, Erase) error

	// Hook injects faults in tests. It runs in the writer at each step; an
	// error makes the step fail. Nil does nothing.
	Hook func(Step) error

	// AnyFileSystem opens the file on a network file system too. Locks and
	// fsync do not hold there: for reading a copy only.
	AnyFileSystem bool

	held time.Duration // how long callers wait for an unknown outcome; maxHeld
}

// Step is a point at which Config.Hook can fail.
type Step int

// Steps of one transaction, in order, and of recovery.
const (
	StepBegin     Step = iota // before the transaction begins
	StepWrite                 // before the rows are written
	StepCommit                // before COMMIT; an error stands for a COMMIT that failed
	StepCommitted             // after COMMIT; an error stands for one that failed but persists
	StepRecover               // before an attempt to recover
)

// Limits and defaults.
const (
	fileName  = "journal.db"
	pageSize  = 1024     // few rows change at a time: small pages write a third of what 4096 does
	maxLog    = 64 << 20 // bytes of log above which the writer starts it over
	maxHeld   = 3 * time.Second
	countWait = time.Second // daily counters are at most this far behind (the view adds the rest)
)

// Journal is an open store. All methods are safe for concurrent use.
//
// Durability: when Append returns nil the batch is on the disk and survives
// power loss. When it returns an error, nothing of the batch is or will be
// stored, with one exception: ErrUnresolved, see there.
type Journal struct {
	cfg  Config
	path string
	lock *fileLock
	// disk is the file again, for flush alone. It is closed after every
	// connection: closing any descriptor of a file drops the process's locks on it.
	disk *os.File

	queue *queue
	down  atomic.Bool // owned by the writer; Append reads it
	tight atomic.Bool // disk or file limit reached; owned by the checkpointer
	done  chan struct{}
	stop  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup

	w       *conn // the writer's; nil while it is down
	logFull atomic.Bool
	dirty   atomic.Int64    // commits since the last checkpoint
	commits atomic.Int64    // commits since the start
	exclude chan func()     // work the writer does between transactions
	copies  chan chan error // who asks for a copy of the log, see askToCopy

	eraseRows atomic.Int64 // rows of the next step of an erasure; 0: nothing is learned yet
	eraseSeen atomic.Int64 // commits when the last step was over

	ownKeys atomic.Uint64 // records from it on are sealed under keys of their own class

	erasing sync.RWMutex // held for reading from an erasure's record to its last byte
	copying atomic.Int32 // copies that hold a moment of the store for a while

	mu       sync.Mutex // guards what follows; the writer changes it after each commit
	head     Head
	tree     audit.Tree
	open     map[audit.ID]OpenAdmission
	grown    chan struct{} // closed at the next commit with records; nil while nobody waits
	erasures underWay      // by their record

	// The writer's alone.
	state    state
	work     audit.Tree // may be ahead of tree within a transaction
	contexts contextCache
	counts   counter // records not in the table of counts
	counted  time.Time
	leafBuf  []byte
	rowBuf   []any
	passed   int // groups since work between transactions was last looked for

	sweeping sync.Mutex // held for a step of housekeeping
	sweeps   []*sweep   // tables that this round has not walked yet
	sweep    func(func() error) error

	reader *Reader
	short  chan struct{} // holds a place for each of the short reads under way
}

// Head is the end of the chain.
type Head struct {
	Chain string
	Size  uint64
	Root  [32]byte // RFC 6962 root over all leaves
	Leaf  [32]byte // of the last record; zero if there is none
}

// Head returns the end of the chain as of the last commit. It is what a
// checkpoint signs.
func (j *Journal) Head() Head {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := j.head
	h.Root = j.tree.Root()
	return h
}

// Path is the file.
func (j *Journal) Path() string { return j.path }

// Reader reads the same file; it is closed with the journal.
func (j *Journal) Reader() *Reader { return j.reader }

// Err is nil while the journal takes batches, else ErrDown, ErrFull or
// ErrClosed as Append would answer now.
func (j *Journal) Err() error {
	select {
	case <-j.stop:
		return ErrClosed
	default:
	}
	if j.down.Load() {
		return ErrDown
	}
	if j.tight.Load() {
		return ErrNoSpace
	}
	return nil
}

// Open opens the journal, makes a new one if there is none, and takes the lock
// that keeps every other process from writing. It refuses with an error that
// names the remedy: a file in use, of another program, of a newer version,
// damaged, on a network file system, or missing where one was.
func Open(ctx context.Context, cfg Config) (*Journal, error) {
	j, err := prepare(cfg)
	if err != nil {
		return nil, err
	}
	if j.lock, err = lockFile(j.path + ".lock"); err != nil {
		return nil, err
	}
	if err := j.start(ctx); err != nil {
		if j.w != nil {
			err = errors.Join(err, j.w.close())
		}
		return nil, errors.Join(err, j.lock.unlock())
	}
	return j, nil
}

func (j *Journal) start(ctx context.Context) error {
	if err := j.openFile(ctx); err != nil {
		return err
	}
	if err := j.load(); err != nil {
		return damaged(err)
	}
	var err error
	if j.disk, err = os.OpenFile(j.path, os.O_RDWR, 0); err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	j.report(j.measure())
	j.wg.Add(2)
	go j.run()
	go j.checkpoints()
	return nil
}

// Close commits what is queued, lazy batches too, and closes the file. Append
// answers ErrClosed from its first moment.
func (j *Journal) Close() error {
	var err error
	j.once.Do(func() {
		close(j.stop)
		j.queue.close()
		j.wg.Wait()
		err = j.reader.Close()
		if j.w != nil {
			err = errors.Join(err, j.tidyLog(), j.w.close())
		}
		err = errors.Join(err, j.disk.Close())
		err = errors.Join(err, j.lock.unlock())
	})
	return err
}

func (j *Journal) report(err error) {
	if err != nil && j.cfg.OnError != nil {
		j.cfg.OnError(err)
	}
}

func (j *Journal) hook(s Step) error {
	if j.cfg.Hook == nil {
		return nil
	}
	return j.cfg.Hook(s)
}
