package delivery

import (
	"container/heap"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// item is one event on its way. body is nil when it has to be read and opened
// from the journal first.
type item struct {
	row       journal.Delivery
	body      []byte
	failed    time.Time // first failure; zero while none
	overtaken bool      // later events of the person no longer wait for it
	ready     time.Time
	place     int // in the heap
}

// line is what waits for one person, oldest first.
type line struct {
	items []*item
}

// queue orders the events of one app: in order for a person, side by side for
// different people. It is not safe for concurrent use; the lane's lock guards it.
type queue struct {
	lines map[audit.SubjectID]*line
	ready readyHeap // heads whose time has come or will come
	known map[key]bool
	size  int
}

type key struct {
	id  audit.ID
	app string
}

func newQueue() *queue {
	return &queue{lines: map[audit.SubjectID]*line{}, known: map[key]bool{}}
}

// add puts an event at the end of its person's line. One that is known is
// ignored: the journal and the notification may both bring it.
func (q *queue) add(it *item) bool {
	k := key{it.row.ID, it.row.App}
	if q.known[k] {
		return false
	}
	q.known[k] = true
	q.size++
	l := q.lines[it.row.Subject]
	if l == nil {
		l = &line{}
		q.lines[it.row.Subject] = l
	}
	l.items = append(l.items, it)
	if len(l.items) == 1 || it.row.Subject.IsZero() {
		q.offer(it)
	}
	return true
}

func (q *queue) offer(it *item) {
	it.ready = time.UnixMicro(it.row.NextAt)
	heap.Push(&q.ready, it)
}

// next takes the event that is due, or says how long to wait; wait 0 means
// until something is added.
func (q *queue) next(now time.Time) (it *item, wait time.Duration) {
	if len(q.ready) == 0 {
		return nil, 0
	}
	if d := q.ready[0].ready.Sub(now); d > 0 {
		return nil, d
	}
	return heap.Pop(&q.ready).(*item), 0 //nolint:forcetypeassert // the heap holds only items
}

// done removes a finished event and lets the person's next one go.
func (q *queue) done(it *item) {
	delete(q.known, key{it.row.ID, it.row.App})
	q.size--
	l := q.lines[it.row.Subject]
	for i, x := range l.items {
		if x == it {
			l.items = append(l.items[:i], l.items[i+1:]...)
			break
		}
	}
	if len(l.items) == 0 {
		delete(q.lines, it.row.Subject)
		return
	}
	if !it.overtaken && !it.row.Subject.IsZero() {
		q.offer(l.items[0])
	}
}

// again puts a failed event back for its next try. After hold the person's
// later events stop waiting for it.
func (q *queue) again(it *item, now time.Time, hold time.Duration) {
	if it.failed.IsZero() {
		it.failed = now
	}
	q.offer(it)
	if it.overtaken || it.row.Subject.IsZero() || now.Sub(it.failed) < hold {
		return
	}
	it.overtaken = true
	l := q.lines[it.row.Subject]
	for i, x := range l.items {
		if x == it && i+1 < len(l.items) {
			q.offer(l.items[i+1])
			return
		}
	}
}

type readyHeap []*item

func (h readyHeap) Len() int { return len(h) }

func (h readyHeap) Less(i, j int) bool {
	if h[i].ready.Equal(h[j].ready) {
		return h[i].row.Seq < h[j].row.Seq
	}
	return h[i].ready.Before(h[j].ready)
}

func (h readyHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is heap.Interface's.
func (h *readyHeap) Push(x any) {
	it := x.(*item) //nolint:forcetypeassert // only items are pushed
	it.place = len(*h)
	*h = append(*h, it)
}

// Pop is heap.Interface's.
func (h *readyHeap) Pop() any {
	old := *h
	it := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return it
}
