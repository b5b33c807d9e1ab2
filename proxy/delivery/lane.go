package delivery

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

const (
	// page bounds one reading of the journal.
	page = 256
	// parkAfter is how far away the next try of an overtaken event must be for
	// it to wait in the journal only. Events that fail for days must not fill
	// the memory that the app's other events need.
	parkAfter = time.Minute
	// idle bounds a wait, so that a changed clock is noticed.
	idle = time.Hour
)

// lane delivers to one app. run owns the order; deliver runs in parallel up to
// the places that it has. The connections are its own.
type lane struct {
	d      *Dispatcher
	app    string
	client *http.Client
	wake   chan struct{}

	once   sync.Once
	closed chan struct{}

	mu      sync.Mutex
	trusted string // the app's own authorities that client trusts
	queue   *queue
	flying  int
	unread  bool      // the journal may hold events that are not in memory
	after   int64     // journal sequence up to which this reading came
	skipped int       // notifications left to the reading
	resets  int       // readings begun anew
	reading bool      // the journal is being read now
	settled []exit    // outcomes that became durable during the reading
	revisit time.Time // when the first of the parked events is due; zero if none
}

// push takes an event into memory, or leaves it to the reading of the journal
// where memory is full or older ones wait there: that keeps the order.
func (l *lane) push(it *item) {
	l.mu.Lock()
	switch {
	case l.d.cfg.Rests(it.row):
	case l.unread:
		l.skipped++
	case l.queue.size >= l.d.cfg.Memory:
		l.readAnew()
	default:
		l.queue.add(it)
	}
	l.mu.Unlock()
	l.rouse()
}

// behind makes the lane read the journal from the start again.
func (l *lane) behind() {
	l.mu.Lock()
	l.readAnew()
	l.mu.Unlock()
	l.rouse()
}

// readAnew is called with mu held.
func (l *lane) readAnew() {
	l.unread, l.after, l.revisit = true, 0, time.Time{}
	l.resets++
}

func (l *lane) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// forget drops what waits for people who were erased. What is under way leaves
// with its outcome.
func (l *lane) forget(subjects []audit.SubjectID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range subjects {
		waiting := l.queue.lines[s]
		if waiting == nil {
			continue
		}
		for _, it := range slices.Clone(waiting.items) {
			if !it.flying {
				l.queue.remove(it)
				l.queue.forget(keyOf(it))
			}
		}
	}
}

func (l *lane) stop() { l.once.Do(func() { close(l.closed) }) }

func (l *lane) run() {
	var sends sync.WaitGroup
	defer sends.Wait()
	for {
		l.refill()
		it, wait := l.take()
		if it != nil {
			sends.Go(func() { l.deliver(it) })
			continue
		}
		select {
		case <-l.wake:
		case <-l.d.cfg.After(wait):
		case <-l.closed:
			return
		}
	}
}

func (l *lane) stopped() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// take returns the next due event if a place is free.
func (l *lane) take() (*item, time.Duration) {
	places := cmp.Or(l.d.cfg.Pace(l.app).Parallel, l.d.cfg.Lanes)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped() || l.flying >= places {
		return nil, idle
	}
	now := l.d.cfg.Now()
	it, wait := l.queue.next(now)
	for it != nil && l.d.cfg.Rests(it.row) { // since it is in memory: it waits in the journal
		l.queue.remove(it)
		l.queue.forget(keyOf(it))
		it, wait = l.queue.next(now)
	}
	if it != nil {
		l.flying++
		it.flying = true
		return it, 0
	}
	if wait == 0 || wait > idle {
		wait = idle
	}
	if l.unread {
		wait = min(wait, time.Second)
	}
	if !l.revisit.IsZero() {
		wait = min(wait, max(l.revisit.Sub(now), time.Millisecond))
	}
	return nil, wait
}

// refill reads the journal while memory has room and something may wait there.
func (l *lane) refill() {
	for !l.stopped() {
		l.mu.Lock()
		if !l.revisit.IsZero() && !l.revisit.After(l.d.cfg.Now()) {
			l.readAnew()
		}
		due := l.unread && l.queue.size < max(l.d.cfg.Memory/2, 1)
		l.mu.Unlock()
		if !due {
			return
		}
		if err := l.readPage(); err != nil {
			l.d.cfg.OnError(err)
			return
		}
	}
}

// readPage brings one page of the journal into memory.
func (l *lane) readPage() error {
	l.mu.Lock()
	after, skipped, resets := l.after, l.skipped, l.resets
	limit := min(page, l.d.cfg.Memory-l.queue.size)
	l.reading = true
	l.mu.Unlock()
	rows, err := l.d.cfg.Journal.PendingAfter(l.d.ctx, after, limit)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range rows {
		l.adopt(row)
	}
	l.reading = false
	for _, x := range l.settled {
		l.leave(x)
	}
	l.settled = nil
	if err != nil || l.resets != resets {
		return err
	}
	if len(rows) > 0 {
		l.after = rows[len(rows)-1].Seq
	}
	if len(rows) < limit && l.skipped == skipped {
		l.unread = false
	}
	return nil
}

// adopt takes a row into memory unless it is parked. It is called with mu held.
func (l *lane) adopt(row journal.Delivery) {
	if row.App != l.app || l.d.cfg.Rests(row) {
		return
	}
	now, next := l.d.cfg.Now(), time.UnixMicro(row.NextAt)
	late := row.Attempts > 0 && now.Sub(time.UnixMicro(row.Created)) >= l.d.cfg.Hold
	it := &item{row: row}
	switch {
	case l.queue.known[keyOf(it)]:
	case late && next.Sub(now) > parkAfter:
		l.park(next)
	default:
		l.queue.add(it)
	}
}

// park notes that an event in the journal is due at next. It is called with mu held.
func (l *lane) park(next time.Time) {
	if l.revisit.IsZero() || next.Before(l.revisit) {
		l.revisit = next
	}
}

// exit is an event that left memory: for good, or parked until next.
type exit struct {
	key  key
	next time.Time
}

func (l *lane) deliver(it *item) {
	out := l.d.attempt(l.connections(), it)
	now := l.d.cfg.Now()
	x := exit{key: keyOf(it)}
	l.mu.Lock()
	l.flying--
	it.flying = false
	left := true
	switch next := time.UnixMicro(it.row.NextAt); {
	case out.State != journal.DeliveryPending, l.d.cfg.Rests(it.row):
		l.queue.remove(it)
	case it.overtaken && next.Sub(now) > parkAfter:
		l.queue.remove(it)
		x.next = next
	default:
		l.queue.again(it)
		left = false
	}
	l.mu.Unlock()
	l.rouse()
	if left {
		l.d.record(it, out, now, func() { l.settle(x) })
	} else {
		l.d.record(it, out, now, nil)
	}
}

// settle hears that the outcome of an event that left is durable. Only from
// then on may the journal bring the event again: when it is due, or replayed.
func (l *lane) settle(x exit) {
	l.mu.Lock()
	if l.reading {
		l.settled = append(l.settled, x)
	} else {
		l.leave(x)
	}
	l.mu.Unlock()
	l.rouse()
}

// leave is called with mu held.
func (l *lane) leave(x exit) {
	l.queue.forget(x.key)
	if !x.next.IsZero() {
		l.park(x.next)
	}
}
