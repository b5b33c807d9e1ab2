package delivery

import (
	"container/heap"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// item is one event on its way. body is nil when it has to be opened from the
// sealed row first.
type item struct {
	row       journal.Delivery
	body      []byte
	begun     time.Time // first attempt since it is in memory
	offered   bool      // in the heap or under way
	flying    bool      // under way to the app
	overtaken bool      // later events of the person no longer wait for it
	gone      bool      // left the queue
}

// line is what waits for one person, oldest first.
type line struct {
	items []*item
}

// queue orders the events of one app: in order for a person, side by side for
// different people. It is not safe for concurrent use; the lane's lock guards it.
type queue struct {
	hold  time.Duration
	lines map[audit.SubjectID]*line
	due   dueHeap
	known map[key]bool // in the queue, or gone with an outcome that is not durable yet
	size  int
}

type key struct {
	id  audit.ID
	app string
}

func keyOf(it *item) key { return key{it.row.ID, it.row.App} }

func newQueue(hold time.Duration) *queue {
	return &queue{hold: hold, lines: map[audit.SubjectID]*line{}, known: map[key]bool{}}
}

// add puts an event at its place in the person's line. One that is known is
// ignored: the journal and the notification may both bring it.
func (q *queue) add(it *item) {
	k := keyOf(it)
	if q.known[k] {
		return
	}
	q.known[k] = true
	q.size++
	l := q.lines[it.row.Subject]
	if l == nil {
		l = &line{}
		q.lines[it.row.Subject] = l
	}
	l.insert(it)
	if it.row.Attempts > 0 {
		// It failed before a restart: nobody waits a second hold for it.
		q.overtakeAt(it, time.UnixMicro(it.row.Created))
	}
	if it.row.Subject.IsZero() {
		q.offer(it)
		return
	}
	q.release(l)
}

// insert keeps the order of the journal: two commits may be announced the
// other way round.
func (l *line) insert(it *item) {
	i := len(l.items)
	for i > 0 && l.items[i-1].row.Seq > it.row.Seq && !l.items[i-1].offered {
		i--
	}
	l.items = slices.Insert(l.items, i, it)
}

// release offers the person's first event that nobody may overtake.
func (q *queue) release(l *line) {
	for _, it := range l.items {
		if it.overtaken {
			continue
		}
		if !it.offered {
			q.offer(it)
		}
		return
	}
}

func (q *queue) offer(it *item) {
	it.offered = true
	heap.Push(&q.due, due{at: time.UnixMicro(it.row.NextAt), it: it})
}

func (q *queue) overtakeAt(it *item, begun time.Time) {
	heap.Push(&q.due, due{at: begun.Add(q.hold), it: it, overtake: true})
}

// overtake lets the person's later events go; the event itself goes when its
// own next try is due.
func (q *queue) overtake(it *item) {
	it.overtaken = true
	if !it.offered {
		q.offer(it)
	}
	q.release(q.lines[it.row.Subject])
}

// next takes the event that is due, or says how long to wait; wait 0 means
// until something is added.
func (q *queue) next(now time.Time) (it *item, wait time.Duration) {
	for len(q.due) > 0 {
		if wait = q.due[0].at.Sub(now); wait > 0 {
			return nil, wait
		}
		d := heap.Pop(&q.due).(due) //nolint:forcetypeassert // the heap holds only due
		switch {
		case d.it.gone:
		case d.overtake:
			q.overtake(d.it)
		default:
			if d.it.begun.IsZero() {
				d.it.begun = now
			}
			return d.it, 0
		}
	}
	return nil, 0
}

// remove takes an event out and lets the person's next one go. It stays known
// until forget, so that a reading of the journal does not bring it back.
func (q *queue) remove(it *item) {
	it.gone = true
	q.size--
	l := q.lines[it.row.Subject]
	if i := slices.Index(l.items, it); i >= 0 {
		l.items = slices.Delete(l.items, i, i+1)
	}
	if len(l.items) == 0 {
		delete(q.lines, it.row.Subject)
		return
	}
	q.release(l)
}

func (q *queue) forget(k key) { delete(q.known, k) }

// again puts a failed event back for its next try. A hold after the beginning
// of its first one, the person's later events stop waiting for it.
func (q *queue) again(it *item) {
	if it.row.Attempts == 1 {
		q.overtakeAt(it, it.begun)
	}
	q.offer(it)
}

// due is a moment at which an event is to be sent or may be overtaken.
type due struct {
	at       time.Time
	it       *item
	overtake bool
}

type dueHeap []due

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].it.row.Seq < h[j].it.row.Seq
	}
	return h[i].at.Before(h[j].at)
}

func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's.
func (h *dueHeap) Push(x any) { *h = append(*h, x.(due)) } //nolint:forcetypeassert // only due is pushed

// Pop is heap.Interface's.
func (h *dueHeap) Pop() any {
	old := *h
	d := old[len(old)-1]
	old[len(old)-1] = due{}
	*h = old[:len(old)-1]
	return d
}
