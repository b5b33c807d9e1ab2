package journal

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// entry is a batch on its way through the writer.
type entry struct {
	batch  *Batch
	result chan error // buffered; nil for a lazy batch
	taken  atomic.Int32

	// The writer's.
	err      error // why it is not committed; nil means it is to be
	answered bool
	retried  bool
}

// Values of entry.taken: whoever moves it from waiting owns the entry.
const (
	entryWaiting int32 = iota
	entryTaken
	entryLeft
)

func (e *entry) lazy() bool { return e.result == nil }

// queue hands batches to the writer in the order they came. mu guards all.
type queue struct {
	mu     sync.Mutex
	items  []*entry
	urgent int // entries somebody waits for
	limit  int
	closed bool
	wake   chan struct{} // capacity 1: something changed
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, wake: make(chan struct{}, 1)}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) put(e *entry) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if len(q.items) >= q.limit {
		return ErrFull
	}
	q.items = append(q.items, e)
	if !e.lazy() {
		q.urgent++
	}
	if !e.lazy() && q.urgent == 1 || len(q.items) == 1 {
		q.signal()
	}
	return nil
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

// take moves up to limit entries to dst, without those whose caller left.
func (q *queue) take(dst []*entry, limit int) []*entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for ; n < len(q.items) && len(dst) < limit; n++ {
		e := q.items[n]
		if !e.lazy() {
			q.urgent--
		}
		if e.taken.CompareAndSwap(entryWaiting, entryTaken) {
			dst = append(dst, e)
		}
	}
	q.items = append(q.items[:0], q.items[n:]...)
	clear(q.items[len(q.items):cap(q.items)])
	return dst
}

// putBack returns lazy entries that were taken too early, ahead of newer ones.
func (q *queue) putBack(lazy []*entry) {
	if len(lazy) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range lazy {
		e.taken.Store(entryWaiting)
	}
	q.items = append(lazy, q.items...)
	q.signal()
}

// look tells what waits.
func (q *queue) look() (waiting, urgent int, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items), q.urgent, q.closed
}

// Waited is how many batches wait for the writer whose caller waits for them.
func (j *Journal) Waited() int {
	_, urgent, _ := j.queue.look()
	return urgent
}

// next waits for entries: at once while somebody waits for one, after delay
// where all are lazy. ok is false when the queue is closed and empty. work is
// done between, in the writer.
func (q *queue) next(dst []*entry, limit int, delay time.Duration, work <-chan func()) (group []*entry, ok bool) {
	var late <-chan time.Time
	for {
		waiting, urgent, closed := q.look()
		switch {
		case urgent > 0 || closed && waiting > 0 || waiting >= limit:
			return q.take(dst, limit), true
		case closed:
			return dst, false
		case waiting > 0 && late == nil:
			timer := time.NewTimer(delay)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-q.wake:
		case f := <-work:
			f()
		case <-late:
			return q.take(dst, limit), true
		}
	}
}

// Append commits the batch and returns when it is durable; see Journal for
// what an error means and Batch for what runs when. Seq, Prev, Chain and Leaf
// of the records are filled in place. ctx bounds the wait in the queue only:
// once the writer has the batch, Append waits for its outcome.
//
// A lazy batch is queued and Append returns; the caller must not touch the
// batch's slices after that.
func (j *Journal) Append(ctx context.Context, b Batch) error {
	if err := j.admit(ctx, &b); err != nil {
		return err
	}
	if err := seal(&b); err != nil {
		return err
	}
	e := &entry{batch: &b}
	if !b.Lazy {
		e.result = make(chan error, 1)
	}
	if err := j.queue.put(e); err != nil || b.Lazy {
		return err
	}
	select {
	case err := <-e.result:
		return err
	case <-ctx.Done():
	}
	if e.taken.CompareAndSwap(entryWaiting, entryLeft) {
		return context.Cause(ctx)
	}
	return <-e.result
}

// admit refuses early, before anything is recorded. A lazy batch waits in the
// queue while the journal is down: what it tells has happened already, such as
// the outcome of a send.
func (j *Journal) admit(ctx context.Context, b *Batch) error {
	if ctx.Err() != nil && !b.Lazy {
		return context.Cause(ctx)
	}
	if err := j.Err(); err != nil && !(b.Lazy && errors.Is(err, ErrDown)) {
		return err
	}
	return nil
}
